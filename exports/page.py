"""The review page: one self-contained HTML file, the record of a run, with everything a reviewer needs to see.

No network, a strict content policy, readable without JavaScript, printable. What a partner typed is text and nothing
else (`page_text.py`); rows are made in `page_rows.py`; frame, looks and behaviour are `templates/page.*`. Serving the
page and taking decisions is `desk.py`; what changed is found elsewhere and comes in as a Review.
"""

import base64
import hashlib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from schemas.review import AccountReview, Alarm, Change, Review, Totals

if TYPE_CHECKING:
    from jinja2 import Template

ALARMS_SHOWN = 5  # of each kind on top of the page; all of them stand with their accounts
ALARMS = {  # what a kind of alarm is called; an unknown one is called by its kind
    "lost": "A certification lost",
    "mass-lost": "A course lost by more than half",
    "mass-gained": "A course gained by more than half",
    "left": "More than a fifth of the people left",
    "fewer": "Fewer rows than what is ready",
    "column": "A column changed for everybody",
    "guarded": "Cells guarded against formulas",
    "gone": "Accounts gone",
    "new": "First reports",
}
REPORTS = "reports"  # the folder of the CSVs, beside the page
DECISIONS = {  # sign and words
    "missing": ("○", "to decide"),
    "approved": ("✓", "approved"),
    "held": ("‖", "on hold"),
    "rejected": ("✕", "rejected"),
    "not needed": ("·", "no decision needed"),
}


class Serving(NamedTuple):
    """The page is served, and decisions can be made in it: where they go, and who is suggested as deciding."""

    decisions: str = "decisions"
    by: str = ""


def render(review: Review, *, serving: Serving | None = None) -> bytes:
    """The page of one run as UTF-8 HTML; with buttons that decide if it is being served."""
    from exports.page_rows import held_rows, unchanged_rows

    listed, first_reports = _sections(review)
    accounts = review["accounts"]
    text = _template().render(
        review=review,
        totals=review["totals"],
        verdict=verdict(review["totals"]),
        serving=serving,
        policy=content_policy(serving=serving is not None),
        style=_inlined("page.css"),
        script=_inlined("page.js"),
        words=DECISIONS,
        titles=ALARMS,
        reports=REPORTS,
        alarms=_alarm_kinds(review, {section.key: section.anchor for section in listed}),
        sections=listed,
        first_reports=first_reports,
        first_report_count=sum(_only_counted(account) for account in accounts),
        unchanged=unchanged_rows(account for account in accounts if account["change"] == "unchanged"),
        held=held_rows(account for account in accounts if account["change"] == "held"),
    )
    return text.encode()


def verdict(totals: Totals) -> str:
    """The run in one line: "212 accounts: 180 unchanged, 29 to review, 2 held, 1 gone"."""
    everybody = totals["accounts"] + totals["gone"]
    parts = [f"{totals['unchanged']:,} unchanged", f"{totals['new'] + totals['changed']:,} to review"]
    parts += [f"{totals['held']:,} held"] if totals["held"] else []
    parts += [f"{totals['gone']:,} gone"] if totals["gone"] else []
    return f"{everybody:,} {'account' if everybody == 1 else 'accounts'}: {', '.join(parts)}"


def content_policy(*, serving: bool) -> str:
    """The content security policy of the page: only its own style and script, known by their hashes."""
    policy = f"default-src 'none'; style-src '{_hash('page.css')}'; script-src '{_hash('page.js')}'"
    return policy + "; base-uri 'none'; form-action 'none'" + ("; connect-src 'self'" if serving else "")


def key(account: AccountReview) -> str:
    """What a decision in the page is about: the account, its bytes in this run, and those that are ready now."""
    about = (account["account_id"], account["account"], account["sha256"], account["before"])
    return hashlib.sha256(repr(about).encode("utf-8", "backslashreplace")).hexdigest()[:20]


class _Section(NamedTuple):
    """One account that needs a look, as the template shows it."""

    anchor: str
    key: str
    account: AccountReview
    counts: list[tuple[str, str, str, int]]  # kind, sign, word, how many
    rows: object
    command: str

    @property
    def kinds(self) -> str:
        """For the filter: the kinds of change, and the account's own change."""
        return " ".join([self.account["change"], *(kind for kind, *_ in self.counts)])

    @property
    def alarm_kinds(self) -> str:
        """For the filter."""
        return " ".join(alarm["kind"] for alarm in self.account["alarms"])

    @property
    def needs_reason(self) -> bool:
        """Approving a loss needs a reason."""
        return bool(self.account["lost"])


class _AlarmKind(NamedTuple):
    """Alarms of one kind, the first few with their accounts."""

    severity: int
    kind: str
    shown: list[tuple[str | None, str | None, str]]  # anchor and account, None if it is the whole run's; text
    more: int


def _sections(review: Review) -> tuple[list[_Section], object]:
    """The accounts with a section of their own, and the rows of first reports that are only counted."""
    from exports.page_rows import KINDS, change_rows, first_report_rows

    listed: list[_Section] = []
    counted = []
    for account in review["accounts"]:
        if _only_counted(account):
            counted.append((key(account), account, *DECISIONS[account["decision"]]))
        elif account["change"] in _LOOKED_AT:
            changes: Any = account  # a TypedDict can't be asked for a key that is a variable
            counts = [(kind, *KINDS[kind], len(changes[kind])) for kind in KINDS if changes[kind]]
            command = _command(review["run"], account)
            anchor = f"account-{len(listed) + 1}"
            listed.append(_Section(anchor, key(account), account, counts, change_rows(account), command))
    return listed, first_report_rows(counted, REPORTS)


_LOOKED_AT: tuple[Change, ...] = ("new", "changed", "gone")


def _only_counted(account: AccountReview) -> bool:
    return account["change"] == "new" and not account["joined"]


def _command(run: str, account: AccountReview) -> str:
    """What to type where the page can't decide, with the account quoted for a shell."""
    from exports.page_text import shell_word

    name = account["account_id"] or account["account"]
    reason = " --reason WHY" if account["lost"] else ""
    return f"partner-certs approve {shell_word(run)} --account={shell_word(name)} --by YOU{reason}"


def _alarm_kinds(review: Review, anchors: dict[str, str]) -> list[_AlarmKind]:
    """All alarms by kind, worst first; those of the whole run before those of accounts."""
    found: dict[tuple[int, str], list[tuple[str | None, str | None, str]]] = defaultdict(list)
    for account, alarm in _every_alarm(review):
        anchor, name = (anchors.get(key(account)), account["account"]) if account is not None else (None, None)
        found[alarm["severity"], alarm["kind"]].append((anchor, name, alarm["text"]))
    return [
        _AlarmKind(severity, kind, entries[:ALARMS_SHOWN], max(0, len(entries) - ALARMS_SHOWN))
        for (severity, kind), entries in sorted(found.items(), key=lambda item: item[0][0])
    ]


def _every_alarm(review: Review) -> Iterator[tuple[AccountReview | None, Alarm]]:
    for alarm in review["alarms"]:
        yield None, alarm
    for account in review["accounts"]:
        for alarm in account["alarms"]:
            yield account, alarm


_TEMPLATES = Path(__file__).parent / "templates"


@cache
def _inlined(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _hash(name: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(_inlined(name).encode()).digest()).decode()


@cache
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from exports.page_rows import KINDS, file_link
    from exports.page_text import shown

    frame = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    frame.filters["shown"] = shown
    frame.filters["count"] = "{:,}".format
    frame.globals["kinds"] = KINDS
    frame.globals["file_link"] = file_link
    return frame.get_template("page.html.j2")
