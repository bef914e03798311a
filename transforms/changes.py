"""What changed between two states of reports: who joined and left, courses gained and lost, changed details.

Frame in, frame out, all accounts at once. `exports` reads the reports and skips those with equal bytes;
`transforms/alarms.py` says what is alarming about a change.
"""

from concurrent.futures import ThreadPoolExecutor

import polars as pl

from schemas.columns import COURSES, HEADINGS, MARKS
from schemas.review import KINDS
from transforms.fold import casefold

CHANGES = pl.Schema(
    {
        "account": pl.UInt32(),
        "kind": pl.Enum(KINDS),
        "name": pl.String(),
        "email": pl.String(),
        "what": pl.String(),
        "before": pl.String(),
        "after": pl.String(),
        "courses": pl.List(pl.String()),
    }
)


def changes(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """One row per change, in the columns CHANGES, by account, kind (worst first), name, e-mail, column of the report.

    before, after: `account` (UInt32, the same number in both) and the report's headings as String, null for blank; rows
    in any order. A person is an e-mail within an account, trimmed and without letter case.

    `what` is the course gained or lost, or the heading of a detail, whose cells are in `before` and `after`. `courses`
    are those that somebody who joined has, or who left had. Names and e-mails are the current ones; of people who left,
    the last ones. A report should have each person once; if one is repeated, both rows are compared.
    """
    if before.is_empty() and after.is_empty():  # as on a first night, and comparing nothing would take its time too
        return CHANGES.to_frame()
    with ThreadPoolExecutor(2) as pool:
        were, are = pool.map(_people, (before, after))
    pairs = were.join(are, on=["account", "person"], how="full", coalesce=True, suffix="_after")
    was, now = pl.col("row"), pl.col("row_after")
    stayed = pairs.filter(was.is_not_null() & now.is_not_null())
    parts = [
        _whole(after[pairs.filter(was.is_null())["row_after"]], "joined"),
        _whole(before[pairs.filter(now.is_null())["row"]], "left"),
        *_cells(before[stayed["row"]], after[stayed["row_after"]]),
    ]
    return pl.concat(parts).sort(_ORDER).select(CHANGES.names())


# ----------------------------------------------------------------------------------------------------------------------

_ORDER = ("account", "kind", "name", "email", "position", "before", "after")
_HAS = MARKS["True"]


def _people(reports: pl.DataFrame) -> pl.DataFrame:
    """`row`, `account` and `person`, which is numbered if an address is repeated."""
    person = casefold(pl.col("Email").str.strip_chars()).fill_null("").alias("person")
    people = reports.select("account", person).with_row_index("row")
    if people.select(pl.struct("account", "person").hash().n_unique()).item() == people.height:
        return people  # all hashes differ, so all people do
    # sorted by cells before numbering, so that the order of rows does not matter
    nth = pl.int_range(pl.len()).over("account", "person")
    numbered = pl.when(nth > 0).then(pl.concat_str("person", pl.lit("\0"), nth)).otherwise("person").alias("person")
    cells = reports.select(HEADINGS)
    return pl.concat([people, cells], how="horizontal").sort(HEADINGS).select("row", "account", numbered)


def _whole(people: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Those who joined or left, with their courses."""
    courses = pl.concat_list(pl.when(pl.col(course) == _HAS).then(pl.lit(course)) for course in COURSES)
    return _rows(people, kind, courses=courses.list.drop_nulls())


def _cells(before: pl.DataFrame, after: pl.DataFrame) -> list[pl.DataFrame]:
    """The changed cells. The same row of both frames is the same person."""
    parts = []
    people = after.select("account", "Full Name", "Email")
    places = _differing(before, after)
    for position, heading in enumerate(HEADINGS):
        at = places[heading].item()
        if at.is_empty():
            continue
        who, was, now = people[at], before[heading][at], after[heading][at]
        if heading in COURSES:
            had, has = was.eq_missing(_HAS), now.eq_missing(_HAS)
            parts.append(_rows(who.filter(had & ~has), "lost", position=position, what=heading))
            parts.append(_rows(who.filter(has & ~had), "gained", position=position, what=heading))
        else:
            parts.append(_rows(who, "details", position=position, what=heading, before=was, after=now))
    return parts


def _differing(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """One row with a list for each heading: the rows where its cells differ."""
    both = before.select(HEADINGS).hstack(after.select(pl.col(HEADINGS).name.suffix("\0")))
    return both.select(
        pl.arg_where(pl.col(heading).ne_missing(pl.col(f"{heading}\0"))).implode().alias(heading)
        for heading in HEADINGS
    )


def _rows(
    people: pl.DataFrame,
    kind: str,
    *,
    position: int = 0,
    what: str | None = None,
    before: pl.Series | None = None,
    after: pl.Series | None = None,
    courses: pl.Expr | None = None,
) -> pl.DataFrame:
    """Changes of one kind, one row for each row of `people`."""
    return people.select(
        "account",
        pl.lit(kind, CHANGES["kind"]).alias("kind"),
        pl.col("Full Name").alias("name"),
        pl.col("Email").alias("email"),
        pl.lit(what, pl.String).alias("what"),
        pl.lit(before, pl.String).alias("before"),
        pl.lit(after, pl.String).alias("after"),
        (pl.lit(None, CHANGES["courses"]) if courses is None else courses).alias("courses"),
        pl.lit(position, pl.UInt8).alias("position"),
    )
