"""Drafts: an .eml file with the right attachment for the right person, or a refusal."""

import hashlib
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from exports.home import contacts as files
from exports.home import tiers
from exports.home.contacts import BY_HAND, PULLED
from exports.home.layout import Home
from exports.mail.outlets import Folder, Pasted, staging_of
from exports.reports.rows import cells, in_profile
from exports.reports.workbook import workbook
from flows.mail.draft import Drafts
from schemas.contacts import ContactRow
from schemas.errors import NoSuchAccount, WrongUsage
from tests.flows.mail.homes import DAY, PEOPLE, drafted, lines, mail_in, release_run
from tests.flows.review.folders import keep_run
from tests.people import PSE21, SA, SALES, person

ANA = "ana@contoso.example"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Three accounts are ready since 2026-11-22."""
    made = Home(tmp_path / "home")
    release_run(made)
    return made


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


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("cy@fabrikam.example", "belongs to Fabrikam, not to Contoso"),
        ("x@eu.fabrikam.example", "belongs to Fabrikam, not to Contoso"),
        ("ana@contosso.example", "Did you mean @contoso.example?"),
        ("ana@new.example", "confirm it once: --confirm ADDRESS --by WHO"),
    ],
)
def test_a_draft_to_the_wrong_person_is_refused(home: Home, address: str, words: str) -> None:
    """With the other company's name, the likely domain, or how to confirm; nothing is made."""
    drafts = drafted(home, "1001", to=[ANA, address])
    assert words in refusal_of(drafts)
    assert address in refusal_of(drafts)
    assert "@contoso.example?" in drafts.refused[0].plain or address.partition("@")[2] not in drafts.refused[0].plain
    assert address not in drafts.refused[0].plain
    assert not lines(home, "drafted")
    assert not list(home.drafts.glob("*"))


def test_a_confirmed_new_address_is_remembered(home: Home) -> None:
    """For this account only."""
    new, other = "zoe@new.example", "cy@fabrikam.example"
    assert drafted(home, "1001", to=[new], confirm=[new], by="me").made
    assert drafted(home, "1001", to=["ZOE@new.example"], again=True).made
    assert "confirm it once" in refusal_of(drafted(home, "Litware", to=[new]))
    assert "belongs to Fabrikam" in refusal_of(drafted(home, "1001", to=[other], confirm=[other], by="me"))
    (line,) = lines(home, "contact")
    assert (line["account_id"], line["to"], line["by"], line["confirmed"]) == ("1001", [new], "me", True)
    with pytest.raises(WrongUsage, match="--by"):
        drafted(home, "1001", to=[new], confirm=[new])


def test_without_a_recipient_the_administrators_are_suggested(home: Home) -> None:
    """None is chosen; --no-to leaves To blank."""
    refused = drafted(home, "1001")
    assert "its administrators are Ana <ana@contoso.example>" in refusal_of(refused)
    assert "ana@" not in refused.refused[0].plain
    assert mail_in(only(drafted(home, "1001", no_to=True)))["To"] == ""


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


def test_a_draft_never_overwrites_another(home: Home) -> None:
    """Someone may have edited it."""
    first = only(drafted(home, "1001", to=[ANA]))
    second = only(drafted(home, "1001", to=["bo@contoso.example"]))
    assert second.name == "certifications-contoso-1001_2026-11-22-2.eml"
    assert (mail_in(first)["To"], mail_in(second)["To"]) == (ANA, "bo@contoso.example")


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


def test_changes_since_the_last_report_are_summarised(home: Home) -> None:
    """The last one sent or drafted, or else the previous ready one."""
    drafted(home, "1001", to=[ANA])
    now = [person("Ana", ANA, courses=SA), person("Eve", "eve@contoso.example", courses=SALES)]
    release_run(home, {**PEOPLE, "1001 Contoso": now}, number=2)
    body = mail_in(only(drafted(home, "1001", to=[ANA]))).get_body(("plain",))
    assert body is not None
    assert (
        "Since your last report: one person joined, one person left, one course is no longer listed, "
        "details of one person changed." in body.get_content()
    )
    assert "last report" not in str(mail_in(only(drafted(home, "1002", to=["cy@fabrikam.example"]))))


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", f"Your tier is <Silver>; for Gold you need 2 more people with {SA} and one more person with {PSE21}."),
        ("de", f"Ihre Stufe ist <Silver>; für Gold fehlen noch 2 weitere Personen mit {SA} und eine weitere Person"),
        ("fr", f"Votre niveau est <Silver> ; pour Gold, il vous faut 2 personnes de plus avec {SA} et une personne de"),
        ("es", f"Su nivel es <Silver>; para Gold necesita 2 personas más con {SA} y una persona más con {PSE21}."),
        ("ja", f"現在のレベルは <Silver> です。Gold には {SA} があと 2 名、{PSE21} があと 1 名必要です。"),
    ],
)
def test_with_tiers_a_mail_says_what_the_next_one_needs(home: Home, language: str, sentence: str) -> None:
    """In its language, escaped in HTML; Impartner's tier takes precedence over the computed one."""
    rows = ["tier,course,people", f"<silver>,{SA},1", f"Gold,{SA},3", f"Gold,{PSE21},1"]
    (home.root / "tiers.csv").write_text("\n".join(rows))
    tiers.write_given(home, {"1001": "<Silver>"})
    (made,) = drafted(home, "Contoso", to=["ana@contoso.example"], language=language).made
    mail = mail_in(made.files[0])
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert sentence in text
    assert sentence.replace("<Silver>", "&lt;Silver&gt;") in html


