"""Runs work as a Prefect flow run: its stages as tasks, its progress, its result page, its final state.

Deployed flows (`flows/nightly.py`, `account.py`, `release.py`, `drafts.py`) and recorded commands (`record.py`) differ
only in where the work is done, so both come here. A flow never raises: it returns a final state of `states.py`.
"""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from threading import Event
from typing import Any, Protocol, TypeVar
from uuid import UUID

from prefect.artifacts import acreate_markdown_artifact, acreate_progress_artifact, aupdate_progress_artifact
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from flows.certify import STAGES, Step, progress_text
from flows.jobs import OnProgress
from flows.orchestration.states import FinalState, failure_state, final_state
from flows.orchestration.tasks import as_tasks
from flows.run_ids import utc_now
from sources.impartner.pull import Progress

T = TypeVar("T")
Work = Callable[[Step, OnProgress], T]


class Where(Protocol):
    """Where the work is done: not in the event loop, because it may take minutes."""

    def __call__(self, work: Work[T], step: Step, on_progress: OnProgress, /) -> Awaitable[T]:
        """Do the work there."""
        ...


def in_a_thread(work: Work[T], step: Step, on_progress: OnProgress, /) -> Awaitable[T]:
    """Do the work in a thread."""
    return asyncio.to_thread(work, step, on_progress)


async def run_as_flow(work: Work[Any], where: Where = in_a_thread) -> State[None]:
    """Do the work as the current flow run, and return its final state."""
    os.umask(0o077)  # Prefect writes files beside its database, which are private too
    progress, ended = await _ProgressArtifact.create(), Event()
    try:
        final = await _run(work, as_tasks(progress.stage_starts, ended), progress.pulled, where)
    finally:
        ended.set()  # so that a cancelled run stops before its next stage
    await _leave_result(final, progress)
    if final.name == "Failed":
        return Failed(message=final.message)
    return Completed(name=final.name, message=final.message)


def run_name() -> str:
    """The name of a flow run: `nightly 2026-11-21`, or with the id of an account or run; never with a name."""
    kind, parameters = str(flow_run.flow_name), flow_run.parameters or {}
    about = str(parameters.get("account") or parameters.get("run") or "")
    return f"{kind} {about if _ID.fullmatch(about) else utc_now().date()}"


# ---------------------------------------------------------------------------------------------------------------------

# What can't be a company's name: a number, a code that starts with a digit and has at least four, a run's id
_ID = re.compile(r"[0-9]{1,40}|(?=(?:[^0-9]*[0-9]){4})[0-9][A-Za-z0-9_-]{0,39}|latest")


async def _run(work: Work[Any], step: Step, on_progress: OnProgress, where: Where) -> FinalState:
    try:
        return final_state(await where(work, step, on_progress))
    except Exception as failure:  # noqa: BLE001  Prefect must get a safe message only
        return failure_state(failure)


async def _leave_result(final: FinalState, progress: "_ProgressArtifact") -> None:
    """Create the result page; a run does not fail without it."""
    try:
        await progress.end(final.name)
        key = f"{flow_run.flow_name}-result"
        await acreate_markdown_artifact(final.page, key=key, description=final.message)
    except Exception as trouble:  # noqa: BLE001  the run must not fail because of the server
        get_run_logger().warning("The result page could not be created (%s)", type(trouble).__name__)


class _ProgressArtifact:
    """A progress artifact, updated in the background: the work neither waits for it nor fails because of it."""

    def __init__(self, artifact: UUID | None) -> None:
        self._artifact = artifact
        self._loop = asyncio.get_running_loop()
        self._started = 0
        self._busy = False

    @classmethod
    async def create(cls) -> "_ProgressArtifact":
        try:
            return cls(await acreate_progress_artifact(0, description="Starting"))
        except Exception as trouble:  # noqa: BLE001  the run must not fail because of the server
            get_run_logger().warning("The progress can't be shown (%s)", type(trouble).__name__)
            return cls(None)

    def stage_starts(self, name: str) -> None:
        """Show that a stage starts."""
        self._started += 1
        self._send(100 * (self._started - 1) / _STAGES, STAGES.get(name, name))

    def pulled(self, progress: Progress) -> None:
        """Show how many users are pulled."""
        part = progress.users / max(progress.of, 1)
        self._send(100 * part / _STAGES, progress_text(progress))

    async def end(self, name: str) -> None:
        """Show that the run has ended, in the state of this name."""
        if self._artifact is not None:
            await aupdate_progress_artifact(self._artifact, 100, description=name)

    def _send(self, percent: float, description: str) -> None:
        if self._artifact is None or self._busy:
            return
        self._busy = True
        asyncio.run_coroutine_threadsafe(self._update(self._artifact, percent, description), self._loop)

    async def _update(self, artifact: UUID, percent: float, description: str) -> None:
        try:
            await aupdate_progress_artifact(artifact, min(percent, 99), description=description)
        except Exception as trouble:  # noqa: BLE001  the run must not fail because of the server
            get_run_logger().warning("The progress can't be shown any more (%s)", type(trouble).__name__)
            self._artifact = None
        finally:
            self._busy = False


_STAGES = 6  # of a nightly run
