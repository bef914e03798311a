"""`account` on a terminal: its questions after the report, and how to leave them."""

import json
import os
import pty
import select
import shlex
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.app import app
from exports.home.layout import Home
from flows.review.build import review
from tests.command import wait_for_rest
from tests.commands import Commands
from tests.exporting import csv_of
from tests.people import Row, person

APPROVE, WHO = "ready/? [y/N]:", "Who approves?:"
CONTOSO = person()
CTRL_C, CTRL_D = "\x03", "\x04"
PATIENCE = 240.0  # seconds; ample for a busy machine


Start = Callable[..., "Terminal"]


class Terminal:
    """The command for one account, on its own terminal. typed: what is typed before it starts."""

    def __init__(self, commands: Commands, folder: Path, rows: Sequence[Row], typed: str) -> None:
        (folder / "export.csv").write_bytes(csv_of(rows))
        self.home = Home(folder / "home")
        self._main, end = pty.openpty()
        device = os.ttyname(end)
        os.write(self._main, typed.encode())
        words = ["account", "contoso", "export.csv", "--home", str(self.home.root)]
        self._process = commands.begin(folder, *words, terminal=device, TERM="dumb")
        self._has_ended = False
        while str(Path(f"/proc/{self._process.pid}/fd/2").readlink()) != device:
            time.sleep(0.001)
        os.close(end)  # the command has it by now, and when that ends, nobody has
        self.shown = ""

    def answer(self, question: str, typed: str) -> None:
        """Wait for a question, then type."""
        while question not in self.shown:
            assert self._read(), self.shown
        os.write(self._main, typed.encode())

    def end(self) -> int:
        """Wait for the end; return the exit status."""
        while self._read():
            pass
        os.close(self._main)
        self._has_ended = True
        assert "Traceback" not in self.shown
        return self._process.end().returncode

    def approve(self) -> None:
        """Answer yes to all questions."""
        self.answer(APPROVE, "y\n")
        self.answer(WHO, "Ines\n")
        assert self.end() == 0

    @property
    def last_line(self) -> str:
        """The last line that is shown."""
        return self.shown.splitlines()[-1]

    def wait_for_rest(self) -> None:
        """Wait until it waits for input."""
        wait_for_rest(self._process)

    def leave(self) -> None:
        """Kill it."""
        if not self._has_ended:
            self._process.send_signal(signal.SIGKILL)
            self._process.end()

    def _read(self) -> bool:
        """Read more output; False at its end."""
        if not select.select([self._main], [], [], PATIENCE)[0]:
            raise AssertionError(f"Nothing happens any more after: {self.shown}")
        try:
            data = os.read(self._main, 4096)
        except OSError:  # how Linux reports that the other end is closed
            return False
        self.shown += data.decode()
        return bool(data)


def to_decide(home: Home) -> int:
    """How many accounts of the only run wait."""
    (run,) = home.manifests()
    return review(home, run["run"])["totals"]["to_decide"]


def approvals(terminal: Terminal) -> list[tuple[str, str]]:
    """Authors and reasons of the approvals."""
    lines = map(json.loads, terminal.home.ledger.read_bytes().splitlines())
    return [(one["by"], one["reason"]) for one in lines if one["what"] == "approve"]


@pytest.fixture
def start(commands: Commands, tmp_path: Path) -> Iterator[Start]:
    """Start the command with an export of these people."""
    terminals = list[Terminal]()

    def start_with(*rows: Row, typed: str = "") -> Terminal:
        terminals.append(Terminal(commands, tmp_path, rows or [CONTOSO], typed))
        return terminals[-1]

    yield start_with
    for terminal in terminals:
        terminal.leave()


@pytest.fixture
def terminal(start: Start) -> Terminal:
    """The running command."""
    return start()


def test_a_report_is_approved_and_released_at_once(terminal: Terminal) -> None:
    """The author is asked; the last line is the path in ready/."""
    terminal.answer(APPROVE, "y\n")
    terminal.answer(WHO, "  \n")
    terminal.answer("Please type something", "Ines\n")
    assert terminal.end() == 0
    assert terminal.last_line == str(terminal.home.ready / "certifications-contoso-1.csv")
    assert Path(terminal.last_line).is_file()
    assert approvals(terminal) == [("Ines", "")]


@pytest.mark.parametrize("typed", ["n\n", "\n", CTRL_D])
def test_no_or_end_of_input_leaves_it_to_a_review(typed: str, terminal: Terminal) -> None:
    """The report exists but is called not approved, with the commands that approve and release it."""
    terminal.answer(APPROVE, typed)
    assert terminal.end() == 0
    *_, refusal, approve, release, path = terminal.shown.splitlines()
    assert Path(path).is_file()
    assert refusal == "Not approved: don't send this report of Contoso."
    for words in (approve, release):
        assert not terminal.home.ready.exists()
        _, *arguments = shlex.split(words)
        assert CliRunner().invoke(app, arguments).exit_code == 0
    assert (terminal.home.ready / Path(path).name).read_bytes() == Path(path).read_bytes()


@pytest.mark.parametrize("keys", ["y\nInes\n", "y\n"])
def test_input_typed_before_the_question_is_dropped(keys: str, start: Start) -> None:
    """Nobody had seen the change. The default is no."""
    terminal = start(typed=keys)
    terminal.answer(APPROVE, "\n")
    assert "joined" in terminal.shown.partition(APPROVE)[0]
    assert terminal.end() == 0
    assert WHO not in terminal.shown
    assert "Not approved" in terminal.shown
    assert not terminal.home.ledger.exists()


def test_input_typed_before_the_second_question_is_dropped(terminal: Terminal) -> None:
    """The author must be typed after the question."""
    terminal.answer(APPROVE, "y\nNobody\n")
    terminal.answer(WHO, "Ines\n")
    assert terminal.end() == 0
    assert approvals(terminal) == [("Ines", "")]


def test_a_reason_is_asked_for_where_one_is_needed(start: Start) -> None:
    """With why; blanks don't count."""
    start({**CONTOSO, "Sales Badged": "True"}).approve()
    terminal = start()
    terminal.answer(APPROVE, "y\n")
    terminal.answer(WHO, "Ines\n")
    terminal.answer("Why is that right?:", " \n")
    terminal.answer("Please type something", "It expired\n")
    assert terminal.end() == 0
    assert approvals(terminal)[-1] == ("Ines", "It expired")


def test_an_unchanged_account_asks_nothing(start: Start) -> None:
    """The report in ready/ is the one to send."""
    start().approve()
    terminal = start()
    assert terminal.end() == 0
    assert APPROVE not in terminal.shown
    line, path = terminal.shown.splitlines()[-2:]
    assert line == "Unchanged: Contoso has this report in ready/ already."
    assert path == str(terminal.home.ready / "certifications-contoso-1.csv")


def test_end_of_input_at_the_second_question(terminal: Terminal) -> None:
    """Nobody approved it."""
    terminal.answer(APPROVE, "y\n")
    terminal.answer(WHO, CTRL_D)
    assert terminal.end() == 0
    assert to_decide(terminal.home) == 1


@pytest.mark.parametrize("before", ["", "y\n"])
def test_ctrl_c_ends_a_question_at_once(before: str, terminal: Terminal) -> None:
    """Without Enter, as exit 130; the run is kept."""
    if before:
        terminal.answer(APPROVE, before)
    terminal.answer(WHO if before else APPROVE, "")
    terminal.wait_for_rest()  # Python may miss a signal just before it waits
    terminal.answer("", CTRL_C)
    assert terminal.end() == 130
    assert to_decide(terminal.home) == 1
