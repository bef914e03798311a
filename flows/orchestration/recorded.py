"""The flow run of a command, with the name and parameters of the deployed flow and the tag `command`."""

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


class RunWork(Protocol):
    """Does the work: with its stages as tasks of the flow run, or without Prefect."""

    def __call__(self, work: Callable[[Step], T], /) -> T:
        """Do the work and return its result."""
        ...


OnStart = Callable[[RunWork], Awaitable[Any]]


def record_flow(kind: str, parameters: dict[str, Any], runner: str, on_start: OnStart) -> None:
    """Run a flow, and wait until the server has recorded all of it.

    runner: what writes the reports, as in `flows/orchestration/dask.py`.
    on_start: called when the flow run has started, with what does the work; returns what to await.
    """
    _ON_START.set((runner, on_start))
    asyncio.run(_run(_flow(kind, list(parameters)), parameters))
    APILogWorker.drain_all()
    EventsWorker.drain_all()


# ---------------------------------------------------------------------------------------------------------------------

_ON_START: ContextVar[tuple[str, OnStart]] = ContextVar("on_start")


async def _run(recorded: Flow[..., Coroutine[Any, Any, Any]], parameters: dict[str, Any]) -> None:
    with tags("partner-certs", recorded.name, "command"):
        await recorded(**parameters, return_state=True)


def _flow(kind: str, parameters: list[str]) -> Flow[..., Coroutine[Any, Any, Any]]:
    async def recorded(**_parameters: Any) -> State[None]:
        return await _wait_for_work()  # a closure with nothing that can't be pickled: Dask sends it to its workers

    # Prefect takes the names of parameters from the function's signature
    by_name = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in parameters]
    recorded.__signature__ = inspect.Signature(by_name)  # type: ignore[attr-defined]  # a documented way to set it
    return flow(name=kind, flow_run_name=run_name, retries=0, persist_result=False)(recorded)


async def _wait_for_work() -> State[None]:
    return await run_as_flow(_no_work, _in_command)


def _no_work(_step: object, _on_progress: object) -> None:
    """A placeholder: `_in_command` does the command's work instead."""


def _in_command(_work: object, step: Step, _on_progress: object, /) -> Awaitable[Any]:
    """Let the command do its work in its own thread."""
    runner, on_start = _ON_START.get()

    def run_work(work: Callable[[Step], T]) -> T:
        return on_runner(runner, step, work)

    return on_start(run_work)
