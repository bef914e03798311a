"""Rows and cells of a text: exactly what the standard library's strict reader gives, or a refusal."""

import csv
import hashlib
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.columns import FIELDS
from schemas.errors import ExportRefused
from schemas.names import BLANKS
from schemas.words import plural
from sources.delimited import encoding, parse, rows
from sources.delimited import read as reading
from sources.downloads import read
from tests.examples import few
from tests.exporting import as_text
from tests.sources.delimited.texts import PERSON, changed, refusal, text

EXPORTS = Path(__file__).parents[2] / "fixtures" / "exports"


def test_cells_are_read_as_text() -> None:
    """Cells are text as in the file, with quotes removed, line breaks kept, and empty cells null."""
    export = read(EXPORTS / "utf-8.csv")
    assert export.kind == "file"
    assert export.name == "utf-8.csv"
    assert export.notices == ()
    assert export.sha256 == hashlib.sha256((EXPORTS / "utf-8.csv").read_bytes()).hexdigest()
    assert export.frame.schema["row"] == pl.UInt32
    assert export.frame["row"].to_list() == [2, 3, 4]
    assert export.frame["Full Name"].to_list() == ["Jürgen Müller", 'Zoë "Zo" Weiß', "Renée Øster"]
    assert export.frame["Mailing Street"].to_list() == ["Am Ring 1; Haus 2, links\nHof", None, "Rue de l'Église 3"]
    assert export.frame["Phone"].to_list() == ["+49 221 0123", "49221456", "01067"]


def test_blank_rows_are_skipped_but_counted(file) -> None:
    """Blank lines, empty cells and white space of any script; rows are numbered as in a spreadsheet."""
    blanks = ["", "," * 14, "   ", "\u3000" + "," * 14, '""' + "," * 14, "\u2003\t"]
    for end in ("\n", "\r\n"):
        content = text(PERSON, end=end) + end.join(blanks) + end + ",".join(PERSON) + end * 3
        assert read(file(content)).frame["row"].to_list() == [2, 9]


def test_a_row_with_only_an_unneeded_cell_is_not_blank(tmp_path: Path) -> None:
    """Unneeded columns count too."""
    path = tmp_path / "users.csv"
    path.write_text(text([*PERSON, ""], [*[""] * 15, "x"], headings=(*FIELDS, "Other")))
    assert read(path).frame["row"].to_list() == [2, 3]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(file, end: str) -> None:
    """LF, CRLF and CR end a row; the last row needs none."""
    assert read(file(text(PERSON, PERSON, end=end).removesuffix(end))).frame["row"].to_list() == [2, 3]


@pytest.mark.parametrize("street", ['Monitor 24" wide', 'x"', ' "a"', 'a""b', "a\ufeffb"])
def test_a_bare_quote_is_part_of_the_text(file, street: str) -> None:
    """A quote inside an unquoted cell is literal."""
    frame = read(file(text(PERSON, changed(Mailing_Street=street), PERSON))).frame
    assert frame["Mailing Street"].to_list() == ["Road 1", street, "Road 1"]


@pytest.mark.parametrize("street", ['"Road ""1"", left"', '"a\r\nb"', '"\r"', '"a\n\n,,\nb"', '""""'])
def test_a_quoted_cell_may_hold_anything(file, street: str) -> None:
    """Separators, doubled quotes and line breaks."""
    frame = read(file(text(changed(Mailing_Street=street), PERSON))).frame
    assert frame["Mailing Street"].to_list() == [street[1:-1].replace('""', '"'), "Road 1"]
    assert frame["row"].to_list() == [2, 3]


def test_a_cell_of_16_mib_is_read(file) -> None:
    """Quoted or not, by the fast parser and by the strict one."""
    large = "ä\n" * (16 << 20 >> 2) + "x" * (16 << 20 >> 2)
    frame = read(file(text(changed(Mailing_Street=f'"{large}"'), PERSON))).frame
    assert frame["Mailing Street"].to_list() == [large, "Road 1"]
    plain = "x" * (16 << 20)
    frame = read(file(text(changed(Mailing_Street=plain), changed(Mailing_City='24"')))).frame
    assert frame["Mailing Street"].to_list() == [plain, "Road 1"]


@pytest.mark.parametrize("cells", [PERSON[:-1], [*PERSON, "", "x"], [*PERSON, "x"], ["Ann"]])
def test_a_ragged_row_is_refused(file, cells: list[str]) -> None:
    """Its row and its number of cells are named."""
    error = refusal(file(text(PERSON, cells, PERSON)))
    assert [(fault.row, fault.found) for fault in error.faults] == [(3, plural(len(cells), "cell"))]
    assert "row 3" in str(error)


def test_a_short_row_does_not_offset_a_long_one(file) -> None:
    """Cells are counted per row, not in total; the first few rows are named."""
    short, long = PERSON[:-1], [*PERSON, "x"]
    assert [fault.row for fault in refusal(file(text(short, long, PERSON))).faults] == [2, 3]
    assert [fault.row for fault in refusal(file(text(long, short, short, long))).faults] == [2, 3, 4]


