"""Certifying and the run it leaves: every fault, the manifest, the tables next to it, file modes."""

import errno
import hashlib
import json
import os
import re
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exports.home import layout as home_module
from exports.home.layout import Home
from flows.approvals import approve_and_release
from flows.certify import Job, Outcome, certify, import_steps
from flows.reuse import certify_or_repeat
from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME, FIELDS, fingerprint
from schemas.errors import ExportRefused, NotAllowed
from tests.exporting import certified, export_of, faults_of, files_of
from tests.flows.review.folders import release_all
from tests.people import Row, person

OTHER = person("Cy", Account_ID="2", Account_Name="Fabrikam")
BOM = b"\xef\xbb\xbf"
Told = tuple[str, str | None, int, str, str | None]


def run_dir(outcome: Outcome) -> Path:
    """The run's folder."""
    assert outcome.run_dir is not None
    return outcome.run_dir


def one_fault(rows: list[Row], home: Path, expected: Told) -> None:
    """Assert that the rows have only this fault, with rule and remedy, and that OTHER's account is written."""
    outcome = certified([*rows, OTHER], home)
    assert outcome.status == "held"
    columns = ("account", "account_id", "row", "column", "found")
    assert outcome.faults.select(columns).rows() == [expected]
    assert all(len(text) > 20 for text in outcome.faults.select("rule", "remedy").row(0))
    assert list(files_of(outcome)) == ["certifications-fabrikam-2.csv"]
    assert outcome.totals["rows_read"] == len(rows) + 1
    assert outcome.totals["people"] == outcome.totals["written"] == 1


@pytest.mark.parametrize("column", ["Account Activated", "Display on Partner Locator?", *FIELDS[10:]])
@pytest.mark.parametrize("cell", ["yes", "1", "X"])
def test_a_bad_flag_is_a_fault_never_a_blank(column: str, cell: str, tmp_path: Path) -> None:
    """In every flag column, under Impartner's name."""
    one_fault([person(), person("Bob", **{column: cell})], tmp_path, ("Contoso", "1", 3, column, cell))


@pytest.mark.parametrize("cell", ["", None, " ", "\t", "\u00a0", "\u2003\u3000", "\x85"])
def test_a_blank_address_is_a_fault(cell: str | None, tmp_path: Path) -> None:
    """White space of any kind is blank."""
    one_fault([person(Email=cell)], tmp_path, ("Contoso", "1", 2, "Email", cell))


@pytest.mark.parametrize("cell", ["ada@example.com", "ADA@EXAMPLE.COM", "\u00a0ada@example.com "])
def test_a_repeated_person_is_a_fault(cell: str, tmp_path: Path) -> None:
    """In each row but the first."""
    one_fault([person(), person("Bob", Email=cell)], tmp_path, ("Contoso", "1", 3, "Email", cell))


def test_a_row_without_an_account_is_a_fault(tmp_path: Path) -> None:
    """It counts as an account with a blank name."""
    one_fault([person(Account_ID=" ", Account_Name="")], tmp_path, ("", None, 2, ACCOUNT_NAME, ""))


def test_a_blank_id_with_a_known_name_is_a_fault(tmp_path: Path) -> None:
    """It holds every account of that name."""
    rows = [person(), person("Bob", Account_ID="", Account_Name=" CONTOSO")]
    one_fault(rows, tmp_path, ("CONTOSO", None, 3, ACCOUNT_ID, ""))


def test_accounts_with_one_file_name_are_held(tmp_path: Path) -> None:
    """Both."""
    outcome = certified([person(Account_ID="a"), person(Account_ID="A"), OTHER], tmp_path)
    assert faults_of(outcome) == [("Contoso", 2, ACCOUNT_NAME), ("Contoso", 3, ACCOUNT_NAME)]
    assert list(files_of(outcome)) == ["certifications-fabrikam-2.csv"]


