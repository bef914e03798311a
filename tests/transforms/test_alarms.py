"""Alarms, worst first, and equal changes of many accounts in one sentence."""

import polars as pl
import pytest

from schemas.columns import COURSES
from transforms.alarms import ACCOUNTS, account_alarms, only_gains, run_alarms
from transforms.changes import CHANGES
from transforms.groups import change_groups

SA, SALES, SPA, PSE20, PSE21 = COURSES


def test_alarms_of_an_account_come_worst_first() -> None:
    """An account of ten where everything goes wrong at once."""
    found = change(0, "lost", 6, SALES) + change(0, "gained", 4, SA) + change(0, "left", 3)
    found += change(0, "details", 7, "Phone") + change(0, "details", 6, "Mailing City")
    assert alarms(found, (0, "changed", 7, 10, 2)) == [
        (0, 1, "lost", "Sales Core Training lost by 6 people"),
        (0, 2, "mass-lost", "Sales Core Training lost by 6 of 10 people"),
        (0, 2, "mass-gained", "Solution Architect Core Training gained by 4 of 7 people"),
        (0, 3, "left", "3 of 10 people left"),
        (0, 5, "column", "Phone changed for all 7 people"),
        (0, 6, "guarded", "2 cells start like a formula and got a leading apostrophe"),
    ]


@pytest.mark.parametrize(
    ("found", "account"),
    [
        ("gained", (0, "changed", 10, 10, 0)),
        ("left", (0, "changed", 25, 25, 0)),
        ("details", (0, "changed", 6, 6, 0)),
    ],
)
def test_at_the_border_nothing_is_alarming(found: str, account: tuple[int, str, int, int, int]) -> None:
    """Half of an account is not more than half, a fifth not more than a fifth, five of six not everybody."""
    assert alarms(change(0, found, 5, None if found == "left" else "what"), account) == []


def test_everybody_of_one_says_nothing() -> None:
    """One person alone who moves to another town is no column that changed for everybody."""
    assert alarms(change(0, "details", 1, "Mailing City"), (0, "changed", 1, 1, 0)) == []


def test_new_and_gone_accounts_are_told() -> None:
    """A first report, and one that would be taken out; guarded cells of unchanged bytes were seen before."""
    rows = [(0, "new", 1, 0, 1), (1, "gone", 0, 12, 0), (2, "unchanged", 3, 3, 3), (3, "held", 0, 3, 0)]
    assert alarms([], *rows) == [
        (0, 6, "guarded", "1 cell starts like a formula and got a leading apostrophe"),
        (0, 8, "new", "First report of this account: 1 person"),
        (1, 7, "gone", "No longer in the export: its report of 12 people would be taken out of ready"),
    ]


def test_a_run_with_fewer_rows_than_approved_last_is_alarming() -> None:
    """Below 95 % of what is ready, held accounts counted; at 95 % all is well."""
    table = accounts((0, "unchanged", 1000, 1000, 0), (1, "held", 0, 1000, 0))
    text = "Fewer rows than approved last: 1,899 read, 2,000 are ready"
    assert run_alarms(frame([]), table, 1899).rows() == [(4, "fewer", text)]
    assert run_alarms(frame([]), table, 1900).rows() == []


def test_a_column_that_changed_for_everybody_in_the_run_is_alarming() -> None:
    """All who stayed, in all accounts; an unchanged account proves that it was not everybody."""
    found = frame(change(0, "details", 2, "Phone") + change(1, "details", 3, "Phone") + change(1, "left", 1))
    table = accounts((0, "changed", 2, 2, 0), (1, "changed", 3, 4, 0))
    text = "Phone changed for everybody: 5 people, 2 accounts"
    assert run_alarms(found, table, 99).rows() == [(5, "column", text)]
    assert run_alarms(found, table.vstack(accounts((2, "unchanged", 1, 1, 0))), 99).rows() == []


def test_equal_changes_are_one_group() -> None:
    """Worst kind first, then the largest; new and gone accounts count whole, listed or not."""
    found = change(0, "gained", 2, SALES) + change(1, "gained", 39, SALES) + change(1, "gained", 50, SA)
    found += change(0, "lost", 1, PSE20) + change(1, "details", 2, "Phone") + change(0, "joined", 1)
    found += change(2, "joined", 5)
    table = accounts((0, "changed", 9, 9, 0), (1, "changed", 99, 99, 0), (2, "new", 5, 0, 0), (3, "gone", 0, 4, 0))
    assert change_groups(frame(found), table).rows() == [
        ("lost", PSE20, 1, 1, "PSE Certified 2020 lost by 1 person in 1 account"),
        ("gained", SA, 50, 1, "Solution Architect Core Training gained by 50 people in 1 account"),
        ("gained", SALES, 41, 2, "Sales Core Training gained by 41 people in 2 accounts"),
        ("details", "Phone", 2, 1, "Phone changed for 2 people in 1 account"),
        ("joined", "", 6, 2, "6 people joined in 2 accounts"),
        ("left", "", 4, 1, "4 people left in 1 account"),
    ]


def test_only_gains_are_few_people_and_no_harm() -> None:
    """One of six gained: few. One of five: a fifth, not fewer. Somebody with two changes is one person."""
    found = change(0, "gained", 1, SA) + change(0, "details", 1, "Phone") + change(1, "gained", 1, SA)
    found += change(2, "lost", 1, SA) + change(3, "left", 1) + change(4, "joined", 1)
    rows = [(0, "changed", 6, 6, 0), (1, "changed", 5, 5, 0), (2, "changed", 9, 9, 0), (3, "changed", 9, 10, 0)]
    table = accounts(*rows, (4, "new", 1, 0, 0), (5, "changed", 2, 2, 0))
    assert only_gains(frame(found), table).to_list() == [0, 5]


def test_a_renamed_account_is_alarming_and_never_approved_by_itself() -> None:
    """An id that has another company's name may be another company."""
    renamed = accounts((0, "changed", 10, 10, 0), (1, "changed", 10, 10, 0)).with_columns(
        renamed_from=pl.Series(["Contoso", None])
    )
    assert account_alarms(frame([]), renamed).rows() == [(0, 3, "renamed", "Renamed: was Contoso")]
    assert only_gains(frame([]), renamed).to_list() == [1]


def change(account: int, kind: str, people: int, what: str | None = None) -> list[dict[str, object]]:
    """The same change of several people."""
    return [{"account": account, "kind": kind, "what": what, "email": f"{number}"} for number in range(people)]


def frame(found: list[dict[str, object]]) -> pl.DataFrame:
    """Changes as a frame."""
    return pl.DataFrame([{**dict.fromkeys(CHANGES.names()), **row} for row in found], CHANGES)


def accounts(*rows: tuple[int, str, int, int, int]) -> pl.DataFrame:
    """Accounts as a frame: key, change, rows, rows before, guarded cells; none is garbled, none was renamed."""
    return pl.DataFrame([(*row, 0, None) for row in rows], ACCOUNTS, orient="row")


def alarms(found: list[dict[str, object]], *rows: tuple[int, str, int, int, int]) -> list[tuple[object, ...]]:
    """The alarms of these accounts."""
    return account_alarms(frame(found), accounts(*rows)).rows()


def test_a_field_that_impartner_gave_for_nobody_is_an_alarm_of_the_run():
    """That nobody has it is hardly true: perhaps the key's role may not read it."""
    nothing = pl.DataFrame(schema=CHANGES)
    alarms = run_alarms(nothing, pl.DataFrame(schema=ACCOUNTS), 90, ["Phone"])
    assert alarms.rows() == [(2, "empty", "Phone is empty for everybody: Impartner returned no value")]
