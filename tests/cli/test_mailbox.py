"""`draft --imap`, `sent --scan` and `--ack` at the command: what they answer, and that no secret is in it."""

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
    made = Home(tmp_path / "home")
    release_run(made)
    return made


def said(home: Home, *words: str, **settings: str) -> Result:
    """What the command answers with these settings; no secret is among it, nor in what it keeps."""
    result = CliRunner().invoke(app, [*words, "--home", str(home.root)], env=settings)
    kept = b"\0".join(path.read_bytes() for path in home.root.rglob("*") if path.is_file())
    assert PASSWORD not in result.output + repr(result.exception)
    assert PASSWORD.encode() not in kept
    return result


def shown(home: Home, *words: str, status: int = 0, **settings: str) -> Any:
    """The one JSON object that it answers."""
    result = said(home, *words, "--json", **settings)
    assert result.exit_code == status, result.output
    return json.loads(result.stdout)


def test_a_draft_goes_into_the_mailbox(home: Home, mail_server: Dovecot) -> None:
    """It has no file; a person is told where it is."""
    settings = mail_server.settings("cli-draft")
    (draft,) = shown(home, "draft", "1001", "--to", ANA, "--imap", **settings)["drafts"]
    assert (draft["file"], draft["to"], draft["attachment"][-4:]) == (None, [ANA], ".csv")
    assert len(mail_server.mails("cli-draft", DRAFTS)) == 1
    assert not home.drafts.exists()
    again = said(home, "draft", "1001", "--to", ANA, "--imap", "--again", **settings)
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
def test_what_goes_wrong_makes_nothing(
    home: Home, mail_server: Dovecot, words: list[str], wrong: dict[str, str], status: int
) -> None:
    """Neither a draft nor a line of the ledger; one message, and the exit status that the contract has for it."""
    before = home.ledger.read_bytes()
    settings = mail_server.settings("cli-wrong") | {f"PARTNER_CERTS_IMAP_{name}": one for name, one in wrong.items()}
    result = said(home, *words, **settings)
    assert result.exit_code == status, result.output
    assert result.stderr.count("\n") == 1 or "Usage" in result.stderr
    assert home.ledger.read_bytes() == before
    assert mail_server.mails("cli-wrong", DRAFTS) == []


def test_a_scan_tells_what_went_and_its_alarms_until_they_are_seen(home: Home, mail_server: Dovecot) -> None:
    """4 with alarms, in the shape of the contract; no address on standard error."""
    settings = mail_server.settings("cli-scan")
    data = (home.ready / "certifications-contoso-1001.csv").read_bytes()
    mail_server.put("cli-scan", [sent_mail(ANA, {"x.csv": data}), sent_mail(CY, {"x.csv": data}, id="<2@v>")])
    found = shown(home, "sent", "--scan", status=4, **settings)
    assert found.keys() == {"scanned", "sent", "alarms"}
    assert (found["scanned"], [line["to"] for line in found["sent"]]) == (2, [[ANA], [CY]])
    (alarm,) = found["alarms"]
    assert alarm.keys() == {"why", "account", "to", "message_id"}
    assert (alarm["account"], alarm["to"], alarm["message_id"]) == ("Contoso", [CY], "<2@v>")
    told = said(home, "sent", "--scan", **settings)
    assert told.exit_code == 4
    assert "ALARM <2@v>: The report of Contoso went out, and cy@fabrikam.example belongs to Fabrikam" in told.stdout
    assert "2 mails read, 0 reports noted" in told.stdout
    assert "@" not in told.stderr
    assert said(home, "sent", "--ack", "<2@v>", "--by", "me", "--reason", "A joint mail").exit_code == 0
    assert shown(home, "sent", "--scan", **settings) == {"scanned": 2, "sent": [], "alarms": []}
    events = shown(home, "history", "1001")["events"]
    assert [(one["what"], one["to"]) for one in events[1:]] == [("sent", [ANA]), ("sent", [CY])]


def test_the_doctor_looks_into_the_mailbox(
    home: Home, mail_server: Dovecot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whether it lets in, and which folders it has; a nightly run does not need it."""
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
