"""Batches that Dask writes: the bytes that threads give, whatever becomes of a worker, or nothing at all."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.command import COMMAND, clean_environment
from tests.exporting import csv_of
from tests.flows.orchestration.conftest import FLOWS, PLANTED, Served
from tests.people import person

DASK = str(COMMAND.with_name("dask"))
ACCOUNTS = 90
SMALL = """
from exports.reports import encode
from flows.orchestration import dask

encode.PIECE = 2000  # bytes: many batches
dask.WORKERS_SECONDS = dask.CONNECT_SECONDS = 2  # nobody is in doubt here
"""
PATIENCE = 90  # seconds; reached only when something is wrong


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """An export of many accounts."""
    path = tmp_path / "export.csv"
    people = [person(PLANTED[0], PLANTED[1]), *(person(f"P{n}") for n in range(900))]
    path.write_bytes(csv_of([one | account(n % ACCOUNTS) for n, one in enumerate(people)]))
    return path


def account(number: int) -> dict[str, str | None]:
    """The cells of an account."""
    return {"Account ID": str(number + 1), "Account Name": f"N{number}"}


def reports(home: Path) -> dict[str, bytes]:
    """The reports of the one run in a home."""
    return {path.name: path.read_bytes() for path in (home / "runs").glob("*/reports/*")}


def by_threads(export: Path) -> dict[str, bytes]:
    """What a run without Prefect writes."""
    home = export.parent / "threads"
    words = [str(COMMAND), "nightly", str(export), "--home", str(home)]
    subprocess.run(words, env=clean_environment(), capture_output=True, check=True)
    return reports(home)


@contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers, as on other machines: the address and the workers."""
    file = folder / "scheduler.json"
    quiet = ["--no-dashboard", "--scheduler-file", str(file)]
    alone = ["--no-nanny", "--nthreads", "1", "--local-directory", str(folder)]
    commands = [
        [DASK, "scheduler", "--host", "127.0.0.1", "--port", "0", *quiet],
        *[[DASK, "worker", "--host", "127.0.0.1", *alone, *quiet]] * 2,
    ]
    with (folder / "dask.log").open("wb") as log:
        processes = [subprocess.Popen(command, stdout=log, stderr=log, env=clean_environment()) for command in commands]
    try:
        end = time.monotonic() + PATIENCE
        while (folder / "dask.log").read_text().count("Registered to:") < 2:
            assert time.monotonic() < end, (folder / "dask.log").read_text()
            time.sleep(0.1)
        yield json.loads(file.read_text())["address"], processes[1:]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def call_nightly(site_environment: dict[str, str], home: Path, export: Path, address: str) -> subprocess.Popen[str]:
    """The nightly flow with its parameter `runner`, in small batches."""
    calls = [("nightly", {"export": str(export), "runner": f"dask={address}"})]
    return subprocess.Popen(
        [sys.executable, "-c", SMALL + FLOWS, json.dumps(calls)],
        env=site_environment | {"PARTNER_CERTS_HOME": str(home)}, cwd=export.parent,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def kill_in_the_middle(worker: subprocess.Popen[bytes], home: Path) -> None:
    """Kill a worker once some reports are written."""
    end = time.monotonic() + PATIENCE
    while len(list((home / "runs").glob(".staging*/reports/*.csv"))) < 10:
        assert time.monotonic() < end, "nothing is written"
        time.sleep(0.02)
    worker.send_signal(signal.SIGKILL)


def test_dask_writes_the_same_bytes(served: Served, export: Path) -> None:
    """Batches that are written by other processes give the reports that threads give."""
    home = export.parent / "dask"
    words = [str(COMMAND), "nightly", str(export), "--home", str(home), "--runner", "dask", "--json"]
    environment = served.site.client_environment()
    done = subprocess.run(
        words, env=environment, cwd=export.parent, capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    assert done.stderr == ""
    assert len(reports(home)) == ACCOUNTS
    assert reports(home) == by_threads(export)


def test_a_worker_that_is_killed_changes_no_byte_and_without_any_nothing_is_kept(
    served: Served, export: Path, tmp_path: Path
) -> None:
    """Its batches are written again by the other one; when that is killed too, the run fails and says what to do."""
    site, first, second = served.site, tmp_path / "first", tmp_path / "second"
    with cluster(tmp_path) as (address, (one, other)):
        nightly = call_nightly(site.client_environment(), first, export, address)
        kill_in_the_middle(one, first)
        out, _ = nightly.communicate(timeout=PATIENCE)
        assert site.end_of(json.loads(out)[0])["state_name"] == "Completed"
        assert reports(first) == by_threads(export)
        nightly = call_nightly(site.client_environment(), second, export, address)
        kill_in_the_middle(other, second)
        out, _ = nightly.communicate(timeout=PATIENCE)
    failed = site.end_of(json.loads(out)[0])
    assert failed["state_name"] == "Failed"
    assert "No Dask worker is left" in failed["state"]["message"]
    assert [*(second / "runs").iterdir()] == []
    kept = site.everything_kept()
    assert [secret for secret in PLANTED if secret.encode() in kept] == []


def test_an_address_without_a_scheduler_is_wrong_usage(served: Served, export: Path) -> None:
    """It is found out before anything is read."""
    words = ["nightly", str(export), "--runner", "dask=tcp://127.0.0.1:9", "--home", str(export.parent / "home")]
    command = [sys.executable, "-c", SMALL + "from cli.main import main; main()", *words]
    environment = served.site.client_environment()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in done.stderr
    assert not list((export.parent / "home").glob("runs/*"))


def test_dask_without_a_server_is_wrong_usage(tmp_path: Path) -> None:
    """The runner is Prefect's: the command says what to set, and does nothing."""
    words = [str(COMMAND), "nightly", "export.csv", "--home", str(tmp_path / "home"), "--runner", "dask"]
    done = subprocess.run(words, env=clean_environment(), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "PREFECT_API_URL" in done.stderr
