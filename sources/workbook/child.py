"""The process that reads a workbook: standard input is the file, standard output a line of JSON and an Arrow stream.

The line is {"sheet", "sheets", "headings", "row"}, or {"refused": ...} with the fields of `refusals.Refusal`. The
stream has `row` and the known columns, every cell as text; there is none if the headings are wrong. `read.py` starts
the process; `parse.py` reads the workbook.
"""

import json
import os
import sys

from sources.workbook.limits import ADDRESSES, OLE_ADDRESSES, limit_memory
from sources.workbook.magic import OLE
from sources.workbook.parse import parse
from sources.workbook.refusals import Refused


def main() -> None:
    """Read the workbook on standard input."""
    data = sys.stdin.buffer.read()
    limit_memory(OLE_ADDRESSES if data.startswith(OLE) else ADDRESSES)
    with os.fdopen(os.dup(1), "wb") as out:
        try:
            *answer, write_rows = parse(data)
        except Refused as refused:
            out.write(_line({"refused": refused.refusal._asdict()}))
            return
        out.write(_line(dict(zip(("sheet", "sheets", "headings", "row"), answer, strict=True))))
        if write_rows is not None:
            write_rows(out)


# ----------------------------------------------------------------------------------------------------------------------


def _line(answer: dict[str, object]) -> bytes:
    return json.dumps(answer).encode() + b"\n"


if __name__ == "__main__":
    main()
