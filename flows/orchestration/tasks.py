"""The stages of a run as Prefect tasks: what a person sees of it, and nothing of what passes between them.

A stage's arguments and its result stay in this process. A failure reaches Prefect as a StageFailed with a safe message,
raised outside of any except block; the run itself gets it as it was raised.
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
from flows.orchestration.states import Interrupted, StageFailed, safe_message

P = ParamSpec("P")
T = TypeVar("T")


def as_tasks(on_start: Callable[[str], None], ended: Event) -> Step:
    """A Step that makes each stage a task run. `on_start` is called with the name of each stage before it starts.

    Once `ended` is set, no further stage starts: it raises Interrupted.
    """

    def step(name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        if ended.is_set():
            raise Interrupted
        on_start(name)
        stage = _Stage(partial(function, *args, **kwargs))
        _run_as_task(name, stage)
        return stage.result()  # if Prefect did not get as far as the stage, it is run now, and not recorded

    return step


@task(cache_policy=NO_CACHE, persist_result=False, retries=0, log_prints=False)
def run_stage(stage: "_Stage[Any]") -> None:
    """Run a stage, and give nothing: what it returned or raised stays with the stage."""
    failure = stage.failure()
    if failure is not None:
        raise StageFailed(safe_message(failure))


class _Stage(Generic[T]):
    """A call that is made once, the first time that somebody asks what came of it."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._future: Future[T] = Future()

    def result(self) -> T:
        """What the call returned; raises what it raised."""
        return self._settled().result()

    def failure(self) -> BaseException | None:
        """What the call raised."""
        return self._settled().exception()

    def _settled(self) -> Future[T]:
        if not self._future.done():
            try:
                self._future.set_result(self._call())
            except BaseException as failure:  # noqa: BLE001  `result` raises it as it was
                self._future.set_exception(failure)
        return self._future


def _run_as_task(name: str, stage: _Stage[Any]) -> None:
    try:
        with TagsContext(current_tags=set()):  # tasks with tags ask the server whether they may run, and wait for it
            run_stage.with_options(name=name, task_run_name=name, description=STAGES.get(name))(
                stage, return_state=True
            )
    except Exception as trouble:  # noqa: BLE001  Prefect's trouble is not the run's
        get_logger("partner-certs").warning("The stage %s is not recorded (%s)", name, type(trouble).__name__)
