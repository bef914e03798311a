"""The result of the deployment `drafts`, as far as Prefect may know it: accounts, and no addresses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]  # of ready/manifest.json


@dataclass(frozen=True)
class Drafted:
    """The accounts that got a draft, that had it before, and that got none. changed, imap: the flow's parameters."""

    changed: bool
    imap: bool
    made: Sequence[Row] = ()
    before: Sequence[Row] = ()
    refused: Sequence[Row] = ()
    notices: Sequence[str] = ()
