"""How fast the program is, compared with a floor (a lower bound) and with other implementations. `make bench`, or

    python -m benchmarks [SIZE ...] [--rounds 3] [--dir DIR] [--xlsx] [--pandas]

SIZE is S (10,000 users in 250 accounts), M (200,000 in 5,000), L (1,000,000 in 20,000) or USERSxACCOUNTS; default S M.

Whole processes are measured from start to end, in turn, in several rounds; their output is checked byte by byte each
time. The tables show medians. How to read them:

- Read the ratios, not the seconds. A ratio compares two runs of the same round, and the table shows the median of these
  ratios, which is similar on other machines; seconds depend on how busy this one was. Even so, let nothing else run.
- "to floor": reading the export and writing finished bytes counts as 1 (`floor.py`). "to csv", "to polars" and "to
  lines" (and "to pandas" with --pandas, if it is installed) are the peers in `peers.py`, which don't do what else the
  program does: validate, guard, hash, read back, compare, keep a manifest, sync.
- At S everything is start-up; M is a large tenant, and L shows how it scales: µs/user must not rise from M to L.
- "second nightly": nothing changed since all reports were released. "page": the end of a nightly run on a second day
  with 2 % of the cells changed, which finds the changes and makes the page; "review": the command that shows the same
  changes, as JSON. Their peer only counts them. "from XLSX": fastexcel and polars alone (with --xlsx; making the
  workbook of M takes a minute, once).
- peak is the largest single process. It can't be below that of this one, about 20 MiB.

Everything is written below DIR (default: your own folder in the folder for temporary files). Only the generated exports
stay there, for the next call. Some file systems create files slowly where many were just deleted: if the floor's
seconds grow from round to round, name a DIR elsewhere, preferably in memory.

What each stage costs: `python -m benchmarks.stages`. How fast a pull from Impartner is: `python -m benchmarks.pull` and
`python -m benchmarks.account`.
"""

import argparse
import hashlib
import importlib.util
import os
import re
import stat
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.timing import ROOT, Cost, Job, rounds, run

Words = Sequence[str | Path]

HERE = ROOT / "benchmarks"
SIZES = {"S": (10_000, 250), "M": (200_000, 5_000), "L": (1_000_000, 20_000)}
PROGRAM = Path(sys.executable).with_name("partner-certs")


@dataclass(frozen=True)
class Bench:
    """One size: its name, its generated data, a folder for output, and what to measure."""

    size: str
    users: int
    data: Path
    work: Path
    peers: tuple[str, ...]
    count: int  # of rounds

    def peer(self, name: str, export: str, *account: str) -> Job:
        """A peer, or the floor, on an export."""
        out = self.work / name
        command: Words = [HERE / "peers.py", name, self.data / export, out]
        if name == "floor":
            command = [HERE / "floor.py", self.data / export, self.data / "finished", out]
        return self._job(name, [sys.executable, *command, *account], out, account)

    def program(self, name: str, home: str, command: str, export: str, *account: str, fresh: bool = True) -> Job:
        """A command of the program that makes reports, in the home of that name."""
        words: Words = [PROGRAM, command, *account, self.data / export, "--home", self.work / home, "--json"]
        return self._job(name, words, self.work / home, account, fresh=fresh)

    def prepare(self, command: str, *words: str | Path) -> None:
        """A command of the program that is not measured, in the home that stays."""
        run(Job(command, [PROGRAM, command, *words, "--home", self.work / "kept", "--json"], self.work / "answer"))

    def _job(self, name: str, command: Words, out: Path, account: Sequence[str], *, fresh: bool = True) -> Job:
        answer = self.work / f"{name.replace(' ', '-')}.answer"
        check: Words = ("reports", self.data / "finished", answer, out, *account)
        return Job(name, command, answer, out if fresh else None, check)


def main(words: Sequence[str] | None = None) -> None:
    """Measure each size and print its tables."""
    options = _parser().parse_args(words)
    if options.pandas and not importlib.util.find_spec("pandas"):
        raise SystemExit("pandas is not installed here. Leave out --pandas, or: pip install pandas")
    cache = _own_folder(options.dir or Path(tempfile.gettempdir()) / f"partner-certs-bench-{os.getuid()}")
    peers = ("floor", "csv", "polars", *["pandas"] * options.pandas)
    for size, (users, accounts) in options.sizes or [("S", SIZES["S"]), ("M", SIZES["M"])]:
        data = _data(cache, size, users, accounts)
        with tempfile.TemporaryDirectory(dir=cache, prefix="work-") as work:
            bench = Bench(size, users, data, Path(work), peers, options.rounds)
            all_accounts(bench)
            one_account(bench)
            second_day(bench)
        if options.xlsx:
            data = _data(cache, size, users, accounts, workbook=True)
            with tempfile.TemporaryDirectory(dir=cache, prefix="work-") as work:
                workbook(Bench(size, users, data, Path(work), ("polars",), options.rounds))


def all_accounts(bench: Bench) -> None:
    """Every account, first in an empty home, then in one where all reports are released already."""
    export = "day-one.csv"
    bench.prepare("nightly", bench.data / export)
    bench.prepare("approve", "latest", "--all", "--by", "bench")
    bench.prepare("release")
    first = bench.program("nightly", "fresh", "nightly", export)
    second = bench.program("second nightly", "kept", "nightly", export, fresh=False)
    peers = (*bench.peers, "lines")
    jobs = [*(bench.peer(name, export) for name in peers), first, second]
    _show(bench, "all accounts", jobs, (*peers, "nightly"))


