"""`draft`, `workbook` and `contacts` at the command: shapes, exit statuses, and what stands on which stream."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from cli.app import app
from exports.home.layout import Home
from tests.flows.mail.homes import mail_in, release_run
from tests.flows.review.folders import keep_run
from tests.people import person

ANA = "ana@contoso.example"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Three accounts are ready."""
    made = Home(tmp_path / "home")
    release_run(made)
    return made


def said(home: Home, *words: str | Path) -> Result:
    """What the command answers."""
    return CliRunner().invoke(app, [*map(str, words), "--home", str(home.root)])


def shown(home: Home, *words: str | Path, status: int = 0) -> Any:
    """The one JSON object that it answers."""
    result = said(home, *words, "--json")
    assert result.exit_code == status, result.output
    return json.loads(result.stdout)


def test_draft_tells_what_it_made(home: Home) -> None:
    """In the contract's shape."""
    found = shown(home, "draft", "1001", "--to", ANA, "--cc", "a@v.example;b@v.example", "--by", "me")
    (draft,) = found["drafts"]
    assert draft == {
        "account": "Contoso",
        "account_id": "1001",
        "file": str(home.drafts / Path(draft["file"]).name),
        "attachment": draft["attachments"][0],
        "attachments": draft["attachments"],
        "sha256": draft["sha256"],
        "attachment_sha256": draft["sha256"],
        "to": [ANA],
        "cc": ["a@v.example", "b@v.example"],
        "subject": draft["subject"],
    }
    assert draft["subject"].startswith("Certification report: Contoso, 20")
    assert found["refused"] == []
    assert mail_in(Path(draft["file"]))["Cc"] == "a@v.example, b@v.example"
    assert shown(home, "draft", "1001", "--to", ANA) == {
        "drafts": [],
        "refused": [],
        "already": [{"account": "Contoso", "account_id": "1001", "at": found_at(home), "what": "drafted", "to": [ANA]}],
    }


def found_at(home: Home) -> str:
    """The time of the last line of the ledger."""
    return str(json.loads(home.ledger.read_bytes().splitlines()[-1])["at"])


def test_all_refused_is_6_and_some_4(home: Home) -> None:
    """The other company is named on both streams, the address on standard output only."""
    refused = said(home, "draft", "1001", "--to", "cy@fabrikam.example")
    assert refused.exit_code == 6
    assert "belongs to Fabrikam, not to Contoso" in refused.stderr
    assert "cy@fabrikam.example" not in refused.stderr
    assert "cy@fabrikam.example belongs to Fabrikam" in refused.stdout
    found = shown(home, "draft", "1001", "--to", "cy@fabrikam.example", status=6)
    assert found["drafts"] == []
    (entry,) = found["refused"]
    assert (entry["account"], entry["account_id"], entry["to"]) == ("Contoso", "1001", ["cy@fabrikam.example"])
    shown(home, "contacts", "set", "1001", "--to", ANA, "--by", "me")
    found = shown(home, "draft", "--all", status=4)
    assert [draft["account"] for draft in found["drafts"]] == ["Contoso"]
    assert [refusal["account"] for refusal in found["refused"]] == ["Fabrikam", "Litware"]


def test_not_ready_is_6_and_unknown_3(home: Home) -> None:
    """An account that is held is another thing than one that nobody knows."""
    keep_run(home, {"1009 Tailspin": [person("Tim")]}, number=2)
    assert shown(home, "draft", "tailspin", status=6)["refused"][0]["account"] == "Tailspin"
    assert "no account 'nix'" in said(home, "draft", "nix").stderr
    assert said(home, "draft", "nix").exit_code == 3
    assert said(home, "workbook", "tailspin").exit_code == 6
    assert said(home, "workbook", "nix").exit_code == 3


def test_before_the_first_release_there_is_nothing_to_draft(tmp_path: Path) -> None:
    """Neither by name nor all."""
    home = Home(tmp_path / "new")
    assert shown(home, "draft", "--changed")["drafts"] == []
    assert said(home, "draft", "contoso").exit_code == 3
    assert shown(home, "contacts") == {"contacts": [], "faults": []}


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["1001", "--all"],
        ["--all", "--changed"],
        ["1001", "--to", "ana"],
        ["1001", "--language", "nl"],
        ["1001", "--attach", "pdf"],
        ["1001", "--to", ANA, "--no-to"],
        ["--all", "--to", ANA],
        ["1001", "--to", ANA, "--confirm", ANA],
    ],
)
def test_what_is_said_wrongly_is_2(home: Home, words: list[str]) -> None:
    """And nothing is made."""
    assert said(home, "draft", *words).exit_code == 2
    assert not home.drafts.exists()


