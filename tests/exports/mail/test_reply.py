"""Replies to partners' mails: recipient, subject, thread. The mails are hostile."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.mail.draft import Thread, attachment, message
from exports.mail.reply import Asked, read_mail
from exports.mail.texts import Text
from schemas.errors import ExportRefused

LONG = "<" + "x" * 90 + "@mail.contoso.example>"


def asked(tmp_path: Path, *headers: str, body: str = "Hello") -> Asked:
    """A mail with these headers, as read."""
    path = tmp_path / "mail.eml"
    path.write_bytes("\r\n".join([*headers, "", body]).encode("utf-8", "surrogateescape"))
    return read_mail(path)


def headers_of(answer: Asked) -> list[bytes]:
    """The header lines of the reply."""
    text = Text(answer.subject, "Hello", "<p>Hello</p>")
    reply = message(text, answer.to, [], "", [attachment("a.csv", b"a\r\n")], answer.thread)
    return reply.partition(b"\r\n\r\n")[0].split(b"\r\n")


def test_a_reply_goes_to_reply_to_or_else_the_sender(tmp_path: Path) -> None:
    """Names, quotes and comments are ignored."""
    sender = 'From: "Ana, of Contoso <boss@evil.example>" (me) <ana@contoso.example>'
    assert asked(tmp_path, sender).to == ("ana@contoso.example",)
    assert asked(tmp_path, sender, "Reply-To: bo@contoso.example, Cy <cy@contoso.example>").to == (
        "bo@contoso.example",
        "cy@contoso.example",
    )
    assert asked(tmp_path, sender, "Reply-To: ").to == ("ana@contoso.example",)
    assert asked(tmp_path, "From: =?utf-8?q?J=C3=BCrgen=2C_M?=\r\n <j@contoso.example>").to == ("j@contoso.example",)
    assert asked(tmp_path, "from: ana@contoso.example").to == ("ana@contoso.example",)


@pytest.mark.parametrize(
    "sender",
    [
        "From: ana@contoso.example)bo@evil.example",
        "From: ana@contoso.example <bo@evil.example> <cy@evil.example>",
        "From: ana@contoso.example bo@evil.example",
        "From: undisclosed-recipients: ;",
        "From: <>",
        "From: Ana",
        "From: a@b.example, " + ", ".join(f"a{number}@b.example" for number in range(20)),
        "From: ana@contoso.example\r\nFrom: bo@evil.example",
        "Subject: nobody",
        "From: \udcff\udcfe <ana@contoso.example\x00>",
    ],
)
def test_an_ambiguous_sender_is_not_answered(tmp_path: Path, sender: str) -> None:
    """The message says what to do."""
    with pytest.raises(ExportRefused, match=r"mail\.eml"):
        asked(tmp_path, sender)


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        ("Certificates?", "Re: Certificates?"),
        ("Re: Certificates?", "Re: Certificates?"),
        ("RE: re : Re[2]: Certificates?", "Re: Certificates?"),
        ("[#4711] AW: Certificates?", "Re: [#4711] AW: Certificates?"),
        ("=?utf-8?q?Zertifikate_f=C3=BCr?= =?utf-8?q?_M=C3=BCller?=", "Re: Zertifikate für Müller"),
        ("=?utf-8?q?x=0D=0ABcc:_all@evil.example?=", "Re: x Bcc: all@evil.example"),
        ("=?nonsense?q?x?= y", "Re: =?nonsense?q?x?= y"),
        ("=?utf-8?b?a?=", "Re: =?utf-8?b?a?="),
        ("folded\r\n over lines", "Re: folded over lines"),
        ("", "Re:"),
        ("Grüße", "Re: Grüße"),
    ],
)
def test_the_subject_is_kept(tmp_path: Path, subject: str, answer: str) -> None:
    """With one `Re:`; decoded, without line breaks."""
    found = asked(tmp_path, "From: ana@contoso.example", f"Subject: {subject}")
    assert found.subject == answer
    assert len([line for line in headers_of(found) if line.lower().startswith(b"bcc")]) == 0


def test_the_thread_is_kept_exactly(tmp_path: Path) -> None:
    """Ids of any length and shape, one per line."""
    found = asked(
        tmp_path,
        "From: ana@contoso.example",
        f"Message-ID: {LONG}",
        "References: <first@contoso.example>\r\n\t<[odd]@x>  <second@contoso.example>",
    )
    assert found.thread == Thread(LONG, ("<first@contoso.example>", "<[odd]@x>", "<second@contoso.example>", LONG))
    assert f"In-Reply-To: {LONG}".encode() in headers_of(found)
    assert f"References: <first@contoso.example> <[odd]@x> <second@contoso.example> {LONG}".encode() in headers_of(
        found
    )


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("bare@x", "bare@x"),
        ("<a@x> (comment)", "<a@x>"),
        ("Reply of <a@x>", "<a@x>"),
        ("<a\r\n @x>", None),
        ("<a @x>", None),
        ("<a@x", None),
    ],
)
def test_no_part_of_a_broken_id_is_taken_for_one(tmp_path: Path, given: str, kept: str | None) -> None:
    """A thread with half an id is another thread."""
    thread = asked(tmp_path, "From: ana@contoso.example", f"Message-ID: {given}").thread
    assert thread == (Thread(kept, (kept,)) if kept else Thread())


def test_without_references_the_thread_starts_at_in_reply_to(tmp_path: Path) -> None:
    """As in RFC 5322; without a Message-ID there is no thread."""
    sender = "From: ana@contoso.example"
    assert asked(tmp_path, sender, "Message-ID: <b@x>", "In-Reply-To: <a@x>").thread.references == ("<a@x>", "<b@x>")
    assert asked(tmp_path, sender, "References: <a@x>").thread == Thread()
    assert not [line for line in headers_of(asked(tmp_path, sender)) if line.startswith((b"In-Reply", b"Refer"))]


def test_too_many_ids_keep_the_first_and_the_last(tmp_path: Path) -> None:
    """A line has at most 998 bytes."""
    ids = [f"<{number:03}-{'y' * 60}@contoso.example>" for number in range(200)]
    found = asked(tmp_path, "From: ana@contoso.example", "Message-ID: <z@x>", "References: " + "\r\n ".join(ids))
    (line,) = [line for line in headers_of(found) if line.startswith(b"References: ")]
    kept = line.decode().split()[1:]
    assert len(line) <= 998
    assert kept[0] == ids[0]
    assert kept[1:] == [*ids, "<z@x>"][-len(kept) + 1 :]
    assert len(kept) > 10


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"\x89PNG\r\n\x1a\n" + bytes(200), b"x" * (2 << 20)])
def test_a_file_that_is_no_mail_is_refused(tmp_path: Path, content: bytes) -> None:
    """Empty, binary, or huge."""
    path = tmp_path / "mail.eml"
    path.write_bytes(content)
    with pytest.raises(ExportRefused, match=r"mail\.eml"):
        read_mail(path)


def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    """A folder too."""
    for path in (tmp_path / "none.eml", tmp_path):
        with pytest.raises(ExportRefused, match="can't be read"):
            read_mail(path)


@given(st.binary(max_size=300), st.sampled_from([b"Subject", b"References", b"Message-ID", b"Reply-To"]))
def test_headers_can_not_be_injected(tmp_path: Path, value: bytes, name: bytes) -> None:
    """None is added, none is broken."""
    path = tmp_path / "mail.eml"
    path.write_bytes(b"From: ana@contoso.example\r\n" + name + b": " + value + b"\r\n\r\nHello\r\n")
    try:
        found = read_mail(path)
    except ExportRefused:
        return
    names = [line.partition(b":")[0] for line in headers_of(found) if not line.startswith(b" ")]
    assert set(names) <= {
        b"X-Unsent", b"To", b"Subject", b"In-Reply-To", b"References", b"MIME-Version", b"Content-Type"
    }  # fmt: skip
    assert len(set(names)) == len(names)
    assert max(map(len, headers_of(found))) <= 998
