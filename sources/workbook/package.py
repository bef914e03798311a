"""The parts of an XLSX or XLSB (a ZIP): which of them is the workbook, and which is each of its sheets.

Programs write part names in different ways: absolute or relative, with backslashes, in other letter case or folders
than Excel. All of them are understood here.
"""

import io
import posixpath
import zipfile
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple
from xml.etree import ElementTree as ET

from sources.workbook.refusals import Refused, damaged

BLOCK = 1 << 20  # bytes to read at once
_OFFICE_DOCUMENT, _WORKSHEET = "/officeDocument", "/worksheet"  # how the types of relations end
_USUAL = "xl/workbook.xml"


class SheetPart(NamedTuple):
    """A worksheet as the workbook lists it."""

    name: str
    state: str
    part: str


class Package:
    """The parts, by normalized names. Methods raise Refused if the package is incomplete."""

    def __init__(self, data: bytes) -> None:
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        self._members = {plain_name(member.filename): member for member in self._archive.infolist()}

    def __contains__(self, part: str) -> bool:
        return plain_name(part) in self._members

    def read(self, part: str) -> bytes:
        """A part. Only for small ones."""
        return b"".join(self.blocks(part))

    def blocks(self, part: str) -> Iterator[bytes]:
        """A part, block by block."""
        if part not in self:
            raise Refused(damaged("a part of the workbook is missing"))
        with self._archive.open(self._members[plain_name(part)]) as file:
            while block := file.read(BLOCK):
                yield block

    def xml(self, part: str) -> ET.Element:
        """A part, parsed. Only for small ones."""
        try:
            return ET.fromstring(self.read(part))  # noqa: S314  this process has limits of its own
        except ET.ParseError:
            raise Refused(damaged("a part of the workbook can't be read")) from None

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """The relations of a part ("" is the package): type and target by id."""
        folder, name = posixpath.split(part)
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        if relations not in self:
            return {}
        listed = self.xml(relations)
        return {one.get("Id", ""): (one.get("Type", ""), _target(folder, one.get("Target", ""))) for one in listed}

    @cached_property
    def workbook(self) -> str:
        """The part that lists the sheets."""
        targets = [target for kind, target in self.related("").values() if kind.endswith(_OFFICE_DOCUMENT)]
        return targets[0] if targets else _USUAL

    @cached_property
    def sheets(self) -> list[SheetPart]:
        """The worksheets of an XLSX, in order; not its sheets of other kinds."""
        related = self.related(self.workbook)
        listed = [element for element in self.xml(self.workbook).iter() if local(element.tag) == "sheet"]
        return [
            SheetPart(one.get("name", ""), one.get("state", "visible"), target)
            for one in listed
            for kind, target in [related.get(attribute(one, "id"), ("", ""))]
            if kind.endswith(_WORKSHEET)
        ]

    def part_of_sheet(self, name: str) -> str:
        """The part of the sheet with this name."""
        return next(sheet.part for sheet in self.sheets if sheet.name == name)

    def part_of_type(self, end: str) -> str | None:
        """The part with this type of relation to the workbook, such as "/styles"; None without one."""
        targets = (target for kind, target in self.related(self.workbook).values() if kind.endswith(end))
        return next((target for target in targets if target in self), None)


def local(name: str) -> str:
    """An XML name without its namespace."""
    return name.rpartition("}")[2]


def attribute(element: ET.Element, name: str) -> str:
    """An attribute in any namespace, "" if there is none; one in a namespace wins."""
    named = [(key, value) for key, value in element.items() if local(key) == name]
    return max(named, default=("", ""), key=lambda pair: "}" in pair[0])[1]


def plain_name(part: str) -> str:
    """The name of a part, normalized for comparing."""
    return part.replace("\\", "/").lstrip("/").casefold()


# ----------------------------------------------------------------------------------------------------------------------


def _target(folder: str, target: str) -> str:
    path = target.replace("\\", "/")
    return posixpath.normpath(path if path.startswith("/") else posixpath.join("/", folder, path)).lstrip("/")
