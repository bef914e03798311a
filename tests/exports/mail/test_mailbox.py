"""The mailbox with a real server: drafts arrive unchanged, sent mails are read without a trace, and errors have a
remedy and no secret."""

import base64
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import pytest

from exports.mail import mailbox as module
from exports.mail.access import Access
from exports.mail.folders import find_folders
from exports.mail.mailbox import open_mailbox
from schemas.errors import Unreachable, WrongUsage
from tests.imap_peers import scripted
from tests.mailbox import DRAFTS, PASSWORD, SENT, Dovecot

MAIL = b"X-Unsent: 1\r\nTo: ana@contoso.example\r\nSubject: Report\r\n\r\nHello\r\n"
HIDDEN = "hidden-9c1f"  # a planted secret


def access(server: Dovecot, user: str, **more: str) -> Access:
    """A user's access to the server."""
    return Access(**{"url": server.url, "user": user, "password": PASSWORD} | more)


def refusal(url: str, **more: str) -> str:
    """The message of a failed append, after checking it for the secret."""
    with pytest.raises(Unreachable) as stop, open_mailbox(Access(**{"url": url, "user": "u"} | more)) as mailbox:
        mailbox.append(MAIL)
    error: BaseException | None = stop.value
    while error is not None:
        assert HIDDEN not in f"{error!r} {error.__dict__}"
        error = error.__cause__
    return str(stop.value)


def test_a_draft_is_appended_to_the_drafts_folder(mail_server: Dovecot) -> None:
    """Found by its special use; byte for byte, flagged as a draft and seen."""
    with open_mailbox(access(mail_server, "drafts")) as mailbox:
        assert mailbox.folders("drafts") == ((DRAFTS,), "")
        mailbox.append(MAIL)
    ((data, flags),) = mail_server.mails("drafts", DRAFTS)
    assert (data, flags - {"\\Recent"}) == (MAIL, {"\\Draft", "\\Seen"})


def test_the_sent_folder_is_read_without_a_trace(mail_server: Dovecot) -> None:
    """Unread mails stay unread."""
    mails = [b"Subject: %d\r\n\r\n%s\r\n" % (number, b"x" * number * 100) for number in range(7)]
    mail_server.put("reader", mails)
    mail_server.put("reader", [MAIL], flags=["\\Seen", "\\Flagged"])
    with open_mailbox(access(mail_server, "reader")) as mailbox:
        read = [*mailbox.sent()]
    assert [raw.data for raw in read] == [*mails, MAIL]
    assert all(datetime.now(UTC) - raw.arrived < timedelta(minutes=5) for raw in read)
    flags = [flags_of_mail for _, flags_of_mail in mail_server.mails("reader", SENT)]
    assert flags[:7] == [{"\\Recent"}] * 7, "reading leaves a trace"
    assert flags[7] == {"\\Recent", "\\Seen", "\\Flagged"}


