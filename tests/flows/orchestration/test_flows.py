"""The flows on a real Prefect server with a real worker, as `make serve` starts them."""

import re

import pytest

from tests.flows.orchestration.conftest import KEY, MAIL_USER, PLANTED, Called, Drafted, Served, Worked
from tests.mailbox import DRAFTS, PASSWORD


def test_deploy_makes_all_four_with_a_schedule_a_limit_and_a_form(served: Served) -> None:
    """`deploy --all` needs no further word, and the scheduler makes the next nights' runs."""
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
    """kill -9 in the middle of a pull: ready/ is whole, no half run is there, the place is free at once."""
    assert served.site.end_of(worked.cancelled)["state_type"] == "CANCELLED", "two nightlies ran at one time"
    assert served.site.end_of(worked.killed)["state_name"] == "Crashed"
    after = served.site.end_of(worked.pulled)
    assert after["state_name"] == "CompletedWithHeld", after["state"]["message"]
    assert len(list((served.site.home / "runs").glob("*-nightly-*"))) == 1, "a run of the killed one is there"
    assert not list((served.site.home / "runs").glob(".staging*"))


def test_nightly_pulls_everybody_and_tells_whom_it_holds_back(served: Served, worked: Worked) -> None:
    """The key comes from the Secret block; stages are tasks; the result lists accounts by id."""
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


def test_account_answers_the_form_and_releases_what_is_approved(served: Served, called: Called) -> None:
    """Named by its id, approved by the reviewer of the form, ready to be attached."""
    found = served.site.end_of(called.approved)
    assert (found["name"], found["state_name"]) == ("account 1", "Completed"), found["state"]["message"]
    assert found["state"]["message"].startswith("Approved and released")
    assert served.site.stages_of(called.approved, "release")["release"] == "Completed"
    assert [path.name for path in (served.site.home / "ready").glob("*.csv")] == [
        "certifications-planted-company-7f3a-1.csv"
    ]


def test_what_is_held_or_refused_says_what_to_do(served: Served, called: Called) -> None:
    """Held is Completed with a name of its own; refused is Failed, with the rule and the remedy."""
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


def test_release_of_what_nobody_approved_fails_and_changes_nothing(served: Served, called: Called) -> None:
    """A missing decision is told in the state; ready/ has the one account that was approved."""
    found = served.site.end_of(called.undecided)
    (run,) = (path.name for path in (served.site.home / "runs").glob("*-nightly-*"))
    assert (found["name"], found["state_name"]) == (f"release {run}", "Failed")
    assert "partner-certs review" in found["state"]["message"]
    assert len(list((served.site.home / "ready").glob("*.csv"))) == 1


def test_drafts_lie_in_the_mailbox(served: Served, called: Called, drafted: Drafted) -> None:
    """The password comes from the Secret block and the code from git; the result has accounts by id, and says who got
    none."""
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
def test_nothing_personal_and_no_key_is_kept_or_said(
    served: Served, worked: Worked, called: Called, drafted: Drafted
) -> None:
    """Of valid, faulty and exception-making exports, Prefect has no name, address or phone; of accounts only ids."""
    served.site.wait_for_rest()
    kept = served.site.everything_kept()
    assert all(run.encode() in kept for run in (*worked, *called, drafted.run)), "this looks in the wrong place"
    secrets = {*PLANTED, "Planted Company", KEY, PASSWORD, MAIL_USER}
    for user in served.sandbox.data.users:
        secrets |= {str(user["Email"]), str(user["Phone"] or KEY)}
    secrets |= {name for name in served.sandbox.data.accounts.values() if name}
    assert [secret for secret in secrets if secret.encode() in kept] == []
