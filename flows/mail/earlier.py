"""Finds earlier reports by their hash, in the runs that made them, as long as those are kept."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from exports.home.layout import Home, reports_folder
from exports.home.ready import is_intact
from flows.mail.accounts import Row
from schemas.errors import NotAllowed, WrongUsage


class Earlier:
    """Finds reports, and caches the manifests that it reads."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._reports: dict[str, Mapping[str, Row]] = {}  # by run: the row of each hash

    def find(self, run: str, sha256: str, likely: str) -> Path | None:
        """The file of a run with these bytes; None if it is gone. likely: its probable name."""
        folder = reports_folder(self._home, run)
        paths = (folder / name for name in self._names(run, sha256, likely))
        return next((path for path in paths if is_intact(path, sha256)), None)

    def row(self, run: str, sha256: str | None) -> Row | None:
        """The row of a run's manifest with this hash; None if there is none, or if the run is gone."""
        if not run or sha256 is None:
            return None
        if run not in self._reports:
            self._reports[run] = self._of_run(run)
        return self._reports[run].get(sha256)

    def _names(self, run: str, sha256: str, likely: str) -> Iterator[str]:
        yield likely  # names seldom change; if it is right, no manifest is read
        if known := self.row(run, sha256):
            yield known["file"]

    def _of_run(self, run: str) -> Mapping[str, Row]:
        try:
            return {row["sha256"]: row for row in self._home.manifest(run)["reports"]}
        except (WrongUsage, NotAllowed):  # the run was removed, or is damaged
            return {}
