"""The review page: one self-contained HTML file, the record of a run, with everything a reviewer needs to see.

No network, a strict content policy, readable without JavaScript, printable. Texts of partners are escaped by `text.py`;
`tables.py`, `sections.py` and `held.py` make the content, `templates/page.*` are frame, style and script. What changed
comes in as a Review; decisions are made on the desk (`desk/`) or in a terminal.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from jinja2 import Template
from markupsafe import Markup

from exports.home.layout import REPORTS
from exports.page.frame import environment, inlined, policy
from exports.page.held import LINK, fault_groups_table, held_accounts
from exports.page.sections import approving, decision, section, severity, who
from exports.page.tables import (
    KINDS,
    LISTED,
    change_lots,
    changes_table,
    first_reports_table,
    unchanged_table,
)
from schemas.review import AccountReview, Alarm, Review, headline
from schemas.words import plural

ALARMS_SHOWN = 5  # of each kind at the top of the page; each account shows all of its own
ALARMS = {  # the title of each kind of alarm; without one, its kind is the title
    "held": "Every account held back",
    "lost": "A certification lost",
    "recipient": "Mail would go to somebody else",
    "mass-lost": "A course lost by more than half",
    "mass-gained": "A course gained by more than half",
    "renamed": "Accounts renamed",
    "look-alike": "Names that look like others",
    "left": "More than a fifth of the people left",
    "fewer": "Fewer rows than what is ready",
    "column": "A column changed for everybody",
    "guarded": "Cells guarded against formulas",
    "gone": "Accounts gone",
    "new": "First reports",
}


def render(review: Review) -> bytes:
    """The page of a run as UTF-8 HTML."""
    parts: dict[str, list[AccountReview]] = defaultdict(list)
    for account in review["accounts"]:
        parts[_part_of(account)].append(account)
    anchors = {account["index"]: f"account-{number}" for number, account in enumerate(parts["section"], 1)}
    frame = _template().render(
        review=review,
        totals=review["totals"],
        headline=headline(review["totals"]),
        policy=policy(styles=["page.css"], script="page.js"),
        style=inlined("page.css"),
        script=inlined("page.js"),
        titles=ALARMS,
        alarms=_alarm_kinds(review, anchors),
        section_count=len(parts["section"]),
        sections=_SECTIONS,
        first_reports=Markup(_first_reports(parts["new"])),  # noqa: S704  tables.py escapes
        first_report_count=len(parts["new"]),
        unchanged=Markup(unchanged_table(parts["unchanged"])),  # noqa: S704  same
        held=Markup(held_accounts(parts["held"], review["faults"])),  # noqa: S704  same
        fault_groups=Markup(fault_groups_table(review["fault_groups"])),  # noqa: S704  same
        all_faults=Markup(LINK),  # noqa: S704  same
        is_all_held=review["totals"]["held"] == review["totals"]["accounts"] > 0,
    )
    before, after = frame.encode().split(_SECTIONS.encode())
    return b"".join([before, *_sections(parts["section"], review, anchors), after])


def prepare() -> None:
    """Load and compile the template before it is needed."""
    _template()


def key(account: AccountReview) -> str:
    """A short hash of what a decision is about: the account, its bytes in this run, and those in ready/."""
    about = (account["account_id"], account["account"], account["sha256"], account["before"])
    return hashlib.sha256(repr(about).encode("utf-8", "backslashreplace")).hexdigest()[:20]


# ----------------------------------------------------------------------------------------------------------------------

_Shown = tuple[str | None, str | None, str]  # anchor and account, None for an alarm of the whole run; text


class _AlarmKind(NamedTuple):
    """The first alarms of one kind, and how many more there are."""

    severity: int
    kind: str
    shown: list[_Shown]
    more: int


def _part_of(account: AccountReview) -> str:
    """The part of the page that shows an account: a `section` of its own if its changes are listed, else a table."""
    change = account["change"]
    known = change in ("changed", "gone") or (change == "new" and account["counts"]["joined"])
    return "section" if known else change


def _sections(accounts: Sequence[AccountReview], review: Review, anchors: dict[int, str]) -> Iterator[bytes]:
    lots = change_lots(review["changes"])
    for account in accounts:
        is_open = account["decision"] not in ("approved", "not needed")
        command = approving(review["run"], account) if is_open else ""
        table = changes_table(account["account"], lots.get(account["index"], ()))
        yield section(anchors[account["index"]], key(account), account, table, command)


def _first_reports(accounts: Sequence[AccountReview]) -> str:
    """The first reports whose people are only counted, as a table."""
    rows = [(key(one), one, f"{decision(one['decision'])} {who(one)}") for one in accounts[:LISTED]]
    return first_reports_table(rows, len(accounts))


def _alarm_kinds(review: Review, anchors: dict[int, str]) -> list[_AlarmKind]:
    """The alarms by kind, worst first: those of the run, then the first ones of accounts."""
    by_kind: dict[tuple[int, str], list[_Shown]] = defaultdict(list)
    more = Counter[tuple[int, str]]()
    for alarm in review["alarms"]:
        by_kind[_kind(alarm)].append((None, None, alarm["text"]))
    for account, alarm in _of_accounts(review):
        if len(by_kind[_kind(alarm)]) < ALARMS_SHOWN:
            by_kind[_kind(alarm)].append((anchors.get(account["index"]), account["account"], alarm["text"]))
        else:
            more[_kind(alarm)] += 1
    kinds = sorted(by_kind.items(), key=lambda item: item[0][0])
    return [_AlarmKind(*kind, shown, more[kind]) for kind, shown in kinds]


def _of_accounts(review: Review) -> Iterator[tuple[AccountReview, Alarm]]:
    """The alarms of accounts that are not alarms of the run already."""
    of_run = {alarm["text"] for alarm in review["alarms"]}
    for account in review["accounts"]:
        for alarm in account["alarms"]:
            if alarm["text"] not in of_run:
                yield account, alarm


def _kind(alarm: Alarm) -> tuple[int, str]:
    return alarm["severity"], alarm["kind"]


_SECTIONS = "\0"  # marks where the sections go in the template; `shown` lets no such character through


@cache
def _template() -> Template:
    frame = environment()
    frame.filters["severity"] = lambda level: Markup(severity(level))  # noqa: S704  a word of our own
    frame.globals.update(kinds=KINDS, plural=plural, reports=REPORTS)
    return frame.get_template("page.html.j2")
