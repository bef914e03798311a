"""How fast the desk answers in a large home: 20,000 accounts, a million people, a second day that changed a tenth.

    python -m benchmarks.desk [USERS ACCOUNTS] [--dir DIR]

It makes the home with the command (day one released, day two waiting), starts the desk as a separate process on
loopback, and sends the requests of a browser. Prints milliseconds (median and 95th percentile of many requests) and the
desk's peak memory. Let nothing else run.
"""

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import httpx
import polars as pl

from benchmarks import make
from schemas.columns import ACCOUNT_ID

PROGRAM = Path(sys.executable).with_name("partner-certs")
QUERIES = (
    "muller",
    "lodz",
    "user{}@partner77.example",
    "partner{}.example",
    "nord {}",
    "zoe smith",
    "10{}",
    "nobody{}",
)


def main() -> None:
    """Make the home, start the desk, send requests, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("users", type=int, nargs="?", default=1_000_000)
    options.add_argument("accounts", type=int, nargs="?", default=20_000)
    options.add_argument("--dir", type=Path, default=Path(tempfile.gettempdir()) / "partner-certs-bench-desk")
    given = options.parse_args()
    home = _home(given.dir / f"{given.users}x{given.accounts}", given.users, given.accounts)
    command = [PROGRAM, "desk", "--home", home, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as desk:
        try:
            url = json.loads(desk.stdout.readline() if desk.stdout else "{}")["url"]
            with httpx.Client(timeout=300, follow_redirects=True, base_url=url.partition("/?")[0]) as browser:
                _measure(browser, url)
            print(f"memory, peak: {_peak(desk.pid)} MiB")
        finally:
            desk.terminate()


def _home(folder: Path, users: int, accounts: int) -> Path:
    home = folder / "home"
    if home.exists():
        return home
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "exports").mkdir(exist_ok=True)
    first = make.first_day(users, accounts)
    same = pl.col(ACCOUNT_ID).cast(pl.UInt64) % 10 != 0
    first.write_csv(folder / "exports" / "day-one.csv")
    pl.concat([first.filter(same), make.second_day(first).filter(~same)]).write_csv(folder / "exports" / "day-two.csv")
    for words in (
        ("nightly", folder / "exports" / "day-one.csv"),
        ("approve", "latest", "--all", "--by", "benchmark", "--reason", "benchmark"),
        ("release",),
        ("nightly", folder / "exports" / "day-two.csv"),
    ):
        subprocess.run([PROGRAM, *words, "--home", home, "--json"], stdout=subprocess.DEVNULL, check=False)
    return home


def _measure(browser: httpx.Client, url: str) -> None:
    print(f"first Morning: {_took(lambda: browser.get(url)):.0f} ms")
    page = browser.get("/").text
    print(f"Morning: {len(page.encode()) / 1000:.0f} kB")
    _print_times("Morning", [_took(lambda: browser.get("/")) for _ in range(10)])
    print(f"first search: {_took(lambda: browser.get('/partners', params={'q': 'muller'})):.0f} ms")
    began = time.perf_counter()
    while "Still reading" in browser.get("/partners").text:
        time.sleep(0.2)
    print(f"everybody read: {time.perf_counter() - began:.1f} s after it")
    pick = random.Random(1)  # noqa: S311  the same questions each time
    queries = [pick.choice(QUERIES).format(pick.randrange(1000)) for _ in range(200)]
    _print_times(
        "search", [_took(lambda query=query: browser.get("/partners", params={"q": query})) for query in queries]
    )
    keys = re.findall(r'href="(/partners/[^"?]+)"', browser.get("/partners", params={"q": "a"}).text)
    _print_times("partner", [_took(lambda key=key: browser.get(key)) for key in keys[:40]])
    _print_times("decision", _decisions(browser, page))


def _decisions(browser: httpx.Client, page: str) -> list[float]:
    run, version = re.findall(r'data-run="([^"]+)" data-version="(\d+)"', page)[0]
    times = []
    for key in re.findall(r'data-key="([0-9a-f]+)" data-decision="missing"', page)[:30]:
        seen = re.findall(r'data-seen="([^"]+)"', browser.get(f"/accounts/{key}", params={"run": run}).text)[0]
        wish = {"run": run, "what": "approve", "items": [{"key": key, "seen": seen}]}
        wish |= {"by": "benchmark", "reason": "benchmark"}
        wish["version"] = int(version)
        headers = {"Origin": str(browser.base_url).rstrip("/")}
        times.append(_took(lambda wish=wish, headers=headers: browser.post("/decisions", json=wish, headers=headers)))
    return times


def _took(ask: Callable[[], httpx.Response]) -> float:
    began = time.perf_counter()
    ask().raise_for_status()
    return (time.perf_counter() - began) * 1000


def _print_times(what: str, times: list[float]) -> None:
    times.sort()
    late = times[int(len(times) * 0.95) - 1]
    print(f"{what}: median {median(times):.0f} ms, 95th percentile {late:.0f} ms, of {len(times)}")


def _peak(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) // 1024


if __name__ == "__main__":
    main()
