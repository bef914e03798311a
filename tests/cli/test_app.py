"""The command: words, exit statuses, what goes to standard output and what to standard error."""

import errno
import json
import os
import re
import shutil
import socket
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

import exports.home.layout
from cli.app import COMMANDS, Command, app
from schemas.columns import FIELDS
from tests.exporting import csv_of
from tests.people import COLUMNS, person

FABRIKAM = {"Account_ID": "2", "Account_Name": "Fabrikam AG"}
ROWS = [
    person(Phone="=1", Email="ada.secret@example.com"),
    person("Bob", PSE_Certified_2020="True"),
    person("Cy", **FABRIKAM),
]
BAD = [
    *ROWS,
    person("Di Secret", Account_ID="3", Account_Name="Held Ltd", SA_Verified="secret", Email="di@secret.example"),
]
TOTALS = {"accounts": 2, "written": 2, "held": 0, "people": 3, "rows_read": 3, "guarded_cells": 1}
NOTHING = dict.fromkeys(TOTALS, 0)
Said = Callable[..., Result]


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Said:
    """Says something to the command, in an empty folder; its home is `home` there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("PARTNER_CERTS_HOME", str(tmp_path / "home"))

    def say(*words: object, status: int = 0) -> Result:
        result = CliRunner().invoke(app, [str(word) for word in words])
        assert result.exit_code == status, result.output
        assert "Traceback" not in result.output
        assert "secret" not in result.stderr.lower()
        return result

    return say


def export(
    rows: Sequence[dict[str, str | None]] = ROWS, columns: Sequence[str] = COLUMNS, name: str = "export.csv"
) -> Path:
    """A download in the working directory."""
    path = Path(name)
    path.write_bytes(csv_of(rows, columns))
    return path


def answer(result: Result) -> dict[str, Any]:
    """The one JSON object on standard output."""
    told = json.loads(result.stdout)
    assert isinstance(told, dict)
    return told


def test_nightly_tells_people_and_stages_every_account(said: Said) -> None:
    """In words, with the run's id; standard error stays empty."""
    result = said("nightly", export())
    assert "2 reports with 3 people, from 3 rows." in result.stdout
    assert result.stderr == ""
    (run,) = Path("home/runs").iterdir()
    assert f"Run {run.name}" in result.stdout
    assert len(list((run / "reports").iterdir())) == 2


def test_nightly_tells_machines_exactly_this(said: Said, tmp_path: Path) -> None:
    """The shape of the contract, key by key."""
    result = said("nightly", export(BAD), "--json", status=4)
    told = answer(result)
    run_dir = tmp_path / "home" / "runs" / told["run"]
    (fault,) = told["faults"]
    assert told == {
        "run": told["run"],
        "kind": "nightly",
        "status": "held",
        "run_dir": str(run_dir),
        "manifest": str(run_dir / "manifest.json"),
        "totals": TOTALS | {"accounts": 3, "held": 1, "rows_read": 4},
        "faults": [
            {
                "account": "Held Ltd",
                "row": 5,
                "person": "Di Secret <di@secret.example>",
                "user_id": None,
                "column": "SA Verified",
                "found": "secret",
                "rule": fault["rule"],
                "remedy": fault["remedy"],
            }
        ],
        "notices": [],
    }
    assert list(told) == ["run", "kind", "status", "run_dir", "manifest", "totals", "faults", "notices"]
    assert fault["rule"]
    assert fault["remedy"]
    assert json.loads(Path(told["manifest"]).read_bytes())["totals"] == told["totals"]
    assert result.stderr == ""


def test_a_complete_run_is_exit_0(said: Said) -> None:
    """With no faults to tell."""
    told = answer(said("nightly", export(), "--json"))
    assert (told["status"], told["faults"], told["totals"]) == ("complete", [], TOTALS)


def test_held_accounts_are_told_to_people_with_row_column_found_and_remedy(said: Said) -> None:
    """On standard output, for it is the asking person's."""
    result = said("nightly", export(BAD), status=4)
    assert "1 account held back" in result.stdout
    assert re.search(r"Held Ltd, row 5, SA Verified.*'secret'", result.stdout)
    assert "Set the field to True or False" in result.stdout


