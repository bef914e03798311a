"""Signals that come at a bad moment end the process all the same, with nothing on standard error."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
WAIT = 90.0  # seconds
CLEANED = "print('cleaned', flush=True)"


def ended(program: str, folder: Path) -> tuple[int, str, str]:
    """Exit status and output of a program that leaves at signals."""
    start = f"import os, signal, time\nfrom cli import signals\nsignals.exit_on_signals()\n{program}\ntime.sleep(30)\n"
    (folder / "program.py").write_text(start)
    done = subprocess.run(
        [sys.executable, "program.py"], cwd=folder, capture_output=True, text=True, check=False, timeout=WAIT
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(("number", "status"), SIGNALS)
def test_a_signal_in_the_middle_of_an_import(number: int, status: int, tmp_path: Path) -> None:
    """An exception could vanish there, and leave the import lock taken for ever."""
    (tmp_path / "signalled.py").write_text(f"import os\ntry: os.kill(os.getpid(), {int(number)})\nexcept: pass\n")
    assert ended("import signalled", tmp_path) == (status, "", "")


@pytest.mark.parametrize(("number", "status"), SIGNALS)
def test_a_signal_where_nothing_can_be_raised(number: int, status: int, tmp_path: Path) -> None:
    """Libraries call back from where Python drops an exception, and shows it."""
    kill = f"os.kill(os.getpid(), {int(number)}), time.sleep(0.01)"
    deaf = f"class Deaf:\n    def __del__(self):\n        {kill}\nDeaf()"
    assert ended(deaf, tmp_path) == (status, "", "")


@pytest.mark.parametrize(("number", "status"), SIGNALS)
def test_what_is_to_be_done_before_is_done(number: int, status: int, tmp_path: Path) -> None:
    """All of it, also if a part of it fails."""
    clean_up = f"signals.before_exit += [lambda: 1 / 0, lambda: {CLEANED}]\nos.kill(os.getpid(), {int(number)})"
    assert ended(clean_up, tmp_path) == (status, "cleaned\n", "")


def test_a_second_signal_does_not_wait(tmp_path: Path) -> None:
    """As a person presses Ctrl-C once more when nothing seems to happen."""
    impatient = "signals.before_exit.append(lambda: (os.kill(os.getpid(), signal.SIGTERM), time.sleep(30)))"
    assert ended(f"{impatient}\nos.kill(os.getpid(), signal.SIGINT)", tmp_path) == (143, "", "")


def test_a_signal_after_the_work_is_ignored(tmp_path: Path) -> None:
    """How it went must not be hidden."""
    late = "signals.ignore_signals()\nos.kill(os.getpid(), signal.SIGINT)\nprint('done')\nraise SystemExit(4)"
    assert ended(late, tmp_path) == (4, "done\n", "")
