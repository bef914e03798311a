"""The command on a terminal: what it asks after a report was made, and how it can be left."""

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
LAST_STAGE = "Comparing with what partners have"
CONTOSO = person()
CTRL_C, CTRL_D = "\x03", "\x04"
PATIENCE = 240.0  # seconds; reached only when something is wrong, however busy the machine is


Start = Callable[..., "Terminal"]


class Terminal:
    """The command for one account, on a terminal of its own."""

    def __init__(self, commands: Commands, folder: Path, rows: Sequence[Row]) -> None:
        (folder / "export.csv").write_bytes(csv_of(rows))
        self.home = Home(folder / "home")
        self._main, end = pty.openpty()
        device = os.ttyname(end)
        words = ["account", "contoso", "export.csv", "--home", str(self.home.root)]
        self._process = commands.begin(folder, *words, terminal=device, TERM="dumb")
        self._has_ended = False
        while str(Path(f"/proc/{self._process.pid}/fd/2").readlink()) != device:
            time.sleep(0.001)
        os.close(end)  # the command has it by now, and when that ends, nobody has
        self.shown = ""

    def type_ahead(self, keys: str) -> None:
        """Type the keys again and again while it works."""
        while LAST_STAGE not in self.shown:
            os.write(self._main, keys.encode())
            if select.select([self._main], [], [], 0.02)[0]:
                assert self._read(), self.shown

    def answer(self, question: str, typed: str) -> None:
        """Wait until something is asked, then type."""
        while question not in self.shown:
            assert self._read(), self.shown
        os.write(self._main, typed.encode())

    def end(self) -> int:
        """The exit status, and everything that was shown."""
        while self._read():
            pass
        os.close(self._main)
        self._has_ended = True
        assert "Traceback" not in self.shown
        return self._process.end().returncode

    def approve(self) -> None:
        """Answer all questions with yes."""
        self.answer(APPROVE, "y\n")
        self.answer(WHO, "Ines\n")
        assert self.end() == 0

    @property
    def last_line(self) -> str:
        """The last line that is shown."""
        return self.shown.splitlines()[-1]

    def wait_for_rest(self) -> None:
        """Wait until it waits for an answer."""
        wait_for_rest(self._process)

    def leave(self) -> None:
        """Let nothing run on."""
        if not self._has_ended:
            self._process.send_signal(signal.SIGKILL)
            self._process.end()

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


def to_decide(home: Home) -> int:
    """How many accounts of the run wait; it is one of an account, so it is named by its id."""
    (run,) = home.manifests()
    return review(home, run["run"])["totals"]["to_decide"]


def approvals(terminal: Terminal) -> list[tuple[str, str]]:
    """Who approved, and why."""
    lines = map(json.loads, terminal.home.ledger.read_bytes().splitlines())
    return [(one["by"], one["reason"]) for one in lines if one["what"] == "approve"]


@pytest.fixture
def start(commands: Commands, tmp_path: Path) -> Iterator[Start]:
    """Begins the command with an export of these people."""
    made = list[Terminal]()

    def begun(*rows: Row) -> Terminal:
        made.append(Terminal(commands, tmp_path, rows or [CONTOSO]))
        return made[-1]

    yield begun
    for terminal in made:
        terminal.leave()


@pytest.fixture
def terminal(start: Start) -> Terminal:
    """The command, begun."""
    return start()


def test_a_report_is_approved_and_released_at_once(terminal: Terminal) -> None:
    """By whom it is said; the last line is the path of the report in ready/."""
    terminal.answer(APPROVE, "y\n")
    terminal.answer(WHO, "  \n")
    terminal.answer("Please type something", "Ines\n")
    assert terminal.end() == 0
    assert terminal.last_line == str(terminal.home.ready / "certifications-contoso-1.csv")
    assert Path(terminal.last_line).is_file()
    assert approvals(terminal) == [("Ines", "")]


@pytest.mark.parametrize("typed", ["n\n", "\n", CTRL_D])
def test_no_and_the_end_of_input_leave_it_to_a_review(typed: str, terminal: Terminal) -> None:
    """The report is there all the same; it is called not approved, with the words that approve and release it."""
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
def test_what_is_typed_before_a_question_answers_none(keys: str, terminal: Terminal) -> None:
    """Keys were typed while it worked; nobody had seen the change. The default is no."""
    terminal.type_ahead(keys)
    terminal.answer(APPROVE, "\n")
    assert "joined" in terminal.shown.partition(APPROVE)[0]
    assert terminal.end() == 0
    assert WHO not in terminal.shown
    assert "Not approved" in terminal.shown
    assert not terminal.home.ledger.exists()


def test_what_is_typed_before_the_second_question_answers_it_not(terminal: Terminal) -> None:
    """Who approves is not who typed ahead."""
    terminal.answer(APPROVE, "y\nNobody\n")
    terminal.answer(WHO, "Ines\n")
    assert terminal.end() == 0
    assert approvals(terminal) == [("Ines", "")]


def test_a_reason_is_asked_for_where_one_is_needed(start: Start) -> None:
    """With why it is; blanks are none."""
    start({**CONTOSO, "Sales Badged": "True"}).approve()
    terminal = start()
    terminal.answer(APPROVE, "y\n")
    terminal.answer(WHO, "Ines\n")
    terminal.answer("Why is that right?:", " \n")
    terminal.answer("Please type something", "It expired\n")
    assert terminal.end() == 0
    assert approvals(terminal)[-1] == ("Ines", "It expired")


def test_an_unchanged_account_says_so_and_asks_nothing(start: Start) -> None:
    """The report in ready/ is the one to send."""
    start().approve()
    terminal = start()
    assert terminal.end() == 0
    assert APPROVE not in terminal.shown
    said, path = terminal.shown.splitlines()[-2:]
    assert said == "Unchanged: Contoso has this report in ready/ already."
    assert path == str(terminal.home.ready / "certifications-contoso-1.csv")


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
    terminal.wait_for_rest()  # in the very moment before it waits, Python may miss a signal
    terminal.answer("", CTRL_C)
    assert terminal.end() == 130
    assert to_decide(terminal.home) == 1
