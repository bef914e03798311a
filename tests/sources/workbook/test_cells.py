"""Cells that the workbook library gives as blank, or as another: each is told as it is, or the workbook is refused."""

import datetime as dt
import io
import re
import zipfile
from contextlib import nullcontext
from pathlib import Path

import openpyxl
import pytest

from schemas.columns import FIELDS
from sources.downloads import read
from sources.workbook import cells
from sources.workbook.cells import Unclear
from tests.sources.workbook.workbooks import PERSON, altered, changed, ods, refusal, saved, text_cell

EXPORTS = Path(__file__).parents[2] / "fixtures" / "exports"
ERRORS = ("#N/A", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")
CELL = re.compile(rb'<c r="K2"[^>]*?(?:/>|>.*?</c>)')  # SA Verified of the first person


def with_cell(path: Path, cell: str) -> Path:
    """A workbook whose first person has this XML as the cell of SA Verified."""
    saved(path, list(FIELDS), PERSON, PERSON)
    with zipfile.ZipFile(path) as archive:
        (found,) = CELL.findall(archive.read("xl/worksheets/sheet1.xml"))
    return altered(path, (found.decode(), cell))


def verified(path: Path) -> str | None:
    """SA Verified of the first of two people."""
    first, second = read(path).frame["SA Verified"]
    assert str(second).casefold() == "true"
    return str(first) if first is not None else None


def test_errors_of_every_kind_are_told(tmp_path: Path) -> None:
    """In a flag column they are faults, elsewhere texts."""
    rows = [changed(SA_Verified=error, Phone=error) for error in ERRORS]
    frame = read(saved(tmp_path / "users.xlsx", list(FIELDS), *rows)).frame
    assert frame["SA Verified"].to_list() == frame["Phone"].to_list() == list(ERRORS)


def test_the_old_format_tells_its_errors_and_times() -> None:
    """As LibreOffice saved them."""
    frame = read(EXPORTS / "errors.xls").frame
    told = frame.select("Mailing City", "Mailing State", "Phone", "SA Verified", "Sales Badged", "PSE Certified 2021")
    assert told.rows() == [
        ("Bonn", None, "#N/A", "#DIV/0!", "True", "True"),
        ("#NAME?", None, "+49 1", "True", "#VALUE!", "True"),
        ("Bonn", "10:30:00", "+49 1", "True", "True", "03:00:00"),
        ("Bonn", "2024-05-01", "+49 1", "True", "True", "True"),
    ]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("<c r='K2' t='e'><v>#N/A</v></c>", "#N/A"),
        ('<c r="K2" t="b"><v></v></c>', None),
        ('<c r="K2" t="str"><f>A1</f><v/></c>', None),
        ('<c r="K2" t = "e"><v>#REF!</v></c>', "#REF!"),
        ('<c r="K2"><f>TRUE()</f></c>', "=TRUE()"),
        ('<c r="K2"><f>TRUE()</f><v/></c>', "=TRUE()"),
        ('<c r="K2"><f>TRUE()</f><v></v></c>', "=TRUE()"),
        ('<c r="K2"><f>NOW()</f>\n<v />\n</c>', "=NOW()"),
        ('<c r="K2"><f t="shared" ref="K2" si="0">A1</f></c>', "=A1"),
        ('<c r="K2"><f t="shared" si="0"/></c>', "="),
        ('<c r="K2"><f>TRUE()</f><v>7</v></c>', "7"),
        ('<c r="K2" t="str"><f>A1</f><v>yes</v></c>', "yes"),
        ('<c r="K2" t="str"><f>""</f><v></v></c>', None),
        ('<c r="K2" t="b"><v>1</v></c>', "True"),
        ('<c r="K2" t="b"><v>0</v></c>', "False"),
        ('<c r="K2" t="b"><f>A1</f><v>0</v></c>', "False"),
        ('<c r="K2"/>', None),
    ],
)
def test_no_cell_is_a_silent_blank(tmp_path: Path, cell: str, shown: str | None) -> None:
    """However the XML spells it."""
    assert verified(with_cell(tmp_path / "users.xlsx", cell)) == shown


def test_errors_are_told_wherever_the_sheet_lies(tmp_path: Path) -> None:
    """Its part may have any name."""
    path = saved(tmp_path / "users.xlsx", list(FIELDS), changed(SA_Verified="=A1"), PERSON)
    altered(path, ("worksheets/sheet1.xml", "sheets/users.xml"))
    assert verified(path) == "=A1"


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ('<c r="K2" t="b"><v>1</v></c>', None),
        ('<c r="K2" t="b"><f>A1</f><v>0</v></c>', None),
        ('<c r="K2"><f>A1</f><v>7</v></c>', None),
        ('<c r="K2"><f>A1</f></c>', "xl/worksheets/sheet1.xml"),
        ('<c r="K2" t="b"><f>A1</f></c><c r="Z2"><v>7</v></c>', "xl/worksheets/sheet1.xml"),
        ('<c r="K2" t="b"><v>false</v></c>', Unclear),
    ],
)
def test_where_a_block_ends_makes_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cell: str, found: str | type[Unclear] | None
) -> None:
    """A workbook is looked through in blocks, and any byte may be the last of one."""
    data = with_cell(tmp_path / "users.xlsx", cell).read_bytes()
    for size in (*range(1, 40), 1 << 20):
        monkeypatch.setattr(cells, "BLOCK", size)
        with pytest.raises(Unclear) if found is Unclear else nullcontext():
            assert cells.suspect(data) == found


def test_a_workbook_of_many_blocks_is_read() -> None:
    """As Excel writes it: half a million booleans, none of them unusual."""
    rows = "".join(f'<row r="{row}"><c r="A{row}" t="b"><v>{row % 2}</v></c></row>' for row in range(1, 100_000))
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{rows}</sheetData></worksheet>")
        assert cells.suspect(file.getvalue()) is None