def test_an_answer_finds_its_account_by_the_sender(home: Home, tmp_path: Path) -> None:
    """By the address, else by the domain; if that is not clear, the candidates are named."""
    mail = tmp_path / "question.eml"

    def answer(sender: str, *words: str) -> Result:
        mail.write_text(f"From: {sender}\nSubject: Certificates?\nMessage-ID: <1@contoso.example>\n\nHello\n")
        return said(home, "draft", "--reply-to", mail, "--json", *words)

    (draft,) = json.loads(answer(f"Ana <{ANA}>").stdout)["drafts"]
    assert (draft["account"], draft["to"], draft["subject"]) == ("Contoso", [ANA], "Re: Certificates?")
    assert mail_in(Path(draft["file"]))["In-Reply-To"] == "<1@contoso.example>"
    found = answer("zoe@contoso.example")
    assert (found.exit_code, json.loads(found.stdout)["refused"][0]["account"]) == (6, "Contoso")  # she is new
    assert answer("zoe@gmail.com").exit_code == 3
    assert "belongs to Fabrikam" in answer("cy@fabrikam.example", "1001").stdout
    shown(home, "contacts", "set", "litware", "--to", "zoe@gmail.com", "--by", "me", "--reason", "she asked by phone")
    assert json.loads(answer("zoe@gmail.com").stdout)["drafts"][0]["account"] == "Litware"
    shown(home, "contacts", "set", "fabrikam", "--to", "zoe@gmail.com", "--by", "me", "--reason", "hers too")
    assert "2 accounts: 1002 (Fabrikam), no id (Litware)" in answer("zoe@gmail.com").stderr
    assert said(home, "draft", "--reply-to", tmp_path / "none.eml").exit_code == 3


def test_text_is_to_be_pasted(home: Home) -> None:
    """Subject, text, and where the attachments are."""
    result = said(home, "draft", "1001", "--to", ANA, "--text")
    lines = result.stdout.splitlines()
    assert any(line.startswith("Subject: Certification report: Contoso") for line in lines)
    assert "Dear partners at Contoso," in lines
    assert Path(lines[-1]).read_bytes() == (home.ready / "certifications-contoso-1001.csv").read_bytes()
    found = shown(home, "draft", "1001", "--to", ANA, "--text", "--again")["drafts"][0]
    assert (found["file"], found["files"]) == (None, [lines[-1]])


def test_drafts_go_where_they_are_wanted(home: Home, tmp_path: Path) -> None:
    """The folder is made."""
    found = shown(home, "draft", "1001", "--to", ANA, "--out", tmp_path / "new" / "out")["drafts"][0]
    assert Path(found["file"]).parent == tmp_path / "new" / "out"


def test_workbook_writes_the_twin(home: Home, tmp_path: Path) -> None:
    """Where it is wanted, else beside the drafts."""
    found = shown(home, "workbook", "contoso", "--out", tmp_path / "twin.xlsx")
    assert (found["account_id"], found["rows"], found["file"]) == ("1001", 2, str(tmp_path / "twin.xlsx"))
    sheet = openpyxl.load_workbook(found["file"]).worksheets[0]
    assert [cell.value for cell in sheet["B"]] == ["Email", ANA, "bo@contoso.example"]
    assert said(home, "workbook", "contoso").stdout == f"{home.drafts / 'certifications-contoso-1001.xlsx'}\n"


def test_contacts_are_set_listed_and_checked(home: Home) -> None:
    """By name or id; other rows stay as they are."""
    (home.root / "contacts.csv").write_text("account_id;account;to;cc\n1002;Fabrikam;cy@fabrikam.example\n9;;\n")
    words = ("--to", ANA, "--cc", "o@v.example", "--language", "de", "--by", "me")
    found = shown(home, "contacts", "set", "contoso", *words)
    assert found["contacts"] == [
        {
            "account": "Contoso",
            "account_id": "1001",
            "to": [ANA],
            "cc": ["o@v.example"],
            "language": "de",
            "profile": "",
            "attach": "csv",
            "source": "hand",
        }
    ]
    listed = shown(home, "contacts")["contacts"]
    assert [(one["account"], one["to"], one["source"]) for one in listed] == [
        ("", [], "hand"),
        ("Contoso", [ANA], "hand"),
        ("Fabrikam", ["cy@fabrikam.example"], "hand"),
        ("Litware", [], "none"),
    ]
    checked = shown(home, "contacts", "check", status=4)
    (fault,) = checked["faults"]
    assert (fault["row"], fault["column"], fault["found"]) == (3, "account_id", "9")
    text = (home.root / "contacts.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines()[1:] == [
        "1002,Fabrikam,cy@fabrikam.example,,,,",
        "9,,,,,,",
        f"1001,Contoso,{ANA},o@v.example,de,,",
    ]


