"""Line charts as SVG paths, without script; `templates/overview_body.html.j2` draws them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

WIDTH, HEIGHT, MARGIN = 320, 96, 6


class Chart(NamedTuple):
    """A line of counts. `line` and `area` are paths in a box of `width` by `height`, `last` is the point at its end."""

    title: str
    summary: str  # for screen readers
    line: str
    area: str
    last: tuple[float, float]
    first_day: str
    last_day: str
    newest: int  # the count of the last day
    width: int = WIDTH
    height: int = HEIGHT


def chart(title: str, days: Sequence[str], counts: Sequence[int]) -> Chart:
    """A chart of at least one count by day, the oldest first. The axis starts at zero: small drops look small."""
    points = _points(counts)
    line = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
    area = f"{line}L{points[-1][0]:g} {HEIGHT}L{points[0][0]:g} {HEIGHT}Z"
    return Chart(title, _summary(title, days, counts), line, area, points[-1], days[0], days[-1], counts[-1])


# ---------------------------------------------------------------------------------------------------------------------


def _points(counts: Sequence[int]) -> list[tuple[float, float]]:
    scale = (HEIGHT - 2 * MARGIN) / (max(counts) or 1)
    step = (WIDTH - 2 * MARGIN) / max(1, len(counts) - 1)
    xs = [MARGIN + step * index for index in range(len(counts))] if len(counts) > 1 else [WIDTH / 2]
    return [(round(x, 1), round(HEIGHT - MARGIN - count * scale, 1)) for x, count in zip(xs, counts, strict=True)]


def _summary(title: str, days: Sequence[str], counts: Sequence[int]) -> str:
    if len(counts) == 1:
        return f"{title}: {counts[0]:,} on {days[0]}"
    ups, downs = (sum(sign * (b - a) > 0 for a, b in pairwise(counts)) for sign in (1, -1))
    return (
        f"{title}: {counts[0]:,} on {days[0]}, {counts[-1]:,} on {days[-1]}; between {min(counts):,} and "
        f"{max(counts):,}; rose {ups} and fell {downs} of {len(counts) - 1} times"
    )
