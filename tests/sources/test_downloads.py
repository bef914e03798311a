"""Reading downloaded text: every spelling gives the same cells, and whatever is damaged is refused with its reason."""

import csv
import hashlib
import io
import os
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.columns import FIELDS
from schemas.errors import ExportRefused
from schemas.names import BLANKS
from sources.delimited import encoding, parse, rows
from sources.delimited import read as reading
from sources.downloads import read
from tests.exporting import as_text

EXPORTS = Path(__file__).parents[1] / "fixtures" / "exports"
PERSON = ["Ann Lee", "ann@x.example", "Road 1", "Bonn", "", "Germany", "+49 1", *["True"] * 8]


def text(*rows: list[str], separator: str = ",", end: str = "\n", headings: tuple[str, ...] = FIELDS) -> str:
    """A file of unquoted cells."""
    return "".join(separator.join(row) + end for row in (list(headings), *rows))


@pytest.fixture
def file(tmp_path: Path):
    """Writes a file, gives its path."""

    def write(content: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / "users.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def refusal(path: Path) -> ExportRefused:
    """The refusal of a file; each one names the file and has a remedy."""
    with pytest.raises(ExportRefused) as caught:
        read(path)
    assert path.name in str(caught.value)
    assert caught.value.faults
    assert all(fault.rule and fault.remedy for fault in caught.value.faults)
    return caught.value


def changed(**cells: str) -> list[str]:
    """The person with other cells; names have _ for blanks."""
    return [cells.get(field.replace(" ", "_"), cell) for field, cell in zip(FIELDS, PERSON, strict=True)]


@pytest.mark.parametrize(
    "name",
    [
        "utf-8-bom.csv",
        "utf-16-le.csv",
        "utf-16-be.csv",
        "windows-1252.csv",
        "semicolons.csv",
        "tabs.csv",
        "workbook.ods",
    ],
)
def test_every_spelling_gives_the_same_cells(name: str) -> None:
    """Encodings, separators, line ends and workbooks differ; the frame does not."""
    assert as_text(read(EXPORTS / name).frame).equals(as_text(read(EXPORTS / "utf-8.csv").frame))


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


def test_other_columns_are_left_away_and_headings_kept(file) -> None:
    """Known columns keep the file's own heading; the others are not there."""
    headings = ("Id", *(f" user: {field.upper()}" for field in FIELDS), "Account: Id")
    export = read(file(text(["7", *PERSON, "42"], headings=headings)))
    assert export.frame.columns == ["row", *headings[1:]]
    assert export.frame["Account: Id"].to_list() == ["42"]


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


def test_blank_lines_above_the_headings(file) -> None:
    """They are skipped, and counted."""
    assert read(file("\n\r\n , \n" + text(PERSON))).frame["row"].to_list() == [5]


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
    assert [(fault.row, fault.found) for fault in error.faults] == [(3, f"{len(cells)} cells")]
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


def test_badly_quoted_headings(file) -> None:
    """Headings with an open quote are told as such."""
    assert "headings" in str(refusal(file('"Full Name,Email\n')))


def test_no_personal_data_in_messages(file) -> None:
    """A message may reach logs: it names rows, never cells."""
    assert "Ann" not in str(refusal(file(text(PERSON[:5]))))


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\n\n", b" , ,\r\n", "\u3000\n".encode()])
def test_an_empty_file(file, content: bytes) -> None:
    """Nothing, a BOM only, and blanks only are empty exports."""
    assert "empty" in refusal(file(content)).faults[0].rule


def test_headings_only(file) -> None:
    """An export without people is refused, also if blank rows follow."""
    assert "no rows" in str(refusal(file(text())))
    assert "no rows" in str(refusal(file(text() + "\n" + "," * 14 + "\n")))


def test_all_missing_and_repeated_columns_are_told_at_once(file) -> None:
    """Each column that is missing or stands there twice is a fault that names it."""
    headings = ("email", *FIELDS[:-2], "Account ID", "AccountId")
    faults = refusal(file(text(headings=headings))).faults
    assert [fault.column for fault in faults] == [*FIELDS[-2:], "Email", "Account ID"]


def test_a_missing_account_column_is_no_fault(file) -> None:
    """`account` can do without one."""
    assert read(file(text(PERSON))).frame.height == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_nul_refuses_the_file(file, encoding: str) -> None:
    """NUL stands in damaged files only."""
    assert "NUL" in str(refusal(file(text(PERSON, changed(Phone="1\0")), encoding)))


def test_utf_16_without_bom_is_told_as_nul(file) -> None:
    """Without BOM it can't be told from damage; the remedy says what to do."""
    assert "CSV UTF-8" in str(refusal(file(text(PERSON), "utf-16-le")))


@pytest.mark.parametrize(
    "content",
    [
        text(PERSON, changed(Mailing_City="Köln")).encode() + text(changed(Mailing_City="Köln")).encode("windows-1252"),
        text(changed(Mailing_City="K?ln")).encode().replace(b"?", b"\x81"),
        b"\xef\xbb\xbf" + text(changed(Mailing_City="Köln")).encode("windows-1252"),
        text(PERSON).encode("utf-16") + b"\0",
        text(PERSON).encode("utf-16") + b"\x00\xd8",
    ],
    ids=["mixed", "not in Windows-1252", "not UTF-8 after its BOM", "half a letter", "half a pair"],
)
def test_damaged_letters_refuse_the_file(file, content: bytes) -> None:
    """Bytes that fit no encoding are never guessed at."""
    assert "damaged" in str(refusal(file(content)))


def test_an_invalid_byte_pair_across_two_cells(file) -> None:
    """Two cells whose bytes make one UTF-8 letter together are not UTF-8."""
    content = text(PERSON, changed(Mailing_City="A", Mailing_State="B")).encode()
    frame = read(file(content.replace(b"A,B", b"\xc3,\xa9"))).frame
    assert frame["Mailing City"].to_list() == ["Bonn", "Ã"]


def test_what_is_no_file(tmp_path: Path) -> None:
    """A folder, a missing file, a pipe and a file that may not be read are told in words."""
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    assert "folder" in str(refusal(tmp_path / "folder.csv"))
    assert "no such file" in str(refusal(tmp_path / "missing.csv"))
    assert "no such file" in str(refusal(tmp_path / "folder.csv" / "missing.csv"))
    assert "is no file" in str(refusal(tmp_path / "pipe.csv"))
    assert "can't be read" in str(refusal(tmp_path / "loop.csv"))
    with pytest.raises(ExportRefused, match="path"):
        read(Path("users\0.csv"))


def test_a_text_that_begins_like_the_name_of_zip(file) -> None:
    """Only the whole signature makes a workbook."""
    assert read(file(text(["1", *PERSON], headings=("PK", *FIELDS)))).frame.height == 1


def test_a_large_sparse_file_is_refused_at_once(tmp_path: Path) -> None:
    """What a file claims to hold is never loaded whole before it is looked at."""
    path = tmp_path / "users.csv"
    for size, told in ((1 << 30, "NUL"), (5 << 30, "larger than 1 GiB")):
        with path.open("wb") as sparse:
            sparse.truncate(size)
        assert told in str(refusal(path))


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
    rows = [changed(Full_Name=str(number), Mailing_Street=f'"a\n{number}"') for number in range(500)]
    whole = read(file(text(*rows))).frame
    assert whole["row"].to_list() == list(range(2, 502))
    rows[400][2] = '24"'
    slow = read(file(text(*rows))).frame
    assert slow["Mailing Street"].to_list() == [f"a\n{number}" if number != 400 else '24"' for number in range(500)]
    monkeypatch.setattr(reading, "AHEAD", 1000)
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
@settings(max_examples=300, deadline=None)
def test_what_the_csv_module_reads(tmp_path_factory, rows, separator, end, tail, block, codec) -> None:
    """Whatever a file holds, the frame is what the standard library's strict reader gives, or it is refused."""
    lines = [(cells + [""] * ragged)[: len(cells) + min(ragged, 0)] if ragged else cells for cells, ragged in rows]
    content = text(*lines, separator=separator, end=end) + tail
    path = tmp_path_factory.getbasetemp() / "property.csv"
    path.write_bytes(content.encode(codec))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoding, "BLOCK", block)
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
