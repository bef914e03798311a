"""Files that are neither CSV nor workbooks are named, with what to do about them."""

import bz2
import gzip
import io
import json
import lzma
import tarfile
from pathlib import Path

import pytest

from sources.downloads import read
from tests.exporting import csv_of
from tests.people import person
from tests.sources.delimited.texts import refusal, written

CSV = csv_of([person()])
HTML = "<table border=1><tr><td>Account ID</td><td>Full Name</td></tr></table>"
OASIS = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
FLAT = "application/vnd.oasis.opendocument.spreadsheet"
EXCEL_2003 = "urn:schemas-microsoft-com:office:spreadsheet"
XML = '<?xml version="1.0"?>'


def tar() -> bytes:
    """A tar archive of an export."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        member = tarfile.TarInfo("users.csv")
        member.size = len(CSV)
        archive.addfile(member, io.BytesIO(CSV))
    return stream.getvalue()


PACKED = {
    "gzip": gzip.compress(CSV),
    "bzip2": bz2.compress(CSV),
    "xz": lzma.compress(CSV),
    "tar": tar(),
    "7z": b"7z\xbc\xaf\x27\x1c\0\4",
    "RAR": b"Rar!\x1a\x07\x01\0",
    "zstd": b"\x28\xb5\x2f\xfd\x04\x00",
}
OTHERS = [
    ("a PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"),
    ("a text document (RTF)", rb"{\rtf1\ansi\deff0 {\fonttbl}}"),
    ("JSON", json.dumps({"success": True, "data": {"count": 1}}, indent=1).encode()),
    ("JSON", b' [{"Full Name": "Ann"}]'),
    ("an XML spreadsheet", f'{XML}\n<?mso-application progid="Excel.Sheet"?><Workbook xmlns="{EXCEL_2003}">'.encode()),
    ("an XML spreadsheet", f'\ufeff{XML}<ss:Workbook xmlns:ss="{EXCEL_2003}">'.encode("utf-16-le")),
    ("a flat ODS", f'{XML}<office:document xmlns:office="{OASIS}" office:mimetype="{FLAT}">'.encode()),
    ("an XML file", f"{XML}<users><user/></users>".encode()),
    (
        "a Word document",
        f'{XML}<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml">'.encode(),
    ),
    ("an image", b"\x89PNG\r\n\x1a\n\0\0"),
    ("an image", b"\xff\xd8\xff\xe0\0\x10JFIF\0"),
    ("an image", f'{XML}\n<!-- by hand -->\n<svg xmlns="http://www.w3.org/2000/svg">'.encode()),
    ("a database", b"SQLite format 3\0\x10\0"),
    ("a Parquet file", b"PAR1\x15\4"),
    ("a workbook of Excel 4", b"\x09\4\6\0\0\0\x10\0"),
    ("an e-mail", b"Return-Path: <a@b.example>\r\nReceived: by c.example\r\n\r\nSee attachment"),
    ("a web page", b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n"),
    ("a web page", b"From: <Saved by Blink>\nSubject: Users\nMIME-Version: 1.0\nContent-Type: multipart/related;\n"),
    ("a web page", b"<!-- saved -->\n<!DOCTYPE html>\n<html><body>Not found</body></html>"),
    ("a web page with a table", f"\n <html><body>{HTML}".encode()),
    ("a web page with a table", f"\ufeff<html><head></head>{HTML}".encode("utf-16-le")),
    ("a web page with a table", HTML.encode()),
    ("a link", b"[InternetShortcut]\r\nURL=https://prod.impartner.live\r\n"),
    ("a link", b"L\0\0\0\1\x14\2\0\0\0"),
    ("what a Mac notes", b"\0\5\x16\7\0\2\0\0Mac OS X"),
    ("encrypted", b"-----BEGIN PGP MESSAGE-----\n\nhQ"),
]
LOGINS = (
    "<!DOCTYPE html><html><head><title>Partner Portal - Sign in</title></head><body>",
    '<html><body><form action="/login"><input name=u><input type="password" name=p></form></body></html>',
    f"<html><body>{HTML}<form><input type=password></form>",
    '<html><body onload="document.forms[0].submit()"><form><input name="SAMLRequest" value="x"></form>',
)


@pytest.mark.parametrize("name", ["users.csv", "users.xls", "users.xlsx"])
@pytest.mark.parametrize(("kind", "content"), OTHERS)
def test_other_kinds_of_files_are_named_whatever_their_extension(
    kind: str, content: bytes, name: str, tmp_path: Path
) -> None:
    """With a remedy, in `--json` too; headings and NUL bytes are not mentioned."""
    error = refusal(written(tmp_path, content, name=name))
    assert f"{name}: it is {kind}" in str(error)
    assert f"it is {kind}" in str(error.faults[0].found)
    assert "Add the field" not in str(error)
    assert "NUL" not in str(error)


@pytest.mark.parametrize("kind", PACKED)
def test_a_packed_file_is_to_be_unpacked(kind: str, tmp_path: Path) -> None:
    """The message names the format."""
    error = refusal(written(tmp_path, PACKED[kind]))
    assert kind in str(error)
    assert "Unpack it" in str(error)


@pytest.mark.parametrize("page", LOGINS)
def test_a_login_page_says_to_sign_in(page: str, tmp_path: Path) -> None:
    """A browser saves one when the session has expired."""
    error = refusal(written(tmp_path, page, name="users.csv"))
    assert "asks to sign in" in str(error)
    assert "Sign in to Impartner" in str(error)


@pytest.mark.parametrize(
    "heading", ["PAR1", "BZh", "Rar!", "GIF", "From", "Date: created", "[Id]", "{Id}", "<Id>", "MSCF", "ftyp", "%PDF"]
)
def test_a_csv_may_begin_like_another_format(heading: str, tmp_path: Path) -> None:
    """Its first heading may be anything."""
    content = CSV.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b",x\r\n")
    assert read(written(tmp_path, heading.encode() + b" ," + content.replace(b"\r\n", b"\r\n1,", 1))).frame.height == 1
