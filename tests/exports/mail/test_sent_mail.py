"""Sent mails are read whatever is in them: no recipient or attachment is missed, and nothing breaks."""

import base64
from datetime import UTC, datetime
from email.message import EmailMessage, Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.mail.sent_mail import SentMail, read_sent

ARRIVED = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


def read(head: str, body: bytes = b"Hello") -> SentMail:
    """A mail with these headers, as read."""
    mail = read_sent(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body, ARRIVED)
    assert mail is not None
    return mail


def with_file(name: str, data: bytes = b"a,b\r\n") -> EmailMessage:
    """A mail with an attachment."""
    mail = EmailMessage()
    mail.set_content("Hello")
    mail.add_attachment(data, maintype="text", subtype="csv", filename=name)
    return mail


def parts(mail: Message) -> list[tuple[str, bytes]]:
    """The files in a mail."""
    read = read_sent(mail.as_bytes(), ARRIVED)
    assert read is not None
    return [tuple(part) for part in read.parts]


@pytest.mark.parametrize(
    ("head", "to"),
    [
        ("To: Ana <ana@contoso.example>, bo@contoso.example", ["ana@contoso.example", "bo@contoso.example"]),
        ("To: a@b.example\nCc: c@d.example\nBcc: e@f.example", ["a@b.example", "c@d.example", "e@f.example"]),
        ("To: a@b.example\nTo: c@d.example", ["a@b.example", "c@d.example"]),
        ("To: A@b.example\nCc: a@B.example", ["a@B.example"]),
        ('To: "cy@fabrikam.example" <ana@contoso.example>', ["ana@contoso.example"]),
        ("To: cy@fabrikam.example <ana@contoso.example>", ["ana@contoso.example"]),
        ("To: ana@contoso.example (cy@fabrikam.example)", ["ana@contoso.example"]),
        ("To: Partners: ana@contoso.example, bo@contoso.example;", ["ana@contoso.example", "bo@contoso.example"]),
        ("To: undisclosed-recipients:;", []),
        ('To: "unclosed cy@fabrikam.example', ["cy@fabrikam.example"]),
        ('To: "o\'cy"@fabrikam.example', ["@fabrikam.example"]),
        ("To: <@relay.example:cy@fabrikam.example>", ["@relay.example", "cy@fabrikam.example"]),
        ("To: =?utf-8?q?J=C3=B6rg?=\n <j@b.example>", ["j@b.example"]),
        ("To: Jörg <j@b.example>", ["j@b.example"]),
        ("Subject: nobody", []),
        (f"To: {'x' * 400}@fabrikam.example", [f"{'x' * 303}@fabrikam.example"]),
        ("Resent-To: r@b.example\nTo: a@b.example", ["a@b.example", "r@b.example"]),
    ],
)
def test_every_recipient_is_found(head: str, to: list[str]) -> None:
    """To, Cc and Bcc; addresses in names and comments don't count."""
    assert [*read(head).to] == to


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("Thu, 26 Nov 2026 23:30:00 -0500", "2026-11-27T04:30:00+00:00"),
        ("26 Nov 26 10:00 GMT", "2026-11-26T10:00:00+00:00"),
        ("yesterday", ARRIVED.isoformat()),
        ("Thu, 99 Nov 2026 10:00:00 +0000", ARRIVED.isoformat()),
        ("Thu, 01 Jan 1970 00:00:00 +0000", ARRIVED.isoformat()),
        ("Thu, 26 Nov 99999999999 10:00:00 +0000", ARRIVED.isoformat()),
        ("", ARRIVED.isoformat()),
    ],
)
def test_an_invalid_date_is_replaced_by_the_arrival(date: str, at: str) -> None:
    """All are UTC."""
    assert read(f"Date: {date}").at.isoformat() == at


