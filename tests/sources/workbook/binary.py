"""Binary workbooks for the tests, built record by record: an XLS in its container, and an XLSB.

A cell is a text, boolean, number, None for a blank, Error or Formula. The first row is A1.
"""

import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

TRUE, FALSE = b"\x42\x00\x22\x00", b"\x42\x00\x23\x00"  # the functions, as tokens
REFERENCE = b"\x44\x00\x00\x00\x00"  # to A1; the target does not matter
NA = 0x2A  # the code of #N/A
BY_EXCEL = (0x01C1, bytes(8))  # marks an XLS saved by a program that calculates
VISIBLE, HIDDEN, VERY_HIDDEN = 0, 1, 2

_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NONE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR, _LEAST = 512, 4096  # bytes; smaller streams are stored differently


class Error(NamedTuple):
    """An error code."""

    number: int


class Formula(NamedTuple):
    """A formula: its stored result (None is a blank text) and its tokens."""

    result: str | bool | float | Error | None
    tokens: bytes = REFERENCE


Value = str | bool | float | Error | Formula | None
Record = tuple[int, bytes]


class Sheet(NamedTuple):
    """A sheet; `more`: records after its cells; `in_last_row` (XLSB): records in its last row."""

    rows: Sequence[Sequence[Value]]
    name: str = "Users"
    state: int = VISIBLE
    more: Sequence[Record] = ()
    in_last_row: Sequence[Record] = ()


