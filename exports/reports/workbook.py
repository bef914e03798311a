"""A report as a workbook: one sheet, every cell the same text as in the CSV, the same bytes for the same report.

openpyxl makes the parts that all workbooks share (`workbook_template.py`); the sheet and its table are written here. A
guarded cell keeps its apostrophe, so that saving the workbook as CSV does not undo the guard.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import NamedTuple

from exports.reports.rows import cells
from schemas.errors import NotAllowed

TEMPLATE = Path(__file__).with_name("templates") / "workbook.xlsx"
SHEET = "Certifications"
LONGEST = 32_767  # UTF-16 units in a cell, Excel's limit
MOST = 1_048_576  # rows in a sheet
NARROW, WIDE = 12, 44  # the widths of columns, in characters


def workbook(report: bytes) -> bytes:
    """The workbook of a stored report. Raises NotAllowed if a cell is too long or there are too many rows."""
    rows = cells(report)
    if len(report) > LONGEST:
        _refuse_too_large(rows)
    template = _template()
    place = f"A1:{_letters(len(rows[0]))}{max(len(rows), 2)}"  # a table needs a row below its headings
    made = io.BytesIO()
    made.write(template.shared)
    with zipfile.ZipFile(made, "a") as file:
        put_in(file, _SHEET_PART, _sheet(rows, place, template.sheet))
        put_in(file, _TABLE_PART, _table(rows[0], place, template.table))
    return made.getvalue()


def rows_of(data: bytes) -> list[list[str]]:
    """The cells of a workbook made by `workbook`, headings first; none for any other file."""
    if not data.startswith(_template().shared[:_SAME]):
        return []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file, file.open(_SHEET_PART) as part:
            sheet = part.read(_LARGEST).decode()
    except (zipfile.BadZipFile, zlib.error, OSError, KeyError, ValueError, NotImplementedError, RuntimeError):
        return []
    rows = [dict(_FILLED.findall(row)) for row in _ROW.findall(sheet)]
    letters = list(rows[0]) if rows else []
    return [[_CODE.sub(_uncode, row.get(letter, "")) for letter in letters] for row in rows]


def put_in(file: zipfile.ZipFile, name: str, text: str) -> None:
    """Add a part to a workbook, without a time or the name of the system."""
    part = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    part.compress_type, part.create_system = zipfile.ZIP_DEFLATED, 0
    file.writestr(part, text.encode(), compresslevel=_LEVEL)


# ---------------------------------------------------------------------------------------------------------------------

_SHEET_PART, _TABLE_PART = "xl/worksheets/sheet1.xml", "xl/tables/table1.xml"
_LEVEL = 1  # of compression
_SAME = 512  # bytes that all workbooks have in common at the start
_LARGEST = 256 << 20  # bytes of a sheet to read
_ROW = re.compile(r'<row r="\d+">(.*?)</row>', re.DOTALL)
_FILLED = re.compile(r'<c r="([A-Z]+)\d+"[^>]*><is><t[^>]*>([^<]*)</t>')
_HEADING, _CELL = 1, 2  # the styles of cells, as openpyxl numbers them


class _Template(NamedTuple):
    """shared: a workbook without its sheet and table. sheet, table: these two parts, to be filled."""

    shared: bytes
    sheet: str
    table: str


@cache
def _template() -> _Template:
    shared = io.BytesIO()
    with zipfile.ZipFile(TEMPLATE) as template, zipfile.ZipFile(shared, "w") as file:
        for name in template.namelist():
            if name not in (_SHEET_PART, _TABLE_PART):
                put_in(file, name, template.read(name).decode())
        sheet, table = (template.read(name).decode() for name in (_SHEET_PART, _TABLE_PART))
    return _Template(shared.getvalue(), sheet, table)


def _refuse_too_large(rows: Sequence[Sequence[str]]) -> None:
    if len(rows) > MOST:
        raise NotAllowed(f"The report has {len(rows):,} rows, but a workbook takes {MOST:,}. Send the CSV instead")
    for number, row in enumerate(rows, start=1):
        for heading, cell in zip(rows[0], row, strict=True):
            if len(cell) * 2 > LONGEST and len(cell.encode("utf-16-le")) > LONGEST * 2:
                raise NotAllowed(
                    f"{heading} in row {number} of the report is longer than the {LONGEST:,} characters "
                    "that a workbook takes in a cell. Send the CSV instead"
                )


def _sheet(rows: Sequence[Sequence[str]], place: str, template: str) -> str:
    before, _, rest = template.replace('"A1:A2"', f'"{place}"').partition("<sheetData>")
    after = rest.rpartition("</sheetData>")[2].replace("<tableParts", f"{_numbers_are_text(place)}<tableParts")
    starts = [f'<c r="{_letters(number)}' for number in range(1, len(rows[0]) + 1)]
    lines = [_row(number, row, starts) for number, row in enumerate(rows, start=1)]
    return f"{before}{_columns(rows)}<sheetData>{''.join(lines)}</sheetData>{after}"


def _row(number: int, row: Sequence[str], starts: Iterable[str]) -> str:
    """starts: the beginning of the XML of each column's cell."""
    about = f'{number}" s="{_HEADING if number == 1 else _CELL}" t="inlineStr"><is><t xml:space="preserve">'
    escaped = row if _NOT_AS_IT_IS.search("".join(row)) is None else [_xml(cell) for cell in row]
    # a list, because with a million cells a generator takes a fifth longer
    filled = [f"{start}{about}{cell}</t></is></c>" for start, cell in zip(starts, escaped, strict=True) if cell]
    return f'<row r="{number}">{"".join(filled)}</row>'


