"""Files of 5 MB built to take time or memory: the command ends within a minute and 2 GiB.

Workbook bombs are in `test_workbooks.py`.
"""

import gzip
import os
import subprocess
import time
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest
from starlette.responses import Response

from exports.home.contacts import BY_HAND
from exports.home.layout import Home
from exports.mail.sent_mail import read_sent
from schemas.columns import FIELDS
from sources.sandbox import serving
from tests.command import COMMAND, clean_environment
from tests.examples import IS_LONG
from tests.flows.mail.homes import DAY, release_run

SECONDS, MEMORY = 60, 2 << 30
SIZE = 5 << 20


class Bomb(NamedTuple):
    """One unit repeated between two texts."""

    name: str
    before: bytes
    unit: bytes
    after: bytes = b""
    size: int = SIZE

    def filled(self) -> bytes:
        """The file; `%d` in the unit becomes its number."""
        count = (self.size - len(self.before) - len(self.after)) // len(self.unit)
        if b"%d" in self.unit:
            return self.before + b"".join(self.unit % number for number in range(count)) + self.after
        return self.before + self.unit * count + self.after


HEAD = ",".join([*FIELDS, "Account Name"]).encode() + b"\r\n"
COMMAS = b"," * (len(FIELDS) - 1)
ROW = b"Bo,bo@x.example" + COMMAS + b"Contoso\r\n"
EXPORTS = [
    Bomb("quotes", HEAD, b'"'),
    Bomb("quotes and ends", HEAD, b'"\r\n'),
    Bomb("ends", HEAD, b"\r\n", ROW),
    Bomb("bare returns", HEAD, b"\r"),
    Bomb("separators", HEAD, b","),
    Bomb("many separators", HEAD, b",", size=60 << 20),
    Bomb("columns", HEAD[:-2], b",x", b"\r\n" + ROW),
    Bomb("one heading", HEAD[:-2], b",Full Name", b"\r\n" + ROW),
    Bomb("titles", b"", b"a,b;c\td|e\n", HEAD + ROW),
    Bomb("headings", b"", HEAD),
    Bomb("one cell", HEAD + b'"', b"x", b'",b@x.example' + COMMAS + b"Contoso\r\n"),
    Bomb("blanks", HEAD, b" "),
    Bomb("rows", HEAD, ROW),
    Bomb("accounts", HEAD, b"Bo,bo@x.example" + COMMAS + b"C%d\r\n"),
    Bomb("names without accounts", HEAD, b"Bo,b%d@x.example" + COMMAS + b"\r\n"),
    Bomb("faults", HEAD, b"Bo,x" + COMMAS + b"Contoso\r\n"),
    Bomb("invisible", HEAD, "\u200b".encode()),
    Bomb("marks", HEAD + b"a", "\u0301".encode(), b",b@x.example" + COMMAS + b"Contoso\r\n"),
    Bomb("half of the letters", HEAD + ROW, b"\xc3\xa9\xe9 "),
    Bomb("decoded twice", HEAD, "JÃ¼rgen,b%d@x.example".encode() + COMMAS + b"Contoso\r\n"),
    Bomb("sixteen bits", b"\xff\xfe", b"a\x00"),
    Bomb("markup", b"<html>", b"<table><tr><td>"),
    Bomb("lists", b"", b"["),
]
MAIL = b"From: a@contoso.example\r\nMessage-ID: <1@x>\r\n"
SHORT = 120 << 10  # the longest headers allowed
MAILS = [
    Bomb("words", MAIL + b"Subject: ", b"=?a?q?", b"\r\n\r\n", SHORT),
    Bomb("many words", MAIL + b"Subject: ", b"=?a?q?", b"\r\n\r\n"),
    Bomb("parameters", MAIL + b"Content-Type: multipart/mixed", b";", b"\r\n\r\n", SHORT),
    Bomb("quoted parameters", MAIL + b"Content-Type: multipart/mixed", b';"', b"\r\n\r\n", SHORT),
    Bomb("many parameters", MAIL + b"Content-Type: multipart/mixed", b";", b"\r\n\r\n"),
    Bomb("answers", MAIL + b"Subject: ", b"Re: ", b"\r\n\r\n", SHORT),
    Bomb("references", MAIL + b"References:", b" <a@b>", b"\r\n\r\n", SHORT),
    Bomb("addresses", b"From: ", b"a@b,", b"\r\n\r\n", SHORT),
    Bomb("brackets", b"From: ", b"<", b"\r\n\r\n", SHORT),
    Bomb("comments", b"From: ", b"(", b"\r\n\r\n", SHORT),
    Bomb("headers", MAIL, b"X: y\r\n", b"\r\n"),
]
NESTED = b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n'
IN_MAILBOX = [
    *MAILS,
    Bomb("parts", MAIL + NESTED % (1, 1), b"\r\n--1\r\n"),
    Bomb("parts in parts", MAIL + b"".join(NESTED % (n, n) for n in range(200)), b"\r\n"),
    Bomb("names of parts", MAIL + NESTED % (1, 1) + b"Content-Disposition: attachment", b"; filename*%d=x"),
    Bomb("recipients", b"To: ", b"a%d@b.example, ", b"\r\n\r\n"),
    Bomb("coded", MAIL + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n", b"="),
]
CONTACTS = [
    Bomb("separators", b"account_id,account,to\r\n", b","),
    Bomb("rows", b"account_id,account,to\r\n", b"1001,Contoso,a@b.example\r\n"),
    Bomb("addresses", b"account_id,account,to\r\n1001,Contoso,", b"a@b.example;"),
    Bomb("headings", b"account_id,account,to", b",to"),
    Bomb("quotes", b"account_id,account,to\r\n", b'"'),
]
ANSWERS = [
    Bomb("lists", b"", b"["),
    Bomb("objects", b'{"success": true, "data": {"count": 1, "results": [', b"{},", b"{}]}}"),
    Bomb("keys", b'{"success": true, "data": {', b'"%d": 0,', b'"count": 0}}'),
    Bomb("digits", b'{"success": true, "data": {"count": ', b"9", b"}}"),
    Bomb("packed blanks", b"{", b" ", b"}", 300 << 20),
]


def some(bombs: list[Bomb]) -> list[Bomb]:
    """All of them in `make torture`, otherwise the first."""
    return bombs if IS_LONG else bombs[:1]


@pytest.mark.parametrize("bomb", some(EXPORTS), ids=lambda bomb: bomb.name)
def test_an_export_is_refused_or_read(tmp_path: Path, bomb: Bomb) -> None:
    """By `check`, which does everything but keep the reports."""
    (tmp_path / "bomb.csv").write_bytes(bomb.filled())
    assert answered(tmp_path, "check", "bomb.csv") in (0, 3, 4)


@pytest.mark.parametrize("bomb", some(MAILS), ids=lambda bomb: bomb.name)
def test_a_mail_is_answered_or_refused(tmp_path: Path, bomb: Bomb) -> None:
    """By its headers; its recipients are new."""
    release_run(Home(tmp_path / "home"))
    (tmp_path / "bomb.eml").write_bytes(bomb.filled())
    assert answered(tmp_path, "draft", "1001", "--reply-to", "bomb.eml") in (3, 6)


@pytest.mark.parametrize("bomb", some(IN_MAILBOX), ids=lambda bomb: bomb.name)
def test_a_sent_mail_is_read_or_skipped(bomb: Bomb) -> None:
    """People also forward bombs."""
    data, began = bomb.filled(), time.process_time()
    read_sent(data, DAY)
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize("bomb", some(CONTACTS), ids=lambda bomb: bomb.name)
def test_contacts_are_checked_or_refused(tmp_path: Path, bomb: Bomb) -> None:
    """As a spreadsheet program may have left them."""
    home = Home(tmp_path / "home")
    release_run(home)
    (home.root / BY_HAND).write_bytes(bomb.filled())
    assert answered(tmp_path, "contacts", "check") in (0, 2, 4)


@pytest.mark.parametrize("bomb", some(ANSWERS), ids=lambda bomb: bomb.name)
def test_a_response_of_impartner_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bomb: Bomb) -> None:
    """To every request; compressed, if that makes a large one small."""
    content, headers = bomb.filled(), {}
    if bomb.size > SIZE:
        content, headers = gzip.compress(content), {"Content-Encoding": "gzip"}
    answer = partial(Response, content, media_type="application/json", headers=headers)
    monkeypatch.setattr("sources.sandbox.app.damage", lambda *_: answer())
    with serving(users=3, accounts=1) as sandbox:
        place = {"PARTNER_CERTS_IMPARTNER_URL": sandbox.url, "PARTNER_CERTS_IMPARTNER_KEY": sandbox.key}
        assert answered(tmp_path, "nightly", PARTNER_CERTS_IMPARTNER_PATIENCE="1", **place) == 5


def answered(folder: Path, *words: str, **settings: str) -> int:
    """The command's exit status, after asserting its limits of time and memory."""
    environment = clean_environment(PARTNER_CERTS_HOME=str(folder / "home"), **settings)
    process = subprocess.Popen(
        [COMMAND, *words], env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert used.ru_utime + used.ru_stime < SECONDS
    assert used.ru_maxrss << 10 < MEMORY
    return process.returncode