def test_the_first_hundred_faults_are_told_and_all_are_kept(said: Said) -> None:
    """The run folder has every one."""
    rows = [person(f"P{number}", SA_Verified="no") for number in range(150)]
    told = answer(said("nightly", export(rows), "--json", status=4))
    assert len(told["faults"]) == 100
    assert (Path(told["run_dir"]) / "faults.csv").read_bytes().count(b"\r\n") == 151
    assert "and 140 more faults: --json lists the first 100" in said("check", export(rows), status=4).stdout
    shown = said("nightly", export(rows), status=4).stdout
    (path,) = re.findall(r"and 140 more faults: see faults\.csv in (.*)", shown)
    assert (Path(path) / "faults.csv").exists()


def test_check_keeps_nothing_and_tells_the_same(said: Said) -> None:
    """Not even a home folder."""
    told = answer(said("check", export(BAD), "--json", status=4))
    assert not Path("home").exists()
    kept = answer(said("nightly", export(BAD), "--json", status=4))
    assert told == kept | {"run": None, "run_dir": None, "manifest": None}
    assert "2 reports with 3 people" in said("check", export()).stdout


@pytest.mark.parametrize("name", ["Contoso", "contoso", " CONTOSO  ", "1", " 1"])
def test_account_is_found_by_name_or_id(name: str, said: Said, tmp_path: Path) -> None:
    """Letter case and blanks forgiven; the path of its CSV is the last line."""
    result = said("account", name, export(BAD))
    path = Path(result.stdout.splitlines()[-1])
    assert path.is_absolute()
    assert path.name == "certifications-contoso-1.csv"
    assert path.parent.parent.parent == tmp_path / "home" / "runs"
    assert path.read_bytes().count(b"\r\n") == 3
    assert len(list(path.parent.iterdir())) == 1


def test_blanks_within_a_name_are_one_and_what_nobody_sees_is_nothing(said: Said) -> None:
    """ "Fabrikam  AG" is Fabrikam AG; two accounts of that name are told apart by their ids."""
    said("account", "fabrikam \u00a0 ag\u200b", export())
    other = person("Di", Account_ID="3", Account_Name="Fabrikam  AG")
    result = said("account", "Fabrikam  AG", export([*ROWS, other]), status=3)
    assert {"2", "3"} <= set(re.findall(r"\w+", result.stderr))


def test_account_tells_machines_of_that_account_only(said: Said) -> None:
    """`rows_read` are its rows; another account's faults are not its own."""
    told = answer(said("account", "contoso", export(BAD), "--json"))
    assert told["kind"] == "account"
    assert told["status"] == "complete"
    assert told["totals"] == {
        "accounts": 1, "written": 1, "held": 0, "people": 2, "rows_read": 2, "guarded_cells": 1
    }  # fmt: skip
    assert told["faults"] == []
    told = answer(said("account", "held ltd", export(BAD), "--json", status=4))
    assert told["totals"] == NOTHING | {"accounts": 1, "held": 1, "rows_read": 1}
    assert [fault["row"] for fault in told["faults"]] == [5]


def test_a_held_account_has_no_path_to_show(said: Said) -> None:
    """Nobody attaches it by mistake."""
    assert ".csv" not in said("account", "Held Ltd", export(BAD), status=4).stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("wanted", "near"), [("Contosso", "Contoso"), ("fabrikam", "Fabrikam AG"), ("", None), ("  ", None), ("zzzz", None)]
)
def test_an_unknown_account_is_refused_with_near_names(wanted: str, near: str | None, said: Said) -> None:
    """Nothing is written; a blank name is nobody's."""
    result = said("account", wanted, export([*ROWS, person("Di", Account_ID="", Account_Name="Idless")]), status=3)
    assert (near is None) == ("Did you mean" not in result.stderr)
    assert near is None or near in result.stderr
    assert not Path("home").exists()
    told = answer(said("account", wanted, export(), "--json", status=3))
    assert (told["status"], told["run"], told["kind"], told["totals"]) == ("refused", None, "account", NOTHING)
    assert told["faults"]


