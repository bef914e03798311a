"""One Prefect server with a worker for all tests that need one, and the runs that they check."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sources.sandbox.server import Sandbox, serving
from tests.command import COMMAND
from tests.exporting import csv_of
from tests.flows.orchestration.prefect_site import PATIENCE, PATIENT, ROOT, Site, close, patient_command, serve
from tests.mailbox import PASSWORD, Dovecot
from tests.people import person

PLANTED = "Planted-Name-7f3a", "planted-7f3a@mail.example", "+49 7373 737373"
COMPANY = "Planted Company 7f3a"
BLOCK = "impartner-key"
KEY = "pretend-key-that-must-stay-secret"
MAIL_BLOCK, MAIL_USER = "mailbox-password", "specialist-7f3a"
FAILING = """
import sys
from flows.orchestration.record import record

def broken(name, address, phone):
    try:
        {}[address]
    except KeyError as cause:
        raise ValueError(f"{name} <{address}> {phone}") from cause

try:
    record("nightly", {}, lambda step: step("check", broken, *sys.argv[1:]), warn=print, before_exit=[].append)
except ValueError as error:
    print("raised", type(error).__name__)
"""
FLOWS = """
import asyncio, importlib, json, sys

async def run(flow, parameters):
    state = await getattr(importlib.import_module(f"flows.{flow}"), flow)(**parameters, return_state=True)
    return str(state.state_details.flow_run_id)

async def main():
    return [await run(*call) for call in json.loads(sys.argv[1])]

print(json.dumps(asyncio.run(main())))
"""


class Served(NamedTuple):
    """What `make serve` started, the sandbox that its runs pull from, and the mailbox for drafts."""

    site: Site
    sandbox: Sandbox
    mail: Dovecot
    nightly: dict[str, Any]  # its deployment as created
    nights: list[dict[str, Any]]  # the runs that the scheduler created for it


class Worked(NamedTuple):
    """Finished runs of the worker."""

    killed: str
    cancelled: str
    pulled: str


class Called(NamedTuple):
    """Finished runs of flows called without the worker."""

    approved: str
    held: str
    refused: str
    unknown: str
    nobody: str
    undecided: str
    undrafted: str


class Drafted(NamedTuple):
    """A run of the worker with code from git, and its deployment's pull steps."""

    run: str
    pull_steps: list[dict[str, Any]]


class Ended(NamedTuple):
    """A finished process."""

    status: int
    out: str
    err: str


class Recorded(NamedTuple):
    """Commands whose runs are recorded, and the export of the first."""

    export: Path
    nightly: Ended
    failing: Ended


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, mail_server: Dovecot) -> Iterator[Served]:
    """The server ends with Ctrl-C and leaves nothing behind. Its schedule is paused once it was seen at work, or the
    nightly run would start at half past one among those of the tests."""
    with serving(key=KEY) as sandbox:
        settings = {
            "PARTNER_CERTS_IMPARTNER_URL": sandbox.url,
            "PARTNER_CERTS_IMPARTNER_PROOF": "=".join(sandbox.proof),
            "PARTNER_CERTS_IMPARTNER_KEY_BLOCK": BLOCK,
            "PARTNER_CERTS_IMAP_URL": mail_server.url,
            "PARTNER_CERTS_IMAP_USER": MAIL_USER,
            "PARTNER_CERTS_IMAP_PASSWORD_BLOCK": MAIL_BLOCK,
        }
        site = serve(tmp_path_factory.mktemp("prefect"), settings)
        try:
            keep_secret(site)
            keep_secret(site, MAIL_BLOCK, PASSWORD)
            nightly = site.ask("/deployments/name/nightly/nightly")
            nights = site.scheduled(nightly["id"])
            site.pause("nightly/nightly")
            yield Served(site, sandbox, mail_server, nightly, nights)
        finally:
            close(site)


@pytest.fixture(scope="session")
def worked(served: Served) -> Worked:
    """A nightly killed during its pull, and a second one meanwhile; then one that completes."""
    site = served.site
    served.sandbox.site.latency = PATIENCE
    killed = site.start("nightly/nightly")
    site.wait(killed, lambda run: run["state_type"] == "RUNNING")
    cancelled = site.start("nightly/nightly")
    site.end_of(cancelled)
    for process in site.processes_of(killed):
        os.kill(process, signal.SIGKILL)
    site.end_of(killed)
    served.sandbox.site.latency = 0.0
    (site.home / "runs" / ".staging-of-a-killed-run").mkdir(parents=True)
    pulled = site.start("nightly/nightly", export=None, approve_unattended="none")
    site.end_of(pulled)
    return Worked(killed, cancelled, pulled)


