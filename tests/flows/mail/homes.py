"""Homes with ready reports, for tests of what follows a release."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from exports.home import contacts as files
from exports.home import ledger
from exports.home.contacts import BY_HAND
from exports.home.layout import Home
from exports.mail.outlets import Folder
from flows.mail.draft import Drafts, make_drafts
from flows.mail.request import Request
from schemas.contacts import ContactRow
from tests.flows.review.folders import keep_run, release_all
from tests.people import SA, SALES, Label, Row, person

ANA = "ana@contoso.example"
DAY = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
PEOPLE: Mapping[Label, Sequence[Row]] = {
    "1001 Contoso": [
        person("Ana", "ana@contoso.example", courses=f"{SA}|{SALES}", Administrative_Privileges="Member Administrator"),
        person("Bo", "bo@contoso.example"),
    ],
    "1002 Fabrikam": [person("Cy", "cy@fabrikam.example")],
    "Litware": [person("Di", "di@litware.example")],
}


def release_run(home: Home, accounts: Mapping[Label, Sequence[Row]] = PEOPLE, number: int = 1, **more: Any) -> str:
    """A run of these accounts, approved and released on day `number`."""
    run = str(keep_run(home, accounts, number=number, **more)["run"])
    now = DAY + timedelta(days=number - 1)
    release_all(home, run, by="rev", reason="right", now=now)
    return run


def drafted(home: Home, *names: str, outlet: Any = None, at: datetime = DAY, **asked: Any) -> Drafts:
    """Make drafts, by default into the home's folder."""
    return make_drafts(home, Request(names=names, **asked), outlet or Folder(home.drafts), at)


def mail_in(path: Path) -> EmailMessage:
    """A draft as a mail program reads it."""
    mail = message_from_bytes(path.read_bytes(), policy=policy.SMTP)
    assert isinstance(mail, EmailMessage)
    return mail


def lines(home: Home, what: str) -> list[Mapping[str, Any]]:
    """The ledger's lines of a kind."""
    return [line for line in ledger.read(home) if line["what"] == what]


def contact(home: Home, *rows: tuple[str, ...], name: str = BY_HAND) -> None:
    """Write contacts: id, account, to, cc, language, profile, attach."""
    files.write(home, name, [ContactRow(0, *row) for row in rows])


def only(drafts: Drafts) -> Path:
    """The file of the only draft."""
    (made,) = drafts.made
    (path,) = made.files
    return path


def refusal_of(drafts: Drafts) -> str:
    """The reason why the only refused account is refused."""
    assert not drafts.made
    (refused,) = drafts.refused
    return refused.why