def test_two_accounts_of_one_name_are_told_with_their_ids(said: Said) -> None:
    """And the id finds the one that is meant."""
    rows = [*ROWS, person("Di", Account_ID="77", Account_Name="CONTOSO")]
    result = said("account", "contoso", export(rows), status=3)
    assert {"1", "77"} <= set(re.findall(r"\w+", result.stderr))
    assert said("account", "77", export(rows)).stdout.splitlines()[-1].endswith("certifications-contoso-77.csv")


def test_what_is_one_account_s_id_and_another_s_name_is_refused_with_both_ids(said: Said) -> None:
    """Letter case ignored."""
    rows = [person(Account_ID="x9", Account_Name="Alpha"), person("Bob", Account_ID="55", Account_Name="X9")]
    for wanted in ("x9", "X9"):
        result = said("account", wanted, export(rows), status=3)
        assert "x9" in result.stderr
        assert "55" in result.stderr


def test_ids_that_differ_in_letter_case_are_told_apart_when_typed_exactly(said: Said) -> None:
    """Else nobody could ever ask for one of them."""
    rows = [person(Account_ID="ab", Account_Name="Alpha"), person("Bob", Account_ID="AB", Account_Name="Beta")]
    assert said("account", "AB", export(rows)).stdout.splitlines()[-1].endswith("certifications-beta-AB.csv")
    assert "ab" in said("account", "aB", export(rows), status=3).stderr


def test_rows_that_lack_the_account_s_id_hold_it(said: Said) -> None:
    """Whichever of its names they carry, and whichever is asked for."""
    old = {"Account_Name": "Old Name"}
    rows = [*ROWS, person("Di", Account_Name="Old Name"), person("Ed", Account_ID="", **old)]
    for wanted in ("1", "Contoso", "old name"):
        told = answer(said("account", wanted, export(rows), "--json", status=4))
        faults = [(fault["row"], fault["column"]) for fault in told["faults"]]
        assert faults == [(5, "Account Name"), (6, "Account ID")], wanted  # an id has one name, and this one has two


def test_a_file_without_an_account_column_is_the_named_account_s(said: Said) -> None:
    """`account` takes it; `nightly` and `check` refuse it and name the column."""
    path = export(columns=FIELDS)
    assert "certifications-newcomer-" in said("account", "Newcomer", path).stdout.splitlines()[-1]
    for command in ("nightly", "check"):
        told = answer(said(command, path, "--json", status=3))
        assert [fault["column"] for fault in told["faults"]] == ["Account Name"]
        assert "Account Name" in said(command, path, status=3).stderr


@pytest.mark.parametrize("command", ["nightly", "check", "account"])
def test_a_refused_file_is_exit_3_and_writes_nothing(command: str, said: Said) -> None:
    """Missing file, folder, empty file, headings only, missing and repeated columns."""
    Path("empty.csv").touch()
    Path("folder").mkdir()
    export([], name="headings.csv")
    export(columns=COLUMNS[:-1], name="missing.csv")
    export(columns=[*COLUMNS, "user: email"], name="repeated.csv")
    for file, column in {
        "nowhere.csv": None,
        "folder": None,
        "empty.csv": None,
        "headings.csv": None,
        "missing.csv": "PSE Certified 2021",
        "repeated.csv": "Email",
    }.items():
        words = [command, "Contoso", file] if command == "account" else [command, file]
        result = said(*words, "--json", status=3)
        told = answer(result)
        kind = "account" if command == "account" else "nightly"
        assert told == told | {"kind": kind, "status": "refused", "run": None, "run_dir": None, "manifest": None}
        assert list(told) == ["run", "kind", "status", "run_dir", "manifest", "totals", "faults", "notices"]
        assert told["totals"] == NOTHING
        assert told["faults"][0]["column"] == column
        keys = ["account", "row", "person", "user_id", "column", "found", "rule", "remedy"]
        assert all(list(fault) == keys for fault in told["faults"])
        assert file in result.stderr
        assert column is None or column in said(*words, status=3).stderr
    assert not Path("home").exists()


def _no_links(*_: object, **__: object) -> None:
    raise PermissionError(errno.EPERM, "no links here")


