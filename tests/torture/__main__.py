"""`make torture`: a home after commands were killed, got system errors, or ran at the same time.

    python -m tests.torture [--share] [--only COMMAND] [--part PART] [--moments N] [--seed N]

--share: a small part of it, for every test run. Prints statistics of each command, and all failures.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from functools import partial
from math import inf
from pathlib import Path
from typing import NamedTuple, TypeVar

from tests.memory import folder_in_memory
from tests.torture import together
from tests.torture.bench import Bench
from tests.torture.cases import COMMANDS, READERS, Case, prepared
from tests.torture.disk import CLOSED, FILES, PAGES, Disk, may_mount
from tests.torture.warm import warm_up

T = TypeVar("T")
CROWD = 20  # commands at the same time
TRIES = 3  # per random moment, as a command may have ended before it
PARTS = ("moments", "calls", "refused", "disk", "together")
Attempt = tuple[str, Callable[[], bool]]  # its name, and a function that returns whether it struck
Attempts = Sequence[Attempt]


class Amount(NamedTuple):
    """How much is tried per command: random moments, system calls (None: all); and pairs and crowds of commands."""

    moments: int
    of_variants: int
    calls: int | None
    pairs: int | None
    crowds: int
    disk: bool


ALL = Amount(moments=200, of_variants=25, calls=None, pairs=None, crowds=5, disk=True)
SHARED = {"nightly", "release", "draft", "prune"}  # each writes in a way of its own
SHARE = Amount(moments=1, of_variants=0, calls=1, pairs=2, crowds=0, disk=False)


def main() -> int:
    """Torture all commands; return the exit status."""
    options = _options()
    warm_up()
    amount, wrong = SHARE if options.share else ALL._replace(moments=options.moments), 0
    chance = random.Random(options.seed)  # noqa: S311  reproducible moments, not secrets
    with tempfile.TemporaryDirectory(dir=folder_in_memory()) as folder, prepared(Path(folder)) as settings:
        for case in (*COMMANDS, *READERS):
            if options.only in ("", case.name) and (case.name in SHARED or not options.share):
                wrong += _alone(Bench(case, Path(folder), settings), amount, chance, options.part)
        if options.part in ("", "together") and not options.only:
            wrong += _together(Path(folder), settings, amount, chance)
    return 1 if wrong else 0


def _alone(bench: Bench, amount: Amount, chance: random.Random, part: str) -> int:
    """Kill a command everywhere, fail all its calls, spoil its disk; return the number of failures."""
    parts = PARTS if not part else (part,)
    tried = _killed_and_refused(bench, amount, chance, parts) if bench.case in COMMANDS else []
    wrong = sum(_tried(f"{bench.case.name}: {what}", attempts, enough) for what, attempts, enough in tried)
    if "disk" in parts and amount.disk:
        wrong += _tried(f"{bench.case.name}: spoilt disk", _spoilt(Disk(bench)))
    return wrong


def _killed_and_refused(
    bench: Bench, amount: Amount, chance: random.Random, parts: Container[str]
) -> Iterator[tuple[str, Attempts, float]]:
    """Names, attempts, and how many of them must strike."""
    if "moments" in parts:
        count = amount.of_variants if bench.case.is_variant else amount.moments
        moments = [chance.uniform(0, bench.seconds) for _ in range(TRIES * count)]
        yield "killed at moments", [(f"{at:.4f} s", partial(bench.kill_at_moment, at)) for at in moments], count
    calls = _some(bench.calls(), amount.calls, chance) if "calls" in parts or "refused" in parts else []
    if "calls" in parts:
        yield "killed at calls", [(f"{call} {n}", partial(bench.kill_at_call, call, n)) for call, n in calls], inf
    if "refused" in parts:
        yield "refused calls", [(f"{call} {n}", partial(bench.fail_at_call, call, n)) for call, n in calls], inf


def _spoilt(disk: Disk) -> Attempts:
    closed: Attempts = [(f"closed {place or 'home'}", partial(disk.closed, place)) for place in CLOSED]
    if not may_mount():
        return closed
    full = [(f"{pages} pages left", partial(disk.full, pages)) for pages in PAGES]
    files = [(f"{count} files left", partial(disk.without_files, count)) for count in FILES]
    return [("read only", disk.read_only), *full, *files, *closed]


def _together(folder: Path, settings: dict[str, str], amount: Amount, chance: random.Random) -> int:
    """Run commands at the same time; return the number of failures."""
    pairs = _some(together.pairs(COMMANDS), amount.pairs, chance)
    crowds = [together.crowd([*COMMANDS, *READERS], chance, CROWD) for _ in range(amount.crowds)]

    def attempt(cases: Iterable[Case]) -> Attempt:
        cases = [*cases]
        names = ", ".join(case.name for case in cases)
        return names, lambda: together.run_together(cases, folder, settings) is None

    return _tried("two at once", map(attempt, pairs)) + _tried(f"{CROWD} and a desk at once", map(attempt, crowds))


def _tried(what: str, attempts: Iterable[Attempt], enough: float = inf) -> int:
    """Make attempts until enough struck; print statistics and failures; return the number of failures."""
    began, count, struck, wrong = time.monotonic(), 0, 0, 0
    for name, attempt in attempts:
        if struck >= enough:
            break
        count += 1
        try:
            struck += attempt()
        except AssertionError as failure:
            wrong += 1
            _print(f"{what}, {name}: {failure}")
    seconds = time.monotonic() - began
    _print(f"{what:<40} {count:>5}  struck {struck:>5}  wrong {wrong:>3}  {seconds:>6.1f} s")
    return wrong


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _some(things: list[T], count: int | None, chance: random.Random) -> list[T]:
    return things if count is None else chance.sample(things, min(count, len(things)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", action="store_true")
    parser.add_argument("--only", choices=[case.name for case in (*COMMANDS, *READERS)], default="")
    parser.add_argument("--part", choices=PARTS, default="")
    parser.add_argument("--moments", type=int, default=ALL.moments)
    parser.add_argument("--seed", type=int, default=20261126)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
