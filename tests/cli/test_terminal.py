"""The command on a terminal: what it asks after a report was made, and how it can be left."""

import os
import pty
import select
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from exports.home.layout import Home
from flows.review.build import review
from tests.command import COMMAND, clean_environment
from tests.exporting import csv_of
from tests.people import person

APPROVE, WHO = "ready/? [y/N]:", "Who approves?:"
CTRL_C, CTRL_D = "\x03", "\x04"
PATIENCE = 30.0  # seconds


class Terminal:
    """The command for one account, on a terminal of its own."""

    def __init__(self, folder: Path) -> None:
        (folder / "export.csv").write_bytes(csv_of([person()]))
        self.home = Home(folder / "home")
        self._main, end = pty.openpty()
        words = [COMMAND, "account", "contoso", "export.csv", "--home", self.home.root]
        self._process = subprocess.Popen(
            words, cwd=folder, env=clean_environment(TERM="dumb"), stdin=end, stdout=end, stderr=end,
            start_new_session=True, preexec_fn=_own_terminal,
        )  # fmt: skip
        os.close(end)
        self.shown = ""

    def answer(self, question: str, typed: str) -> None:
        """Wait until something is asked, then type."""
        while question not in self.shown:
            assert self._read(), self.shown
        os.write(self._main, typed.encode())

    def end(self) -> int:
        """The exit status, and everything that was shown."""
        while self._read():
            pass
        status = self._process.wait(timeout=PATIENCE)
        os.close(self._main)
        assert "Traceback" not in self.shown
        return status

    def leave(self) -> None:
        """Let nothing run on."""
        self._process.kill()
        self._process.wait()

    def _read(self) -> bool:
        """More of what is shown; False at its end."""
        if not select.select([self._main], [], [], PATIENCE)[0]:
            raise AssertionError(f"Nothing happens any more after: {self.shown}")
        try:
            told = os.read(self._main, 4096)
        except OSError:  # so Linux says that nobody is at the other end any more
            return False
        self.shown += told.decode()
        return bool(told)


def _own_terminal() -> None:
    """Make standard input the terminal that Ctrl-C is typed at."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def to_decide(home: Home) -> int:
    """How many accounts of the run wait; it is one of an account, so it is named by its id."""
    (run,) = home.manifests()
    return review(home, run["run"])["totals"]["to_decide"]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """The command, begun."""
    made = Terminal(tmp_path)
    try:
        yield made
    finally:
        made.leave()


def test_a_report_is_approved_and_released_at_once(terminal: Terminal) -> None:
    """By whom it is said; the last line is the path of the report."""
    terminal.answer(APPROVE, "y\n")
    terminal.answer(WHO, "  \n")
    terminal.answer("nothing but blanks", "Ines\n")
    assert terminal.end() == 0
    assert Path(terminal.shown.splitlines()[-1]).is_file()
    assert [path.name for path in terminal.home.ready.glob("*.csv")] == ["certifications-contoso-1.csv"]
    assert b'"by":"Ines"' in terminal.home.ledger.read_bytes().replace(b": ", b":")


@pytest.mark.parametrize("typed", ["n\n", "\n", CTRL_D])
def test_no_and_the_end_of_input_leave_it_to_a_review(typed: str, terminal: Terminal) -> None:
    """The report is there all the same."""
    terminal.answer(APPROVE, typed)
    assert terminal.end() == 0
    assert Path(terminal.shown.splitlines()[-1]).is_file()
    assert to_decide(terminal.home) == 1


def test_the_end_of_input_at_the_second_question_too(terminal: Terminal) -> None:
    """Nobody approved it."""
    terminal.answer(APPROVE, "y\n")
    terminal.answer(WHO, CTRL_D)
    assert terminal.end() == 0
    assert to_decide(terminal.home) == 1


@pytest.mark.parametrize("before", ["", "y\n"])
def test_ctrl_c_ends_a_question_at_once(before: str, terminal: Terminal) -> None:
    """Without Enter, and with the exit status of any other Ctrl-C; the run was kept already."""
    if before:
        terminal.answer(APPROVE, before)
    terminal.answer(WHO if before else APPROVE, "")
    time.sleep(0.3)  # a person sees the question first; in the very moment before it waits, Python may miss a signal
    terminal.answer("", CTRL_C)
    assert terminal.end() == 130
    assert to_decide(terminal.home) == 1
