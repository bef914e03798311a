"""Prefect on PostgreSQL with two workers on one home, as described in docs/operate.md."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from exports.home import ready
from exports.home.layout import Home
from sources.sandbox.server import Sandbox, serving
from tests.command import COMMAND
from tests.exporting import csv_of
from tests.flows.orchestration.conftest import BLOCK, KEY, PLANTED, keep_secret, planted
from tests.flows.orchestration.postgres import Postgres, postgres
from tests.flows.orchestration.prefect_site import PATIENCE, Site, begin, close
from tests.people import person

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def database() -> Iterator[Postgres]:
    """An empty database."""
    with postgres() as server:
        yield server


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """The sandbox."""
    with serving(key=KEY) as site:
        yield site


@pytest.fixture(scope="module")
def workers(
    database: Postgres, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, "subprocess.Popen[bytes]"]]:
    """`make serve` on that database, and a second worker that starts once the server responds."""
    settings = {
        "PARTNER_CERTS_IMPARTNER_URL": sandbox.url,
        "PARTNER_CERTS_IMPARTNER_PROOF": "=".join(sandbox.proof),
        "PARTNER_CERTS_IMPARTNER_KEY_BLOCK": BLOCK,
    }
    site = begin(tmp_path_factory.mktemp("postgres"), settings, database.url)
    try:
        site.wait_for_server()
        with second_worker(site) as other:
            site.wait_for_worker()
            site.pause("nightly/nightly")  # at half past one it would take the only slot
            keep_secret(site)
            wait_until_started(site, other)
            yield site, other
    finally:
        close(site)


@contextmanager
def second_worker(site: Site) -> Iterator["subprocess.Popen[bytes]"]:
    """A second worker of the same pool and home, which it creates if it is first; killed at the end."""
    words = ["worker", "start", "--pool", "partner-certs", "--type", "process", "--name", "other"]
    environment = site.client_environment() | {"PREFECT_WORKER_QUERY_SECONDS": "2"}
    with log_of_other(site).open("wb") as file:
        worker = subprocess.Popen(
            [COMMAND.with_name("prefect"), *words], env=environment, cwd=site.folder, stdout=file, stderr=file,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield worker
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


def wait_until_started(site: Site, worker: "subprocess.Popen[bytes]") -> None:
    """Wait until the second worker has started."""
    end = time.monotonic() + PATIENCE
    while "Worker 'other' started" not in (log := log_of_other(site).read_text()):
        assert worker.poll() is None, log
        assert time.monotonic() < end, log
        time.sleep(0.1)


def log_of_other(site: Site) -> Path:
    """The second worker's output."""
    return site.folder / "other.log"


def test_every_flow_with_two_workers_and_one_killed(
    workers: tuple[Site, "subprocess.Popen[bytes]"], sandbox: Sandbox, database: Postgres
) -> None:
    """Both workers write one home at once; one dies with its run, and the other continues.

    The database has all of it, but no name, address or phone.
    """
    site, other = workers
    export = _export(site.folder)
    accounts = [site.start("account/account", account=str(n), export=export, approve_by="Jo") for n in (1, 2)]
    ended = [site.end_of(run) for run in accounts]
    assert [run["state_name"] for run in ended] == ["Completed"] * 2, [run["state"]["message"] for run in ended]
    ended.append(site.end_of(site.start("nightly/nightly")))
    assert ended[-1]["state_name"] == "CompletedWithHeld", ended[-1]["state"]["message"]
    end = time.monotonic() + PATIENCE
    while not all("Finished in state" in log for log in (site.log(), log_of_other(site).read_text())):
        assert time.monotonic() < end, "one worker did all"  # which worker takes a run is random
        site.end_of(site.start("account/account", account="1", export=export, approve_by="Jo"))
    sandbox.site.latency = PATIENCE
    killed = site.start("nightly/nightly")
    site.wait(killed, lambda run: run["state_type"] == "RUNNING")
    (site.home / "runs" / ".staging-of-a-killed-run").mkdir()
    for process in (*site.processes_of(killed), other.pid):
        os.kill(process, signal.SIGKILL)
    sandbox.site.latency = 0.0
    after = site.end_of(site.start("account/account", account="3", export=export, approve_by="Jo"))
    assert after["state_name"] == "Completed", after["state"]["message"]
    home = Home(site.home)
    assert sorted(row["account_id"] for row in ready.rows(home)) == ["1", "2", "3"]
    assert ready.altered(home) == []
    assert not list((site.home / "runs").glob(".staging*"))
    released = site.end_of(site.start("release/release", run=after_run(home)))
    assert released["state_name"] == "Completed"
    kept = database.dump() + site.everything_kept()
    assert all(run["id"].encode() in kept for run in ended), "this looks in the wrong place"
    people = {str(user["Email"]) for user in sandbox.data.users} | {*PLANTED, KEY}
    assert [secret for secret in people if secret.encode() in kept] == []


def after_run(home: Home) -> str:
    """The newest run."""
    return str(home.manifests()[0]["run"])


def _export(folder: Path) -> str:
    path = folder / "export.csv"
    others = [person(f"P{n}", Account_ID=str(n), Account_Name=f"Company {n}") for n in (2, 3)]
    path.write_bytes(csv_of([planted(), *others]))
    return str(path)
