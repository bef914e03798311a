"""The flow run of a command: it has the name and the parameters of the deployed flow, and the tag `command`."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar

from prefect import flow, tags
from prefect.client.schemas.objects import State
from prefect.events.worker import EventsWorker
from prefect.flows import Flow
from prefect.logging.handlers import APILogWorker

from flows.certify import Step
from flows.orchestration.dask import on_runner
from flows.orchestration.run import run_as_flow, run_name

T = TypeVar("T")


class Conduct(Protocol):
    """How the work is done: with stages that are tasks of the flow run, or without Prefect."""

    def __call__(self, work: Callable[[Step], T], /) -> T:
        """Do the work; gives what it gives."""
        ...


Begin = Callable[[Conduct], Awaitable[Any]]


def record_flow(kind: str, parameters: dict[str, Any], runner: str, begin: Begin) -> None:
    """Run a flow, and wait until the server has all of it.

    runner: what writes the reports, as in `flows/orchestration/dask.py`.
    begin: called when the flow run has begun, with how its work is done; gives what to wait for.
    """
    _BEGUN.set((runner, begin))
    asyncio.run(_run(_flow(kind, list(parameters)), parameters))
    APILogWorker.drain_all()
    EventsWorker.drain_all()


# ---------------------------------------------------------------------------------------------------------------------

_BEGUN: ContextVar[tuple[str, Begin]] = ContextVar("begun")


async def _run(recorded: Flow[..., Coroutine[Any, Any, Any]], parameters: dict[str, Any]) -> None:
    with tags("partner-certs", recorded.name, "command"):
        await recorded(**parameters, return_state=True)


def _flow(kind: str, parameters: list[str]) -> Flow[..., Coroutine[Any, Any, Any]]:
    async def recorded(**_parameters: Any) -> State[None]:
        return await _wait_for_work()  # it names nothing that can't be pickled: Dask takes it to other processes

    # Prefect shows the parameters under the names that the function's signature has
    by_name = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in parameters]
    recorded.__signature__ = inspect.Signature(by_name)  # type: ignore[attr-defined]  # a documented way to set it
    return flow(name=kind, flow_run_name=run_name, retries=0, persist_result=False)(recorded)


async def _wait_for_work() -> State[None]:
    return await run_as_flow(_do_nothing, _elsewhere)


def _do_nothing(_step: object, _on_progress: object) -> None:
    """The work is done elsewhere."""


def _elsewhere(_work: object, step: Step, _on_progress: object, /) -> Awaitable[Any]:
    """The command does the work, in its own thread."""
    runner, begin = _BEGUN.get()

    def conduct(work: Callable[[Step], T]) -> T:
        return on_runner(runner, step, work)

    return begin(conduct)
