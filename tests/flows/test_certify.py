"""The sentence, and the run that it leaves: one test for each fault, the manifest, the tables beside it, the modes."""

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
from tests.exporting import certified, export_of, files_of, told
from tests.flows.review.folders import release_all
from tests.people import Row, person

OTHER = person("Cy", Account_ID="2", Account_Name="Fabrikam")
BOM = b"\xef\xbb\xbf"
Told = tuple[str, str | None, int, str, str | None]


def run_dir(outcome: Outcome) -> Path:
    """Where the run is."""
    assert outcome.run_dir is not None
    return outcome.run_dir


def one_fault(rows: list[Row], home: Path, expected: Told) -> None:
    """The rows have this one fault, with rule and remedy, and OTHER's account is written all the same."""
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
def test_a_bad_flag_is_a_fault_and_never_a_silent_blank(column: str, cell: str, tmp_path: Path) -> None:
    """In each flag column, told under Impartner's name."""
    one_fault([person(), person("Bob", **{column: cell})], tmp_path, ("Contoso", "1", 3, column, cell))


@pytest.mark.parametrize("cell", ["", None, " ", "\t", "\u00a0", "\u2003\u3000", "\x85"])
def test_a_blank_address_is_a_fault(cell: str | None, tmp_path: Path) -> None:
    """White space of any kind is blank."""
    one_fault([person(Email=cell)], tmp_path, ("Contoso", "1", 2, "Email", cell))


@pytest.mark.parametrize("cell", ["ada@example.com", "ADA@EXAMPLE.COM", "\u00a0ada@example.com "])
def test_a_repeated_person_is_a_fault(cell: str, tmp_path: Path) -> None:
    """Told for each row but the first."""
    one_fault([person(), person("Bob", Email=cell)], tmp_path, ("Contoso", "1", 3, "Email", cell))


def test_a_row_without_an_account_is_a_fault(tmp_path: Path) -> None:
    """It counts as an account with an empty name."""
    one_fault([person(Account_ID=" ", Account_Name="")], tmp_path, ("", None, 2, ACCOUNT_NAME, ""))


def test_a_blank_id_beside_a_known_name_is_a_fault(tmp_path: Path) -> None:
    """It holds every account of that name."""
    rows = [person(), person("Bob", Account_ID="", Account_Name=" CONTOSO")]
    one_fault(rows, tmp_path, ("CONTOSO", None, 3, ACCOUNT_ID, ""))


def test_accounts_that_would_share_a_file_are_held(tmp_path: Path) -> None:
    """Both, each told with the file."""
    outcome = certified([person(Account_ID="a"), person(Account_ID="A"), OTHER], tmp_path)
    assert told(outcome) == [("Contoso", 2, ACCOUNT_NAME), ("Contoso", 3, ACCOUNT_NAME)]
    assert list(files_of(outcome)) == ["certifications-fabrikam-2.csv"]


