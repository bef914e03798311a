"""Batches of accounts written by Dask: a cluster of this machine for the time of a run, or the one at an address.

By itself a run writes its reports in threads, without Prefect; docs/scale.md says when Dask pays.
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
from flows.orchestration.states import StageFailed, safe_message
from schemas.errors import Stop, WrongUsage

if TYPE_CHECKING:
    from prefect_dask.task_runners import DaskTaskRunner

P = ParamSpec("P")
T = TypeVar("T")

WRITING = "write"  # the stage that has batches: `flows.certify.write`
CONNECT_SECONDS = 10  # in which a scheduler must answer
WORKERS_SECONDS = 30.0  # a batch takes seconds; after so many it is asked whether there are workers at all
APART = ".batch-"  # folders of batches that are being written
IN_FLIGHT = 8  # batches that are on their way at one time, of some megabytes each


def on_runner(runner: str, step: Step, work: Callable[[Step], T]) -> T:
    """Do the work; unless the runner is `threads`, its stage `write` is many tasks on Dask. Nothing else goes there.

    runner: `threads`; `dask`, a cluster of this machine that ends with the work; or `dask=tcp://host:8786`, the one at
    that address. Raises WrongUsage, before the work starts, if Dask is not installed or no scheduler answers there.
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
        from prefect_dask.task_runners import DaskTaskRunner  # late: an extra that most do without
    except ModuleNotFoundError:
        raise WrongUsage("Dask is not installed. Add it with: .venv/bin/pip install -e '.[dask]'") from None
    if address:
        return DaskTaskRunner(address=address, client_kwargs={"timeout": CONNECT_SECONDS})
    return DaskTaskRunner(cluster_kwargs={"threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"})


def _connect(cluster: "DaskTaskRunner", address: str) -> None:
    """Connect now, as Prefect would do with the first batch."""
    try:
        cluster.client  # noqa: B018  reading the property connects
    except (OSError, ValueError):  # ValueError: it is no address
        if not address:
            raise
        raise WrongUsage(f"No Dask scheduler answers at {address}. Start it, or correct the address") from None


def _with_batches(step: Step, cluster: "DaskTaskRunner") -> Step:
    """The stage `write` is not a task itself: batches would take that task's context, and all it holds, along."""

    def stepped(name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        if name == WRITING:
            write: Callable[..., T] = function
            return write(*args, **kwargs, gather=partial(_send, cluster))
        return step(name, function, *args, **kwargs)

    return stepped


def _send(cluster: "DaskTaskRunner", write: Write, batches: Iterable[Batch], folder: Path) -> Iterator[pl.DataFrame]:
    """Write all batches, a few at a time; gives what each gave, in order."""
    warnings.filterwarnings("ignore", "Sending large graph")  # batches have to be sent, and each is sent only once
    sent: deque[PrefectFuture[pl.DataFrame]] = deque()
    for batch in batches:
        # One callable without arguments: Prefect walks through arguments, and these are megabytes
        sent.append(cluster.submit(_write_batch, {"write": partial(_write_apart, write, batch, folder)}))
        if len(sent) >= IN_FLIGHT:
            yield _result(cluster, sent.popleft())
    while sent:
        yield _result(cluster, sent.popleft())
    for left in folder.glob(f"{APART}*"):  # of workers that were killed
        shutil.rmtree(left)


@task(name=WRITING, task_run_name=WRITING, cache_policy=NO_CACHE, persist_result=False, retries=0, log_prints=False)
def _write_batch(write: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    try:
        return write()
    except Exception as failure:  # noqa: BLE001  raised below with a safe message, outside the except block
        message = safe_message(failure)
    raise StageFailed(message)


def _write_apart(write: Write, batch: Batch, folder: Path) -> pl.DataFrame:
    """Write a batch into a folder of its own, then move the reports: Dask sends it again if its worker is lost."""
    with TemporaryDirectory(prefix=APART, dir=folder) as apart:
        table = write(batch, Path(apart))
        for file in batch.files:
            Path(apart, file).replace(folder / file)
    return table


def _result(cluster: "DaskTaskRunner", batch: PrefectFuture[pl.DataFrame]) -> pl.DataFrame:
    """What a batch gave, however long it takes, as long as there is a worker to write it."""
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
