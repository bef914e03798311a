"""The key in the URL of a partner's page: short, safe in a URL, and the same every day."""

import re
from hashlib import sha256

from exports.home import ledger


def key_of(account: str, account_id: str | None) -> str:
    """The account's id if it is safe in a URL, else a hash of the account's key in the ledger."""
    if account_id and _PLAIN_ID.fullmatch(account_id):
        return account_id
    return "~" + sha256(repr(ledger.key(account, account_id)).encode("utf-8", "backslashreplace")).hexdigest()[:16]


# ---------------------------------------------------------------------------------------------------------------------

_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
