"""Alarms, most serious first, and equal changes of many accounts as one group."""

import polars as pl
import pytest

from schemas.columns import COURSES
from transforms.alarms import ACCOUNTS, account_alarms, only_gains, run_alarms
from transforms.changes import CHANGES
from transforms.groups import change_groups

SA, SALES, SPA, PSE20, PSE21 = COURSES


def test_alarms_are_ordered_by_severity() -> None:
    """An account where everything goes wrong at once."""
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
def test_thresholds_themselves_raise_no_alarm(found: str, account: tuple[int, str, int, int, int]) -> None:
    """Half is not more than half, a fifth not more than a fifth, five of six not everyone."""
    assert alarms(change(0, found, 5, None if found == "left" else "what"), account) == []


def test_a_column_of_one_person_raises_no_alarm() -> None:
    """One person who moves is not everyone."""
    assert alarms(change(0, "details", 1, "Mailing City"), (0, "changed", 1, 1, 0)) == []


def test_new_and_gone_accounts_raise_alarms() -> None:
    """Guarded cells of unchanged reports were seen before."""
    rows = [(0, "new", 1, 0, 1), (1, "gone", 0, 12, 0), (2, "unchanged", 3, 3, 3), (3, "held", 0, 3, 0)]
    assert alarms([], *rows) == [
        (0, 6, "guarded", "1 cell starts like a formula and got a leading apostrophe"),
        (0, 8, "new", "First report of this account: 1 person"),
        (1, 7, "gone", "No longer in the export: its report of 12 people would be taken out of ready"),
    ]


def test_fewer_rows_than_ready_raise_an_alarm() -> None:
    """Below 95 % of the ready rows, including held accounts."""
    table = accounts((0, "unchanged", 1000, 1000, 0), (1, "held", 0, 1000, 0))
    text = "Fewer rows than approved last: 1,899 read, 2,000 are ready"
    assert run_alarms(frame([]), table, 1899).rows() == [(4, "fewer", text)]
    assert run_alarms(frame([]), table, 1900).rows() == []


def test_a_column_changed_for_everyone_raises_an_alarm() -> None:
    """An unchanged account shows that it was not everyone."""
    found = frame(change(0, "details", 2, "Phone") + change(1, "details", 3, "Phone") + change(1, "left", 1))
    table = accounts((0, "changed", 2, 2, 0), (1, "changed", 3, 4, 0))
    text = "Phone changed for everybody: 5 people, 2 accounts"
    assert run_alarms(found, table, 99).rows() == [(5, "column", text)]
    assert run_alarms(found, table.vstack(accounts((2, "unchanged", 1, 1, 0))), 99).rows() == []


def test_equal_changes_are_grouped() -> None:
    """Worst kind first, then the largest; new and gone accounts count completely."""
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


def test_a_few_gains_are_harmless() -> None:
    """Below a fifth; two changes of one person count once."""
    found = change(0, "gained", 1, SA) + change(0, "details", 1, "Phone") + change(1, "gained", 1, SA)
    found += change(2, "lost", 1, SA) + change(3, "left", 1) + change(4, "joined", 1)
    rows = [(0, "changed", 6, 6, 0), (1, "changed", 5, 5, 0), (2, "changed", 9, 9, 0), (3, "changed", 9, 10, 0)]
    table = accounts(*rows, (4, "new", 1, 0, 0), (5, "changed", 2, 2, 0))
    assert only_gains(frame(found), table).to_list() == [0, 5]


def test_a_rename_raises_an_alarm_and_prevents_approval() -> None:
    """Another company may have got the id."""
    renamed = accounts((0, "changed", 10, 10, 0), (1, "changed", 10, 10, 0)).with_columns(
        renamed_from=pl.Series(["Contoso", None])
    )
    assert account_alarms(frame([]), renamed).rows() == [(0, 3, "renamed", "Renamed: was Contoso")]
    assert only_gains(frame([]), renamed).to_list() == [1]


def change(account: int, kind: str, people: int, what: str | None = None) -> list[dict[str, object]]:
    """One change for several people."""
    return [{"account": account, "kind": kind, "what": what, "email": f"{number}"} for number in range(people)]


def frame(found: list[dict[str, object]]) -> pl.DataFrame:
    """The changes as a frame."""
    return pl.DataFrame([{**dict.fromkeys(CHANGES.names()), **row} for row in found], CHANGES)


def accounts(*rows: tuple[int, str, int, int, int]) -> pl.DataFrame:
    """Accounts as a frame: key, change, rows, rows before, guarded cells; none garbled or renamed."""
    return pl.DataFrame([(*row, 0, None) for row in rows], ACCOUNTS, orient="row")


def alarms(found: list[dict[str, object]], *rows: tuple[int, str, int, int, int]) -> list[tuple[object, ...]]:
    """The alarms of these accounts."""
    return account_alarms(frame(found), accounts(*rows)).rows()


def test_an_empty_field_raises_an_alarm():
    """The key's role may not be able to read it."""
    nothing = pl.DataFrame(schema=CHANGES)
    alarms = run_alarms(nothing, pl.DataFrame(schema=ACCOUNTS), 90, ["Phone"])
    assert alarms.rows() == [(2, "empty", "Phone is empty for everybody: Impartner returned no value")]
