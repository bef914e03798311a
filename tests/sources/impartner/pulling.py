"""What tests of pulls share: a connection to the pretend Impartner, waits that nobody waits for, and what was asked."""

from dataclasses import replace

from sources.impartner.backoff import Backoff
from sources.impartner.connection import Connection
from sources.sandbox import Sandbox

FAST = Backoff(first=0.01, longest=0.03, retry_after=0.05, answer=20)  # the last is for a machine that is busy
IMPATIENT = replace(FAST, answer=0.3)
USERS = 90
SMALL = {"users": USERS, "accounts": 12, "maximum": 20}


def connect(sandbox: Sandbox, **settings) -> Connection:
    """A connection to the sandbox, with its proof of tenant."""
    return Connection(**{"url": sandbox.url, "key": sandbox.key, "proof": sandbox.proof, "page_size": 20} | settings)


def backoff_for(fault: str) -> Backoff:
    """Answers are not waited for where they are late."""
    return IMPATIENT if fault.startswith("slow") else FAST


def pages_asked(sandbox: Sandbox) -> list[dict[str, str]]:
    """The queries that asked for people's names."""
    users = [query for path, query in sandbox.site.asked if path.endswith("/User")]
    return [query for query in users if "Name" in query.get("fields", "").split(",")]
