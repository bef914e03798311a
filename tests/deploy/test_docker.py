"""The Dockerfile as far as it can be tested without a daemon: its rules, and a nightly with what it copies."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.command import clean_environment
from tests.exporting import csv_of
from tests.people import person

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def steps() -> list[tuple[str, str]]:
    """The instructions and their arguments."""
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(name, words) for name, _, words in (line.partition(" ") for line in lines)]


def of_kind(steps: list[tuple[str, str]], name: str) -> list[str]:
    """The arguments of instructions with this name."""
    return [words for step, words in steps if step == name]


def test_it_keeps_hadolint_s_rules(steps: list[tuple[str, str]]) -> None:
    """A versioned base, no root, no ADD, hashed packages without a cache, absolute folders, no secret."""
    (base,) = of_kind(steps, "FROM")
    assert re.fullmatch(r"python:3\.\d+-slim", base)
    assert not {name for name, _ in steps} & {"ADD", "MAINTAINER", "ARG"}
    *_, user = of_kind(steps, "USER")
    assert user.isdecimal(), "Kubernetes checks runAsNonRoot by number"
    assert int(user) >= 10_000
    assert all(folder.startswith("/") for folder in of_kind(steps, "WORKDIR"))
    installs = [run for run in of_kind(steps, "RUN") if "pip install" in run]
    assert all("--no-cache-dir --no-deps" in run for run in installs)
    assert "--require-hashes -r requirements.lock" in installs[0]
    assert all(words.startswith("[") for words in of_kind(steps, "ENTRYPOINT") + of_kind(steps, "CMD"))
    assert not re.search(r"KEY|PASSWORD|TOKEN|SECRET", " ".join(of_kind(steps, "ENV")))


def test_the_build_context_is_what_is_copied(steps: list[tuple[str, str]]) -> None:
    """`.dockerignore` allows exactly what COPY names, which exists."""
    copied = {word for words in of_kind(steps, "COPY") for word in shlex.split(words)[:-1]}
    first, *let_in = [
        line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith(("#", "**"))
    ]
    assert (first, {line.removeprefix("!") for line in let_in}) == ("*", copied)
    assert all((ROOT / name).exists() for name in copied)
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]
    assert {name.removesuffix("*") for name in packages["include"]} <= copied


def test_what_is_copied_can_be_installed_and_run(steps: list[tuple[str, str]], tmp_path: Path) -> None:
    """As a wheel, so that an unpackaged file is noticed; then a nightly runs."""
    source, target = tmp_path / "source", tmp_path / "target"
    for name in {word for words in of_kind(steps, "COPY") for word in shlex.split(words)[:-1]}:
        tracked = subprocess.run(["git", "ls-files", name], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for file in tracked.splitlines():
            (source / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, source / file)
    expected = [path.relative_to(source) for path in source.glob("*/**/*") if path.is_file()]
    build = "from setuptools.build_meta import build_wheel; build_wheel('../wheel')"
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)
    (wheel,) = (tmp_path / "wheel").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(target)
    missing = [path for path in expected if path.parts[0] != "deploy" and not (target / path).exists()]
    assert not missing, "not packaged"
    (tmp_path / "export.csv").write_bytes(csv_of([person()]))
    environment = clean_environment(PARTNER_CERTS_HOME=str(tmp_path / "home"), PYTHONPATH=str(target))
    command = [sys.executable, "-P", "-c", "import sys; from cli.main import main; main()", "nightly", "export.csv"]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert len(list((tmp_path / "home").glob("runs/*/reports/*.csv"))) == 1
