"""A command's run as a Prefect flow run: the command does its work as always, and Prefect looks on.

The work stays in the main thread, where signals arrive; the flow lives in a thread of its own, waits for the work to
end, and says how. Whatever happens to the server meanwhile, the work is done and what it raises is raised.
"""

import asyncio
import inspect
import os
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from contextvars import Context, ContextVar, copy_context
from threading import Event, Thread
from typing import Any, TypeVar

from cli.errors import say
from cli.options import THREADS
from flows.certify import Step, directly
from flows.orchestration.health import reason
from schemas.errors import WrongUsage

T = TypeVar("T")

PATIENCE = 30.0  # seconds in which Prefect must have begun a run
FAREWELL = 15.0  # seconds in which it must have written down how the run ended
QUIET = {  # Prefect's own words would stand between the command's; they are in the flow run's log
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_HANDLERS_DEBUG_LEVEL": "CRITICAL",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",  # as deployed runs have it: deploy/zombies.yaml counts on it
    "DO_NOT_TRACK": "1",
}


def record(kind: str, parameters: Mapping[str, Any], work: Callable[[Step], T], runner: str = THREADS) -> T:
    """Do the work as a flow run named after `kind`; gives what it gives and raises what it raises.

    parameters: what was asked for, as the deployed flow of that name would have it; Prefect keeps them in plain text.
    runner: who writes the reports, as in `flows/orchestration/dask.py`.
    If the server lets the recording down, the work is done all the same, and standard error says so.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    meeting = _Meeting(runner)
    thread = Thread(target=meeting.run, args=(kind, dict(parameters)), name="recording", daemon=True)
    thread.start()
    try:
        context, step = _begin(meeting)
        result = context.run(work, step)
    except BaseException as failure:
        meeting.ended.set_exception(_quietly(failure))
        _wait(thread)
        raise
    meeting.ended.set_result(result)
    _wait(thread)
    return result


def let_down() -> bool:
    """Whether Prefect's server is gone: whatever Prefect still wants to tell it would be waited for, minutes long."""
    return _LET_DOWN.is_set()


# ---------------------------------------------------------------------------------------------------------------------


class _Meeting:
    """Where the thread of the work and that of the flow meet: the flow has begun, the work has ended."""

    def __init__(self, runner: str) -> None:
        self.runner = runner
        self.begun: Future[tuple[Context, Step]] = Future()
        self.ended: Future[Any] = Future()

    def run(self, kind: str, parameters: dict[str, Any]) -> None:
        """The thread of the flow."""
        _MEETING.set(self)
        try:
            asyncio.run(_run_flow(kind, parameters, self.runner))
        except BaseException as trouble:  # noqa: BLE001  told by the thread of the work, if it still waits
            if not self.begun.done():
                self.begun.set_exception(trouble)


_LET_DOWN = Event()
_MEETING: ContextVar[_Meeting] = ContextVar("meeting")


async def _run_flow(kind: str, parameters: dict[str, Any], runner: str) -> None:
    from prefect import flow, tags

    from flows.orchestration.run import run_as_flow, run_name

    async def recorded(**_: Any) -> Any:  # Dask takes it along to other processes, so it holds on to nothing
        return await run_as_flow(kind, lambda _step, _tell: None, _elsewhere)

    # Prefect shows the parameters under the names that the function seems to have
    names = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in parameters]
    recorded.__signature__ = inspect.Signature(names)  # type: ignore[attr-defined]  # a documented way to say it
    options: dict[str, Any] = {"flow_run_name": run_name, "retries": 0, "persist_result": False}
    if runner != THREADS:
        from flows.orchestration.dask import task_runner

        options["task_runner"] = task_runner(runner)
    with tags("partner-certs", kind, "command"):
        await flow(name=kind, **options)(recorded)(**parameters, return_state=True)


def _elsewhere(_work: Any, step: Step, _tell: Any) -> Awaitable[Any]:
    """The work is done where the meeting says, in the context of this flow run."""
    meeting = _MEETING.get()
    if meeting.runner != THREADS:
        from flows.orchestration.dask import with_batches_sent

        step = with_batches_sent(step)
    meeting.begun.set_result((copy_context(), step))
    return asyncio.wrap_future(meeting.ended)


def _begin(meeting: _Meeting) -> tuple[Context, Step]:
    """The context of the flow run, for its tasks, once it has begun; if it doesn't, the work goes on without it."""
    try:
        return meeting.begun.result(PATIENCE)
    except WrongUsage:
        raise
    except Exception as trouble:  # noqa: BLE001  a run does not depend on being recorded
        say(f"the run is not recorded in Prefect: {reason(trouble)}")
        return copy_context(), directly


def _quietly(failure: BaseException) -> Exception:
    """What the flow hears of a failure: an interruption ends the command, not the thread that writes it down."""
    from flows.orchestration.states import Interrupted

    return failure if isinstance(failure, Exception) else Interrupted()


def _wait(thread: Thread) -> None:
    thread.join(FAREWELL)
    if thread.is_alive():
        say("Prefect did not write down how the run ended; the run itself is as told")
        _LET_DOWN.set()
