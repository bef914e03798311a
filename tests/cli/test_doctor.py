"""The doctor: problems come with a remedy and without secrets."""

from pathlib import Path

import pytest

from cli.doctor import examine
from exports.home.layout import Home
from flows.approvals import approve_and_release
from flows.settings import SETTINGS
from schemas.health import Check
from tests.cli.invoking import Invoke, export, parsed
from tests.exporting import certified
from tests.people import person


@pytest.fixture(autouse=True)
def _no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in the environment nor in .env."""
    monkeypatch.chdir(tmp_path)
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)


def test_every_wrong_setting_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All at once; the other checks run as if they were not set."""
    wrong = {"PROFILE": "xx", "IMPARTNER_PROOF": "7", "IMPARTNER_PAGE_SIZE": "many"}
    wrong["IMPARTNER_CONCURRENCY"] = "2.5"
    for name, value in wrong.items():
        monkeypatch.setenv(f"PARTNER_CERTS_{name}", value)
    checks = examined(tmp_path)
    found = {name.removeprefix("PARTNER_CERTS_") for name, check in checks.items() if not check.ok}
    assert found == {*wrong, "Impartner"}
    assert checks["PARTNER_CERTS_PROFILE"].found == "The profile 'xx' is neither intl nor eu"
    assert checks["PARTNER_CERTS_PROFILE"].remedy == "Correct --profile or PARTNER_CERTS_PROFILE"
    assert all(checks[f"PARTNER_CERTS_{name}"].remedy for name in wrong)


def test_no_password_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the key nor passwords in URLs."""
    monkeypatch.setenv("PARTNER_CERTS_IMPARTNER_KEY", "hunter1")
    monkeypatch.setenv("PARTNER_CERTS_IMPARTNER_URL", "http://me:hunter2@127.0.0.1:9")
    monkeypatch.setenv("PREFECT_API_URL", "http://me:hunter3@127.0.0.1:9/api")
    checks = examined(tmp_path)
    assert "hunter" not in str(checks)
    assert checks["PREFECT_API_URL"].found.startswith("http://127.0.0.1:9/api (")
    assert not checks["Prefect"].ok


def test_altered_reports_in_ready_are_found(tmp_path: Path) -> None:
    """They would be attached to mails."""
    home = Home(tmp_path / "home")
    rows = [person(Account_ID=number, Account_Name=f"A{number}") for number in ("1", "2")]
    approve_and_release(home, certified(rows, home.root).run, "Jo")
    assert examined(home.root)["ready reports"].ok
    (home.ready / "certifications-a1-1.csv").write_bytes(b"saved by a spreadsheet")
    check = examined(home.root)["ready reports"]
    assert not check.ok
    assert check.found == "1 in ready/ are gone or are not what was approved: 1"
    assert "partner-certs release" in check.remedy
    (home.ready / "manifest.json").unlink()
    assert "manifest.json is gone" in examined(home.root)["ready reports"].found


def test_an_unreadable_home_is_reported(tmp_path: Path) -> None:
    """And the doctor goes on."""
    check = examined(tmp_path / ("h" * 300))["home folder"]
    assert not check.ok
    assert "too long" in check.found
    assert check.remedy


def test_a_lost_ready_link_is_reported(tmp_path: Path) -> None:
    """With the command that restores it."""
    home = Home(tmp_path / "home")
    approve_and_release(home, certified([person()], home.root).run, "Jo")
    home.ready.unlink()
    check = examined(home.root)["ready reports"]
    assert not check.ok
    assert f"in {home.root}: ln -sfn .ready/00000001 ready" in check.remedy


def examined(home: Path) -> dict[str, Check]:
    """The checks by name."""
    return {check.name: check for check in examine(home)}


def test_doctor_reports_a_damaged_manifest_in_ready(invoke: Invoke) -> None:
    """With a remedy, and it checks everything else too."""
    invoke("nightly", export())
    invoke("approve", "latest", "--all", "--by", "Jo")
    invoke("release")
    Path("home/ready/manifest.json").write_text("{")
    (check,) = [one for one in parsed(invoke("doctor", "--json", status=2))["checks"] if one["name"] == "ready reports"]
    assert not check["ok"]
    assert "is damaged" in check["found"]
    assert "backup" in check["remedy"]
