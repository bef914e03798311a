"""A desk that is served on loopback for the tests, with a ledger in memory."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from desk.app import DecisionRequest, desk
from schemas.errors import NotAllowed
from schemas.review import Decision, Review
from tests.flows.review.reviews import night

TOKEN = "one-time"
STATES: dict[str, Decision] = {"approve": "approved", "hold": "held", "reject": "rejected", "undo": "missing"}


class Office:
    """A desk and what was decided at it."""

    def __init__(self) -> None:
        self.review: Review = night()
        self.choices: list[DecisionRequest] = []
        self.closed = False
        self.address = ""

    @property
    def url(self) -> str:
        """What `serve_desk` would say."""
        return f"{self.address}/?token={TOKEN}"

    def decide(self, choice: DecisionRequest) -> Review:
        """Write it down and answer with the review after it."""
        if self.closed:
            raise NotAllowed("Another run is writing. Wait until it has ended, then try again")
        self.choices.append(choice)
        return self.become(choice.account, STATES[choice.what])

    def become(self, account: str, state: Decision) -> Review:
        """The review with another decision for an account."""
        for one in self.review["accounts"]:
            if one["account"] == account:
                one["decision"] = state
        self.review["totals"]["to_decide"] = sum(one["decision"] == "missing" for one in self.review["accounts"])
        return self.review


@contextmanager
def open_office(reports: Path | None = None, review: Callable[[], Review] | None = None) -> Iterator[Office]:
    """An office that is open until the test is done with it. review: instead of the office's own."""
    office = Office()
    app = desk(token=TOKEN, review=review or (lambda: office.review), decide=office.decide, reports=reports, by="Ada")
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        office.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        serving = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        serving.start()
        try:
            yield office
        finally:
            server.should_exit = True
            serving.join(10)
