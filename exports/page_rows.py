"""The rows of the page's tables, made with plain strings because there may be tens of thousands of them.

They come in lots, a table each, because a browser lays out one table of 20,000 rows slowly and many small ones fast.
Every text of a partner passes through `page_text`. What stands around the rows is told in `templates/page.html.j2`.
"""

from collections.abc import Iterable
from functools import lru_cache

from markupsafe import Markup

from exports.page_text import BLANK, cell, shown
from schemas.review import AccountReview, CourseChange, Detail, Person

LOT = 200  # rows of one table
KINDS = {  # sign and word of each kind of change, in the order of the page
    "lost": ("▼", "lost"),
    "gained": ("▲", "gained"),
    "joined": ("+", "joined"),
    "left": ("−", "left"),
    "details": ("~", "details"),
}


def change_rows(account: AccountReview) -> list[Markup]:
    """Every change of one account, lost first: sign and word, person, what, was, now."""
    rows = [_row("lost", loss, _known(loss["course"]), "X", BLANK) for loss in account["lost"]]
    rows += [_row("gained", gain, _known(gain["course"]), BLANK, "X") for gain in account["gained"]]
    rows += [_row("joined", person, _PERSON, _ABSENT, _courses(person)) for person in account["joined"]]
    rows += [_row("left", person, _PERSON, _courses(person), _ABSENT) for person in account["left"]]
    rows += [
        _row("details", one, _known(one["field"]), cell(one["before"]), cell(one["after"]))
        for one in account["details"]
    ]
    return _lots(rows)


def first_report_rows(accounts: Iterable[tuple[str, AccountReview, str, str]], reports: str) -> list[Markup]:
    """One row for each account whose first report is not listed person by person.

    `accounts`: the key, the account, the sign and the words of its decision. `reports`: where the CSVs are.
    """
    return _lots([_first_report(*account, reports) for account in accounts])


def unchanged_rows(accounts: Iterable[AccountReview]) -> list[Markup]:
    """One row for each account whose bytes are those that are ready."""
    return _lots([_unchanged(account) for account in accounts])


def held_rows(accounts: Iterable[AccountReview]) -> list[Markup]:
    """One row for each account that is held back, with its number of faults."""
    return _lots([_held(account) for account in accounts])


def _lots(rows: list[str]) -> list[Markup]:
    """Rows that are escaped already, put together."""
    return [Markup("".join(rows[start : start + LOT])) for start in range(0, len(rows), LOT)]  # noqa: S704


def _row(kind: str, person: Person | CourseChange | Detail, what: str, was: str, now: str) -> str:
    sign, word = KINDS[kind]
    return (
        f'<tr class="{kind}"><td><b aria-hidden="true">{sign}</b> {word}<th scope="row">{cell(person["name"])}'
        f"<small>{shown(person['email'])}</small><td>{what}<td>{was}<td>{now}\n"
    )


def _first_report(key: str, account: AccountReview, sign: str, words: str, reports: str) -> str:
    return (
        f'<tr class="item" data-key="{key}" data-change="new" data-kinds="new" data-decision="{account["decision"]}"'
        f' tabindex="-1"><th scope="row">{_name(account)}<td>{_id(account)}<td>{account["rows"]:,}'
        f"<td>{file_link(account, reports)}<td><code>{_digest(account)}</code>"
        f'<td><span class="decision"><b aria-hidden="true">{sign}</b> {words}</span>\n'
    )


def _unchanged(account: AccountReview) -> str:
    return (
        f'<tr><th scope="row">{_name(account)}<td>{_id(account)}<td>{account["rows"]:,}'
        f"<td><code>{_digest(account)}</code>\n"
    )


def _held(account: AccountReview) -> str:
    name = _name(account) if account["account"] else "(rows without an account)"
    return f'<tr><th scope="row">{name}<td>{_id(account)}<td>{account["rows"]:,}<td>{account["faults"]:,}\n'


def file_link(account: AccountReview, reports: str) -> Markup:
    """The name of the report's file, leading to the file itself."""
    return Markup('<a href="{}/{}">{}</a>').format(reports, account["file"] or "", account["file"] or "")


def _courses(person: Person) -> str:
    return "<br>".join(map(_known, person["courses"])) or _NO_COURSES


def _name(account: AccountReview) -> Markup:
    return shown(account["account"])


def _id(account: AccountReview) -> Markup:
    return shown(account["account_id"]) if account["account_id"] else _NO_ID


def _digest(account: AccountReview) -> str:
    return (account["sha256"] or "")[:12]


@lru_cache(maxsize=256)
def _known(name: str) -> Markup:
    return shown(name)  # names of courses and fields come again and again


_PERSON = '<span class="blank">person</span>'
_ABSENT = '<span class="blank">(not in the report)</span>'
_NO_COURSES = '<span class="blank">(no courses)</span>'
_NO_ID = Markup('<span class="blank">(no id)</span>')
