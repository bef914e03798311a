"""Reports that were ready once, known by their bytes: as they were released, or as they were attached to drafts.

The cells of a report may lie in other bytes, in the other profile or as a workbook; that is found by making them anew.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence

from exports.home import ledger
from exports.home.ledger import Key, Line
from exports.home.sent import MAILED
from exports.reports.twins import originals


class OnceReady:
    """The ledger's releases and mails, by the hash of what was released or attached."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._by_hash: dict[str, dict[tuple[Key, str | None], Line]] = defaultdict(dict)
        for line in lines:
            for sha256 in _hashes(line):
                self._by_hash[sha256][ledger.key(line["account"], line["account_id"]), line["sha256"]] = line

    def find(self, data: bytes) -> Sequence[Line]:
        """Whose report a file is, and which: a line for each account that had these bytes; none if nobody did."""
        known = self._by_hash.get(hash_of(data))
        if known is None:
            known = next(filter(None, (self._by_hash.get(hash_of(report)) for report in originals(data))), {})
        return [*known.values()]


def report_in(data: bytes, sha256: str | None) -> bytes:
    """The report of this hash that a file is, or is the twin of; b"" if it is neither."""
    return next((report for report in originals(data) if hash_of(report) == sha256), b"")


def hash_of(data: bytes) -> str:
    """SHA-256."""
    return hashlib.sha256(data).hexdigest()


# ---------------------------------------------------------------------------------------------------------------------


def _hashes(line: Line) -> Sequence[str]:
    if line["what"] == "release":
        return [line["sha256"]] if line["sha256"] else []
    if line["what"] in MAILED:
        return line.get("attachments") or [line["attachment_sha256"]] if "attachment_sha256" in line else []
    return []
