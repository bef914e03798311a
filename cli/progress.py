"""Showing how far a run is: a bar for each stage on a terminal, nothing in a pipe. Standard error only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from flows.certify import STAGES, Step, directly, so_far

if TYPE_CHECKING:
    from sources.impartner.pull import Progress

P = ParamSpec("P")
T = TypeVar("T")


@contextmanager
def shown(*, quiet: bool) -> Iterator[tuple[Step, Callable[[Progress], None] | None]]:
    """How to call the stages so that a person sees them, and whom to tell of a pull's progress."""
    if quiet or not sys.stderr.isatty():
        yield directly, None
        return
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (SpinnerColumn(finished_text="✓"), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True)) as bars:
        begun: dict[str, TaskID] = {}  # a stage that is called again goes on in its bar

        def step(name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
            if name not in begun:
                begun[name] = bars.add_task(STAGES[name], total=None)
            result = function(*args, **kwargs)
            bars.update(begun[name], description=STAGES[name], total=1, completed=1)
            return result

        def tell(pulled: Progress) -> None:
            bars.update(begun["read"], description=so_far(pulled), completed=pulled.users, total=pulled.of)

        yield step, tell
