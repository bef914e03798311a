"""The flows on a real Prefect server with a real worker, as started by `make serve`."""

import re

import pytest

from tests.flows.orchestration.conftest import KEY, MAIL_USER, PLANTED, Called, Drafted, Served, Worked
from tests.mailbox import DRAFTS, PASSWORD


def test_the_deployments(served: Served) -> None:
    """`deploy --all` needs no input, and the scheduler creates the next nights' runs."""
    nightly = served.nightly
    (schedule,) = nightly["schedules"]
    assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == ("30 1 * * *", "UTC")
    assert schedule["active"]
    assert nightly["parameters"] == {"export": None, "approve_unattended": "none", "runner": "threads"}
    assert nightly["global_concurrency_limit"]["limit"] == 1
    assert nightly["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
    assert nightly["work_pool_name"] == "partner-certs"
    assert nightly["job_variables"]["env"]["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"] == "30"
    assert served.nights, "the scheduler makes no runs"
    form = served.site.ask("/deployments/name/account/account")["parameter_openapi_schema"]
    assert form["required"] == ["account"]
    assert [*form["properties"]] == ["account", "export", "approve_by", "reason"]
    assert all("description" in field for field in form["properties"].values())
    assert served.site.ask("/deployments/name/release/release")["parameters"] == {"run": "latest"}
    assert served.site.ask("/deployments/name/drafts/drafts")["parameters"] == {"changed": True, "imap": True}


def test_a_killed_nightly_is_crashed_and_the_next_one_starts(served: Served, worked: Worked) -> None:
    """kill -9 during a pull: ready/ is whole, no partial run is left, the concurrency slot is free."""
    assert served.site.end_of(worked.cancelled)["state_type"] == "CANCELLED", "two nightlies ran at one time"
    assert served.site.end_of(worked.killed)["state_name"] == "Crashed"
    after = served.site.end_of(worked.pulled)
    assert after["state_name"] == "CompletedWithHeld", after["state"]["message"]
    assert len(list((served.site.home / "runs").glob("*-nightly-*"))) == 1, "a run of the killed one is there"
    assert not list((served.site.home / "runs").glob(".staging*"))


def test_a_nightly_pulls_and_lists_held_accounts(served: Served, worked: Worked) -> None:
    """The key comes from the Secret block; stages are tasks; the result has account ids."""
    found = served.site.end_of(worked.pulled)
    assert (found["state_name"], found["state_type"]) == ("CompletedWithHeld", "COMPLETED"), found["state"]["message"]
    assert re.fullmatch(r"nightly \d{4}-\d{2}-\d{2}", found["name"])
    assert "partner-certs review" in found["state"]["message"]
    stages = served.site.stages_of(worked.pulled, "read", "check", "shape", "write", "keep")
    assert set(stages.values()) == {"Completed"}
    page = served.site.result_of(worked.pulled)
    (run,) = (path.name for path in (served.site.home / "runs").glob("*-nightly-*"))
    assert run in page
    assert str(served.site.home / "runs" / run) in page
    assert all(f"| {account} |" in page for account in served.sandbox.data.accounts)
    progress = {"artifacts": {"flow_run_id": {"any_": [worked.pulled]}, "type": {"any_": ["progress"]}}}
    assert {artifact["data"] for artifact in served.site.ask("/artifacts/filter", progress)} == {100}


def test_the_account_form_approves_and_releases(served: Served, called: Called) -> None:
    """By id, approved by the form's reviewer."""
    found = served.site.end_of(called.approved)
    assert (found["name"], found["state_name"]) == ("account 1", "Completed"), found["state"]["message"]
    assert found["state"]["message"].startswith("Approved and released")
    assert served.site.stages_of(called.approved, "release")["release"] == "Completed"
    assert [path.name for path in (served.site.home / "ready").glob("*.csv")] == [
        "certifications-planted-company-7f3a-1.csv"
    ]


def test_held_and_refused_runs_say_what_to_do(served: Served, called: Called) -> None:
    """Held is Completed under its own name; refused is Failed, with rule and remedy."""
    held = served.site.end_of(called.held)
    assert (held["state_name"], held["state_type"]) == ("CompletedWithHeld", "COMPLETED")
    assert held["state"]["message"].startswith("Not approved: the account is held back")
    assert "faults.csv" in held["state"]["message"]
    refused = served.site.end_of(called.refused)
    assert (refused["state_name"], refused["state_type"]) == ("Failed", "FAILED")
    assert "The export has the column 'Email'" in refused["state"]["message"]
    unknown = served.site.end_of(called.unknown)
    assert unknown["state_name"] == "Failed"
    assert "Give the account's id" in unknown["state"]["message"]
    nobody = served.site.end_of(called.nobody)
    assert nobody["state_name"] == "Failed"
    assert re.search(r"exactly one account.* Give the account's id", nobody["state"]["message"])


def test_an_undecided_release_fails_and_changes_nothing(served: Served, called: Called) -> None:
    """The state says so; ready/ still has only the approved account."""
    found = served.site.end_of(called.undecided)
    (run,) = (path.name for path in (served.site.home / "runs").glob("*-nightly-*"))
    assert (found["name"], found["state_name"]) == (f"release {run}", "Failed")
    assert "partner-certs review" in found["state"]["message"]
    assert len(list((served.site.home / "ready").glob("*.csv"))) == 1


def test_drafts_are_put_into_the_mailbox(served: Served, called: Called, drafted: Drafted) -> None:
    """The password comes from the Secret block, the code from git; the result has ids, and the accounts without one."""
    assert "git_clone" in str(drafted.pull_steps)
    found = served.site.end_of(drafted.run)
    assert (found["state_name"], found["state_type"]) == ("Completed", "COMPLETED"), found["state"]["message"]
    assert re.fullmatch(r"drafts \d{4}-\d{2}-\d{2}", found["name"])
    assert found["state"]["message"].startswith("1 draft in the mailbox, 0 made before. ")
    assert served.site.stages_of(drafted.run, "draft")["draft"] == "Completed"
    assert "| 1 | drafted | 1 |" in served.site.result_of(drafted.run)
    ((mail, flags),) = served.mail.mails(MAIL_USER, DRAFTS)
    assert f"To: {PLANTED[1]}\r\n".encode() in mail
    assert flags >= {"\\Draft", "\\Seen"}
    refused = served.site.end_of(called.undrafted)
    assert (refused["state_name"], refused["state_type"]) == ("CompletedWithRefused", "COMPLETED")
    assert "1 account without a draft: 1. See why with: partner-certs draft --all" in refused["state"]["message"]


@pytest.mark.usefixtures("recorded")
def test_prefect_keeps_no_personal_data_and_no_secret(
    served: Served, worked: Worked, called: Called, drafted: Drafted
) -> None:
    """For valid, faulty and raising exports; of accounts only ids."""
    served.site.wait_for_rest()
    kept = served.site.everything_kept()
    assert all(run.encode() in kept for run in (*worked, *called, drafted.run)), "this looks in the wrong place"
    secrets = {*PLANTED, "Planted Company", KEY, PASSWORD, MAIL_USER}
    for user in served.sandbox.data.users:
        secrets |= {str(user["Email"]), str(user["Phone"] or KEY)}
    secrets |= {name for name in served.sandbox.data.accounts.values() if name}
    assert [secret for secret in secrets if secret.encode() in kept] == []
