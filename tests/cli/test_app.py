"""The command as a whole: its list, help, version, and arguments."""

import socket
from importlib.metadata import version
from pathlib import Path

import click
import pytest

from cli.app import COMMANDS, Command, app
from tests.cli.invoking import Invoke, export, parsed


def test_columns_lists_the_table(invoke: Invoke) -> None:
    """As it is in force."""
    output = parsed(invoke("columns", "--json"))
    assert output["columns"][0] == {"field": "Full Name", "heading": "Full Name", "cell": "text"}
    assert output["columns"][10] == {
        "field": "SA Verified",
        "heading": "Solution Architect Core Training",
        "cell": "flag",
    }
    assert len(output["columns"]) == 15
    assert len(invoke("columns").stdout.splitlines()) == 15


def test_an_option_is_not_another_s_value(invoke: Invoke) -> None:
    """Nobody is called --json."""
    invoke("nightly", export())
    output = parsed(invoke("approve", "latest", "--all", "--by", "--json", status=2))
    assert "--by has no value" in output["error"]
    assert not Path("home/ledger.jsonl").exists()
    invoke("nightly", export(), "--home", "--json", status=2)
    assert not Path("--json").exists()


def test_arguments_after_two_hyphens_are_no_options(invoke: Invoke) -> None:
    """But files with that name."""
    assert invoke("check", "a.csv", "--", "--json", status=2).stdout == ""


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_an_invalid_port_is_wrong_usage(port: str, invoke: Invoke) -> None:
    """Like any number out of range."""
    assert "--port" in invoke("sandbox", "--port", port, status=2).stderr


@pytest.mark.parametrize(
    ("header", "origin", "wrong"),
    [
        ("X User", "https://desk.example", "--user-header"),
        ("X-User:", "https://desk.example", "--user-header"),
        ("X-User", "desk.example", "--origin"),
        ("X-User", "https://desk.example/reports", "--origin"),
        ("X-User", "https://", "--origin"),
    ],
)
def test_a_desk_for_a_team_that_nobody_could_enter_is_wrong_usage(
    header: str, origin: str, wrong: str, invoke: Invoke
) -> None:
    """Every request would be refused, and nobody would know why."""
    asked = invoke("desk", "--socket", "desk.socket", "--user-header", header, "--origin", origin, status=2)
    assert wrong in asked.stderr


def test_a_port_in_use_is_reported(invoke: Invoke) -> None:
    """With its number."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"Port {port} can't be used" in invoke("sandbox", "--port", port, status=2).stderr


@pytest.mark.parametrize(
    "words", [["nightly", "a", "b"], ["check"], ["account"], ["nothing"], ["nightly", "--nothing"], ["show", "a", "b"]]
)
def test_wrong_arguments_are_exit_2(words: list[str], invoke: Invoke) -> None:
    """With nothing on standard output."""
    assert invoke(*words, status=2).stdout == ""


@pytest.mark.parametrize("command", ["nightly", "account", "check", "columns", "runs", "show"])
def test_every_command_has_help_and_the_common_options(command: str, invoke: Invoke) -> None:
    """--home, --json, --help."""
    shown = invoke(command, "--help").stdout
    assert "--home" in shown
    assert "--json" in shown


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_the_list_of_commands_matches_their_help(command: Command) -> None:
    """`--help` lists them without importing them."""
    loaded = app.get_command(click.Context(app), command.name)
    assert loaded is not None
    assert loaded.get_short_help_str(limit=200) == command.summary


def test_every_command_is_listed() -> None:
    """A module may add several."""
    for command in COMMANDS:
        app.get_command(click.Context(app), command.name)
    assert set(app.commands) == {command.name for command in COMMANDS}


@pytest.mark.parametrize("words", [["-h"], ["--help"], ["nightly", "-h"], ["columns", "--help"]])
def test_help_has_a_short_option(words: list[str], invoke: Invoke) -> None:
    """On every command."""
    assert invoke(*words).stdout.startswith("Usage: ")


@pytest.mark.parametrize("words", [["--version"], *([command.name, "--version"] for command in COMMANDS)])
def test_version_is_one_line(words: list[str], invoke: Invoke) -> None:
    """On every command, whatever it requires."""
    assert invoke(*words).stdout == f"partner-certs {version('partner-certs')}\n"
