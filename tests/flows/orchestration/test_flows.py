"""The flows on a real Prefect server with a real worker, as `make serve` starts them."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from sources.sandbox.server import Sandbox, serving
from tests.command import COMMAND, clean_environment
from tests.exporting import csv_of
from tests.flows.orchestration.prefect_site import ROOT, Site, end, serve
from tests.people import person

PLANTED = "Planted-Name-7f3a", "planted-7f3a@mail.example", "+49 7373 737373"
BLOCK = "impartner-key"
KEY = "pretend-key-that-must-stay-secret"


class Served(NamedTuple):
    """What `make serve` started, and the pretend Impartner that its runs pull from."""

    site: Site
    sandbox: Sandbox


class Runs(NamedTuple):
    """Runs that were started at one time, by what was asked for."""

    pulled: str
    approved: str
    held: str
    refused: str
    unknown: str


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all tests of this file; it ends with Ctrl-C, and leaves nothing behind."""
    with serving(key=KEY) as sandbox:
        settings = {
            "PARTNER_CERTS_IMPARTNER_URL": sandbox.url,
            "PARTNER_CERTS_IMPARTNER_PROOF": "=".join(sandbox.proof),
            "PARTNER_CERTS_IMPARTNER_KEY_BLOCK": BLOCK,
        }
        site = serve(tmp_path_factory.mktemp("prefect"), settings)
        try:
            keep_secret(site)
            yield Served(site, sandbox)
        finally:
            end(site)


@pytest.fixture(scope="module")
def runs(served: Served) -> Runs:
    """A run of each kind that ends by itself."""
    site, name = served.site, "Planted Company 7f3a"
    one = person(PLANTED[0], Email=PLANTED[1], Phone=PLANTED[2], Account_Name=name)
    good = exported(site, "good.csv", [one])
    bad = exported(site, "bad.csv", [one | {"SA Verified": f"yes, says {PLANTED[1]}"}, person(Account_ID="2")])
    headless = exported(site, "headless.csv", [], columns=list(PLANTED))
    return Runs(
        pulled=site.start("nightly/nightly", export=None, approve_unattended="none"),
        approved=site.start("account/account", account="1", export=good, approve_by="reviewer", reason=None),
        held=site.start("account/account", account="1", export=bad, approve_by="reviewer"),
        refused=site.start("account/account", account="1", export=headless, approve_by=None),
        unknown=site.start("account/account", account="4711", export=good),
    )


def keep_secret(site: Site) -> None:
    """Put the key into a Secret block, as the Blocks page does."""
    kind = site.ask("/block_types/slug/secret")["id"]
    (schema,) = site.ask("/block_schemas/filter", {"block_schemas": {"block_type_id": {"any_": [kind]}}})
    block = {"name": BLOCK, "data": {"value": KEY}, "block_schema_id": schema["id"], "block_type_id": kind}
    site.ask("/block_documents/", block)


def exported(site: Site, name: str, rows: list[dict[str, str | None]], columns: list[str] | None = None) -> str:
    """A downloaded file that a run may read."""
    path = site.folder / name
    path.write_bytes(csv_of(rows, columns) if columns else csv_of(rows))
    return str(path)


