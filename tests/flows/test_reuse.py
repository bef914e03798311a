"""A repeated export: linked if nothing can differ, or else processed again."""

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
    """A nightly run, and its stages."""
    stages: list[str] = []

    def recording(name, function, /, *args, **kwargs):
        stages.append(name)
        return directly(name, function, *args, **kwargs)

    step: Step = recording
    return certify_or_repeat(Job("nightly", lambda: export_of(rows), profile), Home(home), step), stages


def _not_called() -> Export:
    raise AssertionError("the export was read")


def test_a_repeated_export_is_linked(tmp_path: Path) -> None:
    """Reports, guarded cells and counts are the first run's; times and ids are its own."""
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


def test_a_run_that_can_not_be_remembered_still_succeeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a full disk; the next one is processed again."""

    def full(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr("flows.reuse.write_file", full)
    assert nightly(PEOPLE, tmp_path)[0].status == "complete"
    monkeypatch.undo()
    assert "shape" in nightly(PEOPLE, tmp_path)[1]


@pytest.mark.parametrize("module", ["flows/certify", "sources/impartner/cells", "schemas/columns", "transforms/mark"])
def test_a_changed_program_has_another_fingerprint(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may give other cells."""
    for package in reuse.PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package)
    monkeypatch.setattr(reuse, "__file__", str(tmp_path / "flows" / "reuse.py"))
    before = reuse.program()
    assert reuse.program() == before
    with (tmp_path / f"{module}.py").open("a") as file:
        file.write("# another\n")
    assert reuse.program() != before


def test_an_upgrade_is_not_what_a_running_process_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its runs are not remembered as made by the newer program, which would then repeat them unproved."""
    nightly(PEOPLE, tmp_path)
    monkeypatch.setattr(reuse, "program", lambda: "newer")
    nightly([*PEOPLE, person("newcomer")], tmp_path)
    assert "shape" not in nightly([*PEOPLE, person("newcomer")], tmp_path)[1]
    reuse.running_program.cache_clear()
    newer = nightly([*PEOPLE, person("newcomer")], tmp_path)[1]
    reuse.running_program.cache_clear()
    assert "shape" in newer


def test_a_repeated_file_is_not_even_read(tmp_path: Path) -> None:
    """Under any name; its notices are repeated."""
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
def test_a_missing_file_is_left_to_the_reader(what: str, tmp_path: Path) -> None:
    """Which refuses it."""
    home, path = Home(tmp_path / "home"), tmp_path / "a.csv"
    path.write_bytes(b"the same bytes")
    certify_or_repeat(Job("nightly", lambda: export_of(PEOPLE), file=path), home)
    path.unlink()
    if what == "a folder":
        path.mkdir()
    with pytest.raises(ExportRefused):
        certify_or_repeat(Job("nightly", lambda: read(path), file=path), home)


def test_an_altered_report_is_written_again(tmp_path: Path) -> None:
    """Only verified bytes are linked."""
    first, _ = nightly(PEOPLE, tmp_path)
    before = files_of(first)
    assert first.run_dir is not None
    altered = first.run_dir / "reports" / min(before)
    altered.write_bytes(altered.read_bytes().replace(b"Ada", b"Eve"))
    second, stages = nightly(PEOPLE, tmp_path)
    assert "shape" in stages
    assert files_of(second) == before


def test_a_run_with_a_damaged_manifest_is_not_linked(tmp_path: Path) -> None:
    """Nor does it fail the night."""
    first, _ = nightly(PEOPLE, tmp_path)
    assert first.run_dir is not None
    (first.run_dir / "manifest.json").write_text("{broken")
    second, stages = nightly(PEOPLE, tmp_path)
    assert "shape" in stages
    assert second.status == "complete"


@pytest.mark.parametrize("why", ["held", "profile"])
def test_a_run_that_may_differ_is_not_linked(why: str, tmp_path: Path) -> None:
    """With held accounts, or in another profile."""
    people = [*PEOPLE, person("Di", Account_ID="3", Account_Name="Litware", Email="")] if why == "held" else PEOPLE
    nightly(people, tmp_path)
    second, stages = nightly(people, tmp_path, "eu" if why == "profile" else "intl")
    assert "shape" in stages
    assert second.totals["held"] == (why == "held")


def test_changes_are_known_by_hash_alone(tmp_path: Path) -> None:
    """For a manifest, before the run's folder exists."""
    home = Home(tmp_path)
    ada = {"Full Name": "Ada", "Email": "ada@example.com"}
    run = keep_run(home, {"1 Alpha": [ada], "2 Beta": [ada]})
    release_all(home)
    alpha, beta = run["reports"]
    shutil.rmtree(home.runs)
    reports = [alpha, {**beta, "sha256": "0" * 64}, {**beta, "account": "Third", "account_id": "3"}]
    assert change_of_each(home, reports) == ["unchanged", "changed", "new"]
