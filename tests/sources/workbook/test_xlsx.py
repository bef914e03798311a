"""XLSX cells that the library misreads or hides: each is read, or refused by name."""

import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from schemas.columns import FIELDS
from sources.workbook import package
from sources.workbook.xlsx import Xlsx
from tests.sources.workbook.workbooks import (
    PERSON,
    altered,
    calculated,
    changed,
    frame,
    reason,
    saved,
    verified,
    with_cell,
)

ERRORS = ("#N/A", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")


def test_every_error_is_read(tmp_path: Path) -> None:
    """As text, in flag columns too, where it becomes a fault."""
    rows = [changed(SA_Verified=error, Phone=error) for error in ERRORS]
    people = frame(saved(tmp_path / "users.xlsx", list(FIELDS), *rows))
    assert people["SA Verified"].to_list() == people["Phone"].to_list() == list(ERRORS)


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("<c r='K2' t='e'><v>#N/A</v></c>", "#N/A"),
        ('<c r="K2" t = "e"><v>#REF!</v></c>', "#REF!"),
        ('<c r="K2" t="e"><f>A1</f><v>#NAME?</v></c>', "#NAME?"),
        ('<c r="K2" t="e"><v>#SPILL!</v></c>', "#SPILL!"),
        ('<c r="K2" t="e"><f>A1</f><v>Err:502</v></c>', "Err:502"),
        ('<c r="K2" t="e"><v>#BLOCKED!</v></c>', "#ERROR!"),
        ('<c r="K2" t="e"><v>#WERT!</v></c>', "#ERROR!"),
        ('<c r="K2" t="e"/>', "#ERROR!"),
        ('<c r="K2" t="e"><f>A1</f><v></v></c>', "#ERROR!"),
        ('<c r="K2" t="str"><v><![CDATA[yes & no]]></v></c>', "yes & no"),
        ('<c r="K2" t="inlineStr"><is><t><![CDATA[<no>]]></t></is></c>', "<no>"),
        ('<c r="K2" t="b"><v><![CDATA[0]]></v></c>', "False"),
        ('<c r="K2" t="b"><v></v></c>', None),
        ('<c r="K2" t="b"><v>1</v></c>', "True"),
        ('<c r="K2" t="b"><v>0</v></c>', "False"),
        ('<c r="K2" t="b"><f>A1</f><v>0</v></c>', "False"),
        ('<c r="K2" t="str"><f>A1</f><v/></c>', None),
        ('<c r="K2" t="str"><f>""</f><v></v></c>', None),
        ('<c r="K2" t="str"><f>A1</f><v>yes</v></c>', "yes"),
        ('<c r="K2"><f>A1</f><v>7</v></c>', "7"),
        ('<c r="K2"><f>A1</f><v>0</v></c>', "0"),
        ('<c r="K2"><f>TRUE()</f></c>', "True"),
        ('<c r="K2"><f>TRUE()</f><v/></c>', "True"),
        ('<c r="K2"><f>FALSE()</f><v></v></c>', "False"),
        ('<c r="K2"><f>TRUE()</f><v>1</v></c>', "True"),
        ('<c r="K2"><f>false</f><v>0</v></c>', "False"),
        ('<c r="K2" t="b"><f aca="false">FALSE()</f><v>0</v></c>', "False"),
        ('<c r="K2"/>', None),
    ],
)
def test_every_spelling_of_a_cell(tmp_path: Path, cell: str, shown: str | None) -> None:
    """None is silently blank; numbers in a flag column become faults."""
    assert verified(calculated(with_cell(tmp_path / "users.xlsx", cell))) == shown


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="K2"><f>A1</f></c>',
        '<c r="K2"><f>A1</f><v/></c>',
        '<c r="K2"><f>A1</f><v></v></c>',
        '<c r="K2"><f>NOW()</f>\n<v />\n</c>',
        '<c r="K2" t="b"><f>A1</f></c>',
        '<c r="K2"><f t="shared" ref="K2" si="0">A1</f></c>',
        '<c r="K2"><f t="shared" si="0"/></c>',
        "<c><f>A1</f></c>",
        '<x:c xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" r="K2"><x:f>A1</x:f></x:c>',
    ],
)
def test_an_uncalculated_formula_is_named(tmp_path: Path, cell: str) -> None:
    """Whatever the sheet's path in the file."""
    path = calculated(with_cell(tmp_path / "users.xlsx", cell))
    for where in ("worksheets/sheet1.xml", "sheets/users.xml"):
        refusal = reason(altered(path, ("worksheets/sheet1.xml", where)))
        assert "Users!K2" in refusal.what
        assert (refusal.row, str(refusal.found)[:8]) == (2, "Users!K2")