def test_deploy_makes_all_three_with_a_schedule_a_limit_and_a_form(served: Served) -> None:
    """`deploy --all` needs no further word, and the scheduler makes the next nights' runs."""
    nightly = served.site.ask("/deployments/name/nightly/nightly")
    (schedule,) = nightly["schedules"]
    assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == ("30 1 * * *", "UTC")
    assert schedule["active"]
    assert nightly["parameters"] == {"export": None, "approve_unattended": "none", "runner": "threads"}
    assert nightly["global_concurrency_limit"]["limit"] == 1
    assert nightly["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
    assert nightly["work_pool_name"] == "partner-certs"
    assert nightly["job_variables"]["env"]["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"] == "30"
    assert served.site.scheduled(nightly["id"]), "the scheduler makes no runs"
    form = served.site.ask("/deployments/name/account/account")["parameter_openapi_schema"]
    assert form["required"] == ["account"]
    assert [*form["properties"]] == ["account", "export", "approve_by", "reason"]
    assert all("description" in field for field in form["properties"].values())
    assert served.site.ask("/deployments/name/release/release")["parameters"] == {"run": "latest"}


def test_nightly_pulls_everybody_and_tells_whom_it_holds_back(served: Served, runs: Runs) -> None:
    """The key comes from the Secret block; stages are tasks; the result lists accounts by id."""
    found = served.site.end_of(runs.pulled)
    assert (found["state_name"], found["state_type"]) == ("CompletedWithHeld", "COMPLETED"), found["state"]["message"]
    assert re.fullmatch(r"nightly \d{4}-\d{2}-\d{2}", found["name"])
    assert "partner-certs review" in found["state"]["message"]
    stages = served.site.stages_of(runs.pulled, "read", "check", "shape", "write", "keep")
    assert set(stages.values()) == {"Completed"}
    page = served.site.result_of(runs.pulled)
    (run,) = (path.name for path in (served.site.home / "runs").glob("*-nightly-*"))
    assert run in page
    assert str(served.site.home / "runs" / run) in page
    assert all(f"| {account} |" in page for account in served.sandbox.data.accounts)
    progress = {"artifacts": {"flow_run_id": {"any_": [runs.pulled]}, "type": {"any_": ["progress"]}}}
    assert [artifact["data"] for artifact in served.site.ask("/artifacts/filter", progress)] == [100]


def test_account_answers_the_form_and_releases_what_is_approved(served: Served, runs: Runs) -> None:
    """Named by its id, approved by the reviewer of the form, ready to be attached."""
    found = served.site.end_of(runs.approved)
    assert (found["name"], found["state_name"]) == ("account 1", "Completed"), found["state"]["message"]
    assert found["state"]["message"].startswith("Approved and released")
    assert served.site.stages_of(runs.approved, "release")["release"] == "Completed"
    assert [path.name for path in (served.site.home / "ready").glob("*.csv")] == [
        "certifications-planted-company-7f3a-1.csv"
    ]


def test_what_is_held_or_refused_says_what_to_do(served: Served, runs: Runs) -> None:
    """Held is Completed with a name of its own; refused is Failed, with the rule and the remedy."""
    held = served.site.end_of(runs.held)
    assert (held["state_name"], held["state_type"]) == ("CompletedWithHeld", "COMPLETED")
    assert "faults.csv" in held["state"]["message"]
    refused = served.site.end_of(runs.refused)
    assert (refused["state_name"], refused["state_type"]) == ("Failed", "FAILED")
    assert "The export has the column 'Email'" in refused["state"]["message"]
    assert served.site.stages_of(runs.refused, "read") == {"read": "Failed"}
    unknown = served.site.end_of(runs.unknown)
    assert unknown["state_name"] == "Failed"
    assert "Give the account's id" in unknown["state"]["message"]


def test_release_of_what_nobody_approved_fails_and_changes_nothing(served: Served, runs: Runs) -> None:
    """A missing decision is told in the state."""
    served.site.end_of(runs.pulled)
    served.site.end_of(runs.approved)
    before = (served.site.home / "ready").readlink()
    (run,) = (path.name for path in (served.site.home / "runs").glob("*-nightly-*"))
    found = served.site.end_of(served.site.start("release/release", run=run))
    assert (found["name"], found["state_name"]) == (f"release {run}", "Failed")
    assert "partner-certs review" in found["state"]["message"]
    assert (served.site.home / "ready").readlink() == before


def test_a_killed_nightly_is_crashed_and_the_next_one_starts(served: Served, runs: Runs) -> None:
    """kill -9 in the middle of a pull: ready/ is whole, no half run is there, the place is free at once."""
    site = served.site
    for run in runs:
        site.end_of(run)
    before = {path.name for path in (site.home / "runs").iterdir()}
    served.sandbox.site.latency = 20.0
    killed = site.start("nightly/nightly")
    site.wait(killed, lambda run: run["state_type"] == "RUNNING")
    second = site.start("nightly/nightly")
    assert site.end_of(second)["state_type"] == "CANCELLED", "two nightlies ran at one time"
    for process in site.processes_of(killed):
        os.kill(process, signal.SIGKILL)
    assert site.end_of(killed)["state_name"] == "Crashed"
    assert {path.name for path in (site.home / "runs").iterdir()} == before
    served.sandbox.site.latency = 0.0
    (site.home / "runs" / ".staging-of-a-killed-run").mkdir()
    after = site.end_of(site.start("nightly/nightly"))
    assert after["state_name"] == "CompletedWithHeld", after["state"]["message"]
    assert not list((site.home / "runs").glob(".staging*"))


def test_a_command_is_recorded_and_fails_in_clean_words(served: Served, tmp_path: Path) -> None:
    """The command's run is a flow run of the same name; what goes wrong inside is told by its kind only."""
    site = served.site
    export = tmp_path / "export.csv"
    export.write_bytes(csv_of([person(PLANTED[0], Email=PLANTED[1], SA_Verified="yes"), person("B", Account_ID="2")]))
    environment = site.client_environment() | {"PARTNER_CERTS_HOME": str(tmp_path / "home")}
    words = [str(COMMAND), "nightly", str(export)]
    failing = [sys.executable, "-c", FAILING, *PLANTED]
    started = [
        subprocess.Popen(
            command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for command in (words, failing)
    ]
    (told, warned), (caught, noise) = (process.communicate(timeout=90) for process in started)
    assert started[0].returncode == 4, warned
    assert "1 account held back" in told
    assert (warned, noise) == ("", "")
    assert caught.split() == ["raised", "ValueError"]
    chosen = {"flow_runs": {"tags": {"all_": ["command"]}}}
    found = {run["state_name"]: run for run in site.ask("/flow_runs/filter", chosen)}
    assert found.keys() == {"CompletedWithHeld", "Failed"}
    assert found["CompletedWithHeld"]["parameters"]["export"] == str(export)
    assert "(ValueError)" in found["Failed"]["state"]["message"]


def test_dask_writes_the_same_bytes(served: Served, tmp_path: Path) -> None:
    """Batches that are written by other processes give the reports that threads give."""
    export = tmp_path / "export.csv"
    export.write_bytes(csv_of([person(f"P{n}", Account_ID=str(n % 90), Account_Name=f"N{n % 90}") for n in range(900)]))
    environment = served.site.client_environment()
    for runner in ("dask", "threads"):
        words = [str(COMMAND), "nightly", str(export), "--home", str(tmp_path / runner), "--runner", runner, "--json"]
        done = subprocess.run(
            words, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=90, check=True
        )
        assert done.stderr == ""
    dask, threads = (
        {path.name: path.read_bytes() for path in (tmp_path / runner / "runs").glob("*/reports/*")}
        for runner in ("dask", "threads")
    )
    assert len(dask) == 90
    assert dask == threads


def test_the_doctor_says_whether_the_server_lets_in(served: Served, tmp_path: Path) -> None:
    """Its health tells nothing of that: it says it to everybody."""
    environment = served.site.client_environment()
    for more, ok in (
        ({}, True),
        ({"PREFECT_API_AUTH_STRING": "bad:pw"}, False),
        ({"PREFECT_API_AUTH_STRING": ""}, False),
    ):
        words = [str(COMMAND), "doctor", "--json"]
        done = subprocess.run(words, env=environment | more, cwd=tmp_path, capture_output=True, text=True, check=True)
        (check,) = [one for one in json.loads(done.stdout)["checks"] if one["name"] == "Prefect"]
        assert check["ok"] is ok
        assert ("PREFECT_API_AUTH_STRING" in check["remedy"]) is not ok
        assert "bad:pw" not in done.stdout


def test_dask_without_a_server_is_wrong_usage(tmp_path: Path) -> None:
    """The runner is Prefect's: the command says what to set, and does nothing."""
    words = [str(COMMAND), "nightly", "export.csv", "--home", str(tmp_path / "home"), "--runner", "dask"]
    done = subprocess.run(words, env=clean_environment(), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "PREFECT_API_URL" in done.stderr


FAILING = """
import sys
from flows.orchestration.record import record

def broken(name, address, phone):
    try:
        {}[address]
    except KeyError as cause:
        raise ValueError(f"{name} <{address}> {phone}") from cause

try:
    record("nightly", {}, lambda step: step("check", broken, *sys.argv[1:]), warn=print)
except ValueError as error:
    print("raised", type(error).__name__)
"""


def test_nothing_personal_and_no_key_is_kept_or_said(served: Served, runs: Runs) -> None:
    """Of valid, faulty and exception-making exports, Prefect has no name, address or phone; of accounts only ids."""
    for run in runs:
        served.site.end_of(run)
    served.site.wait_for_rest()
    kept = served.site.everything_kept()
    assert runs.pulled.encode() in kept, "this looks in the wrong place"
    secrets = {*PLANTED, "Planted Company", KEY}
    for user in served.sandbox.data.users:
        secrets |= {str(user["Email"]), str(user["Phone"] or KEY)}
    secrets |= {name for name in served.sandbox.data.accounts.values() if name}
    assert [secret for secret in secrets if secret.encode() in kept] == []


def test_a_worker_takes_the_code_from_git(served: Served, tmp_path: Path) -> None:
    """The other pull step of prefect.yaml: the code is what was committed."""
    site, repository = served.site, tmp_path / "repository"
    repository.mkdir()
    for part in ("flows", "sources", "schemas", "transforms", "exports", "prefect.yaml", "pyproject.toml"):
        subprocess.run(["cp", "-r", str(ROOT / part), str(repository)], check=True)
    deployments = repository / "prefect.yaml"
    deployments.write_text(deployments.read_text().replace("pull: *from_checkout", "pull: *from_git"))
    git = ["git", "-C", str(repository), "-c", "user.name=t", "-c", "user.email=t@t.example"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "All"]):
        subprocess.run([*git, *words], check=True)
    where = {"PARTNER_CERTS_REPOSITORY": f"file://{repository}", "PARTNER_CERTS_BRANCH": "main"}
    deploy = [str(COMMAND.with_name("prefect")), "--no-prompt", "deploy", "--name", "release/release"]
    environment = site.client_environment() | where
    subprocess.run(deploy, cwd=repository, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    pull = site.ask("/deployments/name/release/release")["pull_steps"]
    assert "git_clone" in str(pull)
    found = site.end_of(site.start("release/release", run="20260101T000000Z-nightly-000000"))
    assert found["state_name"] == "Failed"
    assert "There is no run" in found["state"]["message"], "the flow itself did not get to speak"
