"""What Prefect gets about a run's end: what to do, accounts by id, and no names."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.approvals import OnDemand, Released
from flows.certify import Outcome
from flows.mail.drafted import Drafted
from flows.orchestration.result_pages import LISTED
from flows.orchestration.safe_message import Interrupted, safe_message
from flows.orchestration.states import drafts_state, failure_state, final_state, release_state
from flows.review.release import Release
from schemas.errors import ExportRefused, NotAllowed, Stop, Unreachable, WrongUsage
from schemas.faults import file_fault, missing_column
from schemas.manifest import FileRow

RUN = "20261121T020000Z-nightly-3f2a91"


def outcome(reports: list[dict[str, Any]], held: list[dict[str, Any]], **others: Any) -> Outcome:
    """A run's outcome, as far as Prefect uses it."""
    totals = {
        "accounts": len(reports) + len(held),
        "written": len(reports),
        "held": len(held),
        "people": 7,
        "rows_read": 9,
        "guarded_cells": 0,
    }
    manifest = {"reports": reports, "held": held, "totals": totals}
    return Outcome(
        "nightly", totals, pl.DataFrame(), manifest=manifest, run_dir=Path("/home-folder/runs") / RUN, **others
    )


def report(account_id: str | None, change: str = "new", account: str = "Jane Doe Ltd") -> dict[str, Any]:
    """A report as in a manifest."""
    return {"account": account, "account_id": account_id, "rows": 3, "change": change}


def moved(account_id: str) -> FileRow:
    """A report as in a release."""
    return {"account": "Jane Doe Ltd", "account_id": account_id, "file": f"{account_id}.csv", "sha256": "s"}


def released(reports: list[FileRow], removed: list[FileRow]) -> Released:
    """A release; these reports are new, and the removed ones gone."""
    known = {row["file"]: (3, "new") for row in reports} | {row["file"]: (3, "gone") for row in removed}
    done: Release = {
        **{"run": RUN, "released": reports, "removed": removed, "passed_over": []},
        **{"waiting": 17, "ready_dir": "/ready"},
    }
    return Released(done, Path("/home-folder/runs") / RUN, known)


def test_a_complete_run_says_how_to_review_it() -> None:
    """The page has run, folder and accounts by id."""
    ending = final_state(outcome([report("1295686")], [], notices=()))
    assert ending.name == "Completed"
    assert f"partner-certs review {RUN}" in ending.message
    assert "| 1295686 | 3 | new |  |" in ending.page
    assert f"/home-folder/runs/{RUN}" in ending.page


def test_held_accounts_come_first_by_id() -> None:
    """Without an id by the hash in the file name; rows without an account as such."""
    held = [report("77") | {"faults": 2}, report(None) | {"faults": 1}, report(None, account="") | {"faults": 1}]
    ending = final_state(outcome([report("1", "unchanged"), report("2", "changed")], held, notices=()))
    assert ending.name == "CompletedWithHeld"
    assert "3 accounts held back: 77, (no id) " in ending.message
    assert "(rows without an account)" in ending.message
    assert "Jane" not in ending.message + ending.page
    lines = ending.page.splitlines()
    assert lines.index("| 77 | 3 |  | 2 faults |") < lines.index("| 2 | 3 | changed |  |")
    assert lines.index("| 2 | 3 | changed |  |") < lines.index("| 1 | 3 | unchanged |  |")


def test_a_page_lists_a_limited_number_of_accounts() -> None:
    """A page of all accounts could take megabytes in Prefect's database."""
    page = final_state(outcome([report(str(number)) for number in range(LISTED + 5)], [], notices=())).page
    assert page.count("| new |") == LISTED
    assert "and 5 more accounts" in page


def test_an_id_can_not_break_out_of_its_table_cell() -> None:
    """It is input from outside."""
    assert "| a_b__c_ | 3 |" in final_state(outcome([report("a|b](c)")], [], notices=())).page


def test_notices_are_on_the_page_without_quoted_text() -> None:
    """An unproved tenant is reported where the operator looks."""
    page = final_state(outcome([], [], notices=("The tenant is not proved.", "The sheet 'Jane Doe' was read"))).page
    assert "The tenant is not proved." in page
    assert "Jane" not in page


