"""A command's run recorded as a Prefect flow run. Imports Prefect late, once it is known how quiet it must be.

The work stays in the main thread, where signals arrive. The flow runs in a thread of its own: it begins, waits for the
work to end, and records how it ended. Whatever happens to the server meanwhile, the work is done, and what it raises is
raised.
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
from flows.orchestration.states import Interrupted

if TYPE_CHECKING:  # which imports Prefect
    from flows.orchestration.recorded import Conduct

T = TypeVar("T")
Warn = Callable[[str], None]

BEGIN_SECONDS = 30.0  # in which Prefect must have begun a run
END_SECONDS = 15.0  # in which it must have recorded how the run ended
QUIET = {  # what Prefect logs would come between the command's own lines; it is in the flow run's log
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_HANDLERS_DEBUG_LEVEL": "CRITICAL",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",  # as deployed runs have it: deploy/zombies.yaml counts on it
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
    """Do the work as a flow run named after `kind`; gives what it gives and raises what it raises.

    parameters: what was asked for, as the deployed flow of that name would have it; Prefect keeps them in plain text.
    warn: gets a line for the person if the server lets the recording down; the work is done all the same.
    before_exit: gets what must be called if a signal ends the process meanwhile.
    runner: what writes the reports, as in `flows/orchestration/dask.py`; threads if None.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    run = _Recording(kind, dict(parameters), runner or THREADS, warn)
    before_exit(run.interrupt)
    try:
        conduct = run.wait_for_start()
        result = conduct(work)
    except Exception as failure:
        run.end(failure=failure)
        raise
    run.end(result)
    return result


# ---------------------------------------------------------------------------------------------------------------------


class _Recording:
    """Where the thread of the work and that of the flow wait for each other."""

    def __init__(self, kind: str, parameters: dict[str, Any], runner: str, warn: Warn) -> None:
        self._warn = warn
        self._started: Future[Conduct] = Future()
        self._ended: Future[Any] = Future()  # the work
        self._thread = Thread(target=self._record, args=(kind, parameters, runner), name="recording", daemon=True)
        self._thread.start()

    def wait_for_start(self) -> Conduct:
        """How to do the work once the flow run has begun; directly if it does not begin."""
        try:
            return self._started.result(BEGIN_SECONDS)
        except Exception as trouble:  # noqa: BLE001  a run does not depend on being recorded
            self._warn(f"the run is not recorded in Prefect: {reason(trouble)}")
            return lambda work: work(directly)

    def end(self, result: Any = None, failure: Exception | None = None) -> None:
        """The work has ended: let the flow record how, and wait for it."""
        if failure:
            self._ended.set_exception(failure)
        else:
            self._ended.set_result(result)
        self._thread.join(END_SECONDS)
        if self._thread.is_alive():
            self._warn("Prefect did not record how the run ended. The run itself is not affected")

    def interrupt(self) -> None:
        """A signal ends the process: let the flow record that, unless the work has ended."""
        if not self._ended.done():
            self.end(failure=Interrupted())

    def _record(self, kind: str, parameters: dict[str, Any], runner: str) -> None:
        """The thread of the flow: the whole flow run, until the server has all of it."""
        try:
            from flows.orchestration.recorded import record_flow  # late: Prefect reads QUIET when it is imported

            record_flow(kind, parameters, runner, self._wait_for_end)
        except BaseException as trouble:  # noqa: BLE001  the thread of the work warns of it, if it still waits
            if not self._started.done():
                self._started.set_exception(trouble)

    def _wait_for_end(self, conduct: Conduct) -> Awaitable[Any]:
        """The flow run has begun. Its work is done by the other thread, in the context of this flow run."""
        context = copy_context()
        self._started.set_result(lambda work: context.run(conduct, work))
        return asyncio.wrap_future(self._ended)