@pytest.mark.parametrize(
    ("street", "found"),
    [('"Road 1', "a quote that never closes"), ('"Road" 1', "text after a closing quote")],
)
def test_bad_quotes_are_refused(file, street: str, found: str) -> None:
    """The fault names the row where the quote begins."""
    error = refusal(file(text(PERSON, changed(Mailing_Street=street), PERSON)))
    assert [(fault.row, fault.found) for fault in error.faults] == [(3, found)]


def test_no_personal_data_in_messages(file) -> None:
    """Messages reach logs, so they name rows, never cells."""
    assert "Ann" not in str(refusal(file(text(PERSON[:5]))))


def test_too_many_rows_are_refused(file, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blank ones too, by the fast parser and by the strict one."""
    monkeypatch.setattr(rows, "MAX_ROWS", 100)
    for row in (PERSON, changed(Phone='24"'), [""], [" "]):
        assert "more than 100 rows" in str(refusal(file(text(PERSON, *[row] * 100))))
    monkeypatch.setattr(parse, "MAX_CELLS", 10)
    assert read(file(text(PERSON, [""], PERSON))).frame["row"].to_list() == [2, 4]


def test_an_endless_row_is_refused(file, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quote that swallows the rest of a large file is refused before the whole file is loaded."""
    monkeypatch.setattr(rows, "MAX_CELL", 1 << 10)
    monkeypatch.setattr(rows, "MAX_ROW", 1 << 12)
    monkeypatch.setattr(encoding, "BLOCK", 1 << 9)
    error = refusal(file(text(PERSON, changed(Phone='"1'), *[PERSON] * 200)))
    assert [(fault.row, fault.found) for fault in error.faults] == [
        (3, "a quote that never closes, or a cell of more than 32 MiB")
    ]
    assert "row 2" in str(refusal(file(text(changed(Phone="x" * (1 << 14))))))


def test_reading_in_blocks_changes_nothing(file, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if a later block is irregular, or many frames are queued."""
    monkeypatch.setattr(encoding, "BLOCK", 100)
    rows = [changed(Full_Name=str(number), Mailing_Street=f'"a\n{number}"') for number in range(60)]
    whole = read(file(text(*rows))).frame
    assert whole["row"].to_list() == list(range(2, 62))
    rows[45][2] = '24"'
    slow = read(file(text(*rows))).frame
    assert slow["Mailing Street"].to_list() == [f"a\n{number}" if number != 45 else '24"' for number in range(60)]
    monkeypatch.setattr(reading, "MOST_UNCHECKED", 1000)
    assert read(file(text(*rows))).frame.equals(slow)


def test_a_column_is_all_booleans_or_all_text(file, monkeypatch) -> None:
    """Although the file is parsed in blocks; a blank flag is null."""
    words = ["True", "FALSE", "", '"false"', '""', "tRue"]
    frame = read(file(text(*(changed(SA_Verified=word) for word in words)))).frame
    assert frame["SA Verified"].to_list() == [True, False, None, False, None, True]
    monkeypatch.setattr(encoding, "BLOCK", 64)
    for word in (" True", "yes", "1", "T", "X", "\u3000"):
        frame = read(file(text(PERSON, PERSON, changed(SA_Verified=word), PERSON))).frame
        assert frame["SA Verified"].to_list() == ["True", "True", word, "True"]
        assert frame["Sales Badged"].dtype == pl.Boolean
    assert read(file(text(PERSON))).frame["Administrative Privileges"].to_list() == ["True"]


CELLS = st.one_of(
    st.sampled_from(
        ["", "", "x", "True", " ", '"q"', '"a""b"', '"a\nb"', '"a\r\nb"', '"a,b;c"', '""', '"\n"', "\u3000"]
    ),
    st.sampled_from(['24" m', '"x"y', ' "a"', "a\rb", 'a"', '"', "\x0b", "\x1c", "\x85", "'", "\ufeff", "\r"]),
    st.text(st.characters(exclude_characters="\0\x1a\x1b", exclude_categories=["Cs"]), max_size=5),
)


RAGGED = st.integers(-20, 20).map(lambda number: number if abs(number) == 1 else 0)


@given(
    rows=st.lists(st.tuples(st.lists(CELLS, min_size=15, max_size=15), RAGGED), max_size=6),
    separator=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
    tail=st.sampled_from(["", "\n", "\r\n\r\n", '"', ","]),
    block=st.sampled_from([1, 7, 64, 1 << 20]),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
@few(60)
def test_cells_equal_the_csv_module_s(tmp_path_factory, rows, separator, end, tail, block, codec) -> None:
    """Any file gives what the strict csv reader gives, or is refused."""
    lines = [(cells + [""] * ragged)[: len(cells) + min(ragged, 0)] if ragged else cells for cells, ragged in rows]
    content = text(*lines, separator=separator, end=end) + tail
    path = tmp_path_factory.getbasetemp() / "property.csv"
    path.write_bytes(content.encode(codec))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoding, "BLOCK", max(block, len(content) // 30))  # at most 30 blocks, for speed
        try:
            cells = as_text(read(path).frame).rows()
        except ExportRefused:
            cells = []
    assert cells == expected(content, separator)


def expected(content: str, separator: str) -> list[tuple[object, ...]]:
    """The rows that are not blank, numbered; empty if the file must be refused."""
    rows: list[tuple[object, ...]] = []
    try:
        for number, cells in enumerate(
            csv.reader(io.StringIO(content, newline=""), delimiter=separator, strict=True), 1
        ):
            if number == 1 or not any(cell.strip(BLANKS) for cell in cells):
                continue
            if len(cells) < len(FIELDS) or any(cell.strip(BLANKS) for cell in cells[len(FIELDS) :]):
                return []
            rows.append((number, *(cell or None for cell in cells[: len(FIELDS)])))
    except csv.Error:
        return []
    return rows


@pytest.mark.parametrize("surplus", [[""], ["", ""], [" ", "\u3000"], ['""']])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_blank_cells_beyond_the_headings_are_ignored(file, surplus: list[str], end: str) -> None:
    """On all rows, on some, or on the first only; by the fast parser and by the strict one."""
    rows = [[*PERSON, *surplus], changed(Phone="2"), [*changed(Phone="3"), ""]]
    for order in (rows, rows[::-1], [rows[0]] * 3, [*rows, changed(Mailing_Street='24" wide')]):
        frame = read(file(text(*order, end=end))).frame
        assert frame["Phone"].to_list() == [row[6] for row in order]
        assert frame.columns == ["row", *FIELDS]


def test_a_filled_cell_beyond_the_headings_is_refused(file) -> None:
    """Even below rows with blank ones."""
    padded = [*PERSON, "", ""]
    for surplus in (["", "x"], ["x", ""]):
        error = refusal(file(text(padded, padded, [*PERSON, *surplus])))
        assert [(fault.row, fault.found) for fault in error.faults] == [(4, "17 cells")]


FOOTERS = [
    "Total: 123",
    "Grand Totals (3 records)",
    "3 records",
    "(3 rows)",
    "Record count: 3",
    "TOTAL",
    "Gesamt: 3",
    "Anzahl Datensätze: 3",
    "Total général",
    "Всего: 3",
    "合計",
    "Copyright © 2000-2026 Impartner. All rights reserved.",
    "Copyright (c) 2026, Impartner, Inc.",
    "Confidential Information - Do Not Distribute",
    "Generated by Ann Lee 2026-11-20 10:15",
    "Page 1 of 1",
    "End of report",
]


@pytest.mark.parametrize("line", FOOTERS)
@pytest.mark.parametrize("below", ["", "\n\n", "," * 14 + "\n"])
def test_a_footer_is_refused_and_named(file, line: str, below: str) -> None:
    """Padded or not; its text may name people, so only the fault shows it."""
    for row, more in ((line, ""), (line, "Page 1 of 1\n"), (f'"{line}"' + "," * 14, "")):
        error = refusal(file(f"{text(PERSON, PERSON)}{row}\n{below}{more}"))
        assert "row 4 is a footer" in str(error)
        assert "Ann Lee" not in str(error)
        (fault,) = error.faults
        assert (fault.row, fault.found) in [(4, line), (4, line.replace(",", ""))]


def test_a_footer_in_several_cells_is_named(file) -> None:
    """Its number may be in another cell, and its first cell blank."""
    for cells in (["Total", "", "3"], ["", "Total:", "1,234"], ["", "", "", "3 users"]):
        assert "row 3 is a footer" in str(refusal(file(text(PERSON) + ",".join(f'"{cell}"' for cell in cells) + "\n")))
        row = [f'"{cell}"' for cell in cells] + [""] * (len(FIELDS) - len(cells))
        assert "row 3 is a footer" in str(refusal(file(text(PERSON, row))))
        assert "row 3 is a footer" in str(refusal(file(text(changed(Phone='24"'), row))))


@pytest.mark.parametrize("name", ["Total", "Total Solutions", "Confidential", "Countess Ada"])
def test_people_and_truncated_rows_are_not_footers(file, name: str) -> None:
    """Whatever the names."""
    assert read(file(text(PERSON, changed(Full_Name=name)))).frame["Full Name"].to_list() == ["Ann Lee", name]
    alone = [name, "x@x.example", *[""] * 13]
    assert read(file(text(PERSON, alone))).frame["Full Name"].to_list() == ["Ann Lee", name]
    assert read(file(text([name, *[""] * 14], PERSON))).frame.height == 2
    assert "truncated" in str(refusal(file(text(PERSON, [f"{name} GmbH", "Ann"]))))
    assert "truncated" in str(refusal(file(text(PERSON, ["Total: 3"], PERSON))))
