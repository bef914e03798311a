"""The documents agree with the program."""

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cli.app import COMMANDS, app
from docs.tables import columns_page, settings_page

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(("page", "made"), [("columns.md", columns_page), ("settings.md", settings_page)])
def test_generated_pages_are_up_to_date(page, made):
    """The tables in docs/ match the code."""
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == made()


@pytest.mark.parametrize(("page", "least"), [("README.md", 8), ("docs/specialist.md", 9), ("docs/reviewer.md", 11)])
def test_every_documented_command_is_valid(page, least):
    """Its subcommands and options exist."""
    found = re.findall(r"^ {4,}(partner-certs .*)$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert len(found) >= least
    for line in found:
        _, command, *words = shlex.split(line)
        known = app.get_command(click.Context(app), command)
        assert known, line
        if isinstance(known, click.Group) and words and words[0] in known.commands:
            known = known.commands[words[0]]
        options = {option for parameter in known.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, line


def test_every_command_has_help():
    """With --home, --json and --help."""
    runner = CliRunner()
    for command in COMMANDS:
        result = runner.invoke(app, [command.name, "--help"])
        assert result.exit_code == 0
        assert {"--home", "--json", "--help"} <= set(re.findall(r"--\w+", result.output)), command.name


def test_every_relative_link_exists():
    """In all documents."""
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
