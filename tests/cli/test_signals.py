"""Signals at bad moments still end the process, with nothing on standard error."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
WAIT = 90.0  # seconds
CLEANED = "print('cleaned', flush=True)"


def run_program(program: str, folder: Path) -> tuple[int, str, str]:
    """Exit status and output of a program with the command's signal handlers."""
    start = f"import os, signal, time\nfrom cli import signals\nsignals.exit_on_signals()\n{program}\ntime.sleep(30)\n"
    (folder / "program.py").write_text(start)
    result = subprocess.run(
        [sys.executable, "program.py"], cwd=folder, capture_output=True, text=True, check=False, timeout=WAIT
    )
    return result.returncode, result.stdout, result.stderr


@pytest.mark.parametrize(("number", "status"), SIGNALS)
def test_a_signal_during_an_import(number: int, status: int, tmp_path: Path) -> None:
    """An exception could vanish there and leave the import lock held."""
    (tmp_path / "signalled.py").write_text(f"import os\ntry: os.kill(os.getpid(), {int(number)})\nexcept: pass\n")
    assert run_program("import signalled", tmp_path) == (status, "", "")


@pytest.mark.parametrize(("number", "status"), SIGNALS)
def test_a_signal_where_exceptions_are_ignored(number: int, status: int, tmp_path: Path) -> None:
    """As in __del__, or in callbacks of libraries."""
    kill = f"os.kill(os.getpid(), {int(number)}), time.sleep(0.01)"
    ignoring = f"class Deaf:\n    def __del__(self):\n        {kill}\nDeaf()"
    assert run_program(ignoring, tmp_path) == (status, "", "")


@pytest.mark.parametrize(("number", "status"), SIGNALS)
def test_exit_callbacks_run(number: int, status: int, tmp_path: Path) -> None:
    """All of them, even if one fails."""
    clean_up = f"signals.before_exit += [lambda: 1 / 0, lambda: {CLEANED}]\nos.kill(os.getpid(), {int(number)})"
    assert run_program(clean_up, tmp_path) == (status, "cleaned\n", "")


def test_a_thread_that_is_interrupted_is_silent(tmp_path: Path) -> None:
    """Polars raises KeyboardInterrupt in each thread where it works; another problem is still shown."""
    run = "import threading\ndef run(f):\n    thread = threading.Thread(target=f)\n    thread.start(); thread.join()\n"
    stop = "def stop():\n    raise KeyboardInterrupt\nrun(stop)\nos.kill(os.getpid(), signal.SIGINT)"
    assert run_program(run + stop, tmp_path) == (130, "", "")
    assert "ZeroDivisionError" in run_program(f"{run}run(lambda: 1 / 0)\nos._exit(0)", tmp_path)[2]


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    """As when Ctrl-C is pressed again."""
    impatient = "signals.before_exit.append(lambda: (os.kill(os.getpid(), signal.SIGTERM), time.sleep(30)))"
    assert run_program(f"{impatient}\nos.kill(os.getpid(), signal.SIGINT)", tmp_path) == (143, "", "")


def test_a_signal_after_the_work_is_ignored(tmp_path: Path) -> None:
    """It must not hide the exit status."""
    late = "signals.ignore_signals()\nos.kill(os.getpid(), signal.SIGINT)\nprint('done')\nraise SystemExit(4)"
    assert run_program(late, tmp_path) == (4, "done\n", "")
