"""The tables of the review page, as HTML in plain strings, because there may be tens of thousands of rows.

Rows come in lots, a table each: a browser lays out one table of 20,000 rows slowly, and many small ones fast. Every
text of a partner passes through `page_text`. What stands around the tables is told in `templates/page.html.j2` and
`page_sections.py`.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from exports.home import REPORTS
from exports.page_text import BLANK, cell, shown
from schemas.review import AccountReview, CourseChange, Detail, Person

LOT = 200  # rows of one table
LISTED = 2_000  # accounts in a table without changes: nobody reads more, and a first night has thousands
KINDS = {  # sign and word of each kind of change, in the order of the page
    "lost": ("▼", "lost"),
    "gained": ("▲", "gained"),
    "joined": ("+", "joined"),
    "left": ("−", "left"),
    "details": ("~", "details"),
}


def changes_table(account: AccountReview) -> str:
    """Every change of one account, lost first: sign and word, person, what, was, now. "" if there is none."""
    rows = [_row("lost", loss, _known(loss["course"]), "X", BLANK) for loss in account["lost"]]
    rows += [_row("gained", gain, _known(gain["course"]), BLANK, "X") for gain in account["gained"]]
    rows += [_row("joined", person, _PERSON, _ABSENT, _courses(person)) for person in account["joined"]]
    rows += [_row("left", person, _PERSON, _courses(person), _ABSENT) for person in account["left"]]
    rows += [
        _row("details", one, _known(one["field"]), cell(one["before"]), cell(one["after"]))
        for one in account["details"]
    ]
    headings = ("Change", "Person", "Course or field", "Was", "Now")
    return _tables("changes", f"What changes for {_name(account)}", headings, rows)


def first_reports_table(accounts: Sequence[tuple[str, AccountReview, str]], of: int) -> str:
    """One row for each account whose first report is not listed person by person: key, account, decision as HTML.

    `of`: how many there are in all.
    """
    rows = [
        f'<tr class="item" data-key="{key}" data-kinds="new" data-alarms="{_alarms(account)}"'
        f' data-decision="{account["decision"]}" tabindex="-1"><th scope="row">{_name(account)}<td>{_id(account)}'
        f"<td>{account['rows']:,}<td>{file_link(account)}<td><code>{_digest(account)}</code><td>{decision}\n"
        for key, account, decision in accounts
    ]
    return _tables(
        "list", "Accounts with a first report", ("Account", "Id", "People", "File", "sha256", "Decision"), rows
    ) + _more(of - len(rows))


def unchanged_table(accounts: Sequence[AccountReview]) -> str:
    """One row for each account whose bytes are those that are ready."""
    rows = [
        f'<tr><th scope="row">{_name(account)}<td>{_id(account)}<td>{account["rows"]:,}'
        f"<td><code>{_digest(account)}</code>\n"
        for account in accounts[:LISTED]
    ]
    return _tables("list", "Unchanged accounts", ("Account", "Id", "Rows", "sha256"), rows) + _more(
        len(accounts) - len(rows)
    )


def held_table(accounts: Iterable[AccountReview]) -> str:
    """One row for each account that is held back, with its number of faults."""
    rows = [
        f'<tr><th scope="row">{_name(account) if account["account"] else "(rows without an account)"}'
        f"<td>{_id(account)}<td>{account['rows']:,}<td>{account['faults']:,}\n"
        for account in accounts
    ]
    return _tables("list", "Accounts held back because of faults", ("Account", "Id", "Rows", "Faults"), rows)


def file_link(account: AccountReview) -> str:
    """The name of the report's file, leading to the file itself."""
    name = shown(account["file"]).removeprefix("<bdi>").removesuffix("</bdi>")
    return f'<a href="{REPORTS}/{name}">{name}</a>'


def _tables(css: str, caption: str, headings: Sequence[str], rows: list[str]) -> str:
    head = "".join(f'<th scope="col">{heading}' for heading in headings)
    lots = range(0, len(rows), LOT)
    return "".join(
        f'<div class="lot"><table class="{css}"><caption class="sr">{caption}'
        f"{f', part {start // LOT + 1} of {len(lots)}' if len(lots) > 1 else ''}</caption>"
        f"<thead><tr>{head}</thead><tbody>\n{''.join(rows[start : start + LOT])}</tbody></table></div>\n"
        for start in lots
    )


def _more(count: int) -> str:
    if count <= 0:
        return ""
    return f'<p class="quiet">and {count:,} more: all are in <code>manifest.json</code>, beside this page</p>'


def _row(kind: str, person: Person | CourseChange | Detail, what: str, was: str, now: str) -> str:
    name, email = cell(person["name"]), shown(person["email"])
    return f"{_OPENINGS[kind]}{name}<small>{email}</small><td>{what}<td>{was}<td>{now}\n"


def _courses(person: Person) -> str:
    return "<br>".join(map(_known, person["courses"])) or _NO_COURSES


def _alarms(account: AccountReview) -> str:
    return " ".join(alarm["kind"] for alarm in account["alarms"])


def _name(account: AccountReview) -> str:
    return shown(account["account"])


def _id(account: AccountReview) -> str:
    return shown(account["account_id"]) if account["account_id"] else _NO_ID


def _digest(account: AccountReview) -> str:
    return (account["sha256"] or "")[:12]


@lru_cache(maxsize=256)
def _known(name: str) -> str:
    return shown(name)  # names of courses and fields come again and again


_OPENINGS = {
    kind: f'<tr class="{kind}"><td><b aria-hidden="true">{sign}</b> {word}<th scope="row">'
    for kind, (sign, word) in KINDS.items()
}
_PERSON = '<span class="blank">person</span>'
_ABSENT = '<span class="blank">(not in the report)</span>'
_NO_COURSES = '<span class="blank">(no courses)</span>'
_NO_ID = '<span class="blank">(no id)</span>'
