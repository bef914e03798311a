"""The house's walls: who may import whom."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent


def test_the_contracts_of_layers_hold() -> None:
    """A breach names module and line."""
    done = subprocess.run([BIN / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("module", ["cli.app", "flows.certify", "flows.jobs", "flows.settings", "exports.home.layout"])
def test_what_a_person_waits_for_imports_neither_prefect_nor_polars(module: str) -> None:
    """They take a second together; they come when they are needed."""
    assert not _imported(f"import {module}") & {"prefect", "polars", "pandera", "httpx", "jinja2", "starlette"}


def test_help_and_columns_import_neither() -> None:
    """Asking how a command is used costs nothing."""
    for words in (["--help"], ["nightly", "--help"], ["columns"], ["runs", "--home", "/nowhere/at/all"]):
        code = f"import sys; sys.argv[1:] = {words!r}\nfrom cli.app import main\ntry: main()\nexcept SystemExit: pass"
        assert not _imported(code) & {"prefect", "polars", "pandera", "httpx", "jinja2", "starlette"}, words


def _imported(code: str) -> set[str]:
    """The packages that are there after the code has run in a fresh process."""
    shown = "\nimport sys; sys.stderr.write(' '.join({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code + shown], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


ENVIRONMENT = {
    "flows/settings.py",  # the settings
    "cli/main.py",  # how polars' allocator works, before it is loaded
    "cli/demo.py",  # what the real command gets, started as a person would
    "flows/orchestration/record.py",  # how much Prefect logs, before it is loaded
    "sources/workbook/read.py",  # what the process that reads a workbook gets: all but the settings
}


def test_the_environment_is_read_by_the_settings_only() -> None:
    """And by those who start something in an environment of its own."""
    packages = ("cli", "desk", "flows", "sources", "schemas", "transforms", "exports")
    files = [path for package in packages for path in (ROOT / package).rglob("*.py")]
    assert {str(path.relative_to(ROOT)) for path in files if _asks_the_environment(path)} == ENVIRONMENT


def _asks_the_environment(path: Path) -> bool:
    names = {"environ", "environb", "getenv"}
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return any(isinstance(node, ast.Attribute) and node.attr in names for node in nodes)