def test_all_faults_of_a_file_are_found_at_once(tmp_path: Path) -> None:
    """So that it is corrected once."""
    rows = [
        person(Email="", SA_Verified="no"),
        person("Bob", PSE_Certified_2021="1"),
        person("Cy", Account_ID=None, Account_Name=None),
        person("Di", Account_ID="3", Account_Name="Gone"),
        person("Ed", Email="di@example.com", Account_ID="3", Account_Name="Gone"),
    ]
    outcome = certified(rows, tmp_path)
    assert faults_of(outcome) == [
        ("Contoso", 2, "Email"),
        ("Contoso", 2, "SA Verified"),
        ("Contoso", 3, "PSE Certified 2021"),
        ("", 4, ACCOUNT_NAME),
        ("Gone", 6, "Email"),
    ]
    assert files_of(outcome) == {}
    assert outcome.totals == {
        "accounts": 3, "written": 0, "held": 3, "people": 0, "rows_read": 5, "guarded_cells": 0
    }  # fmt: skip


def test_nightly_needs_an_account_column(tmp_path: Path) -> None:
    """Nothing is written, not even the home."""
    with pytest.raises(ExportRefused) as refused:
        certified([person()], tmp_path / "home", columns=FIELDS)
    assert [fault.column for fault in refused.value.faults] == [ACCOUNT_NAME]
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(("column", "file"), [(ACCOUNT_ID, "1-1"), (ACCOUNT_NAME, "contoso-e20852e7")])
def test_one_account_column_is_enough(column: str, file: str, tmp_path: Path) -> None:
    """The id replaces a missing name; the name is hashed for a missing id."""
    outcome = certified([person()], tmp_path, columns=(*FIELDS, column))
    assert list(files_of(outcome)) == [f"certifications-{file}.csv"]


def test_a_file_without_account_columns_is_the_given_account_s(tmp_path: Path) -> None:
    """Under the given name."""
    outcome = certified([person()], tmp_path, kind="account", account=" Zoë Ltd ", columns=FIELDS)
    (file,) = files_of(outcome)
    assert file == f"certifications-zoe-ltd-{hashlib.sha256('Zoë Ltd'.encode()).hexdigest()[:8]}.csv"
    assert outcome.manifest is not None
    assert outcome.manifest["reports"][0]["account"] == "Zoë Ltd"


@pytest.mark.parametrize("wanted", ["7", "acme ltd", "Acme Ltd"])
def test_a_file_without_account_columns_matches_a_ready_account(wanted: str, tmp_path: Path) -> None:
    """With its id and name, or it would be there twice."""
    ready = certified([person(Account_ID="7", Account_Name="Acme Ltd")], tmp_path)
    approve_and_release(Home(tmp_path), ready.run, "Jo")
    outcome = certified([person(Phone="1")], tmp_path, kind="account", account=wanted, columns=FIELDS)
    assert outcome.manifest is not None
    (report,) = outcome.manifest["reports"]
    assert (report["account"], report["account_id"], report["change"]) == ("Acme Ltd", "7", "changed")


def test_a_file_without_account_columns_needs_a_unique_name(tmp_path: Path) -> None:
    """Otherwise the ids are listed."""
    rows = [person(Account_ID=account_id, Account_Name="Twin") for account_id in ("1", "2")]
    approve_and_release(Home(tmp_path), certified(rows, tmp_path).run, "Jo")
    with pytest.raises(ExportRefused, match=r"could be one of 2 accounts: 1 \(Twin\), 2 \(Twin\)"):
        certified([person()], tmp_path, kind="account", account="twin", columns=FIELDS)


