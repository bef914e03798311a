"""What an ODS says in ways that its library does not know, or does not tell."""

from pathlib import Path

import pytest

from schemas.columns import FIELDS
from tests.sources.workbook.workbooks import ods, text_cell, verified


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
