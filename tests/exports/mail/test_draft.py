"""The bytes of a draft, as the email package reads them."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from hypothesis import given
from hypothesis import strategies as st

from exports.mail.draft import attachment, message
from exports.mail.texts import Text, one_line

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


def read(data: bytes) -> EmailMessage:
    """The message, parsed strictly."""
    mail = message_from_bytes(data, policy=policy.SMTP)
    assert isinstance(mail, EmailMessage)
    return mail


@given(TEXTS)
def test_any_subject_is_one_line(subject: str) -> None:
    """In any script, with encoded words, with blanks anywhere."""
    shown = one_line(f"Report: {subject}")
    mail = read(message(Text(shown, "", ""), ["a@b.example"], [], "", []))
    assert mail["Subject"] == shown
    assert not mail.defects
    assert mail.keys() == ["X-Unsent", "To", "Subject", "MIME-Version", "Content-Type"]


@given(st.binary(max_size=400), TEXTS)
def test_attachments_are_kept_byte_for_byte(data: bytes, text: str) -> None:
    """The text gets CRLF."""
    mail = read(message(Text("Report", text, text), ["a@b.example"], [], "", [attachment("a.csv", data)]))
    (attached,) = mail.iter_attachments()
    assert attached.get_payload(decode=True) == data
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_payload(decode=True) == ("\r\n".join(text.splitlines()) + "\r\n").encode()


def test_equal_drafts_have_equal_bytes() -> None:
    """The boundaries derive from the parts."""
    drafts = [message(Text("a", "b", "c"), ["a@b.example"], [], "", [attachment("a.csv", b"1")]) for _ in range(2)]
    assert drafts[0] == drafts[1]


def test_punycode_domains_and_folded_lists() -> None:
    """As every mail program understands."""
    many = [f"person{number}@müller.example" for number in range(30)]
    data = message(Text("a", "b", "c"), many, many, "Jürgen <j@contoso.example>", [])
    assert read(data)["To"].addresses[29].addr_spec == "person29@xn--mller-kva.example"
    assert max(map(len, data.split(b"\r\n"))) < 100
    assert read(data)["From"] == "Jürgen <j@contoso.example>"
