"""The Sent folder proves what went to whom: each report once, in whatever bytes, and alarms until they are seen."""

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from exports.home.layout import Home
from exports.mail.access import Access
from exports.reports.rows import in_profile
from exports.reports.workbook import workbook
from flows.mail.scan import Scan, acknowledge, scan
from schemas.errors import Unreachable
from tests.flows.mail.homes import DAY, PEOPLE, drafted, lines, release_run
from tests.flows.mail.sent_mails import sent_mail
from tests.imap_peers import breaking_off
from tests.mailbox import PASSWORD, SENT, Dovecot
from tests.people import Row, person

ANA, CY, NEAR = "ana@contoso.example", "cy@fabrikam.example", "ana@contosso.example"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Three accounts are ready since 2026-11-22, 08:30."""
    made = Home(tmp_path / "home")
    release_run(made)
    return made


@pytest.fixture
def access(mail_server: Dovecot, request: pytest.FixtureRequest) -> Access:
    """A mailbox of the test's own."""
    name = hashlib.sha256(request.node.name.encode()).hexdigest()[:12]
    return Access(mail_server.url, name, PASSWORD)


def report(home: Home, name: str = "contoso-1001") -> bytes:
    """The bytes of a ready report."""
    return (home.ready / f"certifications-{name}.csv").read_bytes()


def scanned(home: Home, server: Dovecot, access: Access, *mails: bytes) -> Scan:
    """What a scan finds after these mails were sent."""
    server.put(access.user, mails)
    return scan(home, access)


def whys(found: Scan) -> list[tuple[str, list[str], str]]:
    """What the alarms are about."""
    return [(alarm["account"], alarm["to"], alarm["message_id"]) for alarm in found.alarms]


def test_each_report_is_noted_once(home: Home, mail_server: Dovecot, access: Access) -> None:
    """With its bytes, recipients, date and id; a second scan adds nothing, and no flag changes."""
    data = report(home)
    mail = sent_mail(f"Ana <{ANA}>", {"certifications_contoso.csv": data, "a.pdf": b"x"}, Bcc="bo@contoso.example")
    found = scanned(home, mail_server, access, mail, sent_mail(ANA, {}, id="<2@v.example>"))
    assert (found.scanned, found.alarms, found.notices) == (2, [], [])
    (line,) = found.sent
    assert lines(home, "sent") == [line]
    sha256 = hashlib.sha256(data).hexdigest()
    assert {key: line[key] for key in line if key not in ("run", "attachments")} == {  # type: ignore[literal-required]
        "at": "2026-11-23T09:00:00Z",
        "what": "sent",
        "account": "Contoso",
        "account_id": "1001",
        "sha256": sha256,
        "by": "",
        "reason": "",
        "to": [ANA, "bo@contoso.example"],
        "message_id": "<1@vendor.example>",
        "attachment_sha256": sha256,
    }
    assert scan(home, access).sent == []
    assert len(lines(home, "sent")) == 1
    assert all(flags == {"\\Recent"} for _, flags in mail_server.mails(access.user, SENT))
    assert drafted(home, "1001", to=[ANA]).already, "who has it gets no second draft"


def test_a_report_is_known_in_any_of_its_bytes(home: Home, mail_server: Dovecot, access: Access) -> None:
    """The other profile and the workbook, under any name; both in one mail are one line."""
    data = report(home)
    first = sent_mail(ANA, {"x.csv": in_profile(data, "eu"), "y.xlsx": workbook(data)}, id="")
    second = sent_mail(ANA, {"both.csv": data}, id="")
    found = scanned(home, mail_server, access, first, second, second)
    sha256 = hashlib.sha256(data).hexdigest()
    assert [(line["sha256"], len(line["attachments"])) for line in found.sent] == [(sha256, 2), (sha256, 1)]
    assert found.alarms == []
    assert all(line["message_id"].startswith("sha256:") for line in found.sent)
    assert scan(home, access).sent == []


def test_whom_it_should_not_have_gone_to(home: Home, mail_server: Dovecot, access: Access) -> None:
    """Cc and Bcc are judged as To; who is new is none, and whom somebody let through."""
    mails = [
        sent_mail(ANA, {"x.csv": report(home)}, id="<1@v>", Cc=f"Cy <{CY}>", Bcc=NEAR),
        sent_mail("zoe@new.example", {"x.csv": report(home)}, id="<2@v>"),
        sent_mail(CY, {"x.csv": report(home, "fabrikam-1002")}, id="<3@v>"),
    ]
    found = scanned(home, mail_server, access, *mails)
    assert whys(found) == [("Contoso", [CY], "<1@v>"), ("Contoso", [NEAR], "<1@v>")]
    assert "belongs to Fabrikam, not to Contoso" in found.alarms[0]["why"]
    assert "one edit away" in found.alarms[1]["why"]
    assert len(found.sent) == 3
    assert whys(scan(home, access)) == whys(found), "told until somebody has seen it"
    ack = acknowledge(home, "1@v", by="me", reason="A joint mail", now=DAY)
    assert (ack["account"], ack["message_id"], ack["by"]) == ("Contoso", "<1@v>", "me")
    assert scan(home, access).alarms == []


