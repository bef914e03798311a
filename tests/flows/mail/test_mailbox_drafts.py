"""Drafts in the mailbox: each is recorded as soon as it is there, so that an interruption loses nothing."""

from pathlib import Path

import pytest

from exports.home import contacts as files
from exports.home.contacts import BY_HAND
from exports.home.layout import Home
from exports.mail.access import Access
from flows.mail.draft import make_drafts_in_mailbox
from flows.mail.request import Request
from schemas.contacts import ContactRow
from schemas.errors import NotAllowed, Unreachable
from tests.flows.mail.homes import DAY, lines, release_run
from tests.imap_peers import breaking_off
from tests.mailbox import DRAFTS, PASSWORD, Dovecot

PEOPLE = {"1001": "ana@contoso.example", "1002": "cy@fabrikam.example", "": "di@litware.example"}
ALL = Request(changed=True, by="me")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Three accounts are ready, each with a recipient."""
    home = Home(tmp_path / "home")
    release_run(home)
    rows = [ContactRow(0, account_id, "" if account_id else "Litware", to) for account_id, to in PEOPLE.items()]
    files.write(home, BY_HAND, rows)
    return home


def test_all_drafts_are_put_there_once(home: Home, mail_server: Dovecot) -> None:
    """The same bytes as in a file."""
    access = Access(mail_server.url, "all", PASSWORD)
    drafts = make_drafts_in_mailbox(home, ALL, access, DAY)
    assert [made.files for made in drafts.made] == [[], [], []]
    mails = mail_server.mails("all", DRAFTS)
    assert [data for data, _ in mails] == [made.draft.message for made in drafts.made]
    assert all(flags >= {"\\Draft", "\\Seen"} for _, flags in mails)
    assert [line["to"] for line in lines(home, "drafted")] == [[to] for to in PEOPLE.values()]
    assert not make_drafts_in_mailbox(home, ALL, access, DAY).made
    assert len(mail_server.mails("all", DRAFTS)) == 3


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_broken_connection_loses_nothing(home: Home, mail_server: Dovecot, number: int) -> None:
    """What arrived is recorded; the same command makes the rest."""
    user = f"dies{number}"
    with breaking_off(mail_server.port, lambda sent: sent.count(b" APPEND ") == number) as port:
        broken = Access(f"imap://127.0.0.1:{port}", user, PASSWORD)
        with pytest.raises(Unreachable) as stop:
            make_drafts_in_mailbox(home, ALL, broken, DAY)
    progress = f"{number - 1} of 3 drafts were put there and noted" if number > 1 else "No draft was put there"
    assert progress in str(stop.value)
    assert len(mail_server.mails(user, DRAFTS)) == len(lines(home, "drafted")) == number - 1
    assert len(make_drafts_in_mailbox(home, ALL, Access(mail_server.url, user, PASSWORD), DAY).made) == 4 - number
    assert len(mail_server.mails(user, DRAFTS)) == len(lines(home, "drafted")) == 3


def test_the_home_is_not_locked_while_the_mailbox_is_slow(
    home: Home, mail_server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release need not wait; another command that drafts does."""
    monkeypatch.setattr("exports.home.layout.LOCK_SECONDS", 0.1)
    events: list[str] = []

    def meanwhile(sent: bytes) -> bool:
        if b" APPEND " in sent and not events:
            with home.writing():
                events.append("writing")
            with pytest.raises(NotAllowed, match="is putting drafts into the mailbox"):
                make_drafts_in_mailbox(home, ALL, Access(mail_server.url, "other", PASSWORD), DAY)
        return False

    with breaking_off(mail_server.port, meanwhile) as port:
        make_drafts_in_mailbox(home, ALL, Access(f"imap://127.0.0.1:{port}", "slow", PASSWORD), DAY)
    assert events == ["writing"]
    assert len(lines(home, "drafted")) == 3