def test_a_release_says_how_many_still_wait() -> None:
    """Released and removed reports are listed by id."""
    ending = release_state(released([moved("7")], [moved("4")]))
    assert ending.name == "Completed"
    assert "17 accounts still waiting" in ending.message
    assert "| account | what | rows | change | held |" in ending.page
    assert "| 7 | released | 3 | new |  |" in ending.page
    assert "| 4 | removed | 3 | gone |  |" in ending.page
    assert f"/home-folder/runs/{RUN}" in ending.page
    assert "Jane" not in ending.page


def test_a_release_says_what_it_passed_over() -> None:
    """Newer ready reports stay."""
    all_passed_over = released([], [])
    all_passed_over.release["passed_over"] = [moved("7")]
    ending = release_state(all_passed_over)
    assert "1 report not released: what is ready is from a run that finished later" in ending.message
    assert "| 7 | not released |" in ending.page


def test_an_approval_on_demand_says_what_happened() -> None:
    """Released; or not, because of a missing reason or a held account."""
    whole = replace(outcome([report("7")], [], notices=()), kind="account")
    done = final_state(OnDemand(whole, released([moved("7")], []).release))
    assert done.message.startswith("Approved and released. 1 report with 7 people")
    assert done.page.startswith("Approved and released\n\n- Run:")
    refused = final_state(OnDemand(whole, needs_reason="Somebody loses a course in this account"))
    assert refused.name == "Completed"
    assert "Not approved: Somebody loses a course in this account. Start it again with a reason" in refused.message
    assert f"partner-certs show {RUN}" in refused.message
    same = final_state(OnDemand(whole, released([], []).release))
    assert same.message.startswith("Nothing to release: ready/ has this report already. 1 report")
    held = final_state(OnDemand(outcome([], [report("7") | {"faults": 1}], notices=())))
    assert held.name == "CompletedWithHeld"
    assert held.message.startswith("Not approved: the account is held back")
    assert "| 7 | 3 |  | 1 fault |" in held.page


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (ExportRefused("Jane: no", [missing_column("Email", ["Jane Doe"])]), "The export has the column 'Email'"),
        (ExportRefused("Jane", [file_fault("Every row has 9 cells", "Again", row=7, found="Jane")]), "9 cells (row 7)"),
        (ExportRefused("The export has no account 'Jane'. Did you mean 'Jane Doe'?"), "Give the account's id"),
        (Unreachable("The proof: 1295686 = 'Jane \\'s' and not \"Jane's\". Set it"), "1295686 = (not shown here)"),
        (Unreachable("Impartner's users lack 'SA Verified', so they can't be"), "lack 'SA Verified', so they can't"),
        (NotAllowed("certifications-jane-doe-1295686.csv is gone"), "…-1295686 is gone"),
        (WrongUsage(f"There is no run '{RUN}'"), f"no run '{RUN}'"),
        (OSError(28, "No space left on device", "/home-folder/jane.csv"), "No space left on device"),
        (ValueError("Jane Doe <jane@mail.example>"), "(ValueError)"),
        (Interrupted(), "start it again"),
        (KeyboardInterrupt("Jane"), "start it again"),
    ],
)  # fmt: skip
def test_a_failure_is_reported_without_names(failure: BaseException, expected: str) -> None:
    """Quoted input is left out; the remedy stays."""
    message = safe_message(failure)
    assert expected in message
    assert "jane" not in message.casefold()
    assert failure_state(failure).name == "Failed"


def test_every_stop_keeps_its_message() -> None:
    """Whatever its class."""
    assert all(
        safe_message(kind("Do this")) == "Do this" for kind in Stop.__subclasses__() if kind is not ExportRefused
    )


def test_drafts_are_reported_by_counts_and_ids() -> None:
    """How many, which accounts have none, and which command says why."""
    rows = [report(str(number)) for number in range(1, 9)]
    done = drafts_state(
        Drafted(True, True, made=rows[:1], before=rows[1:2], notices=["None is marked: 'Doe' is taken"])
    )
    assert (done.name, done.message) == (
        "Completed",
        "1 draft in the mailbox, 1 made before. Check them, then send them yourself",
    )
    assert "| 1 | drafted | 3 |" in done.page
    assert "| 2 | drafted before | 3 |" in done.page
    some = final_state(Drafted(False, False, refused=[*rows, report(None)]))
    assert some.name == "CompletedWithRefused"
    assert some.message == (
        "0 drafts in drafts/ of the home, 0 made before; 9 accounts without a draft: 1, 2, 3, 4, 5 and 4 more. "
        "See why with: partner-certs draft --all"
    )
    assert "| 8 | refused | 3 |" in some.page
    assert "Doe" not in done.page + some.page + some.message
