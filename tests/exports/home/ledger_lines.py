"""Lines of a ledger, for its tests."""

from exports.home.ledger import Line, What

A, B = "a" * 64, "b" * 64


def line(what: What, sha256: str | None, run: str = "r1", reason: str = "") -> Line:
    """A line about the account 1 Contoso."""
    return {
        "at": "2026-11-21T02:00:00Z",
        "what": what,
        "run": run,
        "account": "Contoso",
        "account_id": "1",
        "sha256": sha256,
        "by": "Jo",
        "reason": reason,
    }
