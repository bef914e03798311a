"""ODS cells that the library misreads or hides."""

from pathlib import Path

import pytest

from schemas.columns import FIELDS
from tests.sources.workbook.workbooks import altered, frame, ods, reason, text_cell, verified


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (
            '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" '
            'calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>',
            "#DIV/0!",
        ),
        ('<table:table-cell table:formula="of:=TRUE()"/>', "True"),
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
        (
            '<table:table-cell office:value-type="boolean" office:boolean-value="1"><text:p>1</text:p>'
            "</table:table-cell>",
            "True",
        ),
        ("<table:table-cell office:value-type='boolean' office:boolean-value='0'/>", "False"),
        ('<table:table-cell office:boolean-value="TRUE" office:value-type="boolean"/>', "True"),
        ('<table:table-cell office:value-type="boolean" office:boolean-value="yes"/>', "yes"),
        ('<table:table-cell office:value-type="boolean"><text:p>TRUE</text:p></table:table-cell>', "TRUE"),
        ('<table:table-cell office:value-type="float"><text:p>5</text:p></table:table-cell>', "5"),
        ('<table:table-cell office:value-type="date"><text:p>2024-05-01</text:p></table:table-cell>', "2024-05-01"),
        ('<table:table-cell office:value-type="void"><text:p>yes</text:p></table:table-cell>', "yes"),
        (
            '<table:table-cell table:formula="of:=TRUE()" office:value-type="float" office:value="1" '
            'calcext:value-type="float"><text:p>WAHR</text:p></table:table-cell>',
            "True",
        ),
        ('<table:table-cell table:formula="oooc:=FALSE()" office:value-type="float" office:value="0"/>', "False"),
        (
            '<table:table-cell table:formula="of:=FALSE()" office:value-type="boolean" office:boolean-value="false"/>',
            "False",
        ),
        (
            '<table:table-cell table:formula="of:=A1" office:value-type="float" office:value="0">'
            "<text:p>Err:502</text:p></table:table-cell>",
            "Err:502",
        ),
        (
            '<table:table-cell table:formula="of:=A1" office:value-type="string" office:string-value="" '
            'calcext:value-type="error"><text:p>#NV</text:p></table:table-cell>',
            "#ERROR!",
        ),
        ('<table:table-cell table:formula="of:=A1" office:value-type="float" office:value="0"/>', "0"),
        (
            text_cell(
                "山田<text:ruby><text:ruby-base>太</text:ruby-base><text:ruby-text>た</text:ruby-text></text:ruby>"
            ),
            "山田太",
        ),
        ('<table:table-cell office:value-type="string"><text:p><![CDATA[a<b]]></text:p></table:table-cell>', "a<b"),
        ("<table:table-cell/>", None),
        ('<table:table-cell office:value-type="time" office:time-value="PT10H05M00S"/>', "10:05:00"),
        ('<table:table-cell office:value-type="date" office:date-value="2024-05-01T00:00:00"/>', "2024-05-01"),
        ('<table:table-cell office:value-type="boolean" office:boolean-value="false"/>', "False"),
    ],
)
def test_no_ods_cell_is_silently_blank(tmp_path: Path, cell: str, shown: str | None) -> None:
    """Also next to repeated cells and in repeated rows."""
    before, after = FIELDS.index("Mailing City"), FIELDS.index("SA Verified")
    many = f'<table:table-cell table:number-columns-repeated="{after - before}"/>'
    ann, bob = ("".join(map(text_cell, (name, f"{name}@x.example", "Road 1"))) for name in ("Ann", "Bob"))
    path = ods(tmp_path / "users.ods", ann + many + cell, bob + many + text_cell("true"))
    assert verified(path) == shown


def test_indented_xml_is_read(tmp_path: Path) -> None:
    """As SheetJS writes it; spaces inside a text stay."""
    person = "".join(map(text_cell, ("Ann <text:span>Lee</text:span> <text:span>Jr.</text:span>", "ann@x.example")))
    path = altered(ods(tmp_path / "users.ods", person), ("<table:", "\n  <table:"), ("</table:", "\n  </table:"))
    assert frame(path).select("Full Name", "Email").row(0) == ("Ann Lee Jr.", "ann@x.example")


@pytest.mark.parametrize("result", ["", 'office:value-type="float" office:value="0"'])
def test_an_uncalculated_formula_is_named(tmp_path: Path, result: str) -> None:
    """Also in repeated rows and columns."""
    before = "".join(map(text_cell, ("Ann", "ann@x.example")))
    cell = f'<table:table-cell table:number-columns-repeated="2" table:formula="of:=[.A2]&amp;[.B2]" {result}/>'
    path = ods(tmp_path / "users.ods", before, before + cell)
    path = altered(
        path, ("<table:table-row>" + before + "</", f'<table:table-row table:number-rows-repeated="3">{before}</')
    )
    assert (reason(path).row, reason(path).found) == (5, "Users!C5: of:=[.A2]&[.B2]")
