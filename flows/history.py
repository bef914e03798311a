"""The history of one partner from the ledger: what it was given and sent, when and by whom; what was ready on a day."""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Literal, TypedDict

from exports.home import ledger, ready, sent
from exports.home.layout import Home
from exports.home.ledger import Line
from exports.home.publish import writing
from flows.mail.accounts import Row, find_row
from flows.mail.earlier import Earlier
from schemas.addresses import is_address
from schemas.errors import NoSuchAccount, WrongUsage

Happened = Literal["released", "removed", "drafted", "sent", "contact"]


class Event(TypedDict):
    """Something that happened to an account's report or recipients; `rows` is None if no run has the bytes any more."""

    at: str
    what: Happened
    sha256: str | None
    run: str
    by: str
    to: list[str]
    rows: int | None


class History(TypedDict):
    """An account and its events, oldest first."""

    account: str
    account_id: str | None
    events: list[Event]


class Ready(TypedDict):
    """The report that was ready at the end of a day; `file` and `rows` are None if no run has the bytes any more."""

    released: str
    sha256: str
    rows: int | None
    file: str | None


def history(home: Home, wanted: str) -> History:
    """Everything in the ledger about an account. Raises NoSuchAccount."""
    row, earlier = find_row(home, ready.rows(home), wanted), Earlier(home)
    lines = sent.record(home, row["account"], row["account_id"]).lines

    def rows(line: Line) -> int | None:
        known = earlier.row(line["run"], line["sha256"])
        return known["rows"] if known else None

    return {"account": row["account"], "account_id": row["account_id"], "events": [*events(lines, rows)]}


def events(lines: Sequence[Line], rows: Callable[[Line], int | None] = lambda _: None) -> Iterator[Event]:
    """The events in an account's lines of the ledger, oldest first. `rows`: counts the rows of a line's report."""
    for line in sorted((line for line in lines if line["what"] in _WHAT), key=lambda line: line["at"]):
        is_removed = line["what"] == "release" and line["sha256"] is None
        yield {
            "at": line["at"],
            "what": "removed" if is_removed else _WHAT[line["what"]],
            "sha256": line["sha256"],
            "run": line["run"],
            "by": line["by"],
            "to": line.get("to", []),
            "rows": rows(line),
        }


def ready_on(home: Home, wanted: str, day: date) -> Ready:
    """The report that was ready at the end of a day (UTC). Raises NoSuchAccount if there was none."""
    row = find_row(home, ready.rows(home), wanted)
    return _ready_on(home, row, day)


def note_sent(home: Home, wanted: str, *, to: Sequence[str], by: str, day: date | None, now: datetime) -> Line:
    """Note a mail that somebody sent, with the report that was ready at the end of that day (today if None).

    Raises NoSuchAccount if there is no such account, or nothing was ready then.
    """
    if not by or not to or not all(map(is_address, to)):
        raise WrongUsage("Say who sent it to whom: --by WHO --to ADDRESS, each a plain address")
    if day and day > now.astimezone(UTC).date():
        raise WrongUsage(f"{day} is in the future. Say with --at on which day the mail was sent")
    with writing(home):
        row = find_row(home, ready.rows(home), wanted)
        known = _ready_on(home, row, day or now.astimezone(UTC).date())
        at = datetime.combine(day, time(), UTC) if day else now
        of_release = {"account": row["account"], "account_id": row["account_id"], "sha256": known["sha256"]}
        line = sent.line_of("sent", at, of_release | {"run": _run_of(home, row, known)}, by) | {"to": [*to]}
        ledger.append(home, [line])
    return line


# ---------------------------------------------------------------------------------------------------------------------

_WHAT: Mapping[str, Happened] = {
    "release": "released",
    "drafted": "drafted",
    "sent": "sent",
    "contact": "contact",
}


def _releases(home: Home, row: Row, day: date) -> list[Line]:
    lines = sent.record(home, row["account"], row["account_id"]).lines
    return [line for line in lines if line["what"] == "release" and line["at"][:10] <= day.isoformat()]


def _ready_on(home: Home, row: Row, day: date) -> Ready:
    last = next(reversed(_releases(home, row, day)), None)
    if last is None or last["sha256"] is None:
        raise NoSuchAccount(
            f"Nothing of {row['account']} was ready on {day}. "
            f"See when it was: partner-certs history {shlex.quote(row['account_id'] or row['account'])}"
        )
    earlier = Earlier(home)
    known = earlier.row(last["run"], last["sha256"])
    path = earlier.find(last["run"], last["sha256"], known["file"]) if known else None
    return {
        "released": last["at"],
        "sha256": last["sha256"],
        "rows": known["rows"] if known else None,
        "file": str(path) if path else None,
    }


def _run_of(home: Home, row: Row, known: Ready) -> str:
    """The run that the bytes came from."""
    lines = sent.record(home, row["account"], row["account_id"]).lines
    return next(line["run"] for line in reversed(lines) if line["sha256"] == known["sha256"] and line["run"])
