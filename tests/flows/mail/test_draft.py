"""Drafts: an .eml file with the right attachment for the right person, or a refusal."""

import hashlib
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from exports.home.layout import Home
from schemas.errors import NoSuchAccount, WrongUsage
from tests.flows.mail.homes import ANA, DAY, PEOPLE, contact, drafted, lines, mail_in, only, refusal_of, release_run
from tests.flows.review.folders import keep_run
from tests.people import SALES, person

HOSTILE: Any = [
    "Evil\r\nBcc: all@fabrikam.example",
    "Evil\nX-Unsent: 0",
    "=?utf-8?q?x=0D=0ABcc:_a@b.example?=",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}{% for a in b %}",
    "Ev\u202eil\u0000\u2028 Söhne 日本",
    "x" * 3000,
    '"; filename="evil.exe',
]


def test_a_draft_has_the_report_for_its_recipient(home: Home) -> None:
    """To, Cc, subject and attachment are one account's; headers that a mail program sets are left out."""
    contact(home, ("1001", "Contoso", ANA, "owner@vendor.example"))
    path = only(drafted(home, "contoso", sender="Partner desk <desk@vendor.example>"))
    mail = mail_in(path)
    assert path.name == "certifications-contoso-1001_2026-11-22.eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [(name, mail[name]) for name in ("X-Unsent", "To", "Cc", "From", "Subject")] == [
        ("X-Unsent", "1"),
        ("To", ANA),
        ("Cc", "owner@vendor.example"),
        ("From", "Partner desk <desk@vendor.example>"),
        ("Subject", "Certification report: Contoso, 2026-11-22"),
    ]
    assert not set(mail.keys()) & {"Bcc", "Date", "Message-ID", "In-Reply-To", "References"}
    (attachment,) = mail.iter_attachments()
    assert attachment.get_filename() == "certifications_contoso_2026-11-22.csv"
    assert (attachment.get_content_type(), attachment.get_content_charset()) == ("text/csv", "utf-8")
    assert attachment["Content-Transfer-Encoding"] == "base64"
    report = (home.ready / "certifications-contoso-1001.csv").read_bytes()
    assert attachment.get_payload(decode=True) == report
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert "Dear partners at Contoso," in text.get_content()
    assert "It lists 2 people." in html.get_content()
    assert "Partner desk" in text.get_content()
    assert b"\n" not in path.read_bytes().replace(b"\r\n", b"")


def test_a_draft_is_recorded_in_the_ledger(home: Home) -> None:
    """Account, hash, recipients, author."""
    drafted(home, "1001", to=[ANA], by="me")
    report = (home.ready / "certifications-contoso-1001.csv").read_bytes()
    sha256 = hashlib.sha256(report).hexdigest()
    (line,) = lines(home, "drafted")
    assert {key: line[key] for key in ("at", "account", "account_id", "sha256", "by", "to", "attachment_sha256")} == {
        "at": "2026-11-22T08:30:00Z",
        "account": "Contoso",
        "account_id": "1001",
        "sha256": sha256,
        "by": "me",
        "to": [ANA],
        "attachment_sha256": sha256,
    }
    assert line["run"].endswith("nightly-000001")


def test_equal_drafts_are_made_once(home: Home) -> None:
    """Unless --again is given."""
    contact(home, ("1001", "Contoso", f"{ANA}; bo@contoso.example"))
    first = only(drafted(home, "1001"))
    repeated = drafted(home, "1001")
    assert not repeated.made
    assert not repeated.refused
    assert repeated.already[0].line["at"] == "2026-11-22T08:30:00Z"
    assert not drafted(home, "1001", to=["BO@contoso.example"]).made  # one of the recipients has it
    assert drafted(home, "1001", to=[ANA], attach="xlsx").made  # other bytes
    assert only(drafted(home, "1001", again=True)) == first


