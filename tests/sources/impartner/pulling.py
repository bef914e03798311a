"""Shared by the pull tests: a connection to the sandbox, short waits, and the requests it received."""

from dataclasses import replace

from sources.impartner.backoff import Backoff
from sources.impartner.connection import Connection
from sources.sandbox import Sandbox

FAST = Backoff(first=0.01, longest=0.03, retry_after=0.05, answer=20)  # answer: long enough for a busy machine
IMPATIENT = replace(FAST, answer=0.3)
USERS = 90
SMALL = {"users": USERS, "accounts": 12, "maximum": 20}


def connect(sandbox: Sandbox, **settings) -> Connection:
    """A connection to the sandbox, with its tenant proof."""
    return Connection(**{"url": sandbox.url, "key": sandbox.key, "proof": sandbox.proof, "page_size": 20} | settings)


def backoff_for(fault: str) -> Backoff:
    """Give up on an answer early only where the fault is a late answer."""
    return IMPATIENT if fault.startswith("slow") else FAST


def pages_asked(sandbox: Sandbox) -> list[dict[str, str]]:
    """The queries that asked for users' names."""
    users = [query for path, query in sandbox.site.asked if path.endswith("/User")]
    return [query for query in users if "Name" in query.get("fields", "").split(",")]