def ole(path: Path, streams: Mapping[str, bytes]) -> Path:
    """A compound file; "Folder/Stream" is a stream in a folder."""
    entries = ["", *dict.fromkeys(name.partition("/")[0] for name in streams if "/" in name), *streams]
    contents = [streams[name].ljust(_LEAST, b"\0") for name in streams]
    lengths = [-(-len(entries) // 4), *(-(-len(content) // _SECTOR) for content in contents)]
    starts = [sum(lengths[:at]) for at in range(len(lengths) + 1)]
    places = {name: (starts[at], len(contents[at - 1])) for at, name in enumerate(streams, start=1)}
    directory = b"".join(_entry(name, entries, *places.get(name, (_END, 0))) for name in entries)
    table = [
        n for start, length in zip(starts, lengths, strict=False) for n in (*range(start + 1, start + length), _END)
    ]
    header = struct.pack("<8s16x5H6x9I", _MAGIC, 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 0, 0, _LEAST, _END, 0, _END, 0)
    parts = [header + struct.pack("<I", starts[-1]).ljust(_SECTOR - len(header), b"\xff"), directory, *contents]
    parts.append(struct.pack(f"<{len(table) + 1}I", *table, _TABLE).ljust(_SECTOR, b"\xff"))
    path.write_bytes(b"".join(part.ljust(-(-len(part) // _SECTOR) * _SECTOR, b"\0") for part in parts))
    return path


def biff(*records: Record) -> bytes:
    """Records of an XLS as a stream."""
    return b"".join(struct.pack("<HH", kind, len(content)) + content for kind, content in records)


def xls(path: Path, *sheets: Sheet, about: Sequence[Record] = (BY_EXCEL,)) -> Path:
    """An XLS; `about`: records of the workbook."""
    streams = [_xls_sheet(sheet) for sheet in sheets]
    start = len(_xls_workbook(sheets, about, [0] * len(sheets)))
    starts = [start + sum(map(len, streams[:at])) for at in range(len(streams))]
    return ole(path, {"Workbook": _xls_workbook(sheets, about, starts) + b"".join(streams)})


def xlsb(path: Path, *sheets: Sheet, calculation: int = 0) -> Path:
    """An XLSB; `calculation`: its calculation flags."""
    listed = [
        (156, struct.pack("<II", sheet.state, number) + _wide(f"rId{number}") + _wide(sheet.name))
        for number, sheet in enumerate(sheets, start=1)
    ]
    properties = struct.pack("<IIIdIH", 191029, 1, 100, 0.001, 0, calculation)
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", _XLSB_TYPES)
        archive.writestr("_rels/.rels", _relations([(f"{office}/officeDocument", "xl/workbook.bin")]))
        workbook = [(131, b""), (143, b""), *listed, (144, b""), (157, properties), (132, b"")]
        archive.writestr("xl/workbook.bin", _biff12(*workbook))
        targets = [(f"{office}/worksheet", f"worksheets/sheet{number}.bin") for number in range(1, len(sheets) + 1)]
        archive.writestr("xl/_rels/workbook.bin.rels", _relations(targets))
        for number, sheet in enumerate(sheets, start=1):
            archive.writestr(f"xl/worksheets/sheet{number}.bin", _biff12(*_xlsb_sheet(sheet)))
    return path


# ----------------------------------------------------------------------------------------------------------------------

_XLSB_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
)


def _entry(name: str, entries: Sequence[str], start: int, size: int) -> bytes:
    """A directory entry: its siblings form a chain to the right."""
    folder, _, own = name.rpartition("/")
    beside = [other for other in entries[1:] if other.rpartition("/")[0] == folder]
    right = beside[beside.index(name) + 1 :][:1] if name else []
    inside = [other for other in entries[1:] if other.rpartition("/")[0] == name][:1] if not size else []
    kind = 5 if not name else 2 if size else 1
    right_at, inside_at = (entries.index(listed[0]) if listed else _NONE for listed in (right, inside))
    title = (own or "Root Entry").encode("utf-16-le")
    return struct.pack("<64sHBBIII16x4x16xIQ", title, len(title) + 2, kind, 1, _NONE, right_at, inside_at, start, size)


def _xls_workbook(sheets: Sequence[Sheet], about: Sequence[Record], starts: Sequence[int]) -> bytes:
    listed = [
        (0x0085, struct.pack("<IBBBB", start, sheet.state, 0, len(sheet.name), 0) + sheet.name.encode("latin-1"))
        for sheet, start in zip(sheets, starts, strict=True)
    ]
    return biff((0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0)), *about, *listed, (0x000A, b""))


def _xls_sheet(sheet: Sheet) -> bytes:
    begin = (0x0809, struct.pack("<HHHHII", 0x0600, 16, 0, 0, 0, 0))
    return biff(begin, *_cells(sheet, _xls_cell), *sheet.more, (0x000A, b""))


def _cells(sheet: Sheet, record: Callable[[int, int, Value], Iterator[Record]]) -> Iterator[Record]:
    for row, values in enumerate(sheet.rows):
        for column, value in enumerate(values):
            yield from record(row, column, value)


def _xls_cell(row: int, column: int, value: Value) -> Iterator[Record]:
    place = struct.pack("<HHH", row, column, 0)
    match value:
        case None:
            return
        case bool():
            yield 0x0205, place + bytes((value, 0))
        case Error(number):
            yield 0x0205, place + bytes((number, 1))
        case str():
            yield 0x0204, place + _text(value)
        case Formula(result, tokens):
            after = struct.pack("<HIH", 0, 0, len(tokens)) + tokens
            yield 0x0006, place + _xls_result(result) + after
            if isinstance(result, str):
                yield 0x0207, _text(result)
        case _:
            yield 0x0203, place + struct.pack("<d", value)


def _xls_result(result: str | bool | float | Error | None) -> bytes:
    match result:
        case None:
            return b"\x03\x00\x00\x00\x00\x00\xff\xff"
        case bool():
            return bytes((1, 0, result, 0, 0, 0)) + b"\xff\xff"
        case Error(number):
            return bytes((2, 0, number, 0, 0, 0)) + b"\xff\xff"
        case str():
            return b"\x00\x00\x00\x00\x00\x00\xff\xff"
        case _:
            return struct.pack("<d", result)


def _text(text: str) -> bytes:
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _biff12(*records: Record) -> bytes:
    return b"".join(_short(kind) + _short(len(content)) + content for kind, content in records)


def _short(number: int) -> bytes:
    """Seven bits per byte; the high bit says that another follows."""
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*parts, number))


def _xlsb_sheet(sheet: Sheet) -> Iterator[Record]:
    columns = max(map(len, sheet.rows), default=1)
    yield 129, b""
    yield 148, struct.pack("<IIII", 0, max(len(sheet.rows) - 1, 0), 0, columns - 1)
    yield 145, b""
    for row, values in enumerate(sheet.rows):
        yield 0, struct.pack("<IIHHBI", row, 0, 300, 0, 0, 0)
        for column, value in enumerate(values):
            if value is not None:
                kind, content = _xlsb_cell(value)
                yield kind, struct.pack("<II", column, 0) + content
    yield from sheet.in_last_row
    yield 146, b""
    yield from sheet.more
    yield 130, b""


def _xlsb_cell(value: Value) -> Record:
    match value:
        case bool():
            return 4, bytes((value,))
        case Error(number):
            return 3, bytes((number,))
        case str():
            return 6, _wide(value)
        case Formula(result, tokens):
            kind, content = _xlsb_cell("" if result is None else result)
            formula = struct.pack("<HI", 0, len(tokens)) + tokens + struct.pack("<I", 0)
            return {6: 8, 5: 9, 4: 10, 3: 11}[kind], content + formula
        case _:
            return 5, struct.pack("<d", value)


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{listed}</Relationships>'
    )