def test_the_manifest(tmp_path: Path) -> None:
    """Others rely on its shape."""
    rows = [OTHER, person(Phone="=1"), person("Bob"), person("Di", Email="", Account_ID=None, Account_Name="Held")]
    outcome = certified(rows, tmp_path)
    folder = run_dir(outcome)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert manifest == outcome.manifest
    promised = ["run", "kind", "started", "finished", "columns", "source", "totals", "reports", "held"]
    assert [key for key in manifest if key in promised] == promised
    assert re.fullmatch(r"\d{8}T\d{6}Z-nightly-[0-9a-f]{6}", manifest["run"])
    assert folder == tmp_path / "runs" / manifest["run"]
    for time in ("started", "finished"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", manifest[time])
    assert manifest["kind"] == "nightly"
    assert manifest["columns"] == fingerprint()
    assert manifest["source"] == {
        "kind": "file", "name": "export.csv", "sha256": "0" * 64, "rows": 4, "encoding": None, "sheet": None
    }  # fmt: skip
    assert manifest["totals"] == {
        "accounts": 3, "written": 2, "held": 1, "people": 3, "rows_read": 4, "guarded_cells": 1
    }  # fmt: skip
    assert [report["account"] for report in manifest["reports"]] == ["Contoso", "Fabrikam"]
    for report in manifest["reports"]:
        data = (folder / "reports" / report["file"]).read_bytes()
        assert list(report) == ["account", "account_id", "file", "rows", "bytes", "sha256", "change"]
        assert report["bytes"] == len(data)
        assert report["sha256"] == hashlib.sha256(data).hexdigest()
        assert report["change"] == "new"
    assert manifest["held"] == [{"account": "Held", "account_id": None, "rows": 1, "faults": 1}]


def test_a_run_of_one_account_covers_only_it(tmp_path: Path) -> None:
    """`rows_read` are its rows; `source` is the whole file."""
    rows = [OTHER, person(), person("Bob"), person("Di", Email="", Account_ID="3", Account_Name="Held")]
    outcome = certified(rows, tmp_path, kind="account", account="contoso")
    assert outcome.manifest is not None
    assert outcome.manifest["kind"] == "account"
    assert "-account-" in outcome.run
    assert outcome.manifest["source"]["rows"] == 4
    assert outcome.manifest["held"] == []
    assert outcome.totals == {
        "accounts": 1, "written": 1, "held": 0, "people": 2, "rows_read": 2, "guarded_cells": 0
    }  # fmt: skip
    assert outcome.faults.is_empty()


def test_faults_and_guarded_cells_are_written_like_reports(tmp_path: Path) -> None:
    """BOM, CRLF, quotes where needed, guarded."""
    rows = [
        person(Full_Name="=1+1", Mailing_City="@b,c"),
        person("Bob", Account_ID="2", Account_Name='=F, "G"', SA_Verified="=yes"),
        person("Cy", Account_ID="2", Account_Name='=F, "G"', SA_Verified="1\n2"),
        person("Di", Account_ID="2", Account_Name='=F, "G"', SA_Verified="+49 30", Full_Name="=not written"),
    ]
    folder = run_dir(certified(rows, tmp_path))
    rule = "A flag is True, False or blank"
    remedy = '"Set the field to True or False for this person in Impartner, then export again"'
    assert (folder / "faults.csv").read_bytes() == BOM + (
        "account,account_id,row,person,user_id,column,found,rule,remedy\r\n"
        f'"\'=F, ""G""",2,3,Bob <bob@example.com>,,SA Verified,\'=yes,"{rule}",{remedy}\r\n'
        f'"\'=F, ""G""",2,4,Cy <cy@example.com>,,SA Verified,"1\n2","{rule}",{remedy}\r\n'
        f'"\'=F, ""G""",2,5,\'=not written <di@example.com>,,SA Verified,+49 30,"{rule}",{remedy}\r\n'
    ).encode()
    assert (folder / "guarded.csv").read_bytes() == BOM + (
        b"account,account_id,row,column,cell\r\nContoso,1,2,Full Name,'=1+1\r\nContoso,1,2,Mailing City,\"'@b,c\"\r\n"
    )


def test_the_tables_have_the_run_s_profile(tmp_path: Path) -> None:
    """Semicolons in all or none."""
    folder = run_dir(certified([person(Phone="=1"), OTHER | {"Email": ""}], tmp_path, profile="eu"))
    assert (folder / "faults.csv").read_bytes().startswith(BOM + b"account;account_id;row;person;user_id;column;")
    assert (
        folder / "guarded.csv"
    ).read_bytes() == BOM + b"account;account_id;row;column;cell\r\nContoso;1;2;Phone;'=1\r\n"


def test_empty_tables_are_not_written(tmp_path: Path) -> None:
    """faults.csv and guarded.csv exist only if needed."""
    folder = run_dir(certified([person()], tmp_path))
    assert {path.name for path in folder.iterdir()} - {"review.html"} == {"manifest.json", "reports"}


@pytest.fixture
def _no_mask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_no_mask")
def test_folders_are_0700_and_files_0600_despite_the_umask(tmp_path: Path) -> None:
    """They hold personal data."""
    home = tmp_path / "deep" / "home"
    certified([person(Phone="=1"), OTHER | {"Email": ""}], home)
    paths = [home.parent, home, *home.rglob("*")]
    assert {path.name for path in paths} >= {"runs", "reports", "manifest.json", "faults.csv", "guarded.csv"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_dir()} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_file()} == {0o600}


