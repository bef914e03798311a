"""The layers: which package may import which."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
PACKAGES = ("cli", "desk", "flows", "sources", "schemas", "transforms", "exports")
MANY = 25  # imports inside functions, in the whole program


def test_import_contracts_hold() -> None:
    """A violation is reported with module and line."""
    done = subprocess.run([BIN / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("module", ["cli.app", "flows.certify", "flows.jobs", "flows.settings", "exports.home.layout"])
def test_quick_modules_import_neither_prefect_nor_polars(module: str) -> None:
    """They take a second together, so they are imported when needed."""
    assert not _imported(f"import {module}") & {"prefect", "polars", "pandera", "httpx", "jinja2", "starlette"}


def test_a_draft_imports_no_polars_and_no_mailbox() -> None:
    """It is read and written without frames, and IMAP and TLS come with --imap."""
    assert not _imported("import cli.app, cli.mail") & {"prefect", "polars", "pandera", "httpx", "imap_tools", "ssl"}


def test_the_first_request_to_impartner_needs_only_http() -> None:
    """Polars is imported while it is in flight, and httpx without its CLI and HTTP/2."""
    needless = {"prefect", "polars", "pandera", "jinja2", "rich", "pygments", "h2", "trio"}
    assert not _imported("import flows.impartner") & needless


def test_the_steps_import_no_test_data_libraries() -> None:
    """pandera imports hypothesis if it is installed, at its first validation."""
    steps = "import flows.steps, schemas.stages; schemas.stages.prepare()"
    assert not _imported(steps) & {"prefect", "hypothesis", "rapidfuzz"}


def test_help_and_columns_import_no_heavy_packages() -> None:
    """Asking how to use a command is quick."""
    for words in (["--help"], ["nightly", "--help"], ["columns"], ["runs", "--home", "/nowhere/at/all"]):
        code = f"import sys; sys.argv[1:] = {words!r}\nfrom cli.app import main\ntry: main()\nexcept SystemExit: pass"
        assert not _imported(code) & {"prefect", "polars", "pandera", "httpx", "jinja2", "starlette"}, words


def _imported(code: str) -> set[str]:
    """The packages imported after the code has run in a new process."""
    shown = "\nimport sys; sys.stderr.write(' '.join({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code + shown], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


ENVIRONMENT = {
    "flows/settings.py",  # the settings
    "flows/__init__.py",  # Prefect's telemetry, before it is imported
    "cli/main.py",  # polars' allocator, before it is imported
    "cli/demo.py",  # the environment of the commands that it starts
    "flows/orchestration/record.py",  # Prefect's log level, before it is imported
    "sources/workbook/read.py",  # the environment of the process that reads a workbook
}


def test_only_settings_read_the_environment() -> None:
    """And modules that start a process or configure a library."""
    assert {str(path.relative_to(ROOT)) for path in _modules() if _asks_the_environment(path)} == ENVIRONMENT


def test_few_imports_are_inside_functions_and_each_has_a_reason() -> None:
    """In a comment next to it."""
    late = [f"{path.relative_to(ROOT)}: {line}" for path in _modules() for line in _late_imports(path)]
    assert len(late) <= MANY, late
    assert [line for line in late if "# late: " not in line] == []


def _modules() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def _late_imports(path: Path) -> list[str]:
    """The lines that import inside a function."""
    functions = [node for node in _nodes(path) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    imports = [node for function in functions for node in ast.walk(function)]
    numbers = {node.lineno for node in imports if isinstance(node, ast.Import | ast.ImportFrom)}
    lines = path.read_text(encoding="utf-8").splitlines()
    return [lines[number - 1].strip() for number in sorted(numbers)]


CLOCKS = {
    "flows/run_ids.py",  # the clock
    "sources/impartner/retry_after.py",  # for a response without a Date header
    "sources/sandbox/refusals.py",  # a server has its own clock
}


def test_the_clock_is_read_in_one_place() -> None:
    """Everything else is given the time, so tests can choose it."""
    assert {str(path.relative_to(ROOT)) for path in _modules() if _reads_the_clock(path)} == CLOCKS


def _reads_the_clock(path: Path) -> bool:
    clocks = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
    return any(isinstance(node, ast.Attribute) and ast.unparse(node) in clocks for node in _nodes(path))


def _asks_the_environment(path: Path) -> bool:
    names = {"environ", "environb", "getenv"}
    return any(isinstance(node, ast.Attribute) and node.attr in names for node in _nodes(path))


@cache
def _nodes(path: Path) -> list[ast.AST]:
    return [*ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