@pytest.mark.parametrize(
    "between", ["nothing", "altered", "gone", "emptied", "older", "forgotten", "garbled", "no links"]
)
def test_the_same_export_again_makes_the_same_run(between: str, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under any name, whatever has become of the run before, and whoever wrote its manifest."""
    first = answer(said("nightly", export(name="monday.csv"), "--json"))
    before = {path.name: path.read_bytes() for path in Path(first["run_dir"]).rglob("*.csv")}
    manifest = json.loads(Path(first["manifest"]).read_bytes())
    report = Path(first["run_dir"]) / "reports" / "certifications-contoso-1.csv"
    if between == "altered":
        report.write_bytes(b"altered")
    elif between == "gone":
        report.unlink()
    elif between == "emptied":
        shutil.rmtree(report.parent)
        (Path(first["run_dir"]) / "guarded.csv").unlink()
    elif between in ("forgotten", "garbled"):
        for path in Path("home").glob(".*.json"):
            path.write_text("{]") if between == "garbled" else path.unlink()
    elif between == "no links":
        monkeypatch.setattr(os, "link", _no_links)
    elif between == "older":
        promised = ("run", "kind", "started", "finished", "columns", "source", "totals", "reports", "held")
        Path(first["manifest"]).write_text(json.dumps({key: manifest[key] for key in promised}))
    second = answer(said("nightly", export(name="tuesday.csv"), "--json"))
    assert second["run"] != first["run"]
    assert second["totals"] == first["totals"]
    assert {path.name: path.read_bytes() for path in Path(second["run_dir"]).rglob("*.csv")} == before
    again = json.loads(Path(second["manifest"]).read_bytes())
    assert again["source"] == manifest["source"] | {"name": "tuesday.csv"}
    assert again["run"] == second["run"]
    assert (again["reports"], again["held"]) == (manifest["reports"], [])
    assert {path.stat().st_mode & 0o777 for path in Path(second["run_dir"]).rglob("*") if path.is_file()} == {0o600}
    assert answer(said("show", "latest", "--json"))["run"] == second["run"]


def test_columns_are_the_table(said: Said) -> None:
    """As it is in force."""
    told = answer(said("columns", "--json"))
    assert told["columns"][0] == {"field": "Full Name", "heading": "Full Name", "cell": "text"}
    assert told["columns"][10] == {
        "field": "SA Verified",
        "heading": "Solution Architect Core Training",
        "cell": "flag",
    }
    assert len(told["columns"]) == 15
    assert len(said("columns").stdout.splitlines()) == 15


def test_runs_are_listed_newest_first(said: Said) -> None:
    """With id, kind, start, status, totals."""
    assert answer(said("runs", "--json")) == {"runs": []}
    assert "no run yet" in said("runs").stdout
    first = answer(said("nightly", export(BAD), "--json", status=4))
    second = answer(said("account", "1", export(), "--json"))
    (newest, oldest) = answer(said("runs", "--json"))["runs"]
    assert (newest["run"], oldest["run"]) == (second["run"], first["run"])
    assert set(oldest) == {"run", "kind", "started", "status", "totals"}
    assert (newest["kind"], newest["status"]) == ("account", "complete")
    assert (oldest["kind"], oldest["status"], oldest["totals"]) == ("nightly", "held", first["totals"])
    lines = said("runs").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [newest["run"], oldest["run"]]


def test_show_is_the_manifest(said: Said) -> None:
    """Of the run that is named, or of the latest."""
    first = answer(said("nightly", export(BAD), "--json", status=4))
    second = answer(said("nightly", export(), "--json"))
    assert answer(said("show", first["run"], "--json")) == json.loads(Path(first["manifest"]).read_bytes())
    for words in (["show"], ["show", "latest"]):
        assert answer(said(*words, "--json"))["run"] == second["run"]
    shown = said("show", first["run"]).stdout
    assert "Contoso" in shown
    assert re.search("held .*Held Ltd", shown)
    assert first["run_dir"] in shown


@pytest.mark.parametrize("run", ["latest", "20261121T020000Z-nightly-3f2a91", "..", "../home", ".", ""])
def test_an_unknown_run_is_exit_2(run: str, said: Said) -> None:
    """Also before there is any, and if somebody tries to get out of the folder."""
    result = said("show", run, status=2)
    assert result.stdout == ""
    assert "run" in result.stderr


def test_the_profile_is_an_option_or_a_setting(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """The option wins; anything else than intl and eu is wrong usage."""
    path = export()

    def separator(*words: object) -> str:
        told = answer(said(*words, "--json"))
        reports = Path(told["run_dir"]) / "reports"
        heading = (reports / "certifications-contoso-1.csv").read_bytes().partition(b"\r\n")[0]
        return ";" if b";" in heading else ","

    assert separator("nightly", path) == ","
    assert separator("nightly", path, "--profile", "eu") == ";"
    assert separator("account", "1", path, "--profile", "eu") == ";"
    monkeypatch.setenv("PARTNER_CERTS_PROFILE", "eu")
    assert separator("nightly", path) == ";"
    assert separator("nightly", path, "--profile", "intl") == ","
    said("check", path, "--profile", "us", status=2)
    monkeypatch.setenv("PARTNER_CERTS_PROFILE", "excel")
    assert "PARTNER_CERTS_PROFILE" in said("check", path, status=2).stderr


def test_the_home_is_an_option_a_setting_or_a_line_in_env(
    said: Said, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The option over the environment over `.env`."""
    path = export()
    Path(".env").write_text(f"PARTNER_CERTS_HOME={tmp_path / 'from-file'}\nPARTNER_CERTS_PROFILE=eu\n")
    said("nightly", path)
    assert Path("home").is_dir()
    monkeypatch.delenv("PARTNER_CERTS_HOME")
    said("nightly", path)
    assert Path("from-file").is_dir()
    (report,) = Path("from-file").rglob("certifications-contoso-1.csv")
    assert b";" in report.read_bytes()
    said("nightly", path, "--home", "from-option")
    assert Path("from-option/runs").is_dir()


def test_another_writer_is_waited_for_and_then_it_is_exit_6(
    said: Said, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Reading is not kept waiting."""
    monkeypatch.setattr(exports.home.layout, "LOCK_SECONDS", 0.05)
    said("nightly", export())
    with exports.home.layout.Home(tmp_path / "home").writing():
        told = answer(said("nightly", export(), "--json", status=6))
        assert told["status"] == "failed"
        said("check", export())
        assert len(answer(said("runs", "--json"))["runs"]) == 1


def test_what_can_t_be_a_home_is_wrong_usage(said: Said) -> None:
    """A file, a folder below a file, a name that no file system takes; for those who only read, too."""
    Path("file").write_text("mine")
    for home in ("file", "file/below", "/proc/nothing", "x" * 300):
        assert "--home" in said("nightly", export(), "--home", home, status=2).stderr
    for home in ("file", "file/below", "x" * 300):
        assert "--home" in said("runs", "--home", home, status=2).stderr
    assert Path("file").read_text() == "mine"


def test_what_is_empty_is_not_the_working_folder(said: Said) -> None:
    """As a variable that is not set: people's data would come to lie there."""
    path = export()
    for words in (["nightly", path, "--home", ""], ["runs", "--home", ""], ["nightly", ""], ["check", ""]):
        assert "it is empty" in said(*words, status=2).stderr
    assert [found.name for found in Path.cwd().iterdir()] == [path.name]


@pytest.mark.parametrize("damage", ["{", "[]", "{}", "3", '{"run": "x"}'])
def test_a_damaged_manifest_is_told_and_stops(damage: str, said: Said) -> None:
    """Exit 6: somebody has to put it back."""
    told = answer(said("nightly", export(), "--json"))
    Path(told["manifest"]).write_text(damage)
    assert "manifest.json is damaged" in said("runs", status=6).stderr


def test_a_damaged_manifest_of_ready_is_told_by_the_doctor(said: Said) -> None:
    """With what to do, and so is everything else that it looks at."""
    said("nightly", export())
    said("approve", "latest", "--all", "--by", "Jo")
    said("release")
    Path("home/ready/manifest.json").write_text("{")
    (check,) = [one for one in answer(said("doctor", "--json", status=2))["checks"] if one["name"] == "ready reports"]
    assert not check["ok"]
    assert "is damaged" in check["found"]
    assert "backup" in check["remedy"]


def test_a_settings_file_that_is_no_text_is_wrong_usage(said: Said) -> None:
    """It is named."""
    Path(".env").write_bytes(b"PARTNER_CERTS_PROFILE=\xff\n")
    assert ".env" in said("check", export(), status=2).stderr


def test_names_of_bytes_that_are_no_text_are_json_all_the_same(said: Said) -> None:
    """As JSON has what is no letter."""
    home = os.fsdecode(b"h\xff")
    told = said("nightly", export(), "--home", home, "--json").stdout_bytes
    assert home in json.loads(told.decode())["run_dir"]


@pytest.mark.parametrize("runner", ["daks", "", "dask=", "Dask"])
def test_an_unknown_runner_is_wrong_usage(runner: str, said: Said) -> None:
    """Not silently the usual one."""
    assert "threads, dask and dask=ADDRESS" in said("nightly", export(), "--runner", runner, status=2).stderr
    assert not Path("home").exists()


def test_who_writes_instead_is_said_if_prefect_does_not_answer(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who asked for Dask should know."""
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert "not recorded there\n" in said("nightly", export()).stderr
    assert (
        "threads of this process write the reports instead of dask"
        in said("nightly", export(), "--runner", "dask").stderr
    )


def test_near_names_are_named_once(said: Said) -> None:
    """Also if several accounts have one."""
    rows = [person(Account_ID=number, Account_Name="Contoso GmbH") for number in "12"]
    result = said("account", "Contoso Gmb", export(rows), status=3)
    assert result.stderr.count("Contoso GmbH") == 1


def test_an_option_is_no_value_of_another(said: Said) -> None:
    """Nobody is called --json."""
    said("nightly", export())
    told = answer(said("approve", "latest", "--all", "--by", "--json", status=2))
    assert "--by has no value" in told["error"]
    assert not Path("home/ledger.jsonl").exists()
    said("nightly", export(), "--home", "--json", status=2)
    assert not Path("--json").exists()


def test_what_stands_behind_two_hyphens_is_no_option(said: Said) -> None:
    """It is a file of that name."""
    assert said("check", "a.csv", "--", "--json", status=2).stdout == ""


def test_a_review_of_one_account_tells_machines_that_one(said: Said) -> None:
    """By name or id; one that the run does not have is wrong usage, and the page has them all."""
    said("nightly", export())
    (account,) = answer(said("review", "--account", "fabrikam ag", "--json"))["accounts"]
    assert account["account_id"] == "2"
    assert "nobody" in answer(said("review", "--account", "nobody", "--json", status=2))["error"]
    said("review", "--serve", "--account", "2", status=2)


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_a_port_that_none_can_have_is_wrong_usage(port: str, said: Said) -> None:
    """Like any other number out of its range."""
    assert "--port" in said("sandbox", "--port", port, status=2).stderr


def test_a_port_that_somebody_has_is_told(said: Said) -> None:
    """By its number."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"Port {port} can't be used" in said("sandbox", "--port", port, status=2).stderr


def test_a_file_name_need_not_be_text(said: Said) -> None:
    """Old systems name files in bytes of their own."""
    path = export(name=os.fsdecode(b"Export K\xf6ln.csv"))
    told = answer(said("nightly", path, "--json"))
    assert json.loads(Path(told["manifest"]).read_bytes())["source"]["name"] == "Export K\\udcf6ln.csv"
    assert "Export K" in said("show").stdout


def test_without_any_the_home_is_the_user_s_data_folder(
    said: Said, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where programs keep what is theirs."""
    monkeypatch.delenv("PARTNER_CERTS_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    told = answer(said("nightly", export(), "--json"))
    assert "partner-certs" in Path(told["run_dir"]).relative_to(tmp_path).as_posix()


@pytest.mark.parametrize(
    "words", [["nightly", "a", "b"], ["check"], ["account"], ["nothing"], ["nightly", "--nothing"], ["show", "a", "b"]]
)
def test_wrong_words_are_exit_2(words: list[str], said: Said) -> None:
    """And nothing is on standard output."""
    assert said(*words, status=2).stdout == ""


def test_a_run_that_was_said_wrongly_failed_for_machines_too(said: Said) -> None:
    """One JSON object in the shape of a run, with what is wrong as its fault."""
    told = answer(said("nightly", "--homme", "x", "--json", status=2))
    assert (told["run"], told["kind"], told["status"], told["totals"]) == (None, "nightly", "failed", NOTHING)
    assert "--homme" in told["faults"][0]["rule"]


def test_a_decision_that_was_said_wrongly_is_an_error_for_machines_too(said: Said) -> None:
    """One JSON object with the message."""
    assert "RUN" in answer(said("approve", "--json", status=2))["error"]


@pytest.mark.parametrize("command", ["nightly", "account", "check", "columns", "runs", "show"])
def test_every_command_has_help_and_the_common_options(command: str, said: Said) -> None:
    """--home, --json, --help."""
    shown = said(command, "--help").stdout
    assert "--home" in shown
    assert "--json" in shown


def test_a_damaged_manifest_is_named(said: Said) -> None:
    """Whoever has to mend it must know which."""
    said("nightly", export())
    (manifest,) = Path("home/runs").glob("*/manifest.json")
    manifest.write_bytes(b"{")
    for words in (("runs",), ("show",), ("review",)):
        assert f"{manifest} is damaged. Put it back" in said(*words, status=6).stderr


def test_a_home_that_can_t_be_written_is_wrong_usage(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a disk that is mounted to be read only."""

    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "mkdir", refused)
    assert "can't be the home folder (Read-only file system)" in said("nightly", export(), status=2).stderr


@pytest.mark.parametrize("call", ["open", "rename"])
def test_a_full_disk_is_told_with_what_to_do(call: str, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a report or the last rename finds no room; nothing is kept, and the next run works."""
    path = export()
    real = getattr(os, call)

    def full(place: object, *more: Any, **options: Any) -> object:
        if str(place).endswith(".csv") or call == "rename":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(place, *more, **options)

    with monkeypatch.context() as patched:
        patched.setattr(os, call, full)
        result = said("nightly", path, "--json", status=1)
    assert "disk is full" in result.stderr
    told = answer(result)
    assert (told["run"], told["kind"], told["status"], told["totals"]) == (None, "nightly", "failed", NOTHING)
    assert list(Path("home/runs").iterdir()) == []
    said("nightly", path)


def test_something_unforeseen_is_exit_1_without_a_traceback(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """And without its message, which may hold personal data; --debug shows all."""
    import sources.downloads

    def broken(path: Path, encoding: str | None) -> None:
        raise RuntimeError("Ada Secret")

    monkeypatch.setattr(sources.downloads, "read", broken)
    result = said("nightly", export(), status=1)
    assert "RuntimeError" in result.stderr
    assert "--debug" in result.stderr
    shown = CliRunner().invoke(app, ["nightly", "export.csv", "--debug"])
    assert isinstance(shown.exception, RuntimeError)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_the_list_of_commands_says_what_each_says_of_itself(command: Command) -> None:
    """`--help` lists them without importing them."""
    loaded = app.get_command(click.Context(app), command.name)
    assert loaded is not None
    assert loaded.get_short_help_str(limit=200) == command.summary


def test_every_command_is_listed() -> None:
    """A module may add several."""
    for command in COMMANDS:
        app.get_command(click.Context(app), command.name)
    assert set(app.commands) == {command.name for command in COMMANDS}


@pytest.mark.parametrize("words", [["-h"], ["--help"], ["nightly", "-h"], ["columns", "--help"]])
def test_help_has_a_short_name(words: list[str], said: Said) -> None:
    """On every command."""
    assert said(*words).stdout.startswith("Usage: ")


@pytest.mark.parametrize("words", [["--version"], *([command.name, "--version"] for command in COMMANDS)])
def test_the_version_is_one_line(words: list[str], said: Said) -> None:
    """On every command, whatever else it needs."""
    assert said(*words).stdout == f"partner-certs {version('partner-certs')}\n"


def test_an_encoding_that_can_t_be_found_out_is_given(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal shows how a cell reads in each on standard output only; then the option or the setting decides."""
    rows = [person("Łukasz Secret", Email="l@example.com"), person("Jürgen", Email="j@example.com")]
    Path("export.csv").write_bytes(csv_of(rows).removeprefix(b"\xef\xbb\xbf").decode().encode("cp1250"))
    refused = said("nightly", "export.csv", status=3)
    assert "Łukasz Secret" in refused.stdout
    assert "Łukasz" not in refused.stderr
    assert "cp1250" in refused.stderr
    (fault,) = [
        fault
        for fault in answer(said("check", "export.csv", "--json", status=3))["faults"]
        if fault["found"] == "Łukasz Secret"
    ]
    assert (fault["row"], fault["column"]) == (2, "Full Name")
    for command in (["nightly"], ["account", "1"], ["check"]):
        assert answer(said(*command, "export.csv", "--encoding", "windows-1250", "--json"))["totals"]["people"] == 2
    (run, *_) = sorted(Path("home/runs").glob("*-nightly-*"))
    assert json.loads((run / "manifest.json").read_bytes())["source"]["encoding"] == "cp1250"
    monkeypatch.setenv("PARTNER_CERTS_ENCODING", "cp1250")
    said("nightly", "export.csv")
    assert "no encoding 'cp125'" in said("nightly", "export.csv", "--encoding", "cp125", status=2).stderr


def test_the_same_bytes_in_another_encoding_are_another_export(said: Said) -> None:
    """A run is not linked from one that read other letters."""
    Path("export.csv").write_bytes(csv_of([person("Łukasz")]).removeprefix(b"\xef\xbb\xbf").decode().encode("cp1250"))
    for given, name in (("cp1250", "Łukasz"), ("cp1251", "Јukasz"), ("cp1250", "Łukasz")):
        run = Path(answer(said("nightly", "export.csv", "--encoding", given, "--json"))["run_dir"])
        (report,) = (run / "reports").iterdir()
        assert name in report.read_text("utf-8-sig")


def test_a_name_of_two_words_without_quotes_is_told_to_be_quoted(said: Said) -> None:
    """The second word is taken for the export, or for one argument too many."""
    refused = said("account", "Contoso", "GmbH", status=3)
    assert refused.stderr.endswith("put it in quotes: partner-certs account 'Contoso GmbH'\n")
    wrong = said("account", "Contoso", "GmbH", export(), status=2)
    assert "put it in quotes" in wrong.stderr
    decided = said("approve", "latest", "--account", "Contoso", "GmbH", "--by", "ines", status=2)
    assert "argument (GmbH). If the name has several words, put it in quotes" in decided.stderr
    assert "put it in quotes" not in said("account", "Contoso", "gone.csv", status=3).stderr


def test_letters_that_were_decoded_twice_are_a_notice_and_an_alarm(said: Said) -> None:
    """They are no fault; the notice names nobody, the run folder has the cells."""
    garbled = person("JÃ¼rgen Secret", Mailing_City="KÃ¶ln", Email="j@secret.example")
    export([garbled, person("Bob", **FABRIKAM)])
    told = answer(said("nightly", "export.csv", "--json"))
    assert told["status"] == "complete"
    (notice,) = told["notices"]
    assert "2 cells in 1 account" in notice
    cells = (Path(told["run_dir"]) / "garbled.csv").read_text("utf-8-sig").splitlines()
    assert cells[1:] == ["Contoso,1,2,Full Name,JÃ¼rgen Secret", "Contoso,1,2,Mailing City,KÃ¶ln"]
    page = (Path(told["run_dir"]) / "review.html").read_text()
    assert "2 cells have letters that were decoded twice" in page
    again = answer(said("nightly", "export.csv", "--json"))
    assert again["notices"] == told["notices"]
    assert (Path(again["run_dir"]) / "garbled.csv").exists()
    assert "decoded twice" in said("check", "export.csv").stderr
    export()
    assert not (Path(answer(said("nightly", "export.csv", "--json"))["run_dir"]) / "garbled.csv").exists()
