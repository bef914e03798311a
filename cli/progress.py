"""Showing how far a run is: a bar for each stage on a terminal. Standard error only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from cli import signals
from flows.certify import STAGES, Step, so_far
from flows.jobs import OnProgress

if TYPE_CHECKING:  # polars and HTTP, for those who pull
    from sources.impartner.pull import Progress as Pulled

P = ParamSpec("P")
T = TypeVar("T")


@contextmanager
def shown() -> Iterator[tuple[Step, OnProgress]]:
    """A step that shows each stage as a bar, and what to call with a pull's progress."""
    columns = (SpinnerColumn(finished_text="✓"), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    signals.before_leaving.append(console.show_cursor)  # which the bars hide
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def step(name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
            tasks[name] = bars.add_task(STAGES[name], total=None)
            result = function(*args, **kwargs)
            bars.update(tasks[name], description=STAGES[name], total=1, completed=1)
            return result

        def on_progress(pulled: Pulled) -> None:
            bars.update(tasks["read"], description=so_far(pulled), completed=pulled.users, total=pulled.of)

        yield step, on_progress
