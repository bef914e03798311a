"""`history` and `sent` at the command: what a partner was given and sent, and what was ready on a day."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.app import app
from exports.home.layout import Home
from tests.flows.mail.homes import PEOPLE, drafted, lines, release_run
from tests.people import person

ANA = "ana@contoso.example"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Contoso has two people since 2026-11-22 and three since 2026-11-23, when Fabrikam is gone."""
    made = Home(tmp_path / "home")
    release_run(made)
    more = [*PEOPLE["1001 Contoso"], person("Eve", "eve@contoso.example")]
    release_run(made, {"1001 Contoso": more, "Litware": PEOPLE["Litware"]}, number=2)
    return made


def said(home: Home, *words: str) -> Result:
    """What the command answers."""
    return CliRunner().invoke(app, [*words, "--home", str(home.root)])


def shown(home: Home, *words: str) -> Any:
    """The one JSON object that it answers."""
    result = said(home, *words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_history_has_what_happened_oldest_first(home: Home) -> None:
    """Released, confirmed, drafted, sent; with who, whom and how many people."""
    drafted(home, "1001", to=["zoe@new.example"], confirm=["zoe@new.example"], by="me")
    shown(home, "sent", "contoso", "--to", ANA, "--by", "me")
    found = shown(home, "history", "contoso")
    assert (found["account"], found["account_id"]) == ("Contoso", "1001")
    assert [(one["what"], one["by"], one["to"], one["rows"]) for one in found["events"]] == [
        ("released", "rev", [], 2),
        ("contact", "me", ["zoe@new.example"], None),
        ("drafted", "me", ["zoe@new.example"], 3),
        ("released", "rev", [], 3),
        ("sent", "me", [ANA], 3),
    ]
    assert [one["what"] for one in shown(home, "history", "1002")["events"]] == ["released", "removed"]
    assert "sent to ana@contoso.example by me, 3 people" in said(home, "history", "contoso").stdout


def test_a_day_has_what_was_ready_at_its_end(home: Home) -> None:
    """The bytes, as long as a run has them; nothing before the first release, nor after the account was taken out."""
    first, second = (shown(home, "history", "1001", "--on", day) for day in ("2026-11-22", "2026-11-30"))
    assert (first["released"][:10], first["rows"], second["rows"]) == ("2026-11-22", 2, 3)
    assert Path(second["file"]).read_bytes() == (home.ready / "certifications-contoso-1001.csv").read_bytes()
    assert said(home, "history", "1001", "--on", "2026-11-21").exit_code == 3
    assert shown(home, "history", "1002", "--on", "2026-11-22")["rows"] == 1
    assert said(home, "history", "1002", "--on", "2026-11-23").exit_code == 3
    Path(first["file"]).unlink()
    assert shown(home, "history", "1001", "--on", "2026-11-22")["file"] is None


def test_sent_notes_what_was_ready_on_that_day(home: Home) -> None:
    """And a draft knows it."""
    (line,) = shown(home, "sent", "1001", "--to", ANA, "--by", "me", "--at", "2026-11-22")["sent"]
    assert line["sha256"] == shown(home, "history", "1001", "--on", "2026-11-22")["sha256"]
    assert (line["at"], line["run"][-6:], line["to"]) == ("2026-11-22T00:00:00Z", "000001", [ANA])
    assert drafted(home, "1001", to=[ANA]).made  # the bytes of today were not sent
    assert lines(home, "sent") == [line]


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["sent", "1001", "--to", ANA], 2),
        (["sent", "1001", "--by", "me"], 2),
        (["sent", "1001", "--to", "ana", "--by", "me"], 2),
        (["sent", "1001", "--to", ANA, "--by", "me", "--at", "yesterday"], 2),
        (["sent", "1001", "--to", ANA, "--by", "me", "--at", "2999-01-01"], 2),
        (["sent", "1002", "--to", ANA, "--by", "me"], 3),
        (["sent", "nix", "--to", ANA, "--by", "me"], 3),
        (["history", "nix"], 3),
        (["history", "1001", "--on", "11/22/2026"], 2),
    ],
)
def test_what_is_said_wrongly_notes_nothing(home: Home, words: list[str], status: int) -> None:
    """One message, and the ledger stays as it is."""
    assert said(home, *words).exit_code == status
    assert not lines(home, "sent")
