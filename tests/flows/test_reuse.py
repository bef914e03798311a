"""The same export again: linked if nothing can be different, else worked out anew."""

import errno
import os
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from exports.home.layout import Home
from flows import reuse
from flows.certify import Job, Outcome, Step, directly
from flows.reuse import certify_or_repeat, change_of_each
from schemas.errors import ExportRefused
from schemas.profiles import Profile
from sources.downloads import read
from sources.export import Export
from tests.exporting import export_of, files_of
from tests.flows.review.folders import keep_run, release_all
from tests.people import Row, person

ROOT = Path(__file__).parents[2]
PEOPLE = [person(), person("=Bob"), person("Cy", Account_ID="2", Account_Name="Fabrikam")]


def nightly(rows: list[Row], home: Path, profile: Profile = "intl") -> tuple[Outcome, list[str]]:
    """A nightly run, and the stages that it had."""
    stages: list[str] = []

    def noted(name, function, /, *args, **kwargs):
        stages.append(name)
        return directly(name, function, *args, **kwargs)

    step: Step = noted
    return certify_or_repeat(Job("nightly", lambda: export_of(rows), profile), Home(home), step), stages


def _not_called() -> Export:
    raise AssertionError("the export was read")


def test_the_same_export_makes_the_same_run_without_the_work(tmp_path: Path) -> None:
    """Reports, guarded cells and counts are those of the run before; times and ids are its own."""
    first, _ = nightly(PEOPLE, tmp_path)
    second, stages = nightly(PEOPLE, tmp_path)
    assert "shape" not in stages
    assert files_of(second) == files_of(first)
    assert first.run_dir is not None
    assert second.run_dir is not None
    assert (second.run_dir / "guarded.csv").read_bytes() == (first.run_dir / "guarded.csv").read_bytes()
    assert (second.run_dir / "review.html").exists()
    own = {"run", "started", "finished"}
    assert first.manifest is not None
    assert second.manifest is not None
    assert {k: v for k, v in second.manifest.items() if k not in own} == {
        k: v for k, v in first.manifest.items() if k not in own
    }
    assert second.run != first.run
    assert second.status == "complete"


def test_a_run_that_can_t_be_remembered_is_a_run_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a disk that is full just then; the next one does the work again."""

    def full(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr("flows.reuse.write_file", full)
    assert nightly(PEOPLE, tmp_path)[0].status == "complete"
    monkeypatch.undo()
    assert "shape" in nightly(PEOPLE, tmp_path)[1]


@pytest.mark.parametrize("module", ["flows/certify", "sources/impartner/cells", "schemas/columns", "transforms/mark"])
def test_another_program_is_another(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mended reader may give other cells."""
    for package in reuse.PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package)
    monkeypatch.setattr(reuse, "__file__", str(tmp_path / "flows" / "reuse.py"))
    before = reuse.program()
    assert reuse.program() == before
    with (tmp_path / f"{module}.py").open("a") as file:
        file.write("# another\n")
    assert reuse.program() != before


def test_the_same_file_again_is_not_even_read(tmp_path: Path) -> None:
    """Its bytes are enough, also under another name; what the first reading told is told again."""
    home, path = Home(tmp_path / "home"), tmp_path / "a.csv"
    path.write_bytes(b"the same bytes")
    export = replace(export_of(PEOPLE), sha256=sha256(b"the same bytes").hexdigest(), notices=("Sheet 2 was read",))
    first = certify_or_repeat(Job("nightly", lambda: replace(export), file=path), home)
    renamed = path.rename(tmp_path / os.fsdecode(b"b\xf6.csv"))
    second = certify_or_repeat(Job("nightly", _not_called, file=renamed), home)
    assert files_of(second) == files_of(first)
    assert second.notices == first.notices == ("Sheet 2 was read",)
    assert first.manifest is not None
    assert second.manifest is not None
    assert second.manifest["source"] == first.manifest["source"] | {"name": "b\\udcf6.csv"}


@pytest.mark.parametrize("other", [b"the sane bytes", b"more bytes than before"])
def test_another_file_is_read(other: bytes, tmp_path: Path) -> None:
    """Of the same size or not."""
    home, path = Home(tmp_path / "home"), tmp_path / "a.csv"
    path.write_bytes(b"the same bytes")
    export = replace(export_of(PEOPLE), sha256=sha256(b"the same bytes").hexdigest())
    certify_or_repeat(Job("nightly", lambda: export, file=path), home)
    path.write_bytes(other)
    second = certify_or_repeat(Job("nightly", lambda: export_of(PEOPLE[:1]), file=path), home)
    assert second.totals["accounts"] == 1


@pytest.mark.parametrize("what", ["gone", "a folder"])
def test_a_file_that_is_no_more_is_left_to_the_reader(what: str, tmp_path: Path) -> None:
    """It tells what is wrong, as it does on a first night."""
    home, path = Home(tmp_path / "home"), tmp_path / "a.csv"
    path.write_bytes(b"the same bytes")
    certify_or_repeat(Job("nightly", lambda: export_of(PEOPLE), file=path), home)
    path.unlink()
    if what == "a folder":
        path.mkdir()
    with pytest.raises(ExportRefused):
        certify_or_repeat(Job("nightly", lambda: read(path), file=path), home)


def test_a_report_that_was_altered_since_is_made_anew(tmp_path: Path) -> None:
    """An earlier run stands for a new one only with the bytes that it was proved with."""
    first, _ = nightly(PEOPLE, tmp_path)
    before = files_of(first)
    assert first.run_dir is not None
    altered = first.run_dir / "reports" / min(before)
    altered.write_bytes(altered.read_bytes().replace(b"Ada", b"Eve"))
    second, stages = nightly(PEOPLE, tmp_path)
    assert "shape" in stages
    assert files_of(second) == before


def test_a_run_whose_manifest_is_damaged_stands_for_no_other(tmp_path: Path) -> None:
    """The night is worked out anew; it does not fail for what was."""
    first, _ = nightly(PEOPLE, tmp_path)
    assert first.run_dir is not None
    (first.run_dir / "manifest.json").write_text("{broken")
    second, stages = nightly(PEOPLE, tmp_path)
    assert "shape" in stages
    assert second.status == "complete"


@pytest.mark.parametrize("why", ["held", "profile"])
def test_what_may_be_different_is_worked_out(why: str, tmp_path: Path) -> None:
    """A run with a held account, or in another profile, stands for no other."""
    people = [*PEOPLE, person("Di", Account_ID="3", Account_Name="Litware", Email="")] if why == "held" else PEOPLE
    nightly(people, tmp_path)
    second, stages = nightly(people, tmp_path, "eu" if why == "profile" else "intl")
    assert "shape" in stages
    assert second.totals["held"] == (why == "held")


def test_a_run_to_be_is_compared_by_hashes_alone(tmp_path: Path) -> None:
    """For the manifest of a run, before its folder is there."""
    home = Home(tmp_path)
    ada = {"Full Name": "Ada", "Email": "ada@example.com"}
    run = keep_run(home, {"1 Alpha": [ada], "2 Beta": [ada]})
    release_all(home)
    alpha, beta = run["reports"]
    shutil.rmtree(home.runs)
    reports = [alpha, {**beta, "sha256": "0" * 64}, {**beta, "account": "Third", "account_id": "3"}]
    assert change_of_each(home, reports) == ["unchanged", "changed", "new"]