def test_reading_in_batches(mail_server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Limited in number and size; a mail above the limit comes without its bytes."""
    mails = [b"Subject: %d\r\n\r\n%s\r\n" % (number, b"x" * number * 100) for number in range(7)]
    mail_server.put("bounded", mails)
    for name, limit in (("AT_ONCE", 3), ("BYTES_AT_ONCE", 150), ("LARGEST", 500)):
        monkeypatch.setattr(module, name, limit)
    with open_mailbox(access(mail_server, "bounded")) as mailbox:
        assert [raw.data for raw in mailbox.sent()] == [*mails[:5], None, None]
        assert [*mailbox.sent(datetime.now(UTC).date() + timedelta(days=3))] == []
        assert len([*mailbox.sent(date(2026, 1, 1))]) == 7


def test_a_user_name_may_be_non_ascii(mail_server: Dovecot) -> None:
    """LOGIN takes only ASCII, AUTHENTICATE anything."""
    with open_mailbox(access(mail_server, "jörg")) as mailbox:
        assert [*mailbox.sent()] == []


def test_a_refused_login_is_reported(mail_server: Dovecot) -> None:
    """With the settings to check."""
    for secret in (HIDDEN, f"{HIDDEN}-ü"):
        words = refusal(mail_server.url, password=secret)
        assert words.startswith("The mailbox at 127.0.0.1 refuses the user or the password. Check PARTNER_CERTS_IMAP")


def test_only_trusted_certificates_are_accepted(mail_server: Dovecot) -> None:
    """The machine's, or those of a setting; a plain server is refused."""
    sealed = f"imaps://localhost:{mail_server.sealed}"
    assert "certificate that is not trusted here" in refusal(sealed, password=HIDDEN)
    assert "offers no TLS connection" in refusal(f"imaps://localhost:{mail_server.port}", password=HIDDEN)
    with open_mailbox(access(mail_server, "sealed", url=sealed, ca_file=str(mail_server.certificate))) as mailbox:
        mailbox.append(MAIL)
    with (
        pytest.raises(WrongUsage, match="SSL_CERT_FILE"),
        open_mailbox(access(mail_server, "sealed", url=sealed, ca_file="/nowhere")),
    ):
        pass


@pytest.mark.parametrize(
    ("answers", "greeting", "words"),
    [
        ({}, "HTTP/1.1 400 Bad Request", "sent a response that is not understood"),
        ({}, "* BYE too many", "closed the connection"),
        ({"LOGIN": f"{{tag}} NO [UNAVAILABLE] {HIDDEN}"}, "* OK ready", "accepts no login at the moment"),
        ({"LOGIN": f"{{tag}} NO [PRIVACYREQUIRED] {HIDDEN}"}, "* OK ready", "accepts no login on a plain connection"),
        ({"LOGIN": f"{{tag}} BAD {HIDDEN}"}, "* OK ready", "refuses the user or the password"),
        ({"CAPABILITY": "* BYE gone"}, "* OK ready", "closed the connection"),
        ({"LIST": "{tag} OK done"}, "* OK ready", "has no folder for drafts: none is marked as \\Drafts"),
        ({"LIST": '* LIST () "/" "Dr&APY-fts"\r\n{tag} OK done'}, "* OK ready", "has no folder for drafts"),
        ({"LIST": '* LIST () "/" "&2A-"\r\n{tag} OK done'}, "* OK ready", "sent a response that is not understood"),
        (
            {"LIST": f'* LIST () "/" {HIDDEN}\r\n{{tag}} NO done'},
            "* OK ready",
            "has no folder for drafts",
        ),
        ({"APPEND": "{tag} NO [OVERQUOTA] full"}, "* OK ready", "is full. Make room"),
        ({"APPEND": "{tag} NO [TOOBIG]"}, "* OK ready", "accepts no mail of this size"),
        ({"APPEND": f"{{tag}} NO {HIDDEN}"}, "* OK ready", "does not accept the draft"),
    ],
)
def test_server_errors_are_reported_in_our_words(answers: dict[str, str], greeting: str, words: str) -> None:
    """The server's own may repeat what it was sent."""
    usual = {
        "CAPABILITY": "* CAPABILITY IMAP4rev1\r\n{tag} OK done",
        "LIST": '* LIST (\\Drafts) "/" "D"\r\n{tag} OK done',
        "LOGOUT": "* BYE\r\n{tag} OK done",
    }
    with scripted(usual | answers, greeting) as port:
        error = refusal(f"imap://127.0.0.1:{port}", password=HIDDEN)
    assert words in error
    assert error.startswith("The mailbox at 127.0.0.1 ")
    assert error.count(". ") >= 1


def test_an_unreachable_or_silent_server_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the setting to check; no wait is unlimited."""
    assert "can't be reached" in refusal("imap://127.0.0.1:9", password=HIDDEN)
    assert "the host name is unknown" in refusal("imaps://mail.invalid", password=HIDDEN)
    monkeypatch.setattr("exports.mail.connection.GREETING_SECONDS", 0.2)
    with scripted({"CAPABILITY": "* OK wait"}) as port:
        assert "does not answer in time" in refusal(f"imap://127.0.0.1:{port}", password=HIDDEN)


def test_a_token_is_sent_as_xoauth2() -> None:
    """The exact bytes; a refusal mentions that tokens expire."""
    received: list[bytes] = []
    usual = {"CAPABILITY": "* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n{tag} OK done", "AUTHENTICATE": "+ "}
    token = base64.b64encode(f"user=u\1auth=Bearer {HIDDEN}\1\1".encode()).decode()
    with scripted({**usual, token.upper(): "+ "}, heard=received) as port:
        refusal(f"imap://127.0.0.1:{port}", token=HIDDEN)
    assert any(line.split()[1:] == [b"AUTHENTICATE", b"XOAUTH2"] for line in received)
    assert token.encode() + b"\r\n" in received
    with scripted({**usual, "AUTHENTICATE": "{tag} NO done"}) as port:
        assert "refuses the user or the token. Check that PARTNER_CERTS_IMAP_TOKEN is new" in refusal(
            f"imap://127.0.0.1:{port}", token=HIDDEN
        )


def test_a_server_that_validates_tokens(mail_server: Dovecot) -> None:
    """Signed, unexpired and for this user; others are refused."""
    token = mail_server.token("bearer")
    with open_mailbox(Access(mail_server.url, "bearer", token=token)) as mailbox:
        mailbox.append(MAIL)
    assert [data for data, _ in mail_server.mails("bearer", DRAFTS)] == [MAIL]
    forged = f"{token[:-4]}{token[-4:].swapcase()}"
    for wrong in (mail_server.token("bearer", seconds=-60), mail_server.token("somebody"), forged):
        assert "refuses the user or the token" in refusal(mail_server.url, user="bearer", token=wrong)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"url": ""}, "PARTNER_CERTS_IMAP_URL"),
        ({"url": "https://mail.example"}, "neither imaps:// nor imap://"),
        ({"url": "imaps://"}, "neither imaps:// nor imap://"),
        ({"url": "imaps://mail.example:x"}, "neither imaps:// nor imap://"),
        ({"url": f"imaps://u:{HIDDEN}@mail.example"}, "nothing but the server's name"),
        ({"url": f"imaps://mail.example/{HIDDEN}"}, "nothing but the server's name"),
        ({"url": "imap://mail.example"}, "plain imap"),
        ({"user": ""}, "PARTNER_CERTS_IMAP_USER"),
        ({"password": ""}, "PARTNER_CERTS_IMAP_PASSWORD_BLOCK"),
        ({"token": HIDDEN}, "both a password and a token"),
        ({"password": f"{HIDDEN}\r\nA1 LOGOUT"}, "PARTNER_CERTS_IMAP_PASSWORD has line ends"),
        ({"user": "u\nA1 LOGOUT"}, "PARTNER_CERTS_IMAP_USER has line ends"),
        ({"token": f"{HIDDEN}ü", "password": ""}, "PARTNER_CERTS_IMAP_TOKEN has characters"),
    ],
)
def test_a_wrong_setting_is_named(wrong: dict[str, str], words: str) -> None:
    """Before any connection, and without its value."""
    good = {"url": "imaps://mail.example", "user": "u", "password": HIDDEN}
    with pytest.raises(WrongUsage) as stop:
        Access(**good | wrong)
    assert words in str(stop.value)
    assert HIDDEN not in str(stop.value)
    assert HIDDEN not in repr(Access(**good))


class Listed(NamedTuple):
    """A folder as listed by a server."""

    name: str
    delim: str = "/"
    flags: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("folders", "names", "notice"),
    [
        ([Listed("Drafts"), Listed("Entwürfe", "/", ("\\drafts",))], ("Entwürfe",), ""),
        ([Listed("INBOX"), Listed("INBOX.Drafts", ".")], ("INBOX.Drafts",), "'INBOX.Drafts' is taken"),
        ([Listed("[Gmail]/Brouillons")], ("[Gmail]/Brouillons",), "is taken"),
        ([Listed("Drafts", "/", ("\\Noselect",)), Listed("下書き", "")], ("下書き",), "is taken"),
        ([Listed("Drafts"), Listed("a/Entwürfe")], (), "several folders for drafts, and marks none: 'Drafts', "),
        ([Listed("INBOX"), Listed("Draft ideas")], (), "no folder for drafts: none is marked as \\Drafts"),
        ([Listed("a", "/", ("\\Drafts",)), Listed("b", "/", ("\\Drafts",))], ("a", "b"), ""),
    ],
)
def test_folders_are_found_by_special_use_or_else_by_name(
    folders: list[Listed], names: tuple[str, ...], notice: str
) -> None:
    """A name match gives a notice; an ambiguous one is refused."""
    found = find_folders(folders, "drafts")
    assert found.names == names
    assert notice in found.notice
    assert bool(found.notice) == bool(notice)
