"""`draft`, `workbook` and `contacts`: JSON, exit statuses and streams."""

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
    home = Home(tmp_path / "home")
    release_run(home)
    return home


def invoke(home: Home, *words: str | Path) -> Result:
    """Run the command."""
    return CliRunner().invoke(app, [*map(str, words), "--home", str(home.root)])


def invoke_json(home: Home, *words: str | Path, status: int = 0) -> Any:
    """Run the command; return its JSON."""
    result = invoke(home, *words, "--json")
    assert result.exit_code == status, result.output
    return json.loads(result.stdout)


def test_draft_json(home: Home) -> None:
    """In the contract's shape."""
    result = invoke_json(home, "draft", "1001", "--to", ANA, "--cc", "a@v.example;b@v.example", "--by", "me")
    (draft,) = result["drafts"]
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
    assert result["refused"] == []
    assert mail_in(Path(draft["file"]))["Cc"] == "a@v.example, b@v.example"
    assert invoke_json(home, "draft", "1001", "--to", ANA) == {
        "drafts": [],
        "refused": [],
        "already": [
            {"account": "Contoso", "account_id": "1001", "at": last_time(home), "what": "drafted", "to": [ANA]}
        ],
    }


def last_time(home: Home) -> str:
    """The time of the ledger's last line."""
    return str(json.loads(home.ledger.read_bytes().splitlines()[-1])["at"])


def test_all_refused_is_exit_6_and_some_exit_4(home: Home) -> None:
    """Both streams name the other company, only standard output the address."""
    refused = invoke(home, "draft", "1001", "--to", "cy@fabrikam.example")
    assert refused.exit_code == 6
    assert "belongs to Fabrikam, not to Contoso" in refused.stderr
    assert "cy@fabrikam.example" not in refused.stderr
    assert "cy@fabrikam.example belongs to Fabrikam" in refused.stdout
    result = invoke_json(home, "draft", "1001", "--to", "cy@fabrikam.example", status=6)
    assert result["drafts"] == []
    (entry,) = result["refused"]
    assert (entry["account"], entry["account_id"], entry["to"]) == ("Contoso", "1001", ["cy@fabrikam.example"])
    invoke_json(home, "contacts", "set", "1001", "--to", ANA, "--by", "me")
    result = invoke_json(home, "draft", "--all", status=4)
    assert [draft["account"] for draft in result["drafts"]] == ["Contoso"]
    assert [refusal["account"] for refusal in result["refused"]] == ["Fabrikam", "Litware"]


def test_not_ready_is_exit_6_and_unknown_exit_3(home: Home) -> None:
    """A held account is not an unknown one."""
    keep_run(home, {"1009 Tailspin": [person("Tim")]}, number=2)
    assert invoke_json(home, "draft", "tailspin", status=6)["refused"][0]["account"] == "Tailspin"
    assert "no account 'nix'" in invoke(home, "draft", "nix").stderr
    assert invoke(home, "draft", "nix").exit_code == 3
    assert invoke(home, "workbook", "tailspin").exit_code == 6
    assert invoke(home, "workbook", "nix").exit_code == 3


def test_before_the_first_release_nothing_is_drafted(tmp_path: Path) -> None:
    """Neither by name nor all."""
    home = Home(tmp_path / "new")
    assert invoke_json(home, "draft", "--changed")["drafts"] == []
    assert invoke(home, "draft", "contoso").exit_code == 3
    assert invoke_json(home, "contacts") == {"contacts": [], "faults": []}


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
def test_wrong_usage_is_exit_2(home: Home, words: list[str]) -> None:
    """And nothing is made."""
    assert invoke(home, "draft", *words).exit_code == 2
    assert not home.drafts.exists()


def test_a_reply_finds_its_account_by_the_sender(home: Home, tmp_path: Path) -> None:
    """By address, or else by domain; if ambiguous, the candidates are listed."""
    mail = tmp_path / "question.eml"

    def answer(sender: str, *words: str) -> Result:
        mail.write_text(f"From: {sender}\nSubject: Certificates?\nMessage-ID: <1@contoso.example>\n\nHello\n")
        return invoke(home, "draft", "--reply-to", mail, "--json", *words)

    (draft,) = json.loads(answer(f"Ana <{ANA}>").stdout)["drafts"]
    assert (draft["account"], draft["to"], draft["subject"]) == ("Contoso", [ANA], "Re: Certificates?")
    assert mail_in(Path(draft["file"]))["In-Reply-To"] == "<1@contoso.example>"
    result = answer("zoe@contoso.example")
    assert (result.exit_code, json.loads(result.stdout)["refused"][0]["account"]) == (6, "Contoso")  # a new address
    assert answer("zoe@gmail.com").exit_code == 3
    assert "belongs to Fabrikam" in answer("cy@fabrikam.example", "1001").stdout
    invoke_json(
        home, "contacts", "set", "litware", "--to", "zoe@gmail.com", "--by", "me", "--reason", "she asked by phone"
    )
    assert json.loads(answer("zoe@gmail.com").stdout)["drafts"][0]["account"] == "Litware"
    invoke_json(home, "contacts", "set", "fabrikam", "--to", "zoe@gmail.com", "--by", "me", "--reason", "hers too")
    assert "2 accounts: 1002 (Fabrikam), no id (Litware)" in answer("zoe@gmail.com").stderr
    assert invoke(home, "draft", "--reply-to", tmp_path / "none.eml").exit_code == 3


