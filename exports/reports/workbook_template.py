"""Makes `templates/workbook.xlsx`, what all workbooks have in common: `python -m exports.reports.workbook_template`.

openpyxl runs only here, because with it each report would take fifteen times as long and have different bytes every
time. A test compares the file with what this makes.
"""

import io
import zipfile

from openpyxl import Workbook  # type: ignore[import-untyped]  # it has no types
from openpyxl.styles import Alignment, Font  # type: ignore[import-untyped]
from openpyxl.worksheet.table import Table, TableStyleInfo  # type: ignore[import-untyped]

from exports.reports.workbook import SHEET, TEMPLATE, put_in

TITLE = "Certification report"
# openpyxl would add its name, its version and the time
_CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/">'
    f"<dc:title>{TITLE}</dc:title><dc:language>en</dc:language></cp:coreProperties>"
)
_APP = (
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    "<Application>partner-certs</Application></Properties>"
)
_REPLACED = {"docProps/core.xml": _CORE, "docProps/app.xml": _APP}


def make() -> bytes:
    """The template: one sheet with a table of one heading and one cell."""
    book = Workbook()
    book.calculation.fullCalcOnLoad = False  # nothing to calculate, so that Excel does not ask to save on closing
    sheet = book.worksheets[0]
    sheet.title = SHEET
    sheet.append(["heading"])
    sheet.append(["cell"])
    heading, cell = sheet["A1"], sheet["A2"]
    heading.font = Font(name="Calibri", sz=11, b=True)
    heading.alignment = Alignment(wrap_text=True, vertical="top")
    cell.alignment = Alignment(vertical="top")
    heading.number_format = cell.number_format = "@"
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    table = Table(displayName=SHEET, ref="A1:A2")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
    sheet.add_table(table)
    saved = io.BytesIO()
    book.save(saved)
    return _rewritten(saved)


# ---------------------------------------------------------------------------------------------------------------------


def _rewritten(saved: io.BytesIO) -> bytes:
    """The same parts in a fixed order, with fixed times and without the name of the program."""
    made = io.BytesIO()
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(made, "w") as new:
        for name in sorted(old.namelist()):
            put_in(new, name, _REPLACED.get(name) or old.read(name).decode())
    return made.getvalue()


if __name__ == "__main__":
    TEMPLATE.write_bytes(make())
