"""Writes reports in batches with Dask: on a local cluster for the duration of a run, or on a running one.

Without it, a run writes its reports in threads; docs/scale.md says when Dask pays off.
"""

import shutil
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import polars as pl
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture

from exports.reports.write import Batch, Write
from flows.certify import Step
from flows.orchestration.runners import THREADS
from flows.orchestration.safe_message import StageFailed, safe_message
from schemas.errors import Stop, WrongUsage

if TYPE_CHECKING:
    from prefect_dask.task_runners import DaskTaskRunner

P = ParamSpec("P")
T = TypeVar("T")

WRITING = "write"  # the stage that is split into batches: `flows.steps.write`
CONNECT_SECONDS = 10  # timeout of connecting to a scheduler
WORKERS_SECONDS = 30.0  # a batch takes seconds; after this long, check whether there are any workers
APART = ".batch-"  # prefix of the folders of unfinished batches
IN_FLIGHT = 8  # batches that are submitted at one time, of a few megabytes each


def on_runner(runner: str, step: Step, work: Callable[[Step], T]) -> T:
    """Do the work; unless the runner is `threads`, its stage `write`, and nothing else, runs as tasks on Dask.

    runner: `threads`; `dask`, a local cluster that ends with the work; or `dask=tcp://host:8786`, the scheduler at that
    address. Raises WrongUsage, before the work starts, if Dask is not installed or no scheduler answers.
    """
    if runner == THREADS:
        return work(step)
    _, _, address = runner.partition("=")
    with _task_runner(address) as cluster:
        _connect(cluster, address)
        return work(_with_batches(step, cluster))


# ---------------------------------------------------------------------------------------------------------------------


def _task_runner(address: str) -> "DaskTaskRunner":
    try:
        from prefect_dask.task_runners import DaskTaskRunner  # late: an optional dependency
    except ModuleNotFoundError:
        raise WrongUsage("Dask is not installed. Add it with: .venv/bin/pip install -e '.[dask]'") from None
    if address:
        return DaskTaskRunner(address=address, client_kwargs={"timeout": CONNECT_SECONDS})
    return DaskTaskRunner(cluster_kwargs={"threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"})


def _connect(cluster: "DaskTaskRunner", address: str) -> None:
    """Connect now; Prefect would do it only with the first batch."""
    try:
        cluster.client  # noqa: B018  reading the property connects
    except (OSError, ValueError):  # ValueError: an invalid address
        if not address:
            raise
        raise WrongUsage(f"No Dask scheduler answers at {address}. Start it, or correct the address") from None


def _with_batches(step: Step, cluster: "DaskTaskRunner") -> Step:
    """A step that calls the stage `write` with batches on Dask. It is not a task itself: each batch would carry along
    that task's context with all that it holds."""

    def stepped(name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        if name == WRITING:
            write: Callable[..., T] = function
            return write(*args, **kwargs, gather=partial(_send, cluster))
        return step(name, function, *args, **kwargs)

    return stepped


def _send(cluster: "DaskTaskRunner", write: Write, batches: Iterable[Batch], folder: Path) -> Iterator[pl.DataFrame]:
    """Write all batches, a few at a time; gives the result of each, in order."""
    warnings.filterwarnings("ignore", "Sending large graph")  # batches are large, and each is sent only once
    sent: deque[PrefectFuture[pl.DataFrame]] = deque()
    for batch in batches:
        # One callable without arguments: Prefect would traverse arguments, and these are megabytes
        sent.append(cluster.submit(_write_batch, {"write": partial(_write_apart, write, batch, folder)}))
        if len(sent) >= IN_FLIGHT:
            yield _result(cluster, sent.popleft())
    while sent:
        yield _result(cluster, sent.popleft())
    for left in folder.glob(f"{APART}*"):  # left by workers that were killed
        shutil.rmtree(left)


@task(name=WRITING, task_run_name=WRITING, cache_policy=NO_CACHE, persist_result=False, retries=0, log_prints=False)
def _write_batch(write: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    try:
        return write()
    except Exception as failure:  # noqa: BLE001  raised below with a safe message, outside the except block
        message = safe_message(failure)
    raise StageFailed(message)


def _write_apart(write: Write, batch: Batch, folder: Path) -> pl.DataFrame:
    """Write a batch into a folder of its own, then move the reports: if a worker is lost, Dask runs its batch again."""
    with TemporaryDirectory(prefix=APART, dir=folder) as apart:
        table = write(batch, Path(apart))
        for file in batch.files:
            Path(apart, file).replace(folder / file)
    return table


def _result(cluster: "DaskTaskRunner", batch: PrefectFuture[pl.DataFrame]) -> pl.DataFrame:
    """The result of a batch. Waits for as long as there is a worker to write it."""
    while True:
        try:
            return batch.result(timeout=WORKERS_SECONDS)
        except StageFailed as failure:
            raise Stop(str(failure)) from None
        except TimeoutError:
            if not cluster.client.scheduler_info()["workers"]:
                message = "No Dask worker is left, and nothing was kept. Start some, then start the run again"
                raise Stop(message) from None
        except Exception as trouble:
            kind = type(trouble).__name__
            raise Stop(f"Dask lost a batch of reports ({kind}). Nothing was kept. Start the run again") from trouble
