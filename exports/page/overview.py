"""The overview page: one self-contained HTML file about all ready reports, with counts only and no names of people.

No network, a strict content policy, readable without JavaScript (which sorts and filters the accounts), printable, in
the style of the review page. The counts come in as an Overview; charts are made in `charts.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Literal

from jinja2 import Template

from exports.page.charts import Chart, chart
from exports.page.frame import environment, inlined, policy
from exports.page.tables import CLOSING, LOT
from exports.page.text import shown
from schemas.columns import COURSES
from schemas.overview import AccountOverview, Overview
from schemas.words import moment, plural

STYLES, SCRIPT = ("page.css", "overview.css"), "overview.js"
RUNS_LISTED = 14  # in the table; the charts have all
NEAREST = 10  # accounts that are listed as closest to their next tier


def render(overview: Overview) -> bytes:
    """The page as UTF-8 HTML."""
    page = {"policy": content_policy(), "styles": [inlined(name) for name in STYLES], "script": inlined(SCRIPT)}
    return _filled("overview.html.j2", overview, page).encode()


def body(overview: Overview) -> str:
    """The content of the page as HTML, for the desk, which has its own frame, styles and script."""
    return _filled("overview_body.html.j2", overview, {})


def content_policy() -> str:
    """The content security policy of the page."""
    return policy(styles=STYLES, script=SCRIPT)


# ---------------------------------------------------------------------------------------------------------------------

_TABLES = "\0"  # marks where the tables go in the template; `shown` lets no such character through
_SERIES: tuple[tuple[str, Literal["people", "written", "held"]], ...] = (
    ("People in reports", "people"),
    ("Reports written", "written"),
    ("Accounts held back", "held"),
)
_NONE = '<td class="none">–'


def _filled(template: str, overview: Overview, page: Mapping[str, object]) -> str:
    """Render a template with the overview; `page`: the variables that only the whole page needs."""
    accounts, with_tiers = overview["accounts"], bool(overview["tiers"])
    frame = _template(template).render(
        overview=overview,
        charts=_charts(overview),
        newest_runs=overview["runs"][:RUNS_LISTED],
        nearest=_nearest(accounts),
        tables=_TABLES,
        **page,
    )
    before, _, after = frame.partition(_TABLES)  # without accounts, there is no mark
    return "".join([before, *_tables(accounts, with_tiers=with_tiers), after])


def _tables(accounts: Sequence[AccountOverview], *, with_tiers: bool) -> Iterator[str]:
    """The accounts in tables of a few hundred rows: a browser takes a minute to lay out one of 20,000."""
    head = "".join(f'<th scope="col" data-kind="{kind}">{name}' for name, kind in _headings(with_tiers=with_tiers))
    starts = range(0, len(accounts), LOT)
    for part, start in enumerate(starts, start=1):
        more = f", part {part} of {len(starts)}" if len(starts) > 1 else ""
        yield (
            '<div class="lot"><table class="numbers all">'
            f'<caption class="sr">People with each course, by account{more}</caption><thead><tr>{head}</thead><tbody>\n'
        )
        yield from (_row(one, with_tiers=with_tiers) for one in accounts[start : start + LOT])
        yield CLOSING


def _charts(overview: Overview) -> list[Chart]:
    runs = overview["runs"][::-1]
    if not runs:
        return []
    days = [run["started"][:10] for run in runs]
    return [chart(title, days, [run["totals"][count] for run in runs]) for title, count in _SERIES]


def _nearest(accounts: Sequence[AccountOverview]) -> list[AccountOverview]:
    """The accounts that lack the fewest people for their next tier, the closest first."""
    with_next = [one for one in accounts if one["next"]]
    return sorted(with_next, key=lambda one: sum(one["lacks"].values()))[:NEAREST]


def _headings(*, with_tiers: bool) -> list[tuple[str, str]]:
    """The columns of the table of accounts, and whether they sort as text or as numbers."""
    of_tiers = [("Tier", "text"), ("Next tier", "text"), ("Lacks for it", "number")] if with_tiers else []
    return [("Account", "text"), ("Id", "text"), ("People", "number"), *((c, "number") for c in COURSES), *of_tiers]


def _row(one: AccountOverview, *, with_tiers: bool) -> str:
    known = f"<td>{shown(one['account_id'])}" if one["account_id"] else _NONE
    counts = "".join(f"<td>{count:,}" if count else '<td class="none">0' for count in one["courses"].values())
    return (
        f'<tr><th scope="row">{shown(one["account"])}{known}<td>{one["people"]:,}{counts}'
        f"{_tier_cells(one) if with_tiers else ''}\n"
    )


def _tier_cells(one: AccountOverview) -> str:
    tier, following = (f"<td>{shown(name)}" if name else _NONE for name in (one["tier"], one["next"]))
    if not one["next"]:
        return f"{tier}{following}{_NONE}"
    return f'{tier}{following}<td data-sort="{sum(one["lacks"].values())}">{_lacks(one)}'


def _lacks(one: AccountOverview) -> str:
    """How many people with which course are missing for the next tier."""
    return "<br>".join(f"{count:,} × {shown(course)}" for course, count in one["lacks"].items()) or "nothing"


@cache
def _template(name: str) -> Template:
    frame = environment()
    frame.filters["moment"] = moment
    frame.filters["share"] = lambda count, of: f"{100 * count / of:.0f} %" if of else "–"
    frame.globals.update(plural=plural)
    return frame.get_template(name)