def one_account(bench: Bench) -> None:
    """The account of medium size, from the export of all users."""
    export, account = "day-one.csv", _middling(bench.data)
    jobs = [
        *(bench.peer(name, export, account) for name in bench.peers),
        bench.program("account", "fresh", "account", export, account),
    ]
    _show(bench, "one account", jobs, bench.peers)


def second_day(bench: Bench) -> None:
    """What changed since the release. Requires `all_accounts`."""
    bench.prepare("nightly", bench.data / "day-two.csv")
    home = bench.work / "kept"
    days = sorted((home / "runs").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    joins: Words = [sys.executable, HERE / "peers.py", "joins", days[0] / "reports", days[-1] / "reports"]
    compared: Words = [sys.executable, HERE / "page.py", home]
    review: Words = [PROGRAM, "review", "latest", "--home", home, "--json"]
    counted = bench.work / "joins.answer"
    jobs = [Job("joins", joins, counted)]
    for name, command in (("page", compared), ("review", review)):
        answer = bench.work / f"{name}.answer"
        jobs.append(Job(name, command, answer, check=("changes", counted, answer)))
    _show(bench, "second day, 2 % of cells changed", jobs, ("joins",))


def workbook(bench: Bench) -> None:
    """All accounts and one of them from a workbook."""
    export, account = "day-one.xlsx", _middling(bench.data)
    jobs = [bench.peer("polars", export), bench.program("nightly", "fresh", "nightly", export)]
    _show(bench, "all accounts from XLSX", jobs, bench.peers)
    jobs = [bench.peer("polars", export, account), bench.program("account", "fresh", "account", export, account)]
    _show(bench, "one account from XLSX", jobs, bench.peers)


# ----------------------------------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sizes", nargs="*", type=_size, metavar="SIZE", help="S, M, L or USERSxACCOUNTS")
    parser.add_argument("--rounds", type=int, choices=range(1, 100), default=3, metavar="N", help="default 3")
    parser.add_argument("--dir", type=Path, help="where everything is written")
    parser.add_argument("--xlsx", action="store_true", help="from a workbook too")
    parser.add_argument("--pandas", action="store_true", help="pandas as a peer, if it is installed")
    return parser


def _size(word: str) -> tuple[str, tuple[int, int]]:
    if word in SIZES:
        return word, SIZES[word]
    given = re.fullmatch(r"(\d+)x(\d+)", word)
    if not given or not 0 < int(given[2]) <= int(given[1]):
        raise argparse.ArgumentTypeError(f"{word!r} is no size: S, M, L, or such as 3000x70, users before accounts")
    return word, (int(given[1]), int(given[2]))


def _own_folder(path: Path) -> Path:
    """The folder, created if necessary. SystemExit if it belongs to somebody else, because /tmp is shared."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise SystemExit(f"{path} is not a folder of yours. Name another one with --dir")
    return path.resolve()


def _data(cache: Path, size: str, users: int, accounts: int, *, workbook: bool = False) -> Path:
    """The generated data, from the cache if the same code made it."""
    code = b"".join((HERE / name).read_bytes() for name in ("make.py", "peers.py"))
    kind = "-workbook" if workbook else ""
    folder = cache / f"{size}{kind}-{hashlib.sha256(code).hexdigest()[:8]}"
    if not folder.exists():
        print(f"Making {folder} ...", file=sys.stderr, flush=True)
        make: Words = [
            sys.executable,
            "-m",
            "benchmarks.make",
            str(users),
            str(accounts),
            folder,
            *["--workbook"] * workbook,
        ]
        subprocess.run(make, cwd=ROOT, check=True)
    return folder


def _middling(data: Path) -> str:
    """The id of the account whose report has the median length."""
    lines = [line.split() for line in (data / "finished.names").read_text().splitlines()]
    return sorted((int(length), account) for length, account in lines)[len(lines) // 2][1]


def _show(bench: Bench, title: str, jobs: Sequence[Job], bases: Sequence[str]) -> None:
    """Measure and print a table: a row for each job, a ratio for each base."""
    costs = rounds(jobs, bench.count)
    print(f"\n{bench.size}: {title} ({bench.users:,} users, medians of {bench.count})")
    columns = ("wall s", "cpu s", "µs/user", "peak MiB", *(f"to {base}" for base in bases))
    print(f"{'':16}" + "".join(f"{column:>11}" for column in columns))
    for job in jobs:
        own = costs[job.name]
        wall, cpu, peak = (median(values) for values in zip(*own, strict=True))
        ratios = "".join(f"{_ratio(own, costs[base]):11.2f}" for base in bases)
        print(f"{job.name:16}{wall:11.3f}{cpu:11.3f}{cpu / bench.users * 1e6:11.1f}{peak:11.0f}{ratios}", flush=True)


def _ratio(own: Sequence[Cost], base: Sequence[Cost]) -> float:
    return median(mine.wall / theirs.wall for mine, theirs in zip(own, base, strict=True))


if __name__ == "__main__":
    main()
