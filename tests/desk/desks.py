"""A home for the desk's tests: yesterday's reports are ready, today's night waits."""

from pathlib import Path

from exports.home.layout import Home
from tests.flows.review.folders import keep_run, release_all
from tests.flows.review.reviews import IMAGE, PSE, SALES, SCRIPT
from tests.people import Label, Row, person

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


def morning(root: Path) -> Home:
    """A home with ready reports of yesterday and a realistic night of today: run 2."""
    home = Home(root)
    for number, accounts, separator in ((0, {FOURTH: AFTER[FOURTH]}, ";"), (1, BEFORE, ",")):
        run = keep_run(home, accounts, number=number, kind="account", separator=separator, files=FILES)
        release_all(home, run["run"])
    guarded = [(name, account_id, "2", "Phone", "'=1") for account_id, name in (("", SCRIPT), FOURTH.split(" ", 1))]
    held = [(("1300777", "Humongous Insurance"), 12), ((None, ""), 4)]
    keep_run(home, AFTER, number=2, files=FILES, guarded=guarded, held=held)
    return home
