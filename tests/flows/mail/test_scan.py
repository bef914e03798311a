"""The Sent folder proves what went to whom: each report is recorded once, and alarms stay until acknowledged."""

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
def access(mail_server: Dovecot, request: pytest.FixtureRequest) -> Access:
    """The test's own mailbox."""
    name = hashlib.sha256(request.node.name.encode()).hexdigest()[:12]
    return Access(mail_server.url, name, PASSWORD)


def report(home: Home, name: str = "contoso-1001") -> bytes:
    """The bytes of a ready report."""
    return (home.ready / f"certifications-{name}.csv").read_bytes()


def scanned(home: Home, server: Dovecot, access: Access, *mails: bytes) -> Scan:
    """Put these mails into the Sent folder and scan."""
    server.put(access.user, mails)
    return scan(home, access)


def alarms_of(result: Scan) -> list[tuple[str, list[str], str]]:
    """Account, recipients and message id of each alarm."""
    return [(alarm["account"], alarm["to"], alarm["message_id"]) for alarm in result.alarms]


def test_each_report_is_recorded_once(home: Home, mail_server: Dovecot, access: Access) -> None:
    """With hash, recipients, date and id; a second scan adds nothing, and flags stay."""
    data = report(home)
    mail = sent_mail(f"Ana <{ANA}>", {"certifications_contoso.csv": data, "a.pdf": b"x"}, Bcc="bo@contoso.example")
    result = scanned(home, mail_server, access, mail, sent_mail(ANA, {}, id="<2@v.example>"))
    assert (result.scanned, result.alarms, result.notices) == (2, [], [])
    (line,) = result.sent
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


def test_a_report_is_recognized_in_every_format(home: Home, mail_server: Dovecot, access: Access) -> None:
    """The other profile and the workbook, under any name; both in one mail are one line."""
    data = report(home)
    first = sent_mail(ANA, {"x.csv": in_profile(data, "eu"), "y.xlsx": workbook(data)}, id="")
    second = sent_mail(ANA, {"both.csv": data}, id="")
    result = scanned(home, mail_server, access, first, second, second)
    sha256 = hashlib.sha256(data).hexdigest()
    assert [(line["sha256"], len(line["attachments"])) for line in result.sent] == [(sha256, 2), (sha256, 1)]
    assert result.alarms == []
    assert all(line["message_id"].startswith("sha256:") for line in result.sent)
    assert scan(home, access).sent == []


def test_a_wrong_recipient_is_an_alarm(home: Home, mail_server: Dovecot, access: Access) -> None:
    """In Cc and Bcc too; a new or confirmed address is none."""
    mails = [
        sent_mail(ANA, {"x.csv": report(home)}, id="<1@v>", Cc=f"Cy <{CY}>", Bcc=NEAR),
        sent_mail("zoe@new.example", {"x.csv": report(home)}, id="<2@v>"),
        sent_mail(CY, {"x.csv": report(home, "fabrikam-1002")}, id="<3@v>"),
    ]
    result = scanned(home, mail_server, access, *mails)
    assert alarms_of(result) == [("Contoso", [CY], "<1@v>"), ("Contoso", [NEAR], "<1@v>")]
    assert "belongs to Fabrikam, not to Contoso" in result.alarms[0]["why"]
    assert "one edit away" in result.alarms[1]["why"]
    assert len(result.sent) == 3
    assert alarms_of(scan(home, access)) == alarms_of(result), "it stays until somebody has seen it"
    ack = acknowledge(home, "1@v", by="me", reason="A joint mail", now=DAY)
    assert (ack["account"], ack["message_id"], ack["by"]) == ("Contoso", "<1@v>", "me")
    assert scan(home, access).alarms == []


def test_a_recipient_who_was_right_then_is_no_alarm(home: Home, mail_server: Dovecot, access: Access) -> None:
    """Bo has moved to Fabrikam since, and Contoso's domain has changed."""
    before = report(home)
    bo = person("Bo", "bo@contoso.example")
    moved: Mapping[str, list[Row]] = {"1001 Contoso": [person("Ed", "ed@other.example")], "1002 Fabrikam": [bo]}
    release_run(home, moved, number=3)
    mails = [
        sent_mail("bo@contoso.example", {"x.csv": before}, id="<1@v>"),
        sent_mail("new@contoso.example", {"x.csv": before}, id="<2@v>"),
        sent_mail("bo@contoso.example", {"x.csv": report(home)}, id="<3@v>", date="Wed, 25 Nov 2026 10:00:00 +0000"),
    ]
    assert alarms_of(scanned(home, mail_server, access, *mails)) == [("Contoso", ["bo@contoso.example"], "<3@v>")]


