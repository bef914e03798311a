"""The stages of a run as Prefect tasks: what a person sees of it, and nothing of what passes between them.

A task gets no argument and gives no result: both stay in this process. What goes wrong inside reaches Prefect as a
clean StageFailed, raised outside of any except block, and the run itself as it was.
"""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Event
from typing import ParamSpec, TypeVar

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.context import TagsContext
from prefect.logging import get_logger

from cli.progress import STAGES
from flows.certify import Step
from flows.orchestration.states import Interrupted, StageFailed, safe_message

P = ParamSpec("P")
T = TypeVar("T")


def as_tasks(told: Callable[[str], None], ended: Event) -> Step:
    """A Step that makes each stage a task run. `told` hears the name of each before it starts.

    Once `ended` is set, no further stage starts: it raises Interrupted.
    """

    def step(name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        if ended.is_set():
            raise Interrupted
        told(name)
        result: Future[T] = Future()

        def stage() -> None:
            _settle(result, lambda: function(*args, **kwargs))
            failure = result.exception()
            if failure is not None:
                raise StageFailed(safe_message(failure))

        _run_as_task(name, stage)
        if not result.done():  # Prefect did not get as far as the stage: the run does not depend on being recorded
            _settle(result, lambda: function(*args, **kwargs))
        return result.result()

    return step


def _settle(result: Future[T], call: Callable[[], T]) -> None:
    try:
        result.set_result(call())
    except BaseException as failure:  # noqa: BLE001  the caller of the step gets it as it was
        result.set_exception(failure)


def _run_as_task(name: str, stage: Callable[[], None]) -> None:
    as_task = task(
        name=name,
        task_run_name=name,
        description=STAGES.get(name),
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=0,
        log_prints=False,
    )(stage)
    try:
        with TagsContext(current_tags=set()):  # for tasks with tags, the server is asked for leave, and waited for
            as_task(return_state=True)
    except Exception as trouble:  # noqa: BLE001  Prefect's trouble is not the run's
        get_logger("partner-certs").warning("The stage %s is not recorded (%s)", name, type(trouble).__name__)