def test_all_faults_of_a_file_are_found_in_one_go(tmp_path: Path) -> None:
    """So it is mended once."""
    rows = [
        person(Email="", SA_Verified="no"),
        person("Bob", PSE_Certified_2021="1"),
        person("Cy", Account_ID=None, Account_Name=None),
        person("Di", Account_ID="3", Account_Name="Gone"),
        person("Ed", Email="di@example.com", Account_ID="3", Account_Name="Gone"),
    ]
    outcome = certified(rows, tmp_path)
    assert told(outcome) == [
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
    """Nobody could tell whose people these are; nothing is written, not even the home."""
    with pytest.raises(ExportRefused) as refused:
        certified([person()], tmp_path / "home", columns=FIELDS)
    assert [fault.column for fault in refused.value.faults] == [ACCOUNT_NAME]
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(("column", "file"), [(ACCOUNT_ID, "1-1"), (ACCOUNT_NAME, "contoso-e20852e7")])
def test_one_account_column_is_enough(column: str, file: str, tmp_path: Path) -> None:
    """Without a name the id serves as name; without an id the name is hashed."""
    outcome = certified([person()], tmp_path, columns=(*FIELDS, column))
    assert list(files_of(outcome)) == [f"certifications-{file}.csv"]


def test_a_file_without_an_account_column_is_one_account_s_for_who_names_it(tmp_path: Path) -> None:
    """Under the name that the person gave."""
    outcome = certified([person()], tmp_path, kind="account", account=" Zoë Ltd ", columns=FIELDS)
    (file,) = files_of(outcome)
    assert file == f"certifications-zoe-ltd-{hashlib.sha256('Zoë Ltd'.encode()).hexdigest()[:8]}.csv"
    assert outcome.manifest is not None
    assert outcome.manifest["reports"][0]["account"] == "Zoë Ltd"


@pytest.mark.parametrize("wanted", ["7", "acme ltd", "Acme Ltd"])
def test_a_file_without_an_account_column_is_that_of_the_ready_account_that_is_meant(
    wanted: str, tmp_path: Path
) -> None:
    """Its id and name are those that it has in ready/, or it would be there twice."""
    ready = certified([person(Account_ID="7", Account_Name="Acme Ltd")], tmp_path)
    approve_and_release(Home(tmp_path), ready.run, "Jo")
    outcome = certified([person(Phone="1")], tmp_path, kind="account", account=wanted, columns=FIELDS)
    assert outcome.manifest is not None
    (report,) = outcome.manifest["reports"]
    assert (report["account"], report["account_id"], report["change"]) == ("Acme Ltd", "7", "changed")


def test_a_file_without_an_account_column_is_of_one_ready_account(tmp_path: Path) -> None:
    """Of two with that name, the ids are told."""
    rows = [person(Account_ID=account_id, Account_Name="Twin") for account_id in ("1", "2")]
    approve_and_release(Home(tmp_path), certified(rows, tmp_path).run, "Jo")
    with pytest.raises(ExportRefused, match=r"could be one of 2 accounts: 1 \(Twin\), 2 \(Twin\)"):
        certified([person()], tmp_path, kind="account", account="twin", columns=FIELDS)


def test_the_manifest_tells_everything(tmp_path: Path) -> None:
    """Its shape is what others rely on."""
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


def test_an_account_s_run_tells_of_that_account_only(tmp_path: Path) -> None:
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


def test_faults_and_guarded_cells_are_kept_in_the_bytes_of_a_report(tmp_path: Path) -> None:
    """BOM, CRLF, quotes where needed, guard on."""
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


def test_the_tables_have_the_profile_of_the_run(tmp_path: Path) -> None:
    """Semicolons for all or none."""
    folder = run_dir(certified([person(Phone="=1"), OTHER | {"Email": ""}], tmp_path, profile="eu"))
    assert (folder / "faults.csv").read_bytes().startswith(BOM + b"account;account_id;row;person;user_id;column;")
    assert (
        folder / "guarded.csv"
    ).read_bytes() == BOM + b"account;account_id;row;column;cell\r\nContoso;1;2;Phone;'=1\r\n"


def test_there_are_no_empty_tables(tmp_path: Path) -> None:
    """faults.csv and guarded.csv are there only if there are any."""
    folder = run_dir(certified([person()], tmp_path))
    assert {path.name for path in folder.iterdir()} - {"review.html"} == {"manifest.json", "reports"}


@pytest.fixture
def _no_mask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_no_mask")
def test_folders_are_0700_and_files_0600_whatever_the_umask(tmp_path: Path) -> None:
    """It is personal data."""
    home = tmp_path / "deep" / "home"
    certified([person(Phone="=1"), OTHER | {"Email": ""}], home)
    paths = [home.parent, home, *home.rglob("*")]
    assert {path.name for path in paths} >= {"runs", "reports", "manifest.json", "faults.csv", "guarded.csv"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_dir()} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_file()} == {0o600}


@pytest.mark.parametrize(("inside", "mode"), [([], 0o700), (["mine.txt"], 0o755)])
def test_an_empty_folder_becomes_private_and_one_with_other_things_stays(
    inside: list[str], mode: int, tmp_path: Path
) -> None:
    """A home may be made beforehand; a folder in use is not taken over, and what is ours within is private anyway."""
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o755)
    for name in inside:
        (home / name).touch()
    certified([person()], home)
    assert stat.S_IMODE(home.stat().st_mode) == mode
    assert stat.S_IMODE((home / "runs").stat().st_mode) == 0o700


