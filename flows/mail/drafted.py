"""What came of the drafts of all reports, as far as whoever started them is told: accounts, and nobody's address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]  # of ready/manifest.json


@dataclass(frozen=True)
class Drafted:
    """The accounts that got a draft, those that had it before, and those that got none. changed, imap: as asked for."""

    changed: bool
    imap: bool
    made: Sequence[Row] = ()
    before: Sequence[Row] = ()
    refused: Sequence[Row] = ()
    notices: Sequence[str] = ()
