"""Pulls that people start in the page: in the background, one per account at a time, with the result of each."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from flows.run_ids import utc_now
from schemas.errors import Stop

CONCURRENT = 4  # pulls of different accounts


@dataclass(frozen=True)
class Pull:
    """One pull of an account: when it started, and once it has ended its run, or what went wrong."""

    started: datetime
    run: str = ""
    problem: str = ""

    @property
    def is_running(self) -> bool:
        """Whether the pull has not ended yet."""
        return not (self.run or self.problem)

    @property
    def message(self) -> str:
        """The progress or result in one sentence."""
        if self.is_running:
            return f"Pulling since {self.started:%H:%M:%S} UTC"
        return self.problem or f"Pulled at {self.started:%H:%M} UTC: not approved"


class Pulls:
    """The last pull of each account. `pull` takes an account's name or id and returns the id of its run."""

    def __init__(self, pull: Callable[[str], str]) -> None:
        self._pull = pull
        self._lock = Lock()
        self._workers = ThreadPoolExecutor(CONCURRENT, "pull")
        self._pulls: dict[str, Pull] = {}

    def start(self, key: str, account: str) -> Pull:
        """Start to pull an account, or return the pull that is still running."""
        with self._lock:
            running = self._pulls.get(key)
            if running is None or not running.is_running:
                running = self._pulls[key] = Pull(utc_now())
                self._workers.submit(self._work, key, account)
            return running

    def last(self, key: str) -> Pull | None:
        """The last pull of an account; None if there was none since the desk was started."""
        with self._lock:
            return self._pulls.get(key)

    def _work(self, key: str, account: str) -> None:
        try:
            run, problem = self._pull(account), ""
        except Stop as stop:
            run, problem = "", str(stop)
        except Exception as unforeseen:  # noqa: BLE001  the page must show that the pull has ended
            run, problem = "", f"Something unforeseen happened ({type(unforeseen).__name__}). Try again"
        with self._lock:
            self._pulls[key] = replace(self._pulls[key], run=run, problem=problem)
