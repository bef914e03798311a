"""Finds the newest run of a single account, made by `account` or Pull now."""

from threading import Lock

from exports.home import ledger
from exports.home.layout import Home
from exports.home.status import AccountStatus, RunStatus, run_status


class AccountRuns:
    """The newest own run of each account. Each manifest is read once."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._lock = Lock()
        self._read: set[str] = set()
        self._newest: dict[ledger.Key, tuple[str, str]] = {}  # when it finished, and its id

    def newest(self, account: str, account_id: str | None) -> RunStatus | None:
        """The status of the account's newest own run; None if it has none, or if that was removed."""
        with self._lock:
            for run in sorted(self._home.run_ids("account")):
                self._add(run)
            _, run = self._newest.get(ledger.key(account, account_id), ("", ""))
        if not run or not (self._home.runs / run).is_dir():
            return None
        return run_status(self._home, self._home.manifest(run))

    def _add(self, run: str) -> None:
        if run in self._read:
            return
        manifest = self._home.manifest(run)
        self._read.add(run)
        for row in (*manifest["reports"], *manifest["held"]):
            key = ledger.key(row["account"], row["account_id"])
            self._newest[key] = max(self._newest.get(key, ("", "")), (manifest["finished"], run))


def status_of(status: RunStatus, account: str, account_id: str | None) -> AccountStatus | None:
    """The status of an account in its own run."""
    wanted = ledger.key(account, account_id)
    return next((one for one in status.accounts if one.subject.account == wanted), None)
