"""How long somebody waits for one account from Impartner, not counting Impartner's answers.

    python -m benchmarks.account [--latency 0.3] [--runs 5]

The server is the sandbox, in a separate process; every answer takes that long, and `account` needs three in a row.
Prints what each run takes beyond them: for the command, from start to end; for Pull now in an open desk, from the press
of the button to the finished run. At most 0.6 and 0.1 s on two idle cores; on a busy machine, trust the CPU seconds.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

import httpx

from benchmarks.sandbox import Slow, sandbox

PROGRAM = Path(sys.executable).with_name("partner-certs")
ANSWERS = 3
LOOK_EVERY = 0.002  # seconds between two looks whether the desk's run is there


def main() -> None:
    """Start the server, pull with the command and with the desk, print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latency", type=float, default=0.3)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with sandbox(latency=options.latency, accounts=40, users=700) as slow, tempfile.TemporaryDirectory() as folder:
        home, environment = Path(folder), {**_without_settings(), **slow.settings}
        commands = [_command(slow, home, environment) for _ in range(options.runs)]
        desks = _desk(slow, home, environment, options.runs)
        _print_times("command", ANSWERS * options.latency, commands)
        _print_times("open desk", ANSWERS * options.latency, desks)


# ----------------------------------------------------------------------------------------------------------------------

Cost = tuple[float, float]  # seconds that somebody waits, and of processors


def _command(slow: Slow, home: Path, environment: Mapping[str, str]) -> Cost:
    words = [PROGRAM, "account", slow.proof[0], "--home", home, "--json"]
    began = time.perf_counter()
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, env=environment) as command:
        _, status, usage = os.wait4(command.pid, 0)
        waited = time.perf_counter() - began
        command.returncode = os.waitstatus_to_exitcode(status)
    assert command.returncode == 0  # noqa: S101  a wrong result is no measurement
    return waited, usage.ru_utime + usage.ru_stime


def _desk(slow: Slow, home: Path, environment: Mapping[str, str], runs: int) -> list[Cost]:
    nightly = [PROGRAM, "nightly", "--home", home, "--json"]
    subprocess.run(nightly, stdout=subprocess.DEVNULL, env=environment, check=False)  # some accounts are held back
    command = [PROGRAM, "desk", "--home", home, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as desk:
        try:
            url = json.loads(desk.stdout.readline() if desk.stdout else "{}")["url"]
            with httpx.Client(timeout=60, follow_redirects=True, base_url=url.partition("/?")[0]) as browser:
                browser.get(url)
                found = browser.get("/partners", params={"q": slow.proof[0]}).text
                (partner,) = set(re.findall(r'href="(/partners/[^"?]+)"', found))
                return [_pulled(browser, partner, home, desk.pid) for _ in range(runs)]
        finally:
            desk.terminate()


def _pulled(browser: httpx.Client, partner: str, home: Path, process: int) -> Cost:
    before, spent, began = _runs(home), _processor_seconds(process), time.perf_counter()
    origin = str(browser.base_url).rstrip("/")
    browser.post(f"{partner}/pull", headers={"Origin": origin}).raise_for_status()
    while _runs(home) == before:
        time.sleep(LOOK_EVERY)
    waited = time.perf_counter() - began
    while browser.get(f"{partner}/pull").json()["is_running"]:
        time.sleep(LOOK_EVERY)
    return waited, _processor_seconds(process) - spent


def _runs(home: Path) -> set[str]:
    return {name for name in os.listdir(home / "runs") if not name.startswith(".")}


def _processor_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _print_times(what: str, answers: float, costs: list[Cost]) -> None:
    waits = sorted(waited - answers for waited, _ in costs)
    spent = median(seconds for _, seconds in costs)
    print(f"{what:10}{median(waits):6.2f} s beyond the answers (least {waits[0]:.2f}), {spent:.2f} s of processors")


def _without_settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PARTNER_CERTS_", "PREFECT_"))}


if __name__ == "__main__":
    main()
