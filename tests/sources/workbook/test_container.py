"""What a file with a workbook's signature is: one of four formats, a locked one, or something else."""

import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from sources.workbook.container import kind_of
from sources.workbook.refusals import Refused
from tests.sources.workbook.binary import Sheet, ole, xls, xlsb
from tests.sources.workbook.workbooks import ods, saved

ODF = "application/vnd.oasis.opendocument"
TYPES = "<Types><Override ContentType='application/vnd.{}+xml'/></Types>"
WORD = TYPES.format("openxmlformats-officedocument.wordprocessingml.document.main")


def zipped(path: Path, members: Mapping[str, str]) -> bytes:
    """A ZIP with these members."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path.read_bytes()


def refused_as(data: bytes) -> str:
    """What a file is, if it is no workbook."""
    with pytest.raises(Refused) as caught:
        kind_of(data)
    return caught.value.refusal.what


def test_workbooks_are_recognized_by_content(tmp_path: Path) -> None:
    """Whatever their name."""
    assert kind_of(saved(tmp_path / "users.csv").read_bytes()) == "xlsx"
    assert kind_of(xlsb(tmp_path / "users.csv", Sheet([])).read_bytes()) == "xlsb"
    assert kind_of(xls(tmp_path / "users.csv", Sheet([])).read_bytes()) == "xls"
    assert kind_of(ods(tmp_path / "users.csv").read_bytes()) == "ods"


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        ({"[Content_Types].xml": WORD}, "Word"),
        ({"[Content_Types].xml": TYPES.format("ms-word.document.macroEnabled.main")}, "Word"),
        (
            {"[Content_Types].xml": TYPES.format("openxmlformats-officedocument.presentationml.slideshow.main")},
            "PowerPoint",
        ),
        ({"[Content_Types].xml": TYPES.format("ms-visio.drawing.main")}, "Visio"),
        ({"word/document.xml": ""}, "Word"),
        ({"mimetype": f"{ODF}.text", "content.xml": ""}, "ODT"),
        ({"mimetype": f"{ODF}.presentation", "content.xml": ""}, "ODP"),
        ({"mimetype": "application/epub+zip"}, "EPUB"),
        ({"Index/Document.iwa": "", "Metadata/Properties.plist": ""}, "Numbers"),
        ({"Index.zip": "", "preview.jpg": ""}, "Numbers"),
        ({"Index/Document.iwa": "", "Index/Slide-1.iwa": ""}, "Keynote"),
        ({"users.csv": "Full Name,Email"}, "ZIP archive"),
        ({}, "ZIP archive"),
    ],
)
def test_other_zip_formats_are_named(tmp_path: Path, members: dict[str, str], kind: str) -> None:
    """The extension does not matter."""
    assert kind in refused_as(zipped(tmp_path / "users.xlsx", members))


def test_embedded_files_are_ignored(tmp_path: Path) -> None:
    """A Word document may embed a workbook, and vice versa."""
    assert "Word" in refused_as(zipped(tmp_path / "a.docx", {"[Content_Types].xml": WORD, "word/book.xlsx": ""}))
    assert "Word" in refused_as(ole(tmp_path / "a.doc", {"WordDocument": b"", "Pool/Workbook": b""}).read_bytes())
    assert kind_of(ole(tmp_path / "a.xls", {"Workbook": b"", "Embedded/WordDocument": b""}).read_bytes()) == "xls"


@pytest.mark.parametrize(
    ("stream", "kind"),
    [
        ("WordDocument", "a Word document"),
        ("PowerPoint Document", "a PowerPoint presentation"),
        ("VisioDocument", "a Visio drawing"),
        ("__properties_version1.0", "an Outlook message"),
        ("Contents", "a document of another program"),
        ("EncryptedPackage", "locked with a password"),
    ],
)
def test_other_ole_formats_are_named(tmp_path: Path, stream: str, kind: str) -> None:
    """A locked XLSX or XLSB is in an OLE container."""
    assert kind in refused_as(ole(tmp_path / "users.xls", {"\x05SummaryInformation": b"", stream: b""}).read_bytes())


def test_locked_workbooks_are_named(tmp_path: Path) -> None:
    """A ZIP with a password, and an ODS of two versions."""
    data = bytearray(saved(tmp_path / "users.xlsx").read_bytes())
    at = data.index(b"PK\x01\x02")  # the first entry of the directory
    data[at + 8 : at + 10] = struct.pack("<H", 1)
    assert "password" in refused_as(bytes(data))
    manifest = "<m:manifest xmlns:m='urn'><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>"
    locked = {"mimetype": f"{ODF}.spreadsheet", "META-INF/manifest.xml": manifest, "content.xml": "?"}
    assert "password" in refused_as(zipped(tmp_path / "users.ods", locked))
    assert "password" in refused_as(zipped(tmp_path / "users.ods", {"encrypted-package": "?"}))


@pytest.mark.parametrize("kept", [8, 100, 511, 512, 600, 3000])
def test_a_truncated_container_is_damaged(tmp_path: Path, kept: int) -> None:
    """Wherever it is cut."""
    assert "damaged" in refused_as(ole(tmp_path / "users.xls", {"Workbook": b"x" * 9000}).read_bytes()[:kept])
    assert "damaged" in refused_as(saved(tmp_path / "users.xlsx").read_bytes()[:kept])
