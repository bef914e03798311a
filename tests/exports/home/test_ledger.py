"""The ledger: append-only lines, and how accounts are known in it."""

import json
import resource
from pathlib import Path

import pytest

from exports.home import ledger
from exports.home.layout import Home
from schemas.errors import NotAllowed
from tests.exports.home.ledger_lines import A, B, line


def test_a_line_has_the_keys_of_the_contract(home: Home) -> None:
    """One JSON object per line, in the order of the contract."""
    ledger.append(home, [line("approve", A, reason="Größe")])
    assert home.ledger.read_bytes().decode() == (
        '{"at": "2026-11-21T02:00:00Z", "what": "approve", "run": "r1", "account": "Contoso", "account_id": "1", '
        f'"sha256": "{A}", "by": "Jo", "reason": "Größe"}}\n'
    )
    assert home.ledger.stat().st_mode & 0o777 == 0o600


def test_lines_are_only_appended(home: Home) -> None:
    """Earlier ones stay as they are, byte for byte."""
    ledger.append(home, [line("approve", A)])
    first = home.ledger.read_bytes()
    ledger.append(home, [])
    assert home.ledger.read_bytes() == first
    ledger.append(home, [line("undo", A), line("hold", A)])
    assert home.ledger.read_bytes().startswith(first)
    assert [one["what"] for one in ledger.read(home)] == ["approve", "undo", "hold"]


def test_several_lines_are_appended_or_none(home: Home) -> None:
    """A full disk must not leave half of a batch of decisions."""
    ledger.append(home, [line("approve", A)])
    first = home.ledger.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3 * len(first) + 20, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            ledger.append(home, [line("approve", B)] * 5)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert home.ledger.read_bytes() == first
    ledger.append(home, [line("approve", B)])
    assert len(ledger.read(home)) == 2


def test_a_missing_ledger_is_empty(home: Home) -> None:
    """There is none before the first decision."""
    assert ledger.read(home) == []


def test_an_unfinished_last_line_is_ignored(home: Home) -> None:
    """A killed command may leave one; the next append removes it."""
    ledger.append(home, [line("approve", A)])
    whole = home.ledger.read_bytes()
    home.ledger.write_bytes(whole + whole[:40])
    assert len(ledger.read(home)) == 1
    ledger.append(home, [line("hold", A)])
    assert [one["what"] for one in ledger.read(home)] == ["approve", "hold"]
    assert home.ledger.read_bytes().startswith(whole)


@pytest.mark.parametrize("damage", [b"{nonsense", b"{}", b"[]", b"3", b"null", b""])
def test_a_damaged_ledger_is_refused(home: Home, damage: bytes) -> None:
    """With the line, and what to do."""
    home.ledger.write_bytes(json.dumps(line("approve", A)).encode() + b"\n" + damage + b"\n")
    with pytest.raises(NotAllowed, match=r"Line 2 of .*ledger\.jsonl can't be read.* from a backup"):
        ledger.read(home)


def test_accounts_are_identified_by_id_or_else_by_name() -> None:
    """Trimmed, NFC, casefolded."""
    assert ledger.key("Contoso", "1") == ledger.key("Renamed", "1") != ledger.key("Contoso", None)
    assert ledger.key("\x1cContoso", None) != ledger.key("Contoso", None)
    assert ledger.key("\u2003STRASSE Cafe\u0301 ", None) == ledger.key("Straße CAFÉ", None)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home folder."""
    return Home(tmp_path)
