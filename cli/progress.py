"""Progress on a terminal: a bar for each stage of a run, on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from cli import signals
from flows.certify import STAGES, Step, progress_text
from flows.jobs import OnProgress

if TYPE_CHECKING:  # it imports polars and HTTP, which only a pull needs
    from sources.impartner.pull import Progress as Pulled

P = ParamSpec("P")
T = TypeVar("T")


@contextmanager
def progress_bars() -> Iterator[tuple[Step, OnProgress]]:
    """Show a bar for each stage. Gives the step to call stages with, and the function that a pull reports to."""
    columns = (SpinnerColumn(finished_text="✓"), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    signals.before_exit.append(console.show_cursor)  # which the bars hide
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def step(name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
            tasks[name] = bars.add_task(STAGES[name], total=None)
            result = function(*args, **kwargs)
            bars.update(tasks[name], description=STAGES[name], total=1, completed=1)
            return result

        def on_progress(pulled: Pulled) -> None:
            bars.update(tasks["read"], description=progress_text(pulled), completed=pulled.users, total=pulled.of)

        yield step, on_progress
