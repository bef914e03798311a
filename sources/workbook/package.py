"""The parts of an XLSX or XLSB, which is a ZIP: which part is the workbook, and which part each of its sheets is.

Programs write the names of parts in their own ways: absolute or relative, with backslashes, in other letter case, and
in other folders than Excel does. Here they all are one.
"""

import io
import posixpath
import zipfile
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple
from xml.etree import ElementTree as ET

from sources.workbook.refusals import Refused, damaged

BLOCK = 1 << 20  # bytes that are read at once
_OFFICE_DOCUMENT, _WORKSHEET = "/officeDocument", "/worksheet"  # the ends of the types of relations
_USUAL = "xl/workbook.xml"


class SheetPart(NamedTuple):
    """A worksheet as the workbook lists it."""

    name: str
    state: str
    part: str


class Package:
    """The parts, by names that are compared as programs mean them. Raises Refused for what is no whole package."""

    def __init__(self, data: bytes) -> None:
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        self._members = {plain_name(member.filename): member for member in self._archive.infolist()}

    def __contains__(self, part: str) -> bool:
        return plain_name(part) in self._members

    def read(self, part: str) -> bytes:
        """A part that is small."""
        return b"".join(self.blocks(part))

    def blocks(self, part: str) -> Iterator[bytes]:
        """A part, block by block."""
        if part not in self:
            raise Refused(damaged("a part of the workbook is missing"))
        with self._archive.open(self._members[plain_name(part)]) as file:
            while block := file.read(BLOCK):
                yield block

    def xml(self, part: str) -> ET.Element:
        """A part that is small, parsed."""
        try:
            return ET.fromstring(self.read(part))  # noqa: S314  this process has limits of its own
        except ET.ParseError:
            raise Refused(damaged("a part of the workbook can't be read")) from None

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """The relations of a part ("" is the package): id to type and target."""
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
        """The worksheets of an XLSX, in their order; sheets of other kinds are none."""
        related = self.related(self.workbook)
        listed = [element for element in self.xml(self.workbook).iter() if local(element.tag) == "sheet"]
        return [
            SheetPart(one.get("name", ""), one.get("state", "visible"), target)
            for one in listed
            for kind, target in [related.get(attribute(one, "id"), ("", ""))]
            if kind.endswith(_WORKSHEET)
        ]

    def part_of_sheet(self, name: str) -> str:
        """The part of a sheet that the workbook lists."""
        return next(sheet.part for sheet in self.sheets if sheet.name == name)

    def part_of_type(self, end: str) -> str | None:
        """The part that the workbook relates to as this type: "/styles"."""
        targets = (target for kind, target in self.related(self.workbook).values() if kind.endswith(end))
        return next((target for target in targets if target in self), None)


def local(name: str) -> str:
    """A name of XML without its name space."""
    return name.rpartition("}")[2]


def attribute(element: ET.Element, name: str) -> str:
    """An attribute in whichever name space, blank if there is none; one in a name space comes first."""
    named = [(key, value) for key, value in element.items() if local(key) == name]
    return max(named, default=("", ""), key=lambda pair: "}" in pair[0])[1]


def plain_name(part: str) -> str:
    """The name of a part as programs mean it."""
    return part.replace("\\", "/").lstrip("/").casefold()


# ----------------------------------------------------------------------------------------------------------------------


def _target(folder: str, target: str) -> str:
    path = target.replace("\\", "/")
    return posixpath.normpath(path if path.startswith("/") else posixpath.join("/", folder, path)).lstrip("/")
