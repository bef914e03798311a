"""`history` and `sent`: what a partner was given and sent, and what was ready on a day."""

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
    """Contoso has two people since 2026-11-22 and three since 2026-11-23, when Fabrikam left."""
    home = Home(tmp_path / "home")
    release_run(home)
    more = [*PEOPLE["1001 Contoso"], person("Eve", "eve@contoso.example")]
    release_run(home, {"1001 Contoso": more, "Litware": PEOPLE["Litware"]}, number=2)
    return home


def invoke(home: Home, *words: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(app, [*words, "--home", str(home.root)])


def invoke_json(home: Home, *words: str) -> Any:
    """Run the command; return its JSON."""
    result = invoke(home, *words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_history_is_oldest_first(home: Home) -> None:
    """Released, confirmed, drafted, sent; with authors, recipients and number of people."""
    drafted(home, "1001", to=["zoe@new.example"], confirm=["zoe@new.example"], by="me")
    invoke_json(home, "sent", "contoso", "--to", ANA, "--by", "me")
    history = invoke_json(home, "history", "contoso")
    assert (history["account"], history["account_id"]) == ("Contoso", "1001")
    assert [(one["what"], one["by"], one["to"], one["rows"]) for one in history["events"]] == [
        ("released", "rev", [], 2),
        ("contact", "me", ["zoe@new.example"], None),
        ("drafted", "me", ["zoe@new.example"], 3),
        ("released", "rev", [], 3),
        ("sent", "me", [ANA], 3),
    ]
    assert [one["what"] for one in invoke_json(home, "history", "1002")["events"]] == ["released", "removed"]
    assert "sent to ana@contoso.example by me, 3 people" in invoke(home, "history", "contoso").stdout


def test_history_on_a_day(home: Home) -> None:
    """The reports as long as a run has them; none before the first release or after the account was removed."""
    first, second = (invoke_json(home, "history", "1001", "--on", day) for day in ("2026-11-22", "2026-11-30"))
    assert (first["released"][:10], first["rows"], second["rows"]) == ("2026-11-22", 2, 3)
    assert Path(second["file"]).read_bytes() == (home.ready / "certifications-contoso-1001.csv").read_bytes()
    assert invoke(home, "history", "1001", "--on", "2026-11-21").exit_code == 3
    assert invoke_json(home, "history", "1002", "--on", "2026-11-22")["rows"] == 1
    assert invoke(home, "history", "1002", "--on", "2026-11-23").exit_code == 3
    Path(first["file"]).unlink()
    assert invoke_json(home, "history", "1001", "--on", "2026-11-22")["file"] is None


def test_sent_records_what_was_ready_that_day(home: Home) -> None:
    """And `draft` takes it into account."""
    (line,) = invoke_json(home, "sent", "1001", "--to", ANA, "--by", "me", "--at", "2026-11-22")["sent"]
    assert line["sha256"] == invoke_json(home, "history", "1001", "--on", "2026-11-22")["sha256"]
    assert (line["at"], line["run"][-6:], line["to"]) == ("2026-11-22T00:00:00Z", "000001", [ANA])
    assert drafted(home, "1001", to=[ANA]).made  # today's report was not sent
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
def test_wrong_usage_records_nothing(home: Home, words: list[str], status: int) -> None:
    """The ledger stays as it is."""
    assert invoke(home, *words).exit_code == status
    assert not lines(home, "sent")
