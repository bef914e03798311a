"""Rows and cells of a text: what the standard library's strict reader gives, or the reason why it is refused."""

import csv
import hashlib
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.columns import FIELDS
from schemas.errors import ExportRefused
from schemas.names import BLANKS
from schemas.words import plural
from sources.delimited import encoding, parse, rows
from sources.delimited import read as reading
from sources.downloads import read
from tests.exporting import as_text
from tests.sources.delimited.texts import PERSON, changed, refusal, text

EXPORTS = Path(__file__).parents[2] / "fixtures" / "exports"


def test_the_cells_of_a_file() -> None:
    """Cells are text as they stand there, with quotes undone, line breaks kept, and empty ones null."""
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


def test_blank_rows_take_a_number_and_nothing_else(file) -> None:
    """Blank lines, empty cells and white space of any script are skipped, but counted as a spreadsheet does."""
    blanks = ["", "," * 14, "   ", "\u3000" + "," * 14, '""' + "," * 14, "\u2003\t"]
    for end in ("\n", "\r\n"):
        content = text(PERSON, end=end) + end.join(blanks) + end + ",".join(PERSON) + end * 3
        assert read(file(content)).frame["row"].to_list() == [2, 9]


def test_a_row_with_an_other_column_only_is_not_blank(tmp_path: Path) -> None:
    """A row is blank only if it is so in the columns too that are not needed."""
    path = tmp_path / "users.csv"
    path.write_text(text([*PERSON, ""], [*[""] * 15, "x"], headings=(*FIELDS, "Other")))
    assert read(path).frame["row"].to_list() == [2, 3]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_a_missing_last_one(file, end: str) -> None:
    """LF, CRLF and CR end a row; the last row needs no end."""
    assert read(file(text(PERSON, PERSON, end=end).removesuffix(end))).frame["row"].to_list() == [2, 3]


@pytest.mark.parametrize("street", ['Monitor 24" wide', 'x"', ' "a"', 'a""b', "a\ufeffb"])
def test_a_bare_quote_is_part_of_the_text(file, street: str) -> None:
    """A quote that does not begin the cell means itself."""
    frame = read(file(text(PERSON, changed(Mailing_Street=street), PERSON))).frame
    assert frame["Mailing Street"].to_list() == ["Road 1", street, "Road 1"]


@pytest.mark.parametrize("street", ['"Road ""1"", left"', '"a\r\nb"', '"\r"', '"a\n\n,,\nb"', '""""'])
def test_a_quoted_cell_may_hold_anything(file, street: str) -> None:
    """Separators, quotes, and line breaks inside quotes stay as they are."""
    frame = read(file(text(changed(Mailing_Street=street), PERSON))).frame
    assert frame["Mailing Street"].to_list() == [street[1:-1].replace('""', '"'), "Road 1"]
    assert frame["row"].to_list() == [2, 3]


def test_a_cell_of_16_mib(file) -> None:
    """Large cells are read, quoted or not, on the quick way and on the slow one."""
    large = "ä\n" * (16 << 20 >> 2) + "x" * (16 << 20 >> 2)
    frame = read(file(text(changed(Mailing_Street=f'"{large}"'), PERSON))).frame
    assert frame["Mailing Street"].to_list() == [large, "Road 1"]
    plain = "x" * (16 << 20)
    frame = read(file(text(changed(Mailing_Street=plain), changed(Mailing_City='24"')))).frame
    assert frame["Mailing Street"].to_list() == [plain, "Road 1"]


@pytest.mark.parametrize("cells", [PERSON[:-1], [*PERSON, "", "x"], [*PERSON, "x"], ["Ann"]])
def test_a_ragged_row_is_named(file, cells: list[str]) -> None:
    """A row with fewer or more cells than headings refuses the file."""
    error = refusal(file(text(PERSON, cells, PERSON)))
    assert [(fault.row, fault.found) for fault in error.faults] == [(3, plural(len(cells), "cell"))]
    assert "row 3" in str(error)


def test_a_shorter_and_a_longer_row_do_not_make_up_for_each_other(file) -> None:
    """Every row is counted, not their sum; the first few are named."""
    short, long = PERSON[:-1], [*PERSON, "x"]
    assert [fault.row for fault in refusal(file(text(short, long, PERSON))).faults] == [2, 3]
    assert [fault.row for fault in refusal(file(text(long, short, short, long))).faults] == [2, 3, 4]


@pytest.mark.parametrize(
    ("street", "found"),
    [('"Road 1', "a quote that never closes"), ('"Road" 1', "text after a closing quote")],
)
def test_bad_quotes_are_named(file, street: str, found: str) -> None:
    """A quote that never closes, and text after a closing one, refuse the file with the row where it begins."""
    error = refusal(file(text(PERSON, changed(Mailing_Street=street), PERSON)))
    assert [(fault.row, fault.found) for fault in error.faults] == [(3, found)]


def test_no_personal_data_in_messages(file) -> None:
    """A message may reach logs: it names rows, never cells."""
    assert "Ann" not in str(refusal(file(text(PERSON[:5]))))


def test_more_rows_than_an_export_has(file, monkeypatch: pytest.MonkeyPatch) -> None:
    """Endless rows, blank ones too, are given up on, on the quick way and on the slow one."""
    monkeypatch.setattr(rows, "MAX_ROWS", 100)
    for row in (PERSON, changed(Phone='24"'), [""], [" "]):
        assert "more than 100 rows" in str(refusal(file(text(PERSON, *[row] * 100))))
    monkeypatch.setattr(parse, "MAX_CELLS", 10)
    assert read(file(text(PERSON, [""], PERSON))).frame["row"].to_list() == [2, 4]


