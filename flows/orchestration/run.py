"""How a run goes as a Prefect flow run: its stages as tasks, its progress, its result page, its final state.

Deployed flows (`nightly.py`, `account.py`, `release.py`) and recorded commands (`recording.py`) differ only in where
the work is done, so both come here. A flow never raises: it returns its final state, in the words of `endings.py`.
"""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from threading import Event
from typing import Any, Protocol, TypeVar
from uuid import UUID

from prefect.artifacts import acreate_markdown_artifact, acreate_progress_artifact, aupdate_progress_artifact
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from cli.progress import STAGES, so_far
from flows.certify import Step
from flows.orchestration import states
from flows.orchestration.tasks import as_tasks
from sources.impartner.pull import Progress

T = TypeVar("T")
Tell = Callable[[Progress], None]
Work = Callable[[Step, Tell], T]


class Where(Protocol):
    """Where the work is done: it may take minutes, and Prefect must be able to go on meanwhile."""

    def __call__(self, work: Work[T], step: Step, tell: Tell, /) -> Awaitable[T]:
        """Do the work there."""
        ...


def in_a_thread(work: Work[T], step: Step, tell: Tell, /) -> Awaitable[T]:
    """Do the work beside the event loop."""
    return asyncio.to_thread(work, step, tell)


async def run_as_flow(kind: str, work: Work[Any], where: Where = in_a_thread) -> State[None]:
    """Do the work as the flow run that is going on, and give the state that it ends in."""
    os.umask(0o077)  # what Prefect keeps beside its database is nobody else's either
    meter, ended = await _Meter.start(), Event()
    try:
        ending = await _done(work, as_tasks(meter.stage, ended), meter.pulled, where)
    finally:
        ended.set()  # a run that is cancelled stops before its next stage
    await _leave(kind, ending, meter)
    if ending.name == "Failed":
        return Failed(message=ending.message)
    return Completed(name=ending.name, message=ending.message)


def run_name() -> str:
    """`nightly 2026-11-21`; an account or a run is named only by its id."""
    kind, parameters = str(flow_run.flow_name), flow_run.parameters or {}
    about = str(parameters.get("account") or parameters.get("run") or "")
    return f"{kind} {about if _ID.fullmatch(about) else datetime.now(UTC).date()}"


# ---------------------------------------------------------------------------------------------------------------------

# What can be no name: a number, a code that starts with a digit and has four at least, a run's id
_ID = re.compile(r"[0-9]{1,40}|(?=(?:[^0-9]*[0-9]){4})[0-9][A-Za-z0-9_-]{0,39}|latest")


async def _done(work: Work[Any], step: Step, tell: Tell, where: Where) -> states.FinalState:
    try:
        return states.final_state(await where(work, step, tell))
    except Exception as failure:  # noqa: BLE001  whatever it is, Prefect hears of it in clean words only
        return states.failure_state(failure)


async def _leave(kind: str, ending: states.FinalState, meter: "_Meter") -> None:
    """Leave the result page; a run does not fail for want of it."""
    try:
        await meter.end(ending.name)
        await acreate_markdown_artifact(ending.page, key=f"{kind}-result", description=ending.message)
    except Exception as trouble:  # noqa: BLE001  the server's trouble is not the run's
        get_run_logger().warning("The result page could not be left (%s)", type(trouble).__name__)


class _Meter:
    """A progress artifact. It is updated by the way: the work never waits for it, nor ends for it."""

    def __init__(self, artifact: UUID | None) -> None:
        self._artifact = artifact
        self._loop = asyncio.get_running_loop()
        self._stages = 0
        self._busy = False

    @classmethod
    async def start(cls) -> "_Meter":
        try:
            return cls(await acreate_progress_artifact(0, description="Starting"))
        except Exception as trouble:  # noqa: BLE001  the server's trouble is not the run's
            get_run_logger().warning("The progress can't be shown (%s)", type(trouble).__name__)
            return cls(None)

    def stage(self, name: str) -> None:
        """A stage starts."""
        self._stages += 1
        self._send(100 * (self._stages - 1) / _MANY, STAGES.get(name, name))

    def pulled(self, progress: Progress) -> None:
        """So many users are pulled."""
        part = progress.users / max(progress.of, 1)
        self._send(100 * part / _MANY, so_far(progress))

    async def end(self, name: str) -> None:
        """The run has ended."""
        if self._artifact is not None:
            await aupdate_progress_artifact(self._artifact, 100, description=name)

    def _send(self, percent: float, told: str) -> None:
        if self._artifact is None or self._busy:
            return
        self._busy = True
        asyncio.run_coroutine_threadsafe(self._update(self._artifact, percent, told), self._loop)

    async def _update(self, artifact: UUID, percent: float, told: str) -> None:
        try:
            await aupdate_progress_artifact(artifact, min(percent, 99), description=told)
        except Exception as trouble:  # noqa: BLE001  the server's trouble is not the run's
            get_run_logger().warning("The progress can't be shown any more (%s)", type(trouble).__name__)
            self._artifact = None
        finally:
            self._busy = False


_MANY = 6  # stages of a nightly run
