"""Batches written by Dask: the same bytes as by threads, even if a worker dies, or nothing at all."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flows.jobs import run_nightly
from flows.settings import Settings
from tests.command import COMMAND, clean_environment
from tests.exporting import csv_of
from tests.flows.orchestration.conftest import FLOWS, PLANTED, Served
from tests.flows.orchestration.prefect_site import PATIENCE, patient_command
from tests.people import person

DASK = str(COMMAND.with_name("dask"))
ACCOUNTS = 90
SMALL = """
from exports.reports import encode
from flows.orchestration import dask

encode.PIECE = 4000  # bytes: many batches
dask.WORKERS_SECONDS, dask.CONNECT_SECONDS = 2, {seconds}
"""


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of many accounts."""
    return exported(tmp_path_factory.mktemp("dask") / "export.csv")


@pytest.fixture(scope="module")
def expected(export: Path) -> dict[str, bytes]:
    """The reports of a run of it without Prefect."""
    home = export.parent / "threads"
    run_nightly(Settings(home), export)
    return reports(home)


def exported(path: Path, **cells: str) -> Path:
    """Write an export of many accounts, in which everyone has these cells."""
    people = [person(PLANTED[0], PLANTED[1], **cells), *(person(f"P{n}", **cells) for n in range(900))]
    path.write_bytes(csv_of([one | account(n % ACCOUNTS) for n, one in enumerate(people)]))
    return path


def account(number: int) -> dict[str, str | None]:
    """The cells of an account."""
    return {"Account ID": str(number + 1), "Account Name": f"N{number}"}


def reports(home: Path) -> dict[str, bytes]:
    """The reports of the only run in a home."""
    return {path.name: path.read_bytes() for path in (home / "runs").glob("*/reports/*")}


@contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers, as on other machines: its address and the workers."""
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


def call_nightly(site_environment: dict[str, str], home: Path, address: str, *exports: Path) -> "subprocess.Popen[str]":
    """Call the nightly flow with `runner`, in small batches, once per export."""
    calls = [("nightly", {"export": str(export), "runner": f"dask={address}"}) for export in exports]
    return subprocess.Popen(
        [sys.executable, "-c", SMALL.format(seconds=PATIENCE) + FLOWS, json.dumps(calls)],
        env=site_environment | {"PARTNER_CERTS_HOME": str(home)}, cwd=home.parent,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def kill_in_the_middle(worker: subprocess.Popen[bytes], home: Path) -> None:
    """Kill a worker once a run has written some reports."""
    wait_until(lambda: len(list((home / "runs").glob(".staging*/reports/*.csv"))) >= 3)
    worker.send_signal(signal.SIGKILL)


def kept(home: Path) -> list[Path]:
    """The finished runs."""
    return [path for path in (home / "runs").glob("*") if not path.name.startswith(".")]


def with_one_processor() -> None:
    """Dask starts a worker a processor, and that of a worker takes seconds."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def wait_until(is_so: Callable[[], object]) -> None:
    """Wait for something that comes soon."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.02)


def test_dask_writes_the_same_bytes(served: Served, export: Path, expected: dict[str, bytes], tmp_path: Path) -> None:
    """Although other processes write the batches."""
    home = tmp_path / "home"
    words = patient_command("nightly", str(export), "--home", str(home), "--runner", "dask", "--json")
    environment = served.site.client_environment()
    done = subprocess.run(
        words, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=True,
        preexec_fn=with_one_processor,
    )  # fmt: skip
    assert done.stderr == ""
    assert len(reports(home)) == ACCOUNTS
    assert reports(home) == expected


def test_a_killed_worker_changes_nothing_and_without_any_the_run_fails(
    served: Served, export: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    """The other worker rewrites its batches; once that is killed too, the run fails with a remedy."""
    site, home = served.site, tmp_path / "home"
    another = exported(tmp_path / "another.csv", Phone="1")
    with cluster(tmp_path) as (address, (one, other)):
        nights = call_nightly(site.client_environment(), home, address, export, another)
        kill_in_the_middle(one, home)
        wait_until(lambda: kept(home))
        kill_in_the_middle(other, home)
        out, _ = nights.communicate(timeout=PATIENCE)
    first, second = json.loads(out)
    assert site.end_of(first)["state_name"] == "Completed"
    failed = site.end_of(second)
    assert failed["state_name"] == "Failed"
    assert "No Dask worker is left" in failed["state"]["message"]
    assert [*(home / "runs").iterdir()] == kept(home)
    assert reports(home) == expected
    everything = site.everything_kept()
    assert [secret for secret in PLANTED if secret.encode() in everything] == []


def test_an_address_without_a_scheduler_is_wrong_usage(served: Served, export: Path, tmp_path: Path) -> None:
    """It is checked before anything is read."""
    words = ["nightly", str(export), "--runner", "dask=tcp://127.0.0.1:9", "--home", str(tmp_path / "home")]
    command = patient_command(*words, first=SMALL.format(seconds=2))
    environment = served.site.client_environment()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in done.stderr
    assert not list((tmp_path / "home").glob("runs/*"))


def test_dask_without_a_server_is_wrong_usage(tmp_path: Path) -> None:
    """Dask needs Prefect: the command names the setting, and does nothing."""
    words = [str(COMMAND), "nightly", "export.csv", "--home", str(tmp_path / "home"), "--runner", "dask"]
    done = subprocess.run(words, env=clean_environment(), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "PREFECT_API_URL" in done.stderr
