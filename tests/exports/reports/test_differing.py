"""Comparing two states of reports without their common rows: no difference is lost, whatever the cells contain."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.reports.differing import read_differing
from exports.reports.read import Stored, read_reports
from exports.reports.rows import encode
from schemas.columns import HEADINGS
from schemas.errors import NotAllowed
from schemas.profiles import PROFILES, Profile
from tests.examples import few

CELLS = st.sampled_from(["", "a", '"', 'say "x"', "1 Street\r\nc/o A", "\r\n", "\n", "x,y;z", "Ω\r\n\r\n", "X"])
ROWS = st.lists(st.tuples(CELLS, CELLS), max_size=5).map(
    lambda rows: [(name, *[""] * (len(HEADINGS) - 2), last) for name, last in rows if name]
)
STATES = st.dictionaries(st.integers(0, 2), st.tuples(ROWS.filter(bool), st.sampled_from(PROFILES)))
State = Mapping[int, tuple[Sequence[Sequence[str]], Profile]]


@few(40)
@given(STATES, STATES)
def test_only_common_rows_are_left_out(before: State, after: State) -> None:
    """Each side keeps what the other lacks."""
    with TemporaryDirectory() as folder:
        stored = [keep(Path(folder) / side, state) for side, state in (("before", before), ("after", after))]
        whole = [counted(read_reports(side)) for side in stored]
        kept = [counted(side) for side in read_differing(*stored)]
    assert whole[0] - kept[0] == whole[1] - kept[1]
    assert kept[0] >= whole[0] - whole[1]
    assert kept[1] >= whole[1] - whole[0]


def test_common_rows_are_not_parsed(tmp_path: Path) -> None:
    """Also with line breaks and quotes in cells."""
    stayed = [("Ada", *[""] * 13, "X"), ('B "Bob"', "1 Street\r\nc/o A", *[""] * 13)]
    old, new = ("Cleo", "1\r\n2", *[""] * 13), ("Cleo", "1\n2", *[""] * 13)
    sides = keep(tmp_path / "a", {7: ([*stayed, old], "intl")}), keep(tmp_path / "b", {7: ([*stayed, new], "intl")})
    before, after = read_differing(*sides)
    assert before.select("account", "Full Name", "Email").rows() == [(7, "Cleo", "1\r\n2")]
    assert after.select("account", "Full Name", "Email").rows() == [(7, "Cleo", "1\n2")]


def test_a_cell_of_line_breaks_is_compared_in_one_pass(tmp_path: Path) -> None:
    """With a pass for each line break, this would take hours."""
    long = ("Ada", "\r\n" * 1_000_000, *[""] * 13)
    before, after = (
        keep(tmp_path / city, {0: ([long, ("Bob", *[""] * 2, city, *[""] * 11)], "intl")}) for city in ("Rome", "Oslo")
    )
    assert [side["Mailing City"].to_list() for side in read_differing(before, after)] == [["Rome"], ["Oslo"]]


def test_an_altered_report_is_refused(tmp_path: Path) -> None:
    """Its hash must match the manifest, on both sides."""
    sides = [keep(tmp_path / side, {0: ([("Ada", *[""] * 14)], "intl")}) for side in "ab"]
    (tmp_path / "b" / "0.csv").write_bytes(b"\xef\xbb\xbf\r\n")
    with pytest.raises(NotAllowed, match="altered"):
        read_differing(*sides)


def keep(folder: Path, state: State) -> list[Stored]:
    """Store the reports of a state."""
    folder.mkdir()
    stored = []
    for account, (rows, profile) in state.items():
        data = encode([HEADINGS, *rows], profile)
        (folder / f"{account}.csv").write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        row = {"file": f"{account}.csv", "rows": len(rows), "bytes": len(data), "sha256": digest}
        stored.append(Stored(account, (folder,), {"account": "A", "account_id": str(account), **row}))  # type: ignore[typeddict-item]  keys come in two parts
    return stored


def counted(rows: pl.DataFrame) -> Counter[tuple[object, ...]]:
    """The number of occurrences of each row."""
    return Counter(rows.rows())