def test_a_run_appears_in_one_rename(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Just before it nothing shows; just after it everything is there, manifest included."""
    seen: list[tuple[list[str], bool]] = []
    rename = Path.rename

    def watched(path: Path, target: Path) -> Path:
        if target.parent == tmp_path / "runs":
            visible = [one.name for one in (tmp_path / "runs").glob("[!.]*")]
            seen.append((visible, (path / "manifest.json").exists()))
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", watched)
    outcome = certified([person()], tmp_path)
    assert seen == [([], True)]
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [outcome.run]


@pytest.mark.parametrize("stage", ["read", "check", "shape", "write", "keep"])
@pytest.mark.parametrize("problem", [KeyboardInterrupt, OSError, MemoryError])
def test_a_run_that_fails_at_any_stage_leaves_nothing(stage: str, problem: type[BaseException], tmp_path: Path) -> None:
    """Neither a run nor its staging, and the lock is free again."""

    def broken(name: str, function: object, /, *args: object, **kwargs: object) -> object:
        assert callable(function)
        result = function(*args, **kwargs)
        if name == stage:
            raise problem
        return result

    order = Job("nightly", lambda: export_of([person()]))
    with pytest.raises(problem):
        certify(order, Home(tmp_path), broken)  # type: ignore[arg-type]  # a Step is generic
    assert [path for path in tmp_path.rglob("*") if path.name not in ("runs", ".lock")] == []
    assert certified([person()], tmp_path).status == "complete"


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path: Path) -> None:
    """And it was never a run."""
    left = tmp_path / "runs" / ".staging-20261121T020000Z-nightly-abcdef" / "reports"
    left.mkdir(parents=True)
    (left / "certifications-contoso-1.csv").write_bytes(b"half")
    (left.parent / "manifest.json").write_bytes(b"{}")
    assert Home(tmp_path).manifests() == []
    outcome = certified([person()], tmp_path)
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [outcome.run]


def test_what_else_lies_in_the_place_of_staging_is_removed_too(tmp_path: Path) -> None:
    """A link is not followed."""
    kept, runs = tmp_path / "kept", tmp_path / "home" / "runs"
    kept.mkdir()
    (kept / "letter").touch()
    runs.mkdir(parents=True)
    (runs / ".staging-link").symlink_to(kept)
    (runs / ".staging-file").touch()
    outcome = certified([person()], tmp_path / "home")
    assert [path.name for path in runs.iterdir()] == [outcome.run]
    assert (kept / "letter").exists()


def test_what_the_disk_does_not_give_back_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is named, and so is what happened; nothing is kept."""
    monkeypatch.setattr("exports.reports.write.read_whole", lambda descriptor, size: b"\0" * size)
    with pytest.raises(OSError, match=r"did not return what was written: 'certifications-") as told:
        certified([person()], tmp_path)
    assert told.value.errno == errno.EIO
    assert not list((tmp_path / "runs").iterdir())


def test_a_rehearsal_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even a folder."""
    monkeypatch.chdir(tmp_path)
    outcome = certify(Job("nightly", lambda: export_of([person(Phone="=1"), OTHER | {"Email": ""}])), None)
    assert outcome.totals == {
        "accounts": 2, "written": 1, "held": 1, "people": 1, "rows_read": 2, "guarded_cells": 1
    }  # fmt: skip
    assert told(outcome) == [("Fabrikam", 3, "Email")]
    assert (outcome.manifest, outcome.run_dir, outcome.run) == (None, None, "")
    assert list(tmp_path.iterdir()) == []


def test_a_second_writer_waits_and_then_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten seconds by default; nothing of it is kept."""
    assert home_module.LOCK_SECONDS == 10
    monkeypatch.setattr(home_module, "LOCK_SECONDS", 0.05)
    with Home(tmp_path).writing(), pytest.raises(NotAllowed, match="Another run is writing"):
        certified([person()], tmp_path)
    assert not (tmp_path / "runs").exists()


def test_latest_is_the_run_that_finished_last_even_within_a_second(tmp_path: Path) -> None:
    """Times in manifests are whole seconds; ids are random."""
    home = Home(tmp_path)
    for _ in range(6):
        outcome = certified([person()], tmp_path)
        assert home.manifest("latest")["run"] == outcome.run
    assert len(home.manifests()) == 6


def test_people_whose_addresses_are_one_as_written_have_an_order_all_the_same(tmp_path: Path) -> None:
    """Of =a@b and '=a@b the first is guarded: then the other cells decide, not the order of the export."""
    people = [person(Email="'=a@b", Phone="1"), person(Email="=a@b", Phone="2", SA_Verified="True")]
    one, other = (certified(rows, tmp_path / str(len(rows[0]["Email"] or ""))) for rows in (people, people[::-1]))
    (report,), (again,) = files_of(one).values(), files_of(other).values()
    assert report == again
    assert report.count(b"'=a@b") == 2


def test_a_run_starts_when_it_is_ordered(tmp_path: Path) -> None:
    """Not when the export is there: a pull takes minutes. Its id says the same."""
    order = Job("nightly", lambda: export_of([person()]), started="2026-11-21T02:00:00Z")
    for certified_ in (certify, certify_or_repeat):
        outcome = certified_(order, Home(tmp_path))
        assert outcome.manifest is not None
        assert outcome.manifest["started"] == "2026-11-21T02:00:00Z" < outcome.manifest["finished"]
        assert outcome.run.startswith("20261121T020000Z-nightly-")


def test_notices_of_the_source_are_passed_on(tmp_path: Path) -> None:
    """Such as which sheet was read."""
    export = export_of([person()])
    order = Job("nightly", lambda: type(export)(export.frame, "file", "a.xlsx", "1" * 64, ("Sheet 2 was read",)))
    outcome = certify(order, Home(tmp_path))
    assert outcome.notices == ("Sheet 2 was read",)
    assert outcome.manifest is not None
    assert outcome.manifest["source"]["name"] == "a.xlsx"


def test_a_report_is_new_changed_or_unchanged_against_what_is_ready(tmp_path: Path) -> None:
    """By its bytes; an unchanged one stands in the run all the same."""
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


def test_an_import_that_fails_beside_the_reading_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails again where the steps are needed, and a thread that ends with an exception shows a traceback."""
    imported, shown = list[str](), list[object]()

    def fails(module: str) -> None:
        imported.append(module)
        raise ImportError(module)

    monkeypatch.setattr("flows.certify.import_module", fails)
    monkeypatch.setattr(threading, "excepthook", shown.append)
    import_steps()
    for thread in threading.enumerate():
        if thread.name == "imports":
            thread.join(10)
    assert imported == ["flows.steps"]
    assert shown == []