@pytest.fixture(scope="session")
def recorded(served: Served, worked: Worked, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """A recorded command with a held account, and one with a stage that raises personal data."""
    folder = tmp_path_factory.mktemp("recorded")
    faulty = {**planted(), "SA Verified": "yes"}
    (folder / "export.csv").write_bytes(csv_of([faulty, person("B", Account_ID="2")]))
    environment = served.site.client_environment() | {"PARTNER_CERTS_HOME": str(folder / "home")}

    def ended(words: list[str]) -> Ended:
        done = subprocess.run(words, env=environment, cwd=folder, text=True, capture_output=True, timeout=PATIENCE)
        return Ended(done.returncode, done.stdout, done.stderr)

    nightly = ended(patient_command("nightly", str(folder / "export.csv")))
    return Recorded(folder / "export.csv", nightly, ended([sys.executable, "-c", PATIENT + FAILING, *PLANTED]))


@pytest.fixture(scope="session")
def called(served: Served, worked: Worked) -> Called:
    """An approved account, then runs of each kind that don't end well; last the release of an undecided run, and the
    drafts of an account without a recipient."""
    site = served.site
    good = _exported(site, "good.csv", planted())
    faulty = _exported(site, "bad.csv", {**planted(), "SA Verified": f"yes, says {PLANTED[1]}"}, person(Account_ID="2"))
    headless = site.folder / "headless.csv"
    headless.write_bytes(csv_of([], PLANTED))
    (run,) = (path.name for path in (site.home / "runs").glob("*-nightly-*"))
    calls = [
        ("account", {"account": "1", "export": good, "approve_by": "reviewer", "reason": None}),
        ("account", {"account": "1", "export": faulty, "approve_by": "reviewer"}),
        ("account", {"account": "1", "export": str(headless), "approve_by": None}),
        ("account", {"account": "4711", "export": good}),
        ("account", {"account": "Nobody Ever 7f3a"}),
        ("release", {"run": run}),
        ("drafts", {"changed": False, "imap": False}),
    ]
    with (site.folder / "log").open("ab") as log:
        done = subprocess.run(
            [sys.executable, "-c", FLOWS, json.dumps(calls)],
            env=site.client_environment(), stdout=subprocess.PIPE, stderr=log, check=True,
        )  # fmt: skip
    return Called(*json.loads(done.stdout))


@pytest.fixture(scope="session")
def drafted(served: Served, called: Called, tmp_path_factory: pytest.TempPathFactory) -> Drafted:
    """The draft for the only ready account, with code from git: the other pull step of prefect.yaml."""
    site, repository = served.site, tmp_path_factory.mktemp("git") / "repository"
    repository.mkdir()
    for part in ("flows", "sources", "schemas", "transforms", "exports", "prefect.yaml", "pyproject.toml"):
        subprocess.run(["cp", "-r", str(ROOT / part), str(repository)], check=True)
    deployments = repository / "prefect.yaml"
    deployments.write_text(deployments.read_text().replace("pull: *from_checkout", "pull: *from_git"))
    git = ["git", "-C", str(repository), "-c", "user.name=t", "-c", "user.email=t@t.example"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "All"]):
        subprocess.run([*git, *words], check=True)
    where = {"PARTNER_CERTS_REPOSITORY": f"file://{repository}", "PARTNER_CERTS_BRANCH": "main"}
    deploy = [str(COMMAND.with_name("prefect")), "--no-prompt", "deploy", "--name", "drafts/drafts"]
    environment = site.client_environment() | where
    subprocess.run(deploy, cwd=repository, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    (site.home / "contacts.csv").write_text(f"account_id,account,to\n1,,{PLANTED[1]}\n")
    run = site.start("drafts/drafts")
    site.end_of(run)
    return Drafted(run, site.ask("/deployments/name/drafts/drafts")["pull_steps"])


def planted() -> dict[str, str | None]:
    """A person whose data must never reach Prefect."""
    return person(PLANTED[0], PLANTED[1], Phone=PLANTED[2], Account_Name=COMPANY)


def _exported(site: Site, name: str, *rows: dict[str, str | None]) -> str:
    """An export that a run may read."""
    path = site.folder / name
    path.write_bytes(csv_of(rows))
    return str(path)


def keep_secret(site: Site, name: str = BLOCK, value: str = KEY) -> None:
    """Store a secret in a Secret block, as the Blocks page does."""
    kind = site.ask("/block_types/slug/secret")["id"]
    (schema,) = site.ask("/block_schemas/filter", {"block_schemas": {"block_type_id": {"any_": [kind]}}})
    block: dict[str, Any] = {"name": name, "data": {"value": value}}
    site.ask("/block_documents/", block | {"block_schema_id": schema["id"], "block_type_id": kind})
