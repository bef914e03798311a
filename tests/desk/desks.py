"""A desk that is served on loopback for the tests, with a home and two runs of its own."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from desk.app import What, desk
from exports.home import ledger
from exports.home.layout import Home
from flows.review.build import review
from flows.review.decide import decide, undo
from flows.review.release import release
from schemas.review import AccountReview, Review
from tests.flows.review.folders import NOW, keep_run
from tests.flows.review.reviews import IMAGE, PSE, SALES, SCRIPT
from tests.people import Label, Row, person

TOKEN = "one-time"
CONTOSO, HORIZON, FOURTH = "1295686 Contoso GmbH", ("1301177", "شركة الأفق"), "1300024 Fourth Coffee"
HOSTILE, NORTHWIND, TAILSPIN = (None, SCRIPT), "1300999 Northwind", "1300500 Tailspin Toys"
BEFORE: dict[Label, list[Row]] = {
    CONTOSO: [
        person("Anna Schäfer", "anna@contoso.example", courses=PSE),
        person("Nguyễn Văn An", "an@contoso.example"),
        person("Tom Brown", "tom@contoso.example"),
        person("Jörg Weiß", "joerg@contoso.example"),
    ],
    HORIZON: [person("محمد العلي", "m@horizon.example")],
    HOSTILE: [
        person(IMAGE, "javascript:alert(1)"),
        person("Robert\u202egnp.exe", "bob@evil.example", **{"Mailing City": "a\tb"}),
        person("W" * 400, "long" * 80 + "@evil.example", **{"Mailing Street": "x" * 900}),
    ],
    TAILSPIN: [person("", "ed@tt.example", courses=PSE)],
    "1400001 Unchanged Partner": [person("Una", "una@unchanged.example")],
}
AFTER: dict[Label, list[Row]] = {
    CONTOSO: [
        person("Anna Schäfer", "anna@contoso.example"),
        person("Nguyễn Văn An", "an@contoso.example", courses=SALES),
        person("李伟", "li.wei@contoso.example", courses=f"{SALES}|{PSE}"),
        person("Jörg Weiß", "joerg@contoso.example", Phone="+49 30 12345"),
    ],
    HORIZON: [person("محمد العلي", "m@horizon.example", courses=SALES)],
    HOSTILE: [
        person(IMAGE, "javascript:alert(1)", courses=SALES),
        person("Robert\u202egnp.exe", "bob@evil.example", **{"Mailing City": "</style><script>alert(2)"}),
        person("W" * 400, "long" * 80 + "@evil.example"),
    ],
    FOURTH: [person("Fay", "fay@fourth.example")],
    NORTHWIND: [person("Νίκος", "n@nw.example", courses=SALES)],
    "1301000 Big First": [person("Bea", "bea@big.example")],
    "1400001 Unchanged Partner": BEFORE["1400001 Unchanged Partner"],
}
FILES: dict[Label, str] = {HOSTILE: "certifications-x-deadbeef.csv"}


class Office:
    """A desk, the home behind it, and the run that waits there."""

    def __init__(self, home: Home, run: str) -> None:
        self.home = home
        self.run = run
        self.address = ""
        self._before = len(ledger.read(home))

    @property
    def url(self) -> str:
        """What `serve_desk` would say."""
        return f"{self.address}/?token={TOKEN}"

    @property
    def review(self) -> Review:
        """The review as it is now."""
        return review(self.home, self.run)

    @property
    def choices(self) -> list[ledger.Line]:
        """What was decided since the office was opened."""
        return ledger.read(self.home)[self._before :]

    def account(self, name: str) -> AccountReview:
        """One account of the review."""
        return next(one for one in self.review["accounts"] if one["account"] == name)

    def decide_elsewhere(self, name: str, what: What, reason: str = "so") -> None:
        """Another reviewer, Bo, decides in a terminal."""
        if what == "undo":
            undo(self.home, self.run, accounts=[name], by="Bo", now=NOW)
        else:
            decide(self.home, what, self.run, accounts=[name], by="Bo", reason=reason, now=NOW)
        self._before += 1


def morning(root: Path) -> Home:
    """A home where yesterday's reports are ready, and today's believable night waits: run 2."""
    home = Home(root)
    for number, accounts, separator in ((0, {FOURTH: AFTER[FOURTH]}, ";"), (1, BEFORE, ",")):
        run = keep_run(home, accounts, number=number, kind="account", separator=separator, files=FILES)
        decide(home, "approve", run["run"], every=True, by="Jo", now=NOW)
        release(home, run["run"], now=NOW)
    guarded = [(name, account_id, "2", "Phone", "'=1") for account_id, name in (("", SCRIPT), FOURTH.split(" ", 1))]
    held = [(("1300777", "Humongous Insurance"), 12), ((None, ""), 4)]
    keep_run(home, AFTER, number=2, files=FILES, guarded=guarded, held=held)
    return home


@contextmanager
def open_office(home: Home) -> Iterator[Office]:
    """An office at the newest run of a home, open until the test is done with it."""
    office = Office(home, home.manifest("latest")["run"])
    app = desk(home, office.run, token=TOKEN, by="Ada")
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
