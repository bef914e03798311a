"""The key of a partner's page: short, harmless in an address, and the same on every day."""

import re
from hashlib import sha256

from exports.home import ledger


def key_of(account: str, account_id: str | None) -> str:
    """The id where it fits into an address, else a hash of the account's key."""
    if account_id and _PLAIN_ID.fullmatch(account_id):
        return account_id
    return "~" + sha256(repr(ledger.key(account, account_id)).encode("utf-8", "backslashreplace")).hexdigest()[:16]


# ---------------------------------------------------------------------------------------------------------------------

_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
