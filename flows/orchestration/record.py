"""Records the run of a command as a Prefect flow run. Prefect is imported late, after its logging is set to be quiet.

The work stays in the main thread, where signals arrive. The flow runs in a thread of its own: it starts, waits for the
work to end, and records how it ended. Whatever happens to the server, the work goes on, and its exceptions are raised.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from contextvars import copy_context
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from flows.certify import Step, directly
from flows.orchestration.health import reason
from flows.orchestration.runners import THREADS
from flows.orchestration.safe_message import Interrupted

if TYPE_CHECKING:  # which imports Prefect
    from flows.orchestration.recorded import RunWork

T = TypeVar("T")
Warn = Callable[[str], None]

BEGIN_SECONDS = 30.0  # timeout for Prefect to start the flow run
END_SECONDS = 15.0  # timeout for Prefect to record its end
QUIET = {  # Prefect's log lines would mix with the command's own; the flow run's log has them
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_HANDLERS_DEBUG_LEVEL": "CRITICAL",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",  # as in deployed runs: deploy/zombies.yaml relies on it
}


def record(
    kind: str,
    parameters: Mapping[str, Any],
    work: Callable[[Step], T],
    *,
    warn: Warn,
    before_exit: Callable[[Callable[[], None]], None],
    runner: str | None = None,
) -> T:
    """Do the work as a flow run named after `kind`; returns its result and raises its exceptions.

    parameters: those of the deployed flow of that name; Prefect keeps them in plain text.
    warn: called with a message if the recording fails; the work goes on.
    before_exit: called with a function to call if a signal ends the process meanwhile.
    runner: what writes the reports, as in `flows/orchestration/dask.py`; None: threads.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    run = _Recording(kind, dict(parameters), runner or THREADS, warn)
    before_exit(run.interrupt)
    try:
        run_work = run.wait_for_start()
        result = run_work(work)
    except Exception as failure:
        run.end(failure=failure)
        raise
    run.end(result)
    return result


# ---------------------------------------------------------------------------------------------------------------------


class _Recording:
    """Synchronizes the thread that works and the thread of the flow."""

    def __init__(self, kind: str, parameters: dict[str, Any], runner: str, warn: Warn) -> None:
        self._warn = warn
        self._started: Future[RunWork] = Future()
        self._ended: Future[Any] = Future()  # the result of the work
        self._thread = Thread(target=self._record, args=(kind, parameters, runner), name="recording", daemon=True)
        self._thread.start()

    def wait_for_start(self) -> RunWork:
        """Wait until the flow run has started; returns what does the work: without Prefect if it does not start."""
        try:
            return self._started.result(BEGIN_SECONDS)
        except Exception as trouble:  # noqa: BLE001  a run must not fail because it is not recorded
            self._warn(f"the run is not recorded in Prefect: {reason(trouble)}")
            return lambda work: work(directly)

    def end(self, result: Any = None, failure: Exception | None = None) -> None:
        """Let the flow record how the work has ended, and wait for that."""
        if failure:
            self._ended.set_exception(failure)
        else:
            self._ended.set_result(result)
        self._thread.join(END_SECONDS)
        if self._thread.is_alive():
            self._warn("Prefect did not record how the run ended. The run itself is not affected")

    def interrupt(self) -> None:
        """Let the flow record that a signal ends the process, unless the work has ended."""
        if not self._ended.done():
            self.end(failure=Interrupted())

    def _record(self, kind: str, parameters: dict[str, Any], runner: str) -> None:
        """Run the flow, in its own thread, until the server has recorded all of it."""
        try:
            from flows.orchestration.recorded import record_flow  # late: Prefect reads QUIET when it is imported

            record_flow(kind, parameters, runner, self._wait_for_end)
        except BaseException as trouble:  # noqa: BLE001  the working thread warns of it, if it still waits
            if not self._started.done():
                self._started.set_exception(trouble)

    def _wait_for_end(self, run_work: RunWork) -> Awaitable[Any]:
        """Let the other thread do the work in the context of this flow run; returns what to await for its end."""
        context = copy_context()
        self._started.set_result(lambda work: context.run(run_work, work))
        return asyncio.wrap_future(self._ended)
