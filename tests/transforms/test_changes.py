"""Changes between two states of reports: people who joined or left, courses, details."""

from collections.abc import Mapping, Sequence

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from schemas.columns import COURSES, HEADINGS
from tests.examples import few
from transforms.changes import CHANGES, changes

Row = Mapping[str, object]
SA, SALES, SPA, PSE20, PSE21 = COURSES


def test_every_kind_of_change_in_order() -> None:
    """One account with all of them, one with none."""
    before = frame(
        someone(0, "Ada", "ada@example.com", **{SALES: "X", "Phone": "1"}),
        someone(0, "Bob", "bob@example.com", **{PSE20: "X", PSE21: "X"}),
        someone(0, "Cleo", "cleo@example.com"),
        someone(1, "Dan", "dan@example.com"),
    )
    after = frame(
        someone(0, "Ada L.", "ADA@example.com", **{SA: "X", "Phone": None}),
        someone(0, "Cleo", "cleo@example.com"),
        someone(0, "Eve", "eve@example.com", **{SPA: "X", SA: "X"}),
        someone(1, "Dan", "dan@example.com"),
    )
    ada = {"account": 0, "name": "Ada L.", "email": "ADA@example.com"}
    assert as_dicts(changes(before, after)) == [
        {**ada, "kind": "lost", "what": SALES},
        {**ada, "kind": "gained", "what": SA},
        {"account": 0, "kind": "joined", "name": "Eve", "email": "eve@example.com", "courses": [SA, SPA]},
        {"account": 0, "kind": "left", "name": "Bob", "email": "bob@example.com", "courses": [PSE20, PSE21]},
        {**ada, "kind": "details", "what": "Full Name", "before": "Ada", "after": "Ada L."},
        {**ada, "kind": "details", "what": "Email", "before": "ada@example.com", "after": "ADA@example.com"},
        {**ada, "kind": "details", "what": "Phone", "before": "1"},
    ]


def test_a_changed_email_is_one_left_and_one_joined() -> None:
    """The e-mail identifies a person; the name is a detail."""
    found = changes(frame(someone(0, "Ada", "a@example.com")), frame(someone(0, "Ada", "b@example.com")))
    assert as_dicts(found) == [
        {"account": 0, "kind": "joined", "name": "Ada", "email": "b@example.com", "courses": []},
        {"account": 0, "kind": "left", "name": "Ada", "email": "a@example.com", "courses": []},
    ]


def test_emails_are_casefolded_and_trimmed() -> None:
    """ß equals SS."""
    found = changes(frame(someone(0, "J", "straße@example.com")), frame(someone(0, "J", "\u00a0STRASSE@example.com ")))
    assert [row["what"] for row in as_dicts(found)] == ["Email"]


def test_one_email_in_two_accounts_is_two_people() -> None:
    """Someone who changes partner leaves one and joins the other."""
    found = changes(frame(someone(0, "Ada", "a@example.com")), frame(someone(1, "Ada", "a@example.com")))
    assert found.select("account", "kind").rows() == [(0, "left"), (1, "joined")]


def test_a_repeated_person_is_not_dropped() -> None:
    """Reports have none; if one does, every row counts and order doesn't matter."""
    twice = [someone(0, "Ada", "a@example.com", Phone="1"), someone(0, "Ada", "a@example.com", Phone="2")]
    once = frame(someone(0, "Ada", "a@example.com", Phone="1"))
    assert changes(frame(*twice), frame(*reversed(twice))).is_empty()
    assert changes(once, frame(*twice))["kind"].to_list() == ["joined"]
    assert changes(frame(*twice), once)["kind"].to_list() == ["left"]


def test_empty_frames_have_no_changes() -> None:
    """The result has the usual columns."""
    assert changes(frame(), frame()).schema == CHANGES


NAMES = st.sampled_from(["ada", "Ada", "bob", "straße", "cleo", "İ"])
CELLS = st.sampled_from([None, "1", "Main Street, 5\r\n", "'=1+1", "Ω"])
MARKED = st.sampled_from([None, "X"])


@st.composite
def reports(draw: st.DrawFn) -> pl.DataFrame:
    """Two accounts' people, each person once in an account."""
    cells = {heading: MARKED if heading in COURSES else CELLS for heading in HEADINGS if heading != "Email"}
    rows = st.fixed_dictionaries({"account": st.integers(0, 1), "Email": NAMES, **cells})
    people = draw(st.lists(rows, max_size=6, unique_by=lambda row: (row["account"], str(row["Email"]).casefold())))
    return frame(*people)


@few(30)
@given(reports(), reports())
def test_applying_the_changes_gives_the_new_state(before: pl.DataFrame, after: pl.DataFrame) -> None:
    """No difference is missed."""
    people = {key(row): dict(row) for row in before.to_dicts()}
    new = {key(row): row for row in after.to_dicts()}
    for change in changes(before, after).to_dicts():
        who = (change["account"], change["email"].casefold())
        if change["kind"] == "left":
            del people[who]
        elif change["kind"] == "joined":
            assert change["courses"] == [course for course in COURSES if new[who][course] == "X"]
            people[who] = new[who]
        elif change["kind"] == "details":
            assert people[who][change["what"]] == change["before"]
            people[who][change["what"]] = change["after"]
        else:
            people[who][change["what"]] = "X" if change["kind"] == "gained" else None
    assert people == new


@few(30)
@given(reports(), reports(), st.integers(0, 99))
def test_the_order_of_rows_does_not_matter(before: pl.DataFrame, after: pl.DataFrame, seed: int) -> None:
    """The same changes come out in the same order."""
    shuffled = [side.sample(fraction=1, shuffle=True, seed=seed) for side in (before, after)]
    assert changes(*shuffled).equals(changes(before, after))


@few(30)
@given(reports(), reports())
def test_reversed_changes_are_opposites(before: pl.DataFrame, after: pl.DataFrame) -> None:
    """Joined is left, gained is lost."""
    forward, backward = changes(before, after), changes(after, before)
    opposite = {"joined": "left", "left": "joined", "gained": "lost", "lost": "gained", "details": "details"}
    assert sorted(marks(forward)) == sorted(
        (account, opposite[kind], *rest) for account, kind, *rest in marks(backward)
    )


def someone(account: int, name: str, email: str, **cells: str | None) -> Row:
    """A row of a report."""
    return {"account": account, "Full Name": name, "Email": email, **cells}


def frame(*rows: Row) -> pl.DataFrame:
    """Rows as `changes` takes them; missing headings are blank."""
    schema = {"account": pl.UInt32, **dict.fromkeys(HEADINGS, pl.String)}
    return pl.DataFrame([{**dict.fromkeys(HEADINGS), **row} for row in rows], schema)


def as_dicts(found: pl.DataFrame) -> Sequence[dict[str, object]]:
    """The changes as dicts, without nulls."""
    return [{name: cell for name, cell in row.items() if cell is not None} for row in found.to_dicts()]


def key(row: Row) -> tuple[object, str]:
    """Identifies a row's person."""
    return row["account"], str(row["Email"]).casefold()


def marks(found: pl.DataFrame) -> list[tuple[object, ...]]:
    """What both directions share: names differ, so a person is the e-mail."""
    return [
        (row["account"], row["kind"], row["email"].casefold(), row["what"] or "", row["courses"] or [])
        for row in found.to_dicts()
    ]