def test_changed_drafts_are_those_not_yet_drafted_or_sent(home: Home) -> None:
    """To any recipient; a new report counts again."""
    contact(home, ("1001", "Contoso", ANA), ("1002", "Fabrikam", "cy@fabrikam.example"))
    first = drafted(home, changed=True)
    assert [made.row["account"] for made in first.made] == ["Contoso", "Fabrikam"]
    assert [refused.row["account"] for refused in first.refused] == ["Litware"]
    assert not drafted(home, changed=True).made
    release_run(home, {**PEOPLE, "1002 Fabrikam": [person("Cy", "cy@fabrikam.example", courses=SALES)]}, number=2)
    (made,) = drafted(home, changed=True).made
    assert made.row["account"] == "Fabrikam"
    assert len(drafted(home, every=True).already) == 2


def test_an_unready_account_is_refused_and_an_unknown_one_makes_nothing(home: Home) -> None:
    """An unknown name stops all drafts."""
    keep_run(home, {"1009 Tailspin": [person("Tim")]}, held=[("1010 Wingtip", 1)], number=2)
    drafts = drafted(home, "1001", "tailspin", "1010", to=[ANA])
    assert [refused.row["account"] for refused in drafts.refused] == ["Tailspin", "Wingtip"]
    assert "no ready report" in drafts.refused[0].why
    with pytest.raises(NoSuchAccount, match=r"no account 'Contoos'.* Did you mean 'Contoso'"):
        drafted(home, "1002", "Contoos")
    assert len(lines(home, "drafted")) == 1


def test_an_altered_report_is_not_drafted(home: Home) -> None:
    """Only approved bytes are attached."""
    path = home.ready / "certifications-contoso-1001.csv"
    path.write_bytes(path.read_bytes().replace(b"Bo", b"Bob"))
    assert "not what was approved" in refusal_of(drafted(home, "1001", to=[ANA]))


@pytest.mark.parametrize("name", HOSTILE)
def test_partners_text_can_not_control_a_mail(tmp_path: Path, name: str) -> None:
    """No header, markup or template comes from it."""
    home = Home(tmp_path / "home")
    release_run(home, {("1", name): [person("Ana", ANA)]}, files={("1", name): "certifications-evil-1.csv"})
    path = only(drafted(home, "1", to=[ANA]))
    mail = mail_in(path)
    assert mail.keys() == ["X-Unsent", "To", "Subject", "MIME-Version", "Content-Type"]
    assert (mail["X-Unsent"], mail["To"]) == ("1", ANA)
    assert "\n" not in str(mail["Subject"])
    assert max(map(len, path.read_bytes().split(b"\r\n"))) <= 998
    html = mail.get_body(("html",))
    assert html is not None
    assert "<script" not in html.get_content()
    assert "49" not in mail["Subject"]
    (attachment,) = mail.iter_attachments()
    assert attachment.get_filename() == "certifications_evil_2026-11-22.csv"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"to": ["ana"]}, "'ana' is not one plain e-mail address"),
        ({"cc": ["a@b.example\nBcc: c@d.example"]}, "is not one plain e-mail address"),
        ({"to": [ANA], "confirm": [ANA]}, "--by WHO"),
    ],
)
def test_an_invalid_request_makes_nothing(home: Home, asked: Any, words: str) -> None:
    """It is checked first."""
    with pytest.raises(WrongUsage, match=words):
        drafted(home, "1001", **asked)
    assert not home.drafts.exists()


def test_draft_lines_are_no_decisions(home: Home) -> None:
    """They approve nothing, and the date is that of the release of these bytes."""
    drafted(home, "1001", to=[ANA])
    release_run(home, {**PEOPLE, "1002 Fabrikam": [person("New", "new@fabrikam.example")]}, number=3)
    (made,) = drafted(home, "1001", to=[ANA], again=True).made
    assert made.draft.name == "certifications-contoso-1001_2026-11-22"
    assert drafted(home, "1002", to=["new@fabrikam.example"]).made[0].draft.name.endswith("_2026-11-24")
    assert json.loads(home.ledger.read_bytes().splitlines()[-1])["what"] == "drafted"
    assert DAY.date().isoformat() == "2026-11-22"


def test_a_draft_without_recipients_is_a_different_mail(home: Home) -> None:
    """One to somebody doesn't prevent it; another without recipients does."""
    only(drafted(home, "Contoso", to=[ANA]))
    only(drafted(home, "Contoso", no_to=True))
    assert drafted(home, "Contoso", no_to=True).already
