"""`draft --imap`, `sent --scan` and `sent --ack`: their output, and that no secret is in it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.app import app
from cli.doctor import examine
from exports.home.layout import Home
from tests.flows.mail.homes import release_run
from tests.flows.mail.sent_mails import sent_mail
from tests.mailbox import DRAFTS, PASSWORD, Dovecot

ANA, CY = "ana@contoso.example", "cy@fabrikam.example"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Three accounts are ready since 2026-11-22."""
    home = Home(tmp_path / "home")
    release_run(home)
    return home


def invoke(home: Home, *words: str, **settings: str) -> Result:
    """Run the command with these settings; check that no secret is in its output or home."""
    result = CliRunner().invoke(app, [*words, "--home", str(home.root)], env=settings)
    kept = b"\0".join(path.read_bytes() for path in home.root.rglob("*") if path.is_file())
    assert PASSWORD not in result.output + repr(result.exception)
    assert PASSWORD.encode() not in kept
    return result


def invoke_json(home: Home, *words: str, status: int = 0, **settings: str) -> Any:
    """Run the command; return its JSON."""
    result = invoke(home, *words, "--json", **settings)
    assert result.exit_code == status, result.output
    return json.loads(result.stdout)


def test_a_draft_goes_into_the_mailbox(home: Home, mail_server: Dovecot) -> None:
    """Not to a file; the output says where."""
    settings = mail_server.settings("cli-draft")
    (draft,) = invoke_json(home, "draft", "1001", "--to", ANA, "--imap", **settings)["drafts"]
    assert (draft["file"], draft["to"], draft["attachment"][-4:]) == (None, [ANA], ".csv")
    assert len(mail_server.mails("cli-draft", DRAFTS)) == 1
    assert not home.drafts.exists()
    again = invoke(home, "draft", "1001", "--to", ANA, "--imap", "--again", **settings)
    assert again.stdout == f"Contoso, to {ANA}: in the drafts of the mailbox\n"


@pytest.mark.parametrize(
    ("words", "wrong", "status"),
    [
        (["draft", "1001", "--to", ANA, "--imap"], {"PASSWORD": f"{PASSWORD}!"}, 5),
        (["draft", "1001", "--to", ANA, "--imap"], {"URL": "imap://127.0.0.1:9"}, 5),
        (["draft", "1001", "--to", ANA, "--imap"], {"URL": f"imaps://u:{PASSWORD}@mail.example"}, 2),
        (["draft", "1001", "--to", ANA, "--imap"], {"URL": ""}, 2),
        (["draft", "1001", "--to", ANA, "--imap", "--text"], {}, 2),
        (["draft", "1001", "--to", CY, "--imap"], {"URL": "imap://127.0.0.1:9"}, 6),
        (["sent", "--scan"], {"PASSWORD": f"{PASSWORD}!"}, 5),
        (["sent", "--scan"], {"USER": ""}, 2),
        (["sent", "--scan"], {"PASSWORD": "", "PASSWORD_BLOCK": "nowhere"}, 2),
        (["sent", "--scan", "--since", "soon"], {}, 2),
        (["sent", "--scan", "1001"], {}, 2),
        (["sent", "1001", "--since", "2026-11-22", "--to", ANA, "--by", "me"], {}, 2),
        (["sent", "--scan", "--to", ANA], {}, 2),
        (["sent", "--ack", "<1@v>", "--by", "me"], {}, 2),
        (["sent", "--ack", " ", "--by", "me", "--reason", "x"], {}, 2),
        (["sent"], {}, 2),
    ],
)
def test_an_error_makes_no_draft(
    home: Home, mail_server: Dovecot, words: list[str], wrong: dict[str, str], status: int
) -> None:
    """Nor a ledger line; one message, and the contract's exit status."""
    before = home.ledger.read_bytes()
    settings = mail_server.settings("cli-wrong") | {f"PARTNER_CERTS_IMAP_{name}": one for name, one in wrong.items()}
    result = invoke(home, *words, **settings)
    assert result.exit_code == status, result.output
    assert result.stderr.count("\n") == 1 or "Usage" in result.stderr
    assert home.ledger.read_bytes() == before
    assert mail_server.mails("cli-wrong", DRAFTS) == []


def test_a_scan_reports_sent_mails_and_unacknowledged_alarms(home: Home, mail_server: Dovecot) -> None:
    """Exit 4 with alarms, in the contract's shape; no address on standard error."""
    settings = mail_server.settings("cli-scan")
    data = (home.ready / "certifications-contoso-1001.csv").read_bytes()
    mail_server.put("cli-scan", [sent_mail(ANA, {"x.csv": data}), sent_mail(CY, {"x.csv": data}, id="<2@v>")])
    scan = invoke_json(home, "sent", "--scan", status=4, **settings)
    assert scan.keys() == {"scanned", "sent", "alarms"}
    assert (scan["scanned"], [line["to"] for line in scan["sent"]]) == (2, [[ANA], [CY]])
    (alarm,) = scan["alarms"]
    assert alarm.keys() == {"why", "account", "to", "message_id"}
    assert (alarm["account"], alarm["to"], alarm["message_id"]) == ("Contoso", [CY], "<2@v>")
    output = invoke(home, "sent", "--scan", **settings)
    assert output.exit_code == 4
    assert "ALARM <2@v>: The report of Contoso went out, and cy@fabrikam.example belongs to Fabrikam" in output.stdout
    assert "2 mails read, 0 reports noted" in output.stdout
    assert "@" not in output.stderr
    assert invoke(home, "sent", "--ack", "<2@v>", "--by", "me", "--reason", "A joint mail").exit_code == 0
    assert invoke_json(home, "sent", "--scan", **settings) == {"scanned": 2, "sent": [], "alarms": []}
    events = invoke_json(home, "history", "1001")["events"]
    assert [(one["what"], one["to"]) for one in events[1:]] == [("sent", [ANA]), ("sent", [CY])]


def test_doctor_checks_the_mailbox(
    home: Home, mail_server: Dovecot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Login and folders; a nightly run doesn't need it."""
    monkeypatch.chdir(tmp_path)
    checks = {check.name: check for check in examine(home.root)}
    assert checks["mailbox"] == ("mailbox", True, "not set; drafts are written as files", "", 0)
    for name, value in mail_server.settings("cli-doctor").items():
        monkeypatch.setenv(name, value)
    checks = {check.name: check for check in examine(home.root)}
    assert checks["mailbox"].found == "logged in; drafts go to 'Entwürfe', sent mails are in 'Gesendet'"
    assert PASSWORD not in str(checks)
    monkeypatch.setenv("PARTNER_CERTS_IMAP_PASSWORD", f"{PASSWORD}!")
    check = {check.name: check for check in examine(home.root)}["mailbox"]
    assert (check.ok, check.status) == (False, 0)
    assert "PARTNER_CERTS_IMAP_PASSWORD" in check.remedy
    assert PASSWORD not in str(check)
