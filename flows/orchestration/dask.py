"""Batches of accounts on Prefect's task runner: threads, a Dask cluster of this machine, or one at an address.

Threads are what a run uses by itself, without asking Prefect; docs/scale.md tells when something else pays.
"""

import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, ParamSpec, TypeVar

import polars as pl
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner

from exports.reports.write import Batch, Write
from flows.certify import Step
from flows.orchestration.states import StageFailed, safe_message
from schemas.errors import WrongUsage

P = ParamSpec("P")
T = TypeVar("T")

WRITING = "write"  # the stage that has batches: `flows.certify.write`
IN_FLIGHT = 8  # batches that are on their way at one time, of some megabytes each


def task_runner(name: str) -> TaskRunner[Any]:
    """`dask`: a cluster of this machine for the time of the run. `dask=tcp://host:8786`: the one at that address."""
    _, _, address = name.partition("=")
    try:
        from prefect_dask.task_runners import DaskTaskRunner
    except ModuleNotFoundError:
        raise WrongUsage("Dask is not installed. Add it with: .venv/bin/pip install -e '.[dask]'") from None
    if address:
        return DaskTaskRunner(address=address)
    return DaskTaskRunner(cluster_kwargs={"threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"})


def with_batches_sent(step: Step) -> Step:
    """The same Step, but that the stage `write` becomes many tasks, on the task runner of the flow that goes on.

    It is no task itself: a task inside a task would take the outer one and all it holds along to other machines.
    """

    def stepped(name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        if name == WRITING:
            writing: Callable[..., T] = function
            return writing(*args, **kwargs, gather=_send)
        return step(name, function, *args, **kwargs)

    return stepped


def _send(write_one: Write, batches: Iterable[Batch]) -> Iterator[pl.DataFrame]:
    """Write all batches, a few at a time; gives what each gave, in order."""
    warnings.filterwarnings("ignore", "Sending large graph")  # it has to be sent, and each part once only
    waiting: deque[PrefectFuture[pl.DataFrame]] = deque()
    for batch in batches:
        # One callable and no arguments: Prefect looks into arguments, and here they are megabytes
        waiting.append(_write_batch.submit(partial(write_one, batch)))
        if len(waiting) >= IN_FLIGHT:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


@task(name=WRITING, task_run_name=WRITING, cache_policy=NO_CACHE, persist_result=False, retries=0, log_prints=False)
def _write_batch(writing: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    try:
        return writing()
    except Exception as failure:  # noqa: BLE001  told in clean words, outside the except block
        told = safe_message(failure)
    raise StageFailed(told)