def test_text_output_for_pasting(home: Home) -> None:
    """Subject, text, and the paths of the attachments."""
    result = invoke(home, "draft", "1001", "--to", ANA, "--text")
    lines = result.stdout.splitlines()
    assert any(line.startswith("Subject: Certification report: Contoso") for line in lines)
    assert "Dear partners at Contoso," in lines
    assert Path(lines[-1]).read_bytes() == (home.ready / "certifications-contoso-1001.csv").read_bytes()
    result = invoke_json(home, "draft", "1001", "--to", ANA, "--text", "--again")["drafts"][0]
    assert (result["file"], result["files"]) == (None, [lines[-1]])


def test_out_sets_the_folder(home: Home, tmp_path: Path) -> None:
    """It is created."""
    result = invoke_json(home, "draft", "1001", "--to", ANA, "--out", tmp_path / "new" / "out")["drafts"][0]
    assert Path(result["file"]).parent == tmp_path / "new" / "out"


def test_workbook_writes_the_xlsx(home: Home, tmp_path: Path) -> None:
    """To --out, or else next to the drafts."""
    result = invoke_json(home, "workbook", "contoso", "--out", tmp_path / "twin.xlsx")
    assert (result["account_id"], result["rows"], result["file"]) == ("1001", 2, str(tmp_path / "twin.xlsx"))
    sheet = openpyxl.load_workbook(result["file"]).worksheets[0]
    assert [cell.value for cell in sheet["B"]] == ["Email", ANA, "bo@contoso.example"]
    assert invoke(home, "workbook", "contoso").stdout == f"{home.drafts / 'certifications-contoso-1001.xlsx'}\n"


def test_contacts_are_set_listed_and_checked(home: Home) -> None:
    """By name or id; other rows stay."""
    (home.root / "contacts.csv").write_text("account_id;account;to;cc\n1002;Fabrikam;cy@fabrikam.example\n9;;\n")
    words = ("--to", ANA, "--cc", "o@v.example", "--language", "de", "--by", "me")
    result = invoke_json(home, "contacts", "set", "contoso", *words)
    assert result["contacts"] == [
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
    listed = invoke_json(home, "contacts")["contacts"]
    assert [(one["account"], one["to"], one["source"]) for one in listed] == [
        ("", [], "hand"),
        ("Contoso", [ANA], "hand"),
        ("Fabrikam", ["cy@fabrikam.example"], "hand"),
        ("Litware", [], "none"),
    ]
    checked = invoke_json(home, "contacts", "check", status=4)
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
    """Without one nothing is written; with one it is confirmed for good."""
    refused = invoke(home, "contacts", "set", "1001", "--to", address, "--by", "me")
    assert refused.exit_code == 6
    assert not (home.root / "contacts.csv").exists()
    assert not [line for line in home.ledger.read_text().splitlines() if '"contact"' in line]
    invoke_json(home, "contacts", "set", "1001", "--to", address, "--by", "me", "--reason", "She works for both")
    assert invoke_json(home, "draft", "1001")["drafts"][0]["to"] == [address]


def test_a_new_contact_must_be_confirmed_by_the_draft(home: Home) -> None:
    """Setting is not confirming."""
    invoke_json(home, "contacts", "set", "1001", "--to", "zoe@new.example", "--by", "me")
    assert invoke_json(home, "draft", "1001", status=6)["refused"][0]["to"] == ["zoe@new.example"]


@pytest.mark.parametrize(
    "words",
    [
        ["--to", ANA],  # --by is missing
        ["--by", "me"],  # --to is missing
        ["--to", "ana", "--by", "me"],
        ["--to", ANA, "--by", "me", "--language", "nl"],
        ["--to", ANA, "--by", "me", "--profile", "us"],
    ],
)
def test_wrong_usage_of_contacts_set_is_exit_2(home: Home, words: list[str]) -> None:
    """And nothing is written."""
    assert invoke(home, "contacts", "set", "1001", *words).exit_code == 2
    assert not (home.root / "contacts.csv").exists()
    assert invoke(home, "contacts", "set", "nix", "--to", ANA, "--by", "me").exit_code == 3


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
def test_an_invalid_contacts_file_is_exit_2(home: Home, data: bytes, words: str) -> None:
    """The message names the file and the problem; no draft is made."""
    (home.root / "contacts.csv").write_bytes(data)
    for command in (["contacts"], ["contacts", "check"], ["draft", "1001", "--to", ANA]):
        result = invoke(home, *command)
        assert result.exit_code == 2
        assert words in result.stderr
        assert "contacts.csv" in result.stderr
    assert not home.drafts.exists()


def test_a_formula_like_name_is_guarded_in_contacts(tmp_path: Path) -> None:
    """People open the file in a spreadsheet; it still matches its account."""
    home = Home(tmp_path / "home")
    release_run(home, {(None, "=Evil"): [person("Ana", ANA)], (None, "'s Work"): [person("Bo", "bo@work.example")]})
    invoke_json(home, "contacts", "set", "=evil", "--to", ANA, "--by", "me")
    invoke_json(home, "contacts", "set", "'s work", "--to", "bo@work.example", "--by", "me")
    assert "\n,'=Evil," in (home.root / "contacts.csv").read_text(encoding="utf-8-sig")
    assert [draft["to"] for draft in invoke_json(home, "draft", "--all")["drafts"]] == [["bo@work.example"], [ANA]]


def test_without_contacts_it_says_how_to_set_one(tmp_path: Path) -> None:
    """An empty list is not silence."""
    assert "partner-certs contacts set NAME" in invoke(Home(tmp_path / "new"), "contacts").stdout