@pytest.mark.parametrize(("inside", "mode"), [([], 0o700), (["mine.txt"], 0o755)])
def test_an_empty_home_becomes_private_and_a_used_folder_keeps_its_mode(
    inside: list[str], mode: int, tmp_path: Path
) -> None:
    """Our own folders in it are private anyway."""
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o755)
    for name in inside:
        (home / name).touch()
    certified([person()], home)
    assert stat.S_IMODE(home.stat().st_mode) == mode
    assert stat.S_IMODE((home / "runs").stat().st_mode) == 0o700


def test_a_run_appears_by_one_rename(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it nothing is visible, after it everything."""
    seen: list[tuple[list[str], bool]] = []
    rename = Path.rename

    def recording(path: Path, target: Path) -> Path:
        if target.parent == tmp_path / "runs":
            visible = [one.name for one in (tmp_path / "runs").glob("[!.]*")]
            seen.append((visible, (path / "manifest.json").exists()))
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", recording)
    outcome = certified([person()], tmp_path)
    assert seen == [([], True)]
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [outcome.run]


@pytest.mark.parametrize("stage", ["read", "check", "shape", "write", "keep"])
@pytest.mark.parametrize("problem", [KeyboardInterrupt, OSError, MemoryError])
def test_a_failed_run_leaves_nothing(stage: str, problem: type[BaseException], tmp_path: Path) -> None:
    """Neither a run nor staging, and the lock is free."""

    def broken(name: str, function: object, /, *args: object, **kwargs: object) -> object:
        assert callable(function)
        result = function(*args, **kwargs)
        if name == stage:
            raise problem
        return result

    job = Job("nightly", lambda: export_of([person()]))
    with pytest.raises(problem):
        certify(job, Home(tmp_path), broken)  # type: ignore[arg-type]  # a Step is generic
    assert [path for path in tmp_path.rglob("*") if path.name not in ("runs", ".lock")] == []
    assert certified([person()], tmp_path).status == "complete"


def test_remains_of_a_killed_run_are_removed_by_the_next(tmp_path: Path) -> None:
    """They never were a run."""
    left = tmp_path / "runs" / ".staging-20261121T020000Z-nightly-abcdef" / "reports"
    left.mkdir(parents=True)
    (left / "certifications-contoso-1.csv").write_bytes(b"half")
    (left.parent / "manifest.json").write_bytes(b"{}")
    assert Home(tmp_path).manifests() == []
    outcome = certified([person()], tmp_path)
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [outcome.run]


def test_other_files_named_like_staging_are_removed_too(tmp_path: Path) -> None:
    """Links are not followed."""
    kept, runs = tmp_path / "kept", tmp_path / "home" / "runs"
    kept.mkdir()
    (kept / "letter").touch()
    runs.mkdir(parents=True)
    (runs / ".staging-link").symlink_to(kept)
    (runs / ".staging-file").touch()
    outcome = certified([person()], tmp_path / "home")
    assert [path.name for path in runs.iterdir()] == [outcome.run]
    assert (kept / "letter").exists()


def test_a_failed_read_back_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the file's name; nothing is kept."""
    monkeypatch.setattr("exports.reports.write.read_whole", lambda descriptor, size: b"\0" * size)
    with pytest.raises(OSError, match=r"did not return what was written: 'certifications-") as stop:
        certified([person()], tmp_path)
    assert stop.value.errno == errno.EIO
    assert not list((tmp_path / "runs").iterdir())


def test_check_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even a folder."""
    monkeypatch.chdir(tmp_path)
    outcome = certify(Job("nightly", lambda: export_of([person(Phone="=1"), OTHER | {"Email": ""}])), None)
    assert outcome.totals == {
        "accounts": 2, "written": 1, "held": 1, "people": 1, "rows_read": 2, "guarded_cells": 1
    }  # fmt: skip
    assert faults_of(outcome) == [("Fabrikam", 3, "Email")]
    assert (outcome.manifest, outcome.run_dir, outcome.run) == (None, None, "")
    assert list(tmp_path.iterdir()) == []


def test_a_second_writer_waits_and_is_then_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After ten seconds by default; it leaves nothing."""
    assert home_module.LOCK_SECONDS == 10
    monkeypatch.setattr(home_module, "LOCK_SECONDS", 0.05)
    with Home(tmp_path).writing(), pytest.raises(NotAllowed, match="Another run is writing"):
        certified([person()], tmp_path)
    assert not (tmp_path / "runs").exists()


def test_latest_is_right_even_within_a_second(tmp_path: Path) -> None:
    """Manifests have whole seconds, and ids are random."""
    home = Home(tmp_path)
    for _ in range(6):
        outcome = certified([person()], tmp_path)
        assert home.manifest("latest")["run"] == outcome.run
    assert len(home.manifests()) == 6


def test_equal_guarded_addresses_still_have_an_order(tmp_path: Path) -> None:
    """=a@b is guarded to '=a@b: other cells break the tie, not the export's order."""
    people = [person(Email="'=a@b", Phone="1"), person(Email="=a@b", Phone="2", SA_Verified="True")]
    one, other = (certified(rows, tmp_path / str(len(rows[0]["Email"] or ""))) for rows in (people, people[::-1]))
    (report,), (again,) = files_of(one).values(), files_of(other).values()
    assert report == again
    assert report.count(b"'=a@b") == 2


def test_a_run_starts_when_it_was_requested(tmp_path: Path) -> None:
    """Not when the export is there, as a pull takes minutes. Its id says the same."""
    job = Job("nightly", lambda: export_of([person()]), started="2026-11-21T02:00:00Z")
    for certified_ in (certify, certify_or_repeat):
        outcome = certified_(job, Home(tmp_path))
        assert outcome.manifest is not None
        assert outcome.manifest["started"] == "2026-11-21T02:00:00Z" < outcome.manifest["finished"]
        assert outcome.run.startswith("20261121T020000Z-nightly-")


def test_the_source_s_notices_are_kept(tmp_path: Path) -> None:
    """Such as which sheet was read."""
    export = export_of([person()])
    job = Job("nightly", lambda: type(export)(export.frame, "file", "a.xlsx", "1" * 64, ("Sheet 2 was read",)))
    outcome = certify(job, Home(tmp_path))
    assert outcome.notices == ("Sheet 2 was read",)
    assert outcome.manifest is not None
    assert outcome.manifest["source"]["name"] == "a.xlsx"


def test_a_report_is_new_changed_or_unchanged(tmp_path: Path) -> None:
    """By its bytes; an unchanged one is in the run too."""
    now = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
    home = Home(tmp_path)
    more = person("Di", Account_ID="3", Account_Name="Newcomer")

    def changes(rows: list[Row]) -> dict[str, str]:
        outcome = certified(rows, tmp_path)
        assert outcome.manifest is not None
        for report in outcome.manifest["reports"]:
            data = (run_dir(outcome) / "reports" / report["file"]).read_bytes()
            assert hashlib.sha256(data).hexdigest() == report["sha256"]
        return {report["account"]: report["change"] for report in outcome.manifest["reports"]}

    assert changes([person(), OTHER]) == {"Contoso": "new", "Fabrikam": "new"}
    assert changes([person(), OTHER]) == {"Contoso": "new", "Fabrikam": "new"}
    release_all(home, reason="so", now=now)
    assert changes([OTHER, person(Phone="1"), more]) == {
        "Contoso": "changed", "Fabrikam": "unchanged", "Newcomer": "new"
    }  # fmt: skip
    (ready,) = home.ready.resolve().glob("*fabrikam*.csv")
    ready.write_bytes(b"altered")
    assert changes([person(), OTHER]) == {"Contoso": "unchanged", "Fabrikam": "unchanged"}


def test_a_failing_background_import_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails again in the main thread; a thread would print a traceback."""
    imported, shown = list[str](), list[object]()

    def fail(module: str) -> None:
        imported.append(module)
        raise ImportError(module)

    monkeypatch.setattr("flows.certify.import_module", fail)
    monkeypatch.setattr(threading, "excepthook", shown.append)
    import_steps.cache_clear()  # an earlier test has imported them
    import_steps()
    for thread in threading.enumerate():
        if thread.name == "imports":
            thread.join(10)
    assert imported == ["flows.steps"]
    assert shown == []
