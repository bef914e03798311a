"""The golden reports, typed by hand from the procedure: the program writes them byte for byte."""

import csv
from pathlib import Path

import pytest

from exports.home.layout import Home
from flows.certify import Job, certify
from schemas.profiles import Profile
from sources.downloads import read
from tests import witness
from tests.exporting import files_of

GOLDEN = Path(__file__).parent / "fixtures" / "golden"


def golden(profile: str) -> dict[str, bytes]:
    """The golden reports of a profile."""
    return {path.name: path.read_bytes() for path in (GOLDEN / profile).iterdir()}


def test_every_report_equals_the_golden_one(tmp_path: Path) -> None:
    """All eight accounts, names and bytes, and nothing else."""
    outcome = certify(Job("nightly", lambda: read(GOLDEN / "export.csv")), Home(tmp_path))
    assert files_of(outcome) == golden("intl")
    assert outcome.run_dir is not None
    assert (outcome.run_dir / "guarded.csv").read_bytes() == (GOLDEN / "guarded.csv").read_bytes()
    assert outcome.totals["guarded_cells"] == 9


@pytest.mark.parametrize(("profile", "reports"), [("intl", 8), ("eu", 2)])
def test_one_account_alone_gets_the_same_report(profile: Profile, reports: int, tmp_path: Path) -> None:
    """`account` writes what `nightly` writes, in both profiles."""
    expected = golden(profile)
    assert len(expected) == reports
    ids = {one.file: one.account_id or one.name for one in witness.accounts(_rows())}
    for file, data in expected.items():
        job = Job("account", lambda: read(GOLDEN / "export.csv"), profile, ids[file])
        assert files_of(certify(job, Home(tmp_path))) == {file: data}


@pytest.mark.parametrize("profile", ["intl", "eu"])
def test_the_witness_agrees_with_the_golden_reports(profile: str) -> None:
    """So the property tests' witness does not just echo the program."""
    written = {one.file: witness.report(one, profile) for one in witness.accounts(_rows())}
    assert {file: written[file] for file in golden(profile)} == golden(profile)


def _rows() -> list[dict[str, str]]:
    with (GOLDEN / "export.csv").open(encoding="utf-8", newline="") as file:
        named = {"Account: Id": "Account ID", "Account: Account Name": "Account Name"}
        lines = csv.DictReader(file)
        return [{named.get(key, key.removeprefix("User: ")): cell for key, cell in row.items()} for row in lines]
