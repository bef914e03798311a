"""What the documents say is what the program does."""

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
def test_a_page_of_tables_is_what_the_code_says(page, made):
    """docs/ is made from the tables and not stale."""
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == made()


@pytest.mark.parametrize(("page", "least"), [("README.md", 8), ("docs/specialist.md", 9), ("docs/reviewer.md", 11)])
def test_every_command_of_the_documents_is_understood(page, least):
    """Their commands have words and options that the command knows."""
    told = re.findall(r"^ {4,}(partner-certs .*)$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert len(told) >= least
    for line in told:
        _, command, *words = shlex.split(line)
        known = app.get_command(click.Context(app), command)
        assert known, line
        if isinstance(known, click.Group) and words and words[0] in known.commands:
            known = known.commands[words[0]]
        options = {option for parameter in known.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, line


def test_every_command_tells_its_use():
    """Each command has a help text with --home, --json and --help."""
    runner = CliRunner()
    for command in COMMANDS:
        told = runner.invoke(app, [command.name, "--help"])
        assert told.exit_code == 0
        assert {"--home", "--json", "--help"} <= set(re.findall(r"--\w+", told.output)), command.name


def test_every_link_of_the_documents_leads_somewhere():
    """Relative links in the documents name files that are there."""
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