def test_a_mail_without_a_valid_id_gets_a_stable_one() -> None:
    """So does one with several; different mails get different ids."""
    assert read("Message-ID: <1@b.example>").message_id == "<1@b.example>"
    ids = [read(head).message_id for head in ("To: a@b", "Message-ID: <1@b>\nMessage-ID: <2@b>", "Message-ID: a b\x07")]
    assert all(one.startswith("sha256:") for one in ids)
    assert read(f"Message-ID: <{'x' * 999}>").message_id.startswith("sha256:")
    assert len({*ids, read("To: a@b", b"Other").message_id}) == 4
    assert read("To: a@b").message_id == ids[0]


def test_attachments_are_read_byte_for_byte() -> None:
    """With their displayed names; the mail's text is none."""
    assert parts(with_file("certifications.csv", b"\xef\xbb\xbfa;b\r\n")) == [
        ("certifications.csv", b"\xef\xbb\xbfa;b\r\n")
    ]
    assert parts(with_file("Zertifikate für Müller.csv")) == [("Zertifikate für Müller.csv", b"a,b\r\n")]


@pytest.mark.parametrize(
    "name",
    [
        'filename="=?utf-8?b?Y2VydGlmaWNhdGlvbnMuY3N2?="',
        "filename==?utf-8?b?Y2VydGlmaWNhdGlvbnMuY3N2?=",
        "filename*0*=utf-8''certif; filename*1=ications.csv",
        "FileName = certifications.csv",
    ],
)
def test_every_notation_of_a_file_name_is_read(name: str) -> None:
    """As mail programs do."""
    mail = read_sent(f"Content-Type: text/csv\r\nContent-Disposition: attachment; {name}\r\n\r\n1".encode(), ARRIVED)
    assert mail is not None
    assert [part.name for part in mail.parts] == ["certifications.csv"]


def test_forwarded_mails_are_searched() -> None:
    """Also base64-encoded, which the standard forbids."""
    forwarded = EmailMessage()
    forwarded.set_content("See below")
    forwarded.add_attachment(with_file("inner.csv", b"1\r\n"))
    assert ("inner.csv", b"1\r\n") in parts(forwarded)
    encoded = base64.encodebytes(with_file("inner.csv", b"1\r\n").as_bytes())
    head = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: BASE64\r\n\r\n"
    mail = read_sent(head + encoded, ARRIVED)
    assert mail is not None
    assert [part.data for part in mail.parts] == [b"1\r\n"]


def test_a_mail_built_to_break_the_parser_is_skipped() -> None:
    """Thousands of nested parts."""
    boundaries = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(1500))
    assert read_sent(boundaries.encode(), ARRIVED) is None


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"\x00\xff\xfe",
        b"To\r\n\r\n",
        b"Content-Type: multipart/mixed\r\n\r\n--x\r\n",
        b'Content-Type: multipart/mixed; boundary="\xff"\r\n\r\n--\xff\r\n\r\n',
        b"Content-Type: text/csv; name*9=x; name*=a'b\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!=",
        b"Content-Type: text/csv\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin 666 x\r\n\xff\r\n",
        b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nabc",
        b"Content-Disposition: attachment; filename*=nix''%ff\r\nContent-Type: a\r\n\r\nx",
    ],
)
def test_broken_mails_raise_nothing(mail: bytes) -> None:
    """They are read as far as possible."""
    read_sent(mail, ARRIVED)


def test_long_headers_are_parsed_quickly() -> None:
    """Even if built to be slow."""
    for word in ('"\\', "(", "<", '"', "a", "a@", "=?utf-8?q?", " \n "):
        read(f"To: {word * 100_000}\nContent-Type: {word * 1000}")


@given(st.binary(max_size=400), st.sampled_from([b"To: ", b"Date: ", b"Content-Type: ", b"Message-ID: ", b""]))
def test_no_bytes_raise(data: bytes, header: bytes) -> None:
    """Whatever they are."""
    mail = read_sent(header + data, ARRIVED)
    if mail is not None:
        assert all("\n" not in address for address in mail.to)
        mail.message_id.encode()