def test_an_invalid_tiers_file_makes_no_mail(home: Home) -> None:
    """It is named, with its row."""
    (home.root / "tiers.csv").write_text("tier,course,people\nGold,Sale,1\n")
    with pytest.raises(WrongUsage, match=r"tiers\.csv, row 2, column course"):
        drafted(home, "Contoso", to=["ana@contoso.example"])
    assert not home.drafts.exists()


def test_without_drafts_the_previous_ready_report_is_the_last(home: Home) -> None:
    """Even under another file name; a report that no run has is not mentioned."""
    accounts = {**PEOPLE, "1001 Contoso": [person("Ana", ANA)]}
    release_run(home, accounts, number=2, files={"1001 Contoso": "certifications-contoso-ag-1001.csv"})
    assert "one person left" in str(drafted(home, "1001", to=[ANA], again=True).made[0].draft.text.text)
    for path in home.runs.glob("*000001/reports/*"):
        path.unlink()
    assert "last report" not in drafted(home, "1001", to=[ANA], again=True).made[0].draft.text.text


def test_a_partner_gets_its_contact_s_profile_and_workbook(home: Home) -> None:
    """The same cells in other bytes, recorded with their hashes."""
    contact(home, ("1001", "Contoso", ANA, "", "DE", "eu", "both"))
    mail = mail_in(only(drafted(home, "1001")))
    table, book = (part.get_payload(decode=True) for part in mail.iter_attachments())
    report = (home.ready / "certifications-contoso-1001.csv").read_bytes()
    assert table == in_profile(report, "eu") != report
    assert cells(table) == cells(report)
    assert book == workbook(report)
    assert [part.get_filename() for part in mail.iter_attachments()] == [
        "certifications_contoso_2026-11-22.csv",
        "certifications_contoso_2026-11-22.xlsx",
    ]
    assert mail["Subject"] == "Zertifizierungsbericht: Contoso, 2026-11-22"
    (line,) = lines(home, "drafted")
    hashes = [hashlib.sha256(data).hexdigest() for data in (table, book)]
    assert line["attachments"] == hashes
    assert line["attachment_sha256"] == hashes[0] != line["sha256"]


def test_a_manual_contact_overrides_the_pulled_one(home: Home) -> None:
    """As a whole row, including blanks."""
    contact(home, ("1001", "Contoso", ANA, "owner@vendor.example"), ("1002", "", "cy@fabrikam.example"), name=PULLED)
    contact(home, ("1001", "", "bo@contoso.example"))
    assert (mail_in(only(drafted(home, "1001")))["To"], drafted(home, "1001", again=True).made[0].draft.cc) == (
        "bo@contoso.example",
        [],
    )
    assert mail_in(only(drafted(home, "1002")))["To"] == "cy@fabrikam.example"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("1001", "Contoso", "ana at contoso"), "row 2, column to"),
        (("1001", "Contoso", ANA, "", "xx"), "row 2, column language"),
        (("1001", "Contoso", ANA, "", "", "us"), "row 2, column profile"),
        (("1001", "Contoso", ANA, "", "", "", "pdf"), "row 2, column attach"),
    ],
)
def test_a_fault_in_a_contact_refuses_its_draft(home: Home, row: tuple[str, ...], words: str) -> None:
    """Others are made; the value is shown to the user only."""
    contact(home, row, ("1002", "Fabrikam", "cy@fabrikam.example"))
    drafts = drafted(home, "1001", "1002")
    assert words in drafts.refused[0].why
    assert "Found" not in drafts.refused[0].plain
    assert drafts.made[0].row["account"] == "Fabrikam"


def test_two_contacts_of_one_account_are_a_fault(home: Home) -> None:
    """Either may be right."""
    contact(home, ("1001", "Contoso", ANA), ("1001", "Contoso", "bo@contoso.example"))
    assert "row 3, column account_id: An account has one row" in refusal_of(drafted(home, "1001"))


def test_a_contact_by_an_ambiguous_name_is_a_fault(tmp_path: Path) -> None:
    """A report must not go to a namesake."""
    home = Home(tmp_path / "home")
    release_run(home, {(account_id, "Contoso"): [person("Ana", ANA)] for account_id in ("1", "2")})
    contact(home, ("", "Contoso", ANA))
    assert "names one account only" in refusal_of(drafted(home, "1"))


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