@pytest.mark.parametrize("field", ["Full Name", "Mailing City", "Phone", "Administrative Privileges"])
def test_a_formula_with_0_for_a_text_is_named(tmp_path: Path, field: str) -> None:
    """Some programs store 0 if they don't calculate."""
    rows = [changed(**{field.replace(" ", "_"): '=A2&" "&B2'}), PERSON]
    for zero in ("0", "0.0", "-0", "0E0"):
        path = calculated(saved(tmp_path / "users.xlsx", list(FIELDS), *rows))
        assert "Users!" in reason(altered(path, ("<v />", f"<v>{zero}</v>"))).what


@pytest.mark.parametrize("attribute", ['fullCalcOnLoad="1"', 'fullCalcOnLoad="true"', 'calcCompleted="0"'])
@pytest.mark.parametrize(
    "cell", ['<c r="K2" t="b"><f>A1</f><v>1</v></c>', '<c r="K2" t="str"><f>A1</f><v>True</v></c>']
)
def test_results_of_an_uncalculated_workbook_are_refused(tmp_path: Path, cell: str, attribute: str) -> None:
    """Its properties say so."""
    path = with_cell(tmp_path / "users.xlsx", cell)
    assert "Users!K2" in reason(altered(path, ('fullCalcOnLoad="1"', attribute))).what


def test_harmless_formulas_of_an_uncalculated_workbook(tmp_path: Path) -> None:
    """Above the headings, in unneeded columns, errors, and numbers that become faults anyway."""
    rows = [["=A1"], [*FIELDS, "Total"], [*PERSON, "=A1"], [*changed(Email="=1", Phone="=2", SA_Verified="=3"), None]]
    path = altered(
        saved(tmp_path / "users.xlsx", *rows),
        ("<f>1</f><v />", "<f>SUBTOTAL(103,[Email])</f><v>0</v>"),
        ("<f>3</f><v />", "<f>A1</f><v>3</v>"),
    )
    path = altered(path, ('<c r="G4"><f>2</f><v />', '<c r="G4" t="e"><f>2</f><v>#N/A</v>'))
    assert frame(path).select("Email", "Phone", "SA Verified").row(1) == ("0", "#N/A", "3")


def test_all_cells_of_an_array_are_part_of_its_formula(tmp_path: Path) -> None:
    """The others hold only results, here in another column."""
    path = saved(tmp_path / "users.xlsx", ["More", *FIELDS], ["=A1", *PERSON], ["", *PERSON])
    array = ("<f>A1</f><v />", '<f t="array" ref="A2:B3">A1</f><v>0</v>')
    assert "Users!B3" in reason(altered(path, array)).what


@pytest.mark.parametrize(
    ("cell", "is_found"),
    [
        ('<c r="K2" t="b"><v>1</v></c>', False),
        ('<c r="K2" t="b"><f>A1</f><v>0</v></c>', False),
        ('<c r="K2"><f>A1</f><v>7</v></c>', False),
        ('<c r="K2"><f>A1</f></c>', True),
        ('<c r="K2"><f>A1</f><v>0</v></c>', True),
        ('<c r="K2" t="b"><f>A1</f></c><c r="Z2"><v>7</v></c>', True),
    ],
)
def test_block_boundaries_make_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cell: str, is_found: bool
) -> None:
    """A workbook is searched in blocks, and any byte may be the last of one."""
    data = calculated(with_cell(tmp_path / "users.xlsx", cell)).read_bytes()
    for size in (*range(1, 40), 1 << 20):
        monkeypatch.setattr(package, "BLOCK", size)
        assert [(one.row, one.column) for one in Xlsx(data).facts("Users").formulas] == [(2, 10)] * is_found


def test_a_large_ordinary_workbook_is_plain(tmp_path: Path) -> None:
    """Half a million booleans as Excel writes them."""
    rows = "".join(f'<row r="{row}"><c r="A{row}" t="b"><v>{row % 2}</v></c></row>' for row in range(4, 100_000))
    path = altered(saved(tmp_path / "users.xlsx", list(FIELDS), PERSON), ("</sheetData>", f"{rows}</sheetData>"))
    assert Xlsx(path.read_bytes()).is_plain