def _xml(cell: str) -> str:
    """The text in a workbook's XML, with Excel's own codes for characters that XML does not allow."""
    return _NOT_AS_IT_IS.sub(_code, cell)


_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}  # XML turns a bare CR into a line feed
# These, what XML does not allow, and texts that Excel would take for one of its codes
_NOT_AS_IT_IS = re.compile("[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


_UNNAMED = {name: letter for letter, name in _NAMED.items()}
_CODE = re.compile("&(?:amp|lt|gt|#13);|_x([0-9A-F]{4})_")


def _code(match: re.Match[str]) -> str:
    return _NAMED.get(match[0]) or f"_x{ord(match[0]):04X}_"


def _uncode(match: re.Match[str]) -> str:
    return _UNNAMED.get(match[0]) or chr(int(match[1], 16))


def _columns(rows: Sequence[Sequence[str]]) -> str:
    """Each column is as wide as its longest cell; headings may wrap."""
    widths = (min(max(NARROW, 2 + max(map(len, column))), WIDE) for column in zip(*rows[1:], strict=True))
    return (
        "<cols>"
        + "".join(
            f'<col min="{number}" max="{number}" width="{width}" style="{_CELL}" customWidth="1"/>'
            for number, width in enumerate(widths or [NARROW] * len(rows[0]), start=1)
        )
        + "</cols>"
    )


def _numbers_are_text(place: str) -> str:
    """Keeps Excel from marking phones with a warning."""
    return f'<ignoredErrors><ignoredError sqref="{place}" numberStoredAsText="1"/></ignoredErrors>'


def _table(headings: Sequence[str], place: str, template: str) -> str:
    columns = "".join(
        f'<tableColumn id="{number}" name="{escape(heading)}"/>' for number, heading in enumerate(headings, start=1)
    )
    named = f'<tableColumns count="{len(headings)}">{columns}</tableColumns>'
    return re.sub("<tableColumns.*</tableColumns>", lambda _: named, template.replace('"A1:A2"', f'"{place}"'))


def _letters(number: int) -> str:
    """The name of a column: A to Z, then AA."""
    before, last = divmod(number - 1, 26)
    return (_letters(before) if before else "") + chr(ord("A") + last)
