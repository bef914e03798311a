"""Runs the stages of a run as Prefect tasks, which show their names and states and nothing of their data.

A stage's arguments and result stay in this process. A failure reaches Prefect as a StageFailed with a safe message,
raised outside of any except block; the caller gets the original exception.
"""

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from threading import Event
from typing import Any, Generic, ParamSpec, TypeVar

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.context import TagsContext
from prefect.logging import get_logger

from flows.certify import STAGES, Step
from flows.orchestration.safe_message import Interrupted, StageFailed, safe_message

P = ParamSpec("P")
T = TypeVar("T")


def as_tasks(on_start: Callable[[str], None], ended: Event) -> Step:
    """A Step that runs each stage as a task run. `on_start` is called with the name of each stage before it starts.

    Once `ended` is set, no further stage starts: the step raises Interrupted.
    """

    def step(name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        if ended.is_set():
            raise Interrupted
        on_start(name)
        stage = _Stage(partial(function, *args, **kwargs))
        _run_as_task(name, stage)
        return stage.result()  # if Prefect failed before the stage ran, it runs now, without a record

    return step


@task(cache_policy=NO_CACHE, persist_result=False, retries=0, log_prints=False)
def run_stage(stage: "_Stage[Any]") -> None:
    """Run a stage and return nothing: its result or exception stays in the stage."""
    failure = stage.failure()
    if failure is not None:
        raise StageFailed(safe_message(failure))


# ----------------------------------------------------------------------------------------------------------------------


class _Stage(Generic[T]):
    """A call that is made once, when its result or failure is first needed."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._future: Future[T] = Future()

    def result(self) -> T:
        """The result of the call; raises its exception."""
        return self._done().result()

    def failure(self) -> BaseException | None:
        """The exception of the call, if it raised one."""
        return self._done().exception()

    def _done(self) -> Future[T]:
        if not self._future.done():
            try:
                self._future.set_result(self._call())
            except BaseException as failure:  # noqa: BLE001  `result` raises it again
                self._future.set_exception(failure)
        return self._future


def _run_as_task(name: str, stage: _Stage[Any]) -> None:
    try:
        with TagsContext(current_tags=set()):  # a task with tags waits for the server's permission to run
            run_stage.with_options(name=name, task_run_name=name, description=STAGES.get(name))(
                stage, return_state=True
            )
    except Exception as trouble:  # noqa: BLE001  the run must not fail because of Prefect
        get_logger("partner-certs").warning("The stage %s is not recorded (%s)", name, type(trouble).__name__)
