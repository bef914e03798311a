"""The tables of the review page, as HTML. Changes are rendered as whole columns: there may be tens of thousands.

Rows come in lots, a table each: a browser lays out one table of 20,000 rows slowly, and many small ones fast. Texts of
partners are escaped by `text.py`. What is around the tables is in `templates/page.html.j2` and `sections.py`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import polars as pl

from exports.home.layout import REPORTS
from exports.page.text import BLANK, all_shown, shown
from schemas.columns import COURSES
from schemas.review import AccountReview, Kind

LOT = 200  # rows of one table
LISTED = 2_000  # accounts in a table without changes: nobody reads more, and a first run has thousands
KINDS: Mapping[Kind, tuple[str, str]] = {  # sign and word of each kind of change, in the order of the page
    "lost": ("▼", "lost"),
    "gained": ("▲", "gained"),
    "joined": ("+", "joined"),
    "left": ("−", "left"),
    "details": ("~", "details"),
}


def change_lots(changes: pl.DataFrame) -> Mapping[int, Sequence[bytes]]:
    """The rows of every account's table of changes, in lots, by its index: kind, person, course or field, was, now.

    They are UTF-8 bytes, because so much text is only written, never changed.
    """
    if changes.is_empty():
        return {}
    texts = pl.col("name", "email", "what", "before", "after").map_batches(all_shown, return_dtype=pl.String)
    rows = changes.with_columns(texts, courses=_courses()).select("account", row=_row())
    lot = pl.int_range(pl.len()).over("account") // LOT
    joined = rows.group_by("account", lot.alias("lot"), maintain_order=True).agg(pl.col("row").str.join(""))
    lots = defaultdict(list)
    for account, lot_of_rows in joined.select("account", pl.col("row").cast(pl.Binary)).iter_rows():
        lots[account].append(lot_of_rows)
    return lots


def changes_table(account: str, lots: Sequence[bytes]) -> bytes:
    """The table of an account's changes, losses first, from its `change_lots`; b"" if there are none."""
    headings = ("Change", "Person", "Course or field", "Was", "Now")
    starts = openings("changes", f"What changes for {shown(account)}", headings, len(lots))
    return b"".join(opening.encode() + rows + CLOSING.encode() for opening, rows in zip(starts, lots, strict=True))


def first_reports_table(accounts: Sequence[tuple[str, AccountReview, str]], of: int) -> str:
    """A table of accounts whose first report is not listed person by person. Takes key, account, decision as HTML.

    `of`: how many there are in all.
    """
    rows = [
        f'<tr class="item" data-key="{key}" data-kinds="new" data-alarms="{_alarms(account)}"'
        f' data-decision="{account["decision"]}" tabindex="-1"><th scope="row">{_name(account)}<td>{_id(account)}'
        f"<td>{account['rows']:,}<td>{file_link(account)}<td><code>{_digest(account)}</code><td>{decision}\n"
        for key, account, decision in accounts
    ]
    headings = ("Account", "Id", "People", "File", "sha256", "Decision")
    return tables("list", "Accounts with a first report", headings, rows) + _more(of - len(rows))


def unchanged_table(accounts: Sequence[AccountReview]) -> str:
    """A table of the accounts whose bytes equal those in ready/."""
    rows = [
        f'<tr class="findable"><th scope="row">{_name(account)}<td>{_id(account)}<td>{account["rows"]:,}'
        f"<td><code>{_digest(account)}</code>\n"
        for account in accounts[:LISTED]
    ]
    headings = ("Account", "Id", "Rows", "sha256")
    return tables("list", "Unchanged accounts", headings, rows) + _more(len(accounts) - len(rows))


def file_link(account: AccountReview) -> str:
    """The file name of a report, as a link to the file."""
    name = shown(account["file"]).removeprefix("<bdi>").removesuffix("</bdi>")
    return f'<a href="{REPORTS}/{name}">{name}</a>'


def tables(css: str, caption: str, headings: tuple[str, ...], rows: Sequence[str]) -> str:
    """Rows in tables of LOT rows each; "" if there are none."""
    lots = ["".join(rows[start : start + LOT]) for start in range(0, len(rows), LOT)]
    starts = openings(css, caption, headings, len(lots))
    return "".join(opening + lot + CLOSING for opening, lot in zip(starts, lots, strict=True))


def openings(css: str, caption: str, headings: tuple[str, ...], count: int) -> Iterator[str]:
    """The HTML before the rows of each of `count` tables; CLOSING comes after the rows."""
    head = _head(headings)
    for number in range(1, count + 1):
        part = f", part {number} of {count}" if count > 1 else ""
        yield (
            f'<div class="lot"><table class="{css}"><caption class="sr">{caption}{part}</caption>'
            f"<thead><tr>{head}</thead><tbody>\n"
        )


# ----------------------------------------------------------------------------------------------------------------------


@cache
def _head(headings: tuple[str, ...]) -> str:
    return "".join(f'<th scope="col">{heading}' for heading in headings)


def _more(count: int) -> str:
    if count <= 0:
        return ""
    return f'<p class="quiet">and {count:,} more: all are in <code>manifest.json</code>, next to this page</p>'


def _row() -> pl.Expr:
    """A change as a table row, from columns of HTML."""
    return pl.concat_str(
        pl.col("kind").replace_strict(_OPENINGS, return_dtype=pl.String),
        pl.col("name").fill_null(BLANK),
        pl.lit("<small>"),
        pl.col("email").fill_null(shown("")),
        pl.lit("</small><td>"),
        pl.col("what").fill_null(_PERSON),
        pl.lit("<td>"),
        _side(_WAS, "before"),
        pl.lit("<td>"),
        _side(_NOW, "after"),
        pl.lit("\n"),
    )


def _side(known: Mapping[Kind, str], cell: str) -> pl.Expr:
    """The cell before or after: fixed by the kind of change, else the courses of a person, else the cell itself."""
    by_kind = pl.col("kind").replace_strict(known, default=None, return_dtype=pl.String)
    return pl.coalesce(by_kind, "courses", cell, pl.lit(BLANK))


def _courses() -> pl.Expr:
    known = pl.element().replace_strict({course: shown(course) for course in COURSES}, return_dtype=pl.String)
    names = pl.col("courses").list.eval(known).list.join("<br>")
    return pl.when(names == "").then(pl.lit(_NO_COURSES)).otherwise(names)


def _alarms(account: AccountReview) -> str:
    return " ".join(alarm["kind"] for alarm in account["alarms"])


def _name(account: AccountReview) -> str:
    return shown(account["account"])


def _id(account: AccountReview) -> str:
    return shown(account["account_id"]) if account["account_id"] else _NO_ID


def _digest(account: AccountReview) -> str:
    return (account["sha256"] or "")[:12]


_OPENINGS = {
    kind: f'<tr class="{kind}"><td><b aria-hidden="true">{sign}</b> {word}<th scope="row">'
    for kind, (sign, word) in KINDS.items()
}
CLOSING = "</tbody></table></div>\n"
_PERSON = '<span class="blank">person</span>'
_ABSENT = '<span class="blank">(not in the report)</span>'
_WAS: Mapping[Kind, str] = {"lost": "X", "gained": BLANK, "joined": _ABSENT}
_NOW: Mapping[Kind, str] = {"lost": BLANK, "gained": "X", "left": _ABSENT}
_NO_COURSES = '<span class="blank">(no courses)</span>'
_NO_ID = '<span class="blank">(no id)</span>'
