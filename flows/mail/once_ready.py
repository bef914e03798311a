"""Recognizes reports that were ready once by their hash: as they were released, or as they were attached to drafts.

A file in the other profile, or a workbook, is converted back to a report first.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence

from exports.home import ledger
from exports.home.ledger import Key, Line
from exports.home.sent import MAILED
from exports.reports.twins import originals


class OnceReady:
    """The ledger's releases and mails, by the hashes of what was released or attached."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._by_hash: dict[str, dict[tuple[Key, str | None], Line]] = defaultdict(dict)
        for line in lines:
            for sha256 in _hashes(line):
                self._by_hash[sha256][ledger.key(line["account"], line["account_id"]), line["sha256"]] = line

    def find(self, data: bytes) -> Sequence[Line]:
        """The lines about a file: one for each account whose report had these bytes; none if no report had."""
        known = self._by_hash.get(hash_of(data))
        if known is None:
            known = next(filter(None, (self._by_hash.get(hash_of(report)) for report in originals(data))), {})
        return [*known.values()]


def report_in(data: bytes, sha256: str | None) -> bytes:
    """The report with this hash that a file is, or was made from; b"" if it is neither."""
    return next((report for report in originals(data) if hash_of(report) == sha256), b"")


def hash_of(data: bytes) -> str:
    """The SHA-256 as hex."""
    return hashlib.sha256(data).hexdigest()


# ---------------------------------------------------------------------------------------------------------------------


def _hashes(line: Line) -> Sequence[str]:
    if line["what"] == "release":
        return [line["sha256"]] if line["sha256"] else []
    if line["what"] in MAILED:
        return line.get("attachments") or [line["attachment_sha256"]] if "attachment_sha256" in line else []
    return []
