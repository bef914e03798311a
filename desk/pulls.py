"""Pulls that people start in the page: one an account at a time, beside the requests, with what came of each."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from flows.run_ids import utc_now
from schemas.errors import Stop

AT_ONCE = 4  # pulls of different accounts


@dataclass(frozen=True)
class Pull:
    """One pull of an account: when it began, and its run or what went wrong once it has ended."""

    started: datetime
    run: str = ""
    problem: str = ""

    @property
    def is_running(self) -> bool:
        """Whether it is still being pulled."""
        return not (self.run or self.problem)

    @property
    def words(self) -> str:
        """How it goes, in one sentence."""
        if self.is_running:
            return f"Pulling since {self.started:%H:%M:%S} UTC"
        return self.problem or f"Pulled at {self.started:%H:%M} UTC: not approved"


class Pulls:
    """The last pull of each account. `pull` takes an account's name or id and gives the id of its run."""

    def __init__(self, pull: Callable[[str], str]) -> None:
        self._pull = pull
        self._lock = Lock()
        self._workers = ThreadPoolExecutor(AT_ONCE, "pull")
        self._pulls: dict[str, Pull] = {}

    def start(self, key: str, account: str) -> Pull:
        """Pull an account, unless it is being pulled already: then join that."""
        with self._lock:
            running = self._pulls.get(key)
            if running is None or not running.is_running:
                running = self._pulls[key] = Pull(utc_now())
                self._workers.submit(self._work, key, account)
            return running

    def last(self, key: str) -> Pull | None:
        """The last pull of an account; None if there was none since the desk was opened."""
        with self._lock:
            return self._pulls.get(key)

    def _work(self, key: str, account: str) -> None:
        try:
            run, problem = self._pull(account), ""
        except Stop as stop:
            run, problem = "", str(stop)
        except Exception as unforeseen:  # noqa: BLE001  whatever it is, its page shows that the pull has ended
            run, problem = "", f"Something unforeseen happened ({type(unforeseen).__name__}). Try again"
        with self._lock:
            self._pulls[key] = replace(self._pulls[key], run=run, problem=problem)