def test_a_row_without_end_is_refused(file, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quote that swallows the rest of a large file is given up on before the file is loaded whole."""
    monkeypatch.setattr(rows, "MAX_CELL", 1 << 10)
    monkeypatch.setattr(rows, "MAX_ROW", 1 << 12)
    monkeypatch.setattr(encoding, "BLOCK", 1 << 9)
    error = refusal(file(text(PERSON, changed(Phone='"1'), *[PERSON] * 200)))
    assert [(fault.row, fault.found) for fault in error.faults] == [
        (3, "a quote that never closes, or a cell of more than 32 MiB")
    ]
    assert "row 2" in str(refusal(file(text(changed(Phone="x" * (1 << 14))))))


def test_a_file_of_many_pieces(file, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file is cut does not show, even if a later piece is irregular or the frames are large."""
    monkeypatch.setattr(encoding, "BLOCK", 100)
    rows = [changed(Full_Name=str(number), Mailing_Street=f'"a\n{number}"') for number in range(60)]
    whole = read(file(text(*rows))).frame
    assert whole["row"].to_list() == list(range(2, 62))
    rows[45][2] = '24"'
    slow = read(file(text(*rows))).frame
    assert slow["Mailing Street"].to_list() == [f"a\n{number}" if number != 45 else '24"' for number in range(60)]
    monkeypatch.setattr(reading, "MOST_UNCHECKED", 1000)
    assert read(file(text(*rows))).frame.equals(slow)


def test_flags_are_bits_where_all_are_flags_and_else_the_text_that_stands_there(file, monkeypatch) -> None:
    """A column is one or the other, although the file is parsed in pieces; a blank flag is null."""
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
@settings(max_examples=150, deadline=None)
def test_what_the_csv_module_reads(tmp_path_factory, rows, separator, end, tail, block, codec) -> None:
    """Whatever a file holds, the frame is what the standard library's strict reader gives, or it is refused."""
    lines = [(cells + [""] * ragged)[: len(cells) + min(ragged, 0)] if ragged else cells for cells, ragged in rows]
    content = text(*lines, separator=separator, end=end) + tail
    path = tmp_path_factory.getbasetemp() / "property.csv"
    path.write_bytes(content.encode(codec))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoding, "BLOCK", max(block, len(content) // 100))  # a hundred blocks, for each takes its time
        try:
            got = as_text(read(path).frame).rows()
        except ExportRefused:
            got = []
    assert got == expected(content, separator)


def expected(content: str, separator: str) -> list[tuple[object, ...]]:
    """The rows that are not blank, numbered; none if the file must be refused."""
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
def test_blank_cells_beyond_the_headings_are_no_surplus(file, surplus: list[str], end: str) -> None:
    """On all rows, on some, or on the first only; on the quick way and on the slow one."""
    rows = [[*PERSON, *surplus], changed(Phone="2"), [*changed(Phone="3"), ""]]
    for order in (rows, rows[::-1], [rows[0]] * 3, [*rows, changed(Mailing_Street='24" wide')]):
        frame = read(file(text(*order, end=end))).frame
        assert frame["Phone"].to_list() == [row[6] for row in order]
        assert frame.columns == ["row", *FIELDS]


def test_a_cell_beyond_the_headings_that_is_not_blank(file) -> None:
    """It refuses the file, wherever it is below a row with blank ones."""
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
def test_a_footer_is_named(file, line: str, below: str) -> None:
    """Padded with blank cells or not; its text, which may name somebody, is for the asking person only."""
    for row, more in ((line, ""), (line, "Page 1 of 1\n"), (f'"{line}"' + "," * 14, "")):
        error = refusal(file(f"{text(PERSON, PERSON)}{row}\n{below}{more}"))
        assert "row 4 is a footer" in str(error)
        assert "Ann Lee" not in str(error)
        (fault,) = error.faults
        assert (fault.row, fault.found) in [(4, line), (4, line.replace(",", ""))]


def test_a_footer_with_its_number_in_another_cell(file) -> None:
    """Or not in the first one, padded or not."""
    for cells in (["Total", "", "3"], ["", "Total:", "1,234"], ["", "", "", "3 users"]):
        assert "row 3 is a footer" in str(refusal(file(text(PERSON) + ",".join(f'"{cell}"' for cell in cells) + "\n")))
        row = [f'"{cell}"' for cell in cells] + [""] * (len(FIELDS) - len(cells))
        assert "row 3 is a footer" in str(refusal(file(text(PERSON, row))))
        assert "row 3 is a footer" in str(refusal(file(text(changed(Phone='24"'), row))))


@pytest.mark.parametrize("name", ["Total", "Total Solutions", "Confidential", "Countess Ada"])
def test_what_is_no_footer(file, name: str) -> None:
    """A person, and a row that was cut off: they are what they are."""
    assert read(file(text(PERSON, changed(Full_Name=name)))).frame["Full Name"].to_list() == ["Ann Lee", name]
    alone = [name, "x@x.example", *[""] * 13]
    assert read(file(text(PERSON, alone))).frame["Full Name"].to_list() == ["Ann Lee", name]
    assert read(file(text([name, *[""] * 14], PERSON))).frame.height == 2
    assert "truncated" in str(refusal(file(text(PERSON, [f"{name} GmbH", "Ann"]))))
    assert "truncated" in str(refusal(file(text(PERSON, ["Total: 3"], PERSON))))