@pytest.mark.parametrize("dimension", ["A1", "A1:A1", "A1:J6", "A2:Q6", "A1:XFD9", "A0", "", "A0:O0"])
def test_a_wrong_dimension_is_ignored(tmp_path: Path, dimension: str) -> None:
    """Some programs write A1, or A0."""
    people = [changed(SA_Verified=cell) for cell in (True, True, "=FALSE()", "=TRUE()")]
    path = altered(saved(tmp_path / "users.xlsx", list(FIELDS), *people), ("A1:O5", dimension))
    assert frame(path)["SA Verified"].to_list() == ["True", "True", "False", "True"]


SPELLINGS = ("<v>{}</v>", "<f>A1</f><v>{}</v>", '<v xml:space="preserve">{}</v>', "<v><![CDATA[{}]]></v>")


@pytest.mark.parametrize(
    ("word", "shown"), [("false", "False"), ("FALSE", "False"), ("true", "True"), ("TRUE", "True"), (" 0", "False")]
)
@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("kind", ["t='b'", 't="b"', 's="0" t="b"', 't="b" s="0"'])
def test_booleans_spelled_as_words(tmp_path: Path, word: str, shown: str, spelling: str, kind: str) -> None:
    """The library reads each as true, which would certify someone."""
    path = with_cell(tmp_path / "users.xlsx", f"<c r='K2' {kind}>{spelling.format(word)}</c>")
    assert verified(calculated(path)) == shown


@pytest.mark.parametrize("word", ["00", "2", "yes", "-1"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_invalid_booleans_are_named(tmp_path: Path, word: str, spelling: str) -> None:
    """They are never guessed."""
    path = with_cell(tmp_path / "users.xlsx", f"<c r='K2' t='b'>{spelling.format(word)}</c>")
    assert "Users!K2" in reason(calculated(path)).what


@pytest.mark.parametrize(
    "changes",
    [
        [("/xl/worksheets/sheet1.xml", "/xl/Blätter/users.xml"), ("xl/worksheets/sheet1.xml", "xl/Blätter/users.xml")],
        [('Target="/xl/worksheets/sheet1.xml"', 'Target="worksheets\\sheet1.xml"')],
        [('Target="/xl/worksheets/sheet1.xml"', 'Target="./worksheets/../worksheets/sheet1.xml"')],
        [('Target="/xl/worksheets/sheet1.xml"', 'Target="/XL/Worksheets/SHEET1.XML"')],
        [("xl/", "XL\\")],
        [("xl/", "/xl/")],
        [
            ("xl/workbook.xml", "office/book.xml"),
            ("xl/_rels/workbook.xml.rels", "office/_rels/book.xml.rels"),
            ('Target="styles.xml"', 'Target="/xl/styles.xml"'),
        ],
    ],
)
def test_parts_under_any_path(tmp_path: Path, changes: list[tuple[str, str]]) -> None:
    """Absolute and relative, with backslashes, in any letter case, in other folders."""
    path = saved(tmp_path / "users.xlsx", list(FIELDS), changed(Phone=dt.date(2024, 5, 1)), changed(Phone="=A1"))
    path = altered(path, ("<f>A1</f><v />", "<v>1</v>"), *changes)
    assert frame(path)["Phone"].to_list() == ["2024-05-01", "1"]


def test_broken_styles_do_not_hide_errors(tmp_path: Path) -> None:
    """They are not needed to read errors."""
    fills = ("</fills>", "<fill/></fills>")
    path = altered(saved(tmp_path / "users.xlsx", list(FIELDS), changed(SA_Verified="#N/A"), PERSON), fills)
    assert verified(path) == "#N/A"


def test_iso_dates_have_no_time_at_midnight(tmp_path: Path) -> None:
    """A text that looks the same stays."""
    book = openpyxl.Workbook(iso_dates=True)
    times = (dt.datetime(2024, 5, 1), dt.datetime(2024, 5, 1, 13, 30), "2024-05-01T00:00:00")
    for row in (list(FIELDS), *(changed(Phone=time) for time in times)):
        book.active.append(row)
    book.save(tmp_path / "users.xlsx")
    phones = frame(tmp_path / "users.xlsx")["Phone"].to_list()
    assert phones == ["2024-05-01", "2024-05-01T13:30:00", "2024-05-01T00:00:00"]


@pytest.mark.parametrize("field", ["Phone", "Full Name", "SA Verified"])
def test_a_nul_is_refused(tmp_path: Path, field: str) -> None:
    """As in a text file; XML escapes it as _x0000_."""
    row = changed(**{field.replace(" ", "_"): "a_x0000_b"})
    assert "NUL" in reason(saved(tmp_path / "users.xlsx", list(FIELDS), row)).what