def test_a_broken_template_makes_no_draft_at_all(home: Home) -> None:
    """The message names file and line; earlier drafts are removed too."""
    folder = home.root / "templates"
    folder.mkdir()
    (folder / "mail.de.txt.j2").write_text("Hallo\n{{ acount }}\n")
    contact(home, ("1001", "", ANA), ("1002", "", "cy@fabrikam.example", "", "de"))
    with pytest.raises(WrongUsage, match=r"mail\.de\.txt\.j2, line 2: 'acount' is undefined"):
        drafted(home, "1001", "1002")
    assert not list(home.drafts.glob("*"))
    assert not lines(home, "drafted")


def test_templates_are_sandboxed(home: Home) -> None:
    """One from elsewhere can read only what it is given."""
    folder = home.root / "templates"
    folder.mkdir()
    for trick in ("{{ day.__class__.__mro__[1].__subclasses__() }}", "{{ changes.format.__globals__ }}"):
        (folder / "mail.en.txt.j2").write_text(trick)
        with pytest.raises(WrongUsage, match=r"mail\.en\.txt\.j2, line 1"):
            drafted(home, "1001", to=[ANA])


def test_a_team_s_templates_override_the_built_in_ones(home: Home) -> None:
    """One by one; a new language needs all three."""
    folder = home.root / "templates"
    folder.mkdir()
    (folder / "subject.en.txt.j2").write_text("{{ account }} on {{ day }}\n")
    for name in ("subject.it.txt.j2", "mail.it.txt.j2", "mail.it.html.j2"):
        (folder / name).write_text("Ciao {{ account }}{{ changes }}{{ tiers }} {{ people }} {{ attachments | length }}")
    assert mail_in(only(drafted(home, "1001", to=[ANA])))["Subject"] == "Contoso on 2026-11-22"
    mail = mail_in(only(drafted(home, "1001", to=[ANA], language="it", again=True)))
    assert mail["Subject"] == "Ciao Contoso 2 1"
    with pytest.raises(WrongUsage, match="no texts in the language 'nl'"):
        drafted(home, "1001", to=[ANA], language="nl")
    (folder / "mail.it.html.j2").unlink()
    with pytest.raises(WrongUsage, match=r"no template mail\.it\.html\.j2"):
        drafted(home, "1001", to=[ANA], language="it", again=True)


def test_pasted_text_has_its_attachments_as_files(home: Home) -> None:
    """In a folder per account, as companies may share a name."""
    (made,) = drafted(home, "1001", to=[ANA], outlet=Pasted(home.drafts)).made
    (path,) = made.files
    assert path == home.drafts / "certifications-contoso-1001_2026-11-22" / "certifications_contoso_2026-11-22.csv"
    assert path.read_bytes() == (home.ready / "certifications-contoso-1001.csv").read_bytes()


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


def test_drafts_appear_all_or_none(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk leaves neither files nor lines."""

    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("exports.mail.outlets.sync_file_system", full)
    contact(home, ("1001", "", ANA), ("1002", "", "cy@fabrikam.example"))
    with pytest.raises(OSError, match="No space"):
        drafted(home, "1001", "1002")
    assert not list(home.drafts.glob("*"))
    assert not lines(home, "drafted")


def test_remains_of_a_killed_command_are_removed(home: Home) -> None:
    """By the next draft, in any folder."""
    left = home.drafts / ".staging"
    left.mkdir(parents=True)
    (left / "0").write_text("half")
    drafted(home, "1001", to=[ANA], outlet=Folder(home.drafts))
    assert not left.exists()


def test_in_a_user_s_folder_only_this_home_s_remains_are_removed(home: Home, tmp_path: Path) -> None:
    """Not the user's files, nor another home's running draft."""
    own, others = tmp_path / "own", Path("/another/home")
    for name in (".staging", staging_of(others), staging_of(home.root)):
        (own / name).mkdir(parents=True)
        (own / name / "0").write_text("half")
    drafted(home, "1001", to=[ANA], outlet=Folder(own, staging_of(home.root)))
    assert {path.name for path in own.glob(".*")} == {".staging", staging_of(others)}
    assert (own / ".staging" / "0").read_text() == "half"


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


@pytest.mark.parametrize("outlet", [Folder, Pasted])
def test_an_impossible_folder_is_wrong_usage(home: Home, tmp_path: Path, outlet: type[Folder]) -> None:
    """Nothing is made or recorded."""
    (tmp_path / "file").write_text("mine")
    with pytest.raises(WrongUsage, match="can't be a folder for drafts"):
        drafted(home, "Contoso", to=[ANA], outlet=outlet(tmp_path / "file"))
    assert (tmp_path / "file").read_text() == "mine"
    assert lines(home, "drafted") == []


def test_a_fault_names_its_file(home: Home) -> None:
    """There is a manual and a pulled one."""
    contact(home, ("1001", "Contoso", "a@x.example;b@x.example"), name=PULLED)
    assert refusal_of(drafted(home, "Contoso")).startswith("contacts.pulled.csv, row 2, column to: ")
    contact(home, ("1001", "Contoso", "nobody"))
    assert refusal_of(drafted(home, "Contoso")).startswith("contacts.csv, row 2, column to: ")