def test_who_was_right_when_it_went_is_no_alarm(home: Home, mail_server: Dovecot, access: Access) -> None:
    """Bo has left for Fabrikam since then, and Contoso has nobody of its domain any more."""
    before = report(home)
    bo = person("Bo", "bo@contoso.example")
    moved: Mapping[str, list[Row]] = {"1001 Contoso": [person("Ed", "ed@other.example")], "1002 Fabrikam": [bo]}
    release_run(home, moved, number=3)
    mails = [
        sent_mail("bo@contoso.example", {"x.csv": before}, id="<1@v>"),
        sent_mail("new@contoso.example", {"x.csv": before}, id="<2@v>"),
        sent_mail("bo@contoso.example", {"x.csv": report(home)}, id="<3@v>", date="Wed, 25 Nov 2026 10:00:00 +0000"),
    ]
    assert whys(scanned(home, mail_server, access, *mails)) == [("Contoso", ["bo@contoso.example"], "<3@v>")]


def test_bytes_that_were_never_released(home: Home, mail_server: Dovecot, access: Access) -> None:
    """Under the name of a report: saved by a spreadsheet, of a run that nobody approved, or made up."""
    mails = [
        sent_mail(ANA, {"certifications_contoso_2026-11-22.csv": report(home) + b"x"}, id="<1@v>"),
        sent_mail(ANA, {"Certifications (2).xlsx": b"PK"}, id="<2@v>"),
        sent_mail(ANA, {"other.csv": b"x", "my certifications.csv": b"y"}, id="<3@v>"),
    ]
    found = scanned(home, mail_server, access, *mails)
    assert whys(found) == [("Contoso", [ANA], "<1@v>"), ("", [ANA], "<2@v>")]
    assert all("never released" in alarm["why"] for alarm in found.alarms)
    assert found.sent == []
    assert acknowledge(home, "<2@v>", by="me", reason="A test", now=DAY)["account"] == ""
    assert whys(scan(home, access)) == whys(found)[:1]


def test_bytes_that_had_been_replaced(home: Home, mail_server: Dovecot, access: Access) -> None:
    """Before the mail's date, or taken out; what was in force then is well, also if it came back later."""
    old, other = report(home), report(home, "fabrikam-1002")
    release_run(home, {"1001 Contoso": PEOPLE["1001 Contoso"][:1], "Litware": PEOPLE["Litware"]}, number=3)
    mails = [
        sent_mail(ANA, {"x.csv": old}, id="<1@v>", date="Mon, 23 Nov 2026 10:00:00 +0000"),
        sent_mail(ANA, {"x.csv": old}, id="<2@v>", date="Tue, 24 Nov 2026 10:00:00 +0000"),
        sent_mail(CY, {"x.csv": other}, id="<3@v>", date="Tue, 24 Nov 2026 10:00:00 +0000"),
        sent_mail(ANA, {"x.csv": report(home)}, id="<4@v>", date="Tue, 24 Nov 2026 10:00:00 +0000"),
        sent_mail(ANA, {"x.csv": old}, id="<5@v>", date="Sat, 21 Nov 2026 10:00:00 +0000"),
    ]
    found = scanned(home, mail_server, access, *mails)
    assert whys(found) == [("Contoso", [ANA], "<2@v>"), ("Fabrikam", [CY], "<3@v>")]
    assert "had been replaced on 2026-11-24T08:30:00Z" in found.alarms[0]["why"]
    release_run(home, PEOPLE, number=5)
    assert not [alarm for alarm in scan(home, access).alarms if alarm["message_id"] == "<4@v>"]


def test_the_same_report_of_two_accounts_is_that_of_whose_people_got_it(
    tmp_path: Path, mail_server: Dovecot, access: Access
) -> None:
    """The bytes alone don't say."""
    home = Home(tmp_path / "twins")
    release_run(home, {"1 Contoso": [person("A", ANA)], "2 Fabrikam": [person("A", ANA)]})
    found = scanned(home, mail_server, access, sent_mail(ANA, {"x.csv": report(home, "fabrikam-2")}))
    assert len(found.sent) == 1
    assert found.alarms == []


def test_only_mails_since_a_day_are_read(home: Home, mail_server: Dovecot, access: Access) -> None:
    """By their dates."""
    dates = ("Sun, 22 Nov 2026 23:59:59 +0000", "Mon, 23 Nov 2026 00:00:00 +0000", "Tue, 24 Nov 2026 00:30:00 +0100")
    mails = [sent_mail(ANA, {}, date=date, id=f"<{number}@v>") for number, date in enumerate(dates)]
    mail_server.put(access.user, mails)
    assert scan(home, access, date(2026, 11, 23)).scanned == 2
    assert scan(home, access, date(2026, 11, 25)).scanned == 0


def test_a_mail_that_can_t_be_read_is_told(home: Home, mail_server: Dovecot, access: Access) -> None:
    """The others are read."""
    hostile = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\r\n\r\n--{n}\r\n' for n in range(1500)).encode()
    found = scanned(home, mail_server, access, hostile, sent_mail(ANA, {"x.csv": report(home)}))
    assert (found.scanned, len(found.sent)) == (1, 1)
    assert "1 mail could not be read" in found.notices[0]


def test_a_scan_that_breaks_off_notes_nothing(home: Home, mail_server: Dovecot, access: Access) -> None:
    """Nobody takes half of a folder for all of it."""
    mail_server.put(access.user, [sent_mail(ANA, {"x.csv": report(home)})])
    with breaking_off(mail_server.port, lambda sent: b"BODY.PEEK" in sent) as port:
        broken = Access(f"imap://127.0.0.1:{port}", access.user, PASSWORD)
        with pytest.raises(Unreachable, match="closed the connection"):
            scan(home, broken)
    assert not lines(home, "sent")