@pytest.mark.parametrize("dimension", ["A1", "A1:A1", "A1:J6", "A2:Q6", "A1:XFD9"])
def test_what_a_sheet_says_of_its_size_need_not_be_so(tmp_path: Path, dimension: str) -> None:
    """Some programs write A1."""
    people = [changed(SA_Verified=cell) for cell in (True, True, "=FALSE()", "=TRUE()")]
    path = altered(saved(tmp_path / "users.xlsx", list(FIELDS), *people), ("A1:O5", dimension))
    assert read(path).frame["SA Verified"].to_list() == ["True", "True", "=FALSE()", "=TRUE()"]


@pytest.mark.parametrize("word", ["false", "FALSE", "true", "00", "2", " 0"])
def test_booleans_that_are_spelt_unusually_are_never_guessed(tmp_path: Path, word: str) -> None:
    """The library takes all of them for true: somebody would get a course."""
    spellings = ("<v>{}</v>", "<f>A1</f><v>{}</v>", '<v xml:space="preserve">{}</v>', "<v><![CDATA[{}]]></v>")
    for cell in (f"<c r='K2' t='b'>{spelling.format(word)}</c>" for spelling in spellings):
        assert "for sure" in str(refusal(with_cell(tmp_path / "users.xlsx", cell)))


def test_styles_that_are_read_for_nothing_do_not_stop_errors_from_being_told(tmp_path: Path) -> None:
    """Only who has to find formulas needs more of the workbook than its cells."""
    fills = ("</fills>", "<fill/></fills>")
    path = altered(saved(tmp_path / "users.xlsx", list(FIELDS), changed(SA_Verified="#N/A"), PERSON), fills)
    assert verified(path) == "#N/A"
    path = altered(saved(tmp_path / "users.xlsx", list(FIELDS), changed(SA_Verified="=A1"), PERSON), fills)
    assert "for sure" in str(refusal(path))


def test_dates_as_iso_have_no_time_at_midnight(tmp_path: Path) -> None:
    """A text that reads the same stays."""
    book = openpyxl.Workbook(iso_dates=True)
    times = (dt.datetime(2024, 5, 1), dt.datetime(2024, 5, 1, 13, 30), "2024-05-01T00:00:00")
    for row in (list(FIELDS), *(changed(Phone=time) for time in times)):
        book.active.append(row)
    book.save(tmp_path / "users.xlsx")
    phones = read(tmp_path / "users.xlsx").frame["Phone"].to_list()
    assert phones == ["2024-05-01", "2024-05-01T13:30:00", "2024-05-01T00:00:00"]


@pytest.mark.parametrize("field", ["Phone", "Full Name", "SA Verified"])
def test_nul_refuses_a_workbook(tmp_path: Path, field: str) -> None:
    """As it does a text file: the sign is told as _x0000_ in XML."""
    row = changed(**{field.replace(" ", "_"): "a_x0000_b"})
    assert "NUL" in str(refusal(saved(tmp_path / "users.xlsx", list(FIELDS), row)))


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (
            '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" '
            'calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>',
            "#DIV/0!",
        ),
        ('<table:table-cell table:formula="of:=TRUE()"/>', "of:=TRUE()"),
        ("<table:table-cell><text:p>y<text:span>e</text:span>s</text:p></table:table-cell>", "yes"),
        (text_cell('a<text:tab/>b<text:span>c<text:line-break/>d</text:span>e<text:s text:c="2"/>f'), "a\tbc\nde  f"),
        (text_cell("a</text:p><text:p>b<text:tab/>"), "a\nb\t"),
        ("<table:table-cell></table:table-cell>", None),
        ('<table:table-cell table:formula="of:=IF(1;&quot;&quot;)"><text:p/></table:table-cell>', None),
        ("<table:covered-table-cell><text:p>yes</text:p></table:covered-table-cell>", "yes"),
        (
            '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="">'
            "<text:p>#DIV/0!</text:p></table:table-cell>",
            "#DIV/0!",
        ),
        (
            '<table:table-cell office:value-type="date" office:date-value="2024-05-01"><office:annotation>'
            "<text:p>one<text:tab/>two</text:p></office:annotation><text:p>01.05.24</text:p></table:table-cell>",
            "2024-05-01",
        ),
        ("<table:table-cell/>", None),
        ('<table:table-cell office:value-type="time" office:time-value="PT10H05M00S"/>', "10:05:00"),
        ('<table:table-cell office:value-type="date" office:date-value="2024-05-01T00:00:00"/>', "2024-05-01"),
        ('<table:table-cell office:value-type="boolean" office:boolean-value="false"/>', "False"),
    ],
)
def test_no_cell_of_an_ods_is_a_silent_blank(tmp_path: Path, cell: str, shown: str | None) -> None:
    """Also beside repeated cells and in repeated rows, which it writes once."""
    before, after = FIELDS.index("Mailing City"), FIELDS.index("SA Verified")
    many = f'<table:table-cell table:number-columns-repeated="{after - before}"/>'
    ann, bob = ("".join(map(text_cell, (name, f"{name}@x.example", "Road 1"))) for name in ("Ann", "Bob"))
    path = ods(tmp_path / "users.ods", ann + many + cell, bob + many + text_cell("true"))
    assert verified(path) == shown


def test_an_old_workbook_is_read_on_a_machine_with_many_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of polars' threads takes addresses, of which the process may use few."""
    monkeypatch.setenv("POLARS_MAX_THREADS", "256")
    assert read(EXPORTS / "errors.xls").frame.height == 4
