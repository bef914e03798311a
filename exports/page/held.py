"""Held accounts on the review page, as HTML tables: whom a fault is about, what is wrong, and what to do.

Texts of partners are escaped by `text.py`. The page around the tables is in `templates/page.html.j2`.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from exports.home.layout import FAULTS
from exports.page.tables import CLOSING, openings, tables
from exports.page.text import BLANK, all_shown, shown
from schemas.review import AccountReview, FaultGroup
from schemas.words import plural

ACCOUNTS = 200  # held accounts that are listed: nobody reads more, and one fault of an export can hold thousands
FAULTS_SHOWN = 10  # per account
LINK = f'<a href="{FAULTS}">{FAULTS}</a>'
NO_ACCOUNT = "(rows without an account)"


def fault_groups_table(groups: Sequence[FaultGroup]) -> str:
    """A table with one row for each fault that several accounts share."""
    rows = [
        f'<tr><th scope="row">{shown(group["column"])}<td>{_what_is_wrong(group)}<td>{_cell(group["found"])}'
        f"<td>{group['accounts']:,}<td>{group['faults']:,}\n"
        for group in groups
        if group["accounts"] > 1
    ]
    headings = ("Column", "What is wrong, and what to do", "Found, for instance", "Accounts", "Cells")
    return tables("fault-groups", "The same fault in several accounts", headings, rows)


def held_accounts(accounts: Sequence[AccountReview], faults: pl.DataFrame) -> str:
    """Each held account with its rows and first faults. faults: the review's."""
    if not accounts:
        return ""
    rows = _fault_rows(faults.filter(pl.col("account").is_in([one["index"] for one in accounts[:ACCOUNTS]])))
    sections = [
        _account(f"held-{number}", one, *rows.get(one["index"], (0, "")))
        for number, one in enumerate(accounts[:ACCOUNTS], start=1)
    ]
    return "".join(sections) + _more(len(accounts) - len(sections), "account")


# ---------------------------------------------------------------------------------------------------------------------


def _account(anchor: str, account: AccountReview, shown_faults: int, rows: str) -> str:
    name = shown(account["account"]) if account["account"] else NO_ACCOUNT
    known = f"<code>{shown(account['account_id'])}</code> · " if account["account_id"] else ""
    counts = f"{plural(account['rows'], 'row')} · {plural(account['faults'], 'fault')}"
    table = _table(name, rows) + _more(account["faults"] - shown_faults, "fault") if rows else _ELSEWHERE
    return (
        f'<article class="held findable" aria-labelledby="{anchor}"><h3 id="{anchor}">{name}</h3>'
        f'<p class="about">{known}{counts}</p>\n{table}</article>\n'
    )


def _table(name: str, rows: str) -> str:
    headings = ("Where", "Person", "Column", "Found", "What is wrong, and what to do")
    (opening,) = openings("faults", f"Faults of {name}", headings, 1)
    return opening + rows + CLOSING


def _fault_rows(faults: pl.DataFrame) -> Mapping[int, tuple[int, str]]:
    """The first faults of each account, by its index: their number, and the rows of its table."""
    first = faults.filter(pl.int_range(pl.len()).over("account") < FAULTS_SHOWN)
    texts = pl.col("row", "user_id", "person", "column", "found", "rule", "remedy")
    rows = first.with_columns(texts.map_batches(all_shown, return_dtype=pl.String)).select("account", row=_row())
    joined = rows.group_by("account").agg(pl.len(), pl.col("row").str.join(""))
    return {account: (count, lines) for account, count, lines in joined.select("account", "len", "row").iter_rows()}


def _row() -> pl.Expr:
    where = pl.coalesce(pl.lit("row ") + pl.col("row"), pl.lit("user ") + pl.col("user_id"), pl.lit(""))
    return pl.concat_str(
        pl.lit('<tr><th scope="row">'),
        where,
        pl.lit("<td>"),
        pl.col("person").fill_null(""),
        pl.lit("<td>"),
        pl.col("column").fill_null(""),
        pl.lit("<td>"),
        pl.col("found").fill_null(BLANK),
        pl.lit("<td>"),
        pl.col("rule").fill_null(""),
        pl.lit("<small>"),
        pl.col("remedy").fill_null(""),
        pl.lit("</small>\n"),
    )


def _what_is_wrong(group: FaultGroup) -> str:
    return f"{shown(group['rule'])}<small>{shown(group['remedy'])}</small>"


def _cell(text: str | None) -> str:
    return shown(text) if text else BLANK


def _more(count: int, what: str) -> str:
    return f'<p class="quiet">and {plural(count, f"more {what}")}: all are in {LINK}</p>\n' if count > 0 else ""


_ELSEWHERE = '<p class="quiet">Rows that may belong to it have faults, which are listed under another account.</p>'
