"""Reports of earlier days, found by their bytes in the runs that made them, as long as those are kept."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from exports.home.layout import Home, reports_folder
from exports.home.ready import is_intact
from flows.mail.accounts import Row
from schemas.errors import NotAllowed, WrongUsage


class Earlier:
    """Finds reports; remembers the manifests that it has read."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._reports: dict[str, Mapping[str, Row]] = {}  # by run: the row of each hash

    def find(self, run: str, sha256: str, likely: str) -> Path | None:
        """Where a run has these bytes; None if it has them no more. likely: the file name that they may have."""
        folder = reports_folder(self._home, run)
        paths = (folder / name for name in self._names(run, sha256, likely))
        return next((path for path in paths if is_intact(path, sha256)), None)

    def row(self, run: str, sha256: str | None) -> Row | None:
        """The row that a run's manifest has for these bytes; None if it has none, or if the run is gone."""
        if not run or sha256 is None:
            return None
        if run not in self._reports:
            self._reports[run] = self._of_run(run)
        return self._reports[run].get(sha256)

    def _names(self, run: str, sha256: str, likely: str) -> Iterator[str]:
        yield likely  # an account seldom changes its name, and then no manifest is read
        if known := self.row(run, sha256):
            yield known["file"]

    def _of_run(self, run: str) -> Mapping[str, Row]:
        try:
            return {row["sha256"]: row for row in self._home.manifest(run)["reports"]}
        except (WrongUsage, NotAllowed):  # it was removed, or is damaged: then it has nothing to compare with
            return {}