def test_bytes_never_released_are_an_alarm(home: Home, mail_server: Dovecot, access: Access) -> None:
    """Under a report's name: resaved by a spreadsheet, never approved, or made up."""
    mails = [
        sent_mail(ANA, {"certifications_contoso_2026-11-22.csv": report(home) + b"x"}, id="<1@v>"),
        sent_mail(ANA, {"Certifications (2).xlsx": b"PK"}, id="<2@v>"),
        sent_mail(ANA, {"other.csv": b"x", "my certifications.csv": b"y"}, id="<3@v>"),
    ]
    result = scanned(home, mail_server, access, *mails)
    assert alarms_of(result) == [("Contoso", [ANA], "<1@v>"), ("", [ANA], "<2@v>")]
    assert all("never released" in alarm["why"] for alarm in result.alarms)
    assert result.sent == []
    assert acknowledge(home, "<2@v>", by="me", reason="A test", now=DAY)["account"] == ""
    assert alarms_of(scan(home, access)) == alarms_of(result)[:1]


def test_replaced_bytes_are_an_alarm(home: Home, mail_server: Dovecot, access: Access) -> None:
    """If replaced or removed before the mail's date, even if they came back later."""
    old, other = report(home), report(home, "fabrikam-1002")
    release_run(home, {"1001 Contoso": PEOPLE["1001 Contoso"][:1], "Litware": PEOPLE["Litware"]}, number=3)
    mails = [
        sent_mail(ANA, {"x.csv": old}, id="<1@v>", date="Mon, 23 Nov 2026 10:00:00 +0000"),
        sent_mail(ANA, {"x.csv": old}, id="<2@v>", date="Tue, 24 Nov 2026 10:00:00 +0000"),
        sent_mail(CY, {"x.csv": other}, id="<3@v>", date="Tue, 24 Nov 2026 10:00:00 +0000"),
        sent_mail(ANA, {"x.csv": report(home)}, id="<4@v>", date="Tue, 24 Nov 2026 10:00:00 +0000"),
        sent_mail(ANA, {"x.csv": old}, id="<5@v>", date="Sat, 21 Nov 2026 10:00:00 +0000"),
    ]
    result = scanned(home, mail_server, access, *mails)
    assert alarms_of(result) == [("Contoso", [ANA], "<2@v>"), ("Fabrikam", [CY], "<3@v>")]
    assert "had been replaced on 2026-11-24T08:30:00Z" in result.alarms[0]["why"]
    release_run(home, PEOPLE, number=5)
    assert not [alarm for alarm in scan(home, access).alarms if alarm["message_id"] == "<4@v>"]


def test_an_equal_report_of_two_accounts_is_attributed_by_recipient(
    tmp_path: Path, mail_server: Dovecot, access: Access
) -> None:
    """The bytes are ambiguous."""
    home = Home(tmp_path / "twins")
    release_run(home, {"1 Contoso": [person("A", ANA)], "2 Fabrikam": [person("A", ANA)]})
    result = scanned(home, mail_server, access, sent_mail(ANA, {"x.csv": report(home, "fabrikam-2")}))
    assert len(result.sent) == 1
    assert result.alarms == []


def test_only_mails_since_a_day_are_read(home: Home, mail_server: Dovecot, access: Access) -> None:
    """By their dates."""
    dates = ("Sun, 22 Nov 2026 23:59:59 +0000", "Mon, 23 Nov 2026 00:00:00 +0000", "Tue, 24 Nov 2026 00:30:00 +0100")
    mails = [sent_mail(ANA, {}, date=date, id=f"<{number}@v>") for number, date in enumerate(dates)]
    mail_server.put(access.user, mails)
    assert scan(home, access, date(2026, 11, 23)).scanned == 2
    assert scan(home, access, date(2026, 11, 25)).scanned == 0


def test_an_unreadable_mail_is_reported(home: Home, mail_server: Dovecot, access: Access) -> None:
    """The others are read."""
    hostile = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\r\n\r\n--{n}\r\n' for n in range(1500)).encode()
    result = scanned(home, mail_server, access, hostile, sent_mail(ANA, {"x.csv": report(home)}))
    assert (result.scanned, len(result.sent)) == (1, 1)
    assert "1 mail could not be read" in result.notices[0]


def test_an_interrupted_scan_records_nothing(home: Home, mail_server: Dovecot, access: Access) -> None:
    """Half a folder must not pass for all of it."""
    mail_server.put(access.user, [sent_mail(ANA, {"x.csv": report(home)})])
    with breaking_off(mail_server.port, lambda sent: b"BODY.PEEK" in sent) as port:
        broken = Access(f"imap://127.0.0.1:{port}", access.user, PASSWORD)
        with pytest.raises(Unreachable, match="closed the connection"):
            scan(home, broken)
    assert not lines(home, "sent")