@pytest.mark.parametrize("address", ["cy@fabrikam.example", "ana@contosso.example"])
def test_a_doubtful_contact_needs_a_reason(home: Home, address: str) -> None:
    """Without one nothing is written; with one it is let through from then on."""
    refused = said(home, "contacts", "set", "1001", "--to", address, "--by", "me")
    assert refused.exit_code == 6
    assert not (home.root / "contacts.csv").exists()
    assert not [line for line in home.ledger.read_text().splitlines() if '"contact"' in line]
    shown(home, "contacts", "set", "1001", "--to", address, "--by", "me", "--reason", "She works for both")
    assert shown(home, "draft", "1001")["drafts"][0]["to"] == [address]


def test_a_new_contact_without_a_reason_is_asked_for_by_the_draft(home: Home) -> None:
    """Naming is not confirming."""
    shown(home, "contacts", "set", "1001", "--to", "zoe@new.example", "--by", "me")
    assert shown(home, "draft", "1001", status=6)["refused"][0]["to"] == ["zoe@new.example"]


@pytest.mark.parametrize(
    "words",
    [
        ["--to", ANA],  # by whom?
        ["--by", "me"],  # to whom?
        ["--to", "ana", "--by", "me"],
        ["--to", ANA, "--by", "me", "--language", "nl"],
        ["--to", ANA, "--by", "me", "--profile", "us"],
    ],
)
def test_a_contact_that_is_said_wrongly_is_2(home: Home, words: list[str]) -> None:
    """And nothing is written."""
    assert said(home, "contacts", "set", "1001", *words).exit_code == 2
    assert not (home.root / "contacts.csv").exists()
    assert said(home, "contacts", "set", "nix", "--to", ANA, "--by", "me").exit_code == 3


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"account_id,account\n1,a\n", "lacks the column to"),
        (b"account_id,account,to,lang\n", "column 'lang'"),
        (b"account_id,account,to,to\n", "the column to 2 times"),
        ("account_id,account,to\n1,Müller,a\n".encode("cp1252"), "is not UTF-8"),
        (b"account_id;account;to\n1;a;b@c.example;d@e.example\n", "more cells than headings in row 2"),
        (b"", "lacks the column account_id"),
    ],
)
def test_a_file_that_is_no_table_of_contacts_is_2(home: Home, data: bytes, words: str) -> None:
    """One message that names the file and what is wrong; no draft is made."""
    (home.root / "contacts.csv").write_bytes(data)
    for command in (["contacts"], ["contacts", "check"], ["draft", "1001", "--to", ANA]):
        result = said(home, *command)
        assert result.exit_code == 2
        assert words in result.stderr
        assert "contacts.csv" in result.stderr
    assert not home.drafts.exists()


def test_a_name_that_looks_like_a_formula_is_guarded_in_contacts(tmp_path: Path) -> None:
    """People open the file in a spreadsheet program; it is the same account all the same."""
    home = Home(tmp_path / "home")
    release_run(home, {(None, "=Evil"): [person("Ana", ANA)], (None, "'s Work"): [person("Bo", "bo@work.example")]})
    shown(home, "contacts", "set", "=evil", "--to", ANA, "--by", "me")
    shown(home, "contacts", "set", "'s work", "--to", "bo@work.example", "--by", "me")
    assert "\n,'=Evil," in (home.root / "contacts.csv").read_text(encoding="utf-8-sig")
    assert [draft["to"] for draft in shown(home, "draft", "--all")["drafts"]] == [["bo@work.example"], [ANA]]


def test_without_contacts_it_says_how_to_set_one(tmp_path: Path) -> None:
    """An empty list is an answer, and no silence."""
    assert "partner-certs contacts set NAME" in said(Home(tmp_path / "new"), "contacts").stdout
