"""The command: arguments, exit statuses, and what goes to standard output and standard error."""

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
Invoke = Callable[..., Result]


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Run the command in an empty folder, with `home` there as home; check its status and that stderr has no secret."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("PARTNER_CERTS_HOME", str(tmp_path / "home"))

    def run(*words: object, status: int = 0) -> Result:
        result = CliRunner().invoke(app, [str(word) for word in words])
        assert result.exit_code == status, result.output
        assert "Traceback" not in result.output
        assert "secret" not in result.stderr.lower()
        return result

    return run


def export(
    rows: Sequence[dict[str, str | None]] = ROWS, columns: Sequence[str] = COLUMNS, name: str = "export.csv"
) -> Path:
    """A download in the working directory."""
    path = Path(name)
    path.write_bytes(csv_of(rows, columns))
    return path


def parsed(result: Result) -> dict[str, Any]:
    """The one JSON object on standard output."""
    output = json.loads(result.stdout)
    assert isinstance(output, dict)
    return output


def test_nightly_reports_and_stages_every_account(invoke: Invoke) -> None:
    """In words, with the run's id; nothing on standard error."""
    result = invoke("nightly", export())
    assert "2 reports with 3 people, from 3 rows." in result.stdout
    assert result.stderr == ""
    (run,) = Path("home/runs").iterdir()
    assert f"Run {run.name}" in result.stdout
    assert len(list((run / "reports").iterdir())) == 2


def test_nightly_json_has_the_contract_s_shape(invoke: Invoke, tmp_path: Path) -> None:
    """Key by key."""
    result = invoke("nightly", export(BAD), "--json", status=4)
    output = parsed(result)
    run_dir = tmp_path / "home" / "runs" / output["run"]
    (fault,) = output["faults"]
    assert output == {
        "run": output["run"],
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
    assert list(output) == ["run", "kind", "status", "run_dir", "manifest", "totals", "faults", "notices"]
    assert fault["rule"]
    assert fault["remedy"]
    assert json.loads(Path(output["manifest"]).read_bytes())["totals"] == output["totals"]
    assert result.stderr == ""


def test_a_complete_run_is_exit_0(invoke: Invoke) -> None:
    """It has no faults."""
    output = parsed(invoke("nightly", export(), "--json"))
    assert (output["status"], output["faults"], output["totals"]) == ("complete", [], TOTALS)


def test_held_accounts_are_shown_with_row_column_value_and_remedy(invoke: Invoke) -> None:
    """On standard output, which is the user's."""
    result = invoke("nightly", export(BAD), status=4)
    assert "1 account held back" in result.stdout
    assert re.search(r"Held Ltd, row 5, SA Verified.*'secret'", result.stdout)
    assert "Set the field to True or False" in result.stdout


def test_the_first_hundred_faults_are_shown_and_all_are_kept(invoke: Invoke) -> None:
    """In the run folder."""
    rows = [person(f"P{number}", SA_Verified="no") for number in range(150)]
    output = parsed(invoke("nightly", export(rows), "--json", status=4))
    assert len(output["faults"]) == 100
    assert (Path(output["run_dir"]) / "faults.csv").read_bytes().count(b"\r\n") == 151
    assert "and 140 more faults: --json lists the first 100" in invoke("check", export(rows), status=4).stdout
    shown = invoke("nightly", export(rows), status=4).stdout
    (path,) = re.findall(r"and 140 more faults: see faults\.csv in (.*)", shown)
    assert (Path(path) / "faults.csv").exists()


def test_check_reports_the_same_and_keeps_nothing(invoke: Invoke) -> None:
    """It doesn't even create a home folder."""
    output = parsed(invoke("check", export(BAD), "--json", status=4))
    assert not Path("home").exists()
    kept = parsed(invoke("nightly", export(BAD), "--json", status=4))
    assert output == kept | {"run": None, "run_dir": None, "manifest": None}
    assert "2 reports with 3 people" in invoke("check", export()).stdout


@pytest.mark.parametrize("name", ["Contoso", "contoso", " CONTOSO  ", "1", " 1"])
def test_account_is_found_by_name_or_id(name: str, invoke: Invoke, tmp_path: Path) -> None:
    """Ignoring case and blanks; the last line is the path of its CSV."""
    result = invoke("account", name, export(BAD))
    path = Path(result.stdout.splitlines()[-1])
    assert path.is_absolute()
    assert path.name == "certifications-contoso-1.csv"
    assert path.parent.parent.parent == tmp_path / "home" / "runs"
    assert path.read_bytes().count(b"\r\n") == 3
    assert len(list(path.parent.iterdir())) == 1


def test_odd_blanks_in_a_name_are_ignored(invoke: Invoke) -> None:
    """But two accounts with one name are distinguished by their ids."""
    invoke("account", "fabrikam \u00a0 ag\u200b", export())
    other = person("Di", Account_ID="3", Account_Name="Fabrikam  AG")
    result = invoke("account", "Fabrikam  AG", export([*ROWS, other]), status=3)
    assert {"2", "3"} <= set(re.findall(r"\w+", result.stderr))


def test_account_json_is_about_that_account_only(invoke: Invoke) -> None:
    """`rows_read` and the faults are its own."""
    output = parsed(invoke("account", "contoso", export(BAD), "--json"))
    assert output["kind"] == "account"
    assert output["status"] == "complete"
    assert output["totals"] == {
        "accounts": 1, "written": 1, "held": 0, "people": 2, "rows_read": 2, "guarded_cells": 1
    }  # fmt: skip
    assert output["faults"] == []
    output = parsed(invoke("account", "held ltd", export(BAD), "--json", status=4))
    assert output["totals"] == NOTHING | {"accounts": 1, "held": 1, "rows_read": 1}
    assert [fault["row"] for fault in output["faults"]] == [5]


def test_a_held_account_has_no_path(invoke: Invoke) -> None:
    """So nobody attaches it by mistake."""
    assert ".csv" not in invoke("account", "Held Ltd", export(BAD), status=4).stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("wanted", "near"), [("Contosso", "Contoso"), ("fabrikam", "Fabrikam AG"), ("", None), ("  ", None), ("zzzz", None)]
)
def test_an_unknown_account_is_refused_with_suggestions(wanted: str, near: str | None, invoke: Invoke) -> None:
    """Nothing is written; a blank name matches none."""
    result = invoke("account", wanted, export([*ROWS, person("Di", Account_ID="", Account_Name="Idless")]), status=3)
    assert (near is None) == ("Did you mean" not in result.stderr)
    assert near is None or near in result.stderr
    assert not Path("home").exists()
    output = parsed(invoke("account", wanted, export(), "--json", status=3))
    assert (output["status"], output["run"], output["kind"], output["totals"]) == ("refused", None, "account", NOTHING)
    assert output["faults"]


def test_two_accounts_with_one_name_are_listed_with_their_ids(invoke: Invoke) -> None:
    """The id selects one."""
    rows = [*ROWS, person("Di", Account_ID="77", Account_Name="CONTOSO")]
    result = invoke("account", "contoso", export(rows), status=3)
    assert {"1", "77"} <= set(re.findall(r"\w+", result.stderr))
    assert invoke("account", "77", export(rows)).stdout.splitlines()[-1].endswith("certifications-contoso-77.csv")


def test_an_id_that_is_another_account_s_name_is_refused_with_both_ids(invoke: Invoke) -> None:
    """Ignoring letter case."""
    rows = [person(Account_ID="x9", Account_Name="Alpha"), person("Bob", Account_ID="55", Account_Name="X9")]
    for wanted in ("x9", "X9"):
        result = invoke("account", wanted, export(rows), status=3)
        assert "x9" in result.stderr
        assert "55" in result.stderr


def test_ids_that_differ_in_case_must_match_exactly(invoke: Invoke) -> None:
    """Otherwise one could never be selected."""
    rows = [person(Account_ID="ab", Account_Name="Alpha"), person("Bob", Account_ID="AB", Account_Name="Beta")]
    assert invoke("account", "AB", export(rows)).stdout.splitlines()[-1].endswith("certifications-beta-AB.csv")
    assert "ab" in invoke("account", "aB", export(rows), status=3).stderr


def test_rows_without_the_account_s_id_hold_it(invoke: Invoke) -> None:
    """Under any of its names, whichever was given."""
    old = {"Account_Name": "Old Name"}
    rows = [*ROWS, person("Di", Account_Name="Old Name"), person("Ed", Account_ID="", **old)]
    for wanted in ("1", "Contoso", "old name"):
        output = parsed(invoke("account", wanted, export(rows), "--json", status=4))
        faults = [(fault["row"], fault["column"]) for fault in output["faults"]]
        assert faults == [(5, "Account Name"), (6, "Account ID")], wanted  # an id has one name, and this one has two


def test_a_file_without_account_columns_is_the_named_account_s(invoke: Invoke) -> None:
    """`account` accepts it; `nightly` and `check` refuse it and name the column."""
    path = export(columns=FIELDS)
    assert "certifications-newcomer-" in invoke("account", "Newcomer", path).stdout.splitlines()[-1]
    for command in ("nightly", "check"):
        output = parsed(invoke(command, path, "--json", status=3))
        assert [fault["column"] for fault in output["faults"]] == ["Account Name"]
        assert "Account Name" in invoke(command, path, status=3).stderr


@pytest.mark.parametrize("command", ["nightly", "check", "account"])
def test_a_refused_file_is_exit_3_and_writes_nothing(command: str, invoke: Invoke) -> None:
    """A missing file, a folder, an empty file, no rows, missing and repeated columns."""
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
        result = invoke(*words, "--json", status=3)
        output = parsed(result)
        kind = "account" if command == "account" else "nightly"
        assert output == output | {"kind": kind, "status": "refused", "run": None, "run_dir": None, "manifest": None}
        assert list(output) == ["run", "kind", "status", "run_dir", "manifest", "totals", "faults", "notices"]
        assert output["totals"] == NOTHING
        assert output["faults"][0]["column"] == column
        keys = ["account", "row", "person", "user_id", "column", "found", "rule", "remedy"]
        assert all(list(fault) == keys for fault in output["faults"])
        assert file in result.stderr
        assert column is None or column in invoke(*words, status=3).stderr
    assert not Path("home").exists()


def _no_links(*_: object, **__: object) -> None:
    raise PermissionError(errno.EPERM, "no links here")


@pytest.mark.parametrize(
    "between", ["nothing", "altered", "gone", "emptied", "older", "forgotten", "garbled", "no links"]
)
def test_the_same_export_makes_an_equal_run(between: str, invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under any name, whatever happened to the first run, and with an older manifest."""
    first = parsed(invoke("nightly", export(name="monday.csv"), "--json"))
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
    second = parsed(invoke("nightly", export(name="tuesday.csv"), "--json"))
    assert second["run"] != first["run"]
    assert second["totals"] == first["totals"]
    assert {path.name: path.read_bytes() for path in Path(second["run_dir"]).rglob("*.csv")} == before
    rerun = json.loads(Path(second["manifest"]).read_bytes())
    assert rerun["source"] == manifest["source"] | {"name": "tuesday.csv"}
    assert rerun["run"] == second["run"]
    assert (rerun["reports"], rerun["held"]) == (manifest["reports"], [])
    assert {path.stat().st_mode & 0o777 for path in Path(second["run_dir"]).rglob("*") if path.is_file()} == {0o600}
    assert parsed(invoke("show", "latest", "--json"))["run"] == second["run"]


def test_columns_lists_the_table(invoke: Invoke) -> None:
    """As it is in force."""
    output = parsed(invoke("columns", "--json"))
    assert output["columns"][0] == {"field": "Full Name", "heading": "Full Name", "cell": "text"}
    assert output["columns"][10] == {
        "field": "SA Verified",
        "heading": "Solution Architect Core Training",
        "cell": "flag",
    }
    assert len(output["columns"]) == 15
    assert len(invoke("columns").stdout.splitlines()) == 15


def test_runs_are_listed_newest_first(invoke: Invoke) -> None:
    """With id, kind, start, status and totals."""
    assert parsed(invoke("runs", "--json")) == {"runs": []}
    assert "no run yet" in invoke("runs").stdout
    first = parsed(invoke("nightly", export(BAD), "--json", status=4))
    second = parsed(invoke("account", "1", export(), "--json"))
    (newest, oldest) = parsed(invoke("runs", "--json"))["runs"]
    assert (newest["run"], oldest["run"]) == (second["run"], first["run"])
    assert set(oldest) == {"run", "kind", "started", "status", "totals"}
    assert (newest["kind"], newest["status"]) == ("account", "complete")
    assert (oldest["kind"], oldest["status"], oldest["totals"]) == ("nightly", "held", first["totals"])
    lines = invoke("runs").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [newest["run"], oldest["run"]]


def test_show_prints_the_manifest(invoke: Invoke) -> None:
    """Of the given run, or of the latest."""
    first = parsed(invoke("nightly", export(BAD), "--json", status=4))
    second = parsed(invoke("nightly", export(), "--json"))
    assert parsed(invoke("show", first["run"], "--json")) == json.loads(Path(first["manifest"]).read_bytes())
    for words in (["show"], ["show", "latest"]):
        assert parsed(invoke(*words, "--json"))["run"] == second["run"]
    shown = invoke("show", first["run"]).stdout
    assert "Contoso" in shown
    assert re.search("held .*Held Ltd", shown)
    assert first["run_dir"] in shown


@pytest.mark.parametrize("run", ["latest", "20261121T020000Z-nightly-3f2a91", "..", "../home", ".", ""])
def test_an_unknown_run_is_exit_2(run: str, invoke: Invoke) -> None:
    """Also before the first run, and with path traversal."""
    result = invoke("show", run, status=2)
    assert result.stdout == ""
    assert "run" in result.stderr


def test_the_profile_is_an_option_or_a_setting(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """The option wins; only intl and eu are valid."""
    path = export()

    def separator(*words: object) -> str:
        output = parsed(invoke(*words, "--json"))
        reports = Path(output["run_dir"]) / "reports"
        heading = (reports / "certifications-contoso-1.csv").read_bytes().partition(b"\r\n")[0]
        return ";" if b";" in heading else ","

    assert separator("nightly", path) == ","
    assert separator("nightly", path, "--profile", "eu") == ";"
    assert separator("account", "1", path, "--profile", "eu") == ";"
    monkeypatch.setenv("PARTNER_CERTS_PROFILE", "eu")
    assert separator("nightly", path) == ";"
    assert separator("nightly", path, "--profile", "intl") == ","
    invoke("check", path, "--profile", "us", status=2)
    monkeypatch.setenv("PARTNER_CERTS_PROFILE", "excel")
    assert "PARTNER_CERTS_PROFILE" in invoke("check", path, status=2).stderr


def test_the_home_is_an_option_a_variable_or_a_line_in_env(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In this order of precedence."""
    path = export()
    Path(".env").write_text(f"PARTNER_CERTS_HOME={tmp_path / 'from-file'}\nPARTNER_CERTS_PROFILE=eu\n")
    invoke("nightly", path)
    assert Path("home").is_dir()
    monkeypatch.delenv("PARTNER_CERTS_HOME")
    invoke("nightly", path)
    assert Path("from-file").is_dir()
    (report,) = Path("from-file").rglob("certifications-contoso-1.csv")
    assert b";" in report.read_bytes()
    invoke("nightly", path, "--home", "from-option")
    assert Path("from-option/runs").is_dir()


def test_a_lock_held_too_long_is_exit_6(invoke: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Reading needs no lock."""
    monkeypatch.setattr(exports.home.layout, "LOCK_SECONDS", 0.05)
    invoke("nightly", export())
    with exports.home.layout.Home(tmp_path / "home").writing():
        output = parsed(invoke("nightly", export(), "--json", status=6))
        assert output["status"] == "failed"
        invoke("check", export())
        assert len(parsed(invoke("runs", "--json"))["runs"]) == 1


def test_an_impossible_home_is_wrong_usage(invoke: Invoke) -> None:
    """A file, a folder in a file, a name too long; for reading commands too."""
    Path("file").write_text("mine")
    for home in ("file", "file/below", "/proc/nothing", "x" * 300):
        assert "--home" in invoke("nightly", export(), "--home", home, status=2).stderr
    for home in ("file", "file/below", "x" * 300):
        assert "--home" in invoke("runs", "--home", home, status=2).stderr
    assert Path("file").read_text() == "mine"


def test_an_empty_path_is_not_the_working_directory(invoke: Invoke) -> None:
    """As from an unset variable: personal data would be written there."""
    path = export()
    for words in (["nightly", path, "--home", ""], ["runs", "--home", ""], ["nightly", ""], ["check", ""]):
        assert "it is empty" in invoke(*words, status=2).stderr
    assert [found.name for found in Path.cwd().iterdir()] == [path.name]


@pytest.mark.parametrize("damage", ["{", "[]", "{}", "3", '{"run": "x"}'])
def test_a_damaged_manifest_stops_the_command(damage: str, invoke: Invoke) -> None:
    """Exit 6, as someone must restore it."""
    output = parsed(invoke("nightly", export(), "--json"))
    Path(output["manifest"]).write_text(damage)
    assert "manifest.json is damaged" in invoke("runs", status=6).stderr


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


def test_a_binary_settings_file_is_wrong_usage(invoke: Invoke) -> None:
    """The file is named."""
    Path(".env").write_bytes(b"PARTNER_CERTS_PROFILE=\xff\n")
    assert ".env" in invoke("check", export(), status=2).stderr


def test_paths_that_are_not_utf_8_are_valid_json(invoke: Invoke) -> None:
    """With surrogate escapes."""
    home = os.fsdecode(b"h\xff")
    output = invoke("nightly", export(), "--home", home, "--json").stdout_bytes
    assert home in json.loads(output.decode())["run_dir"]


@pytest.mark.parametrize("runner", ["daks", "", "dask=", "Dask"])
def test_an_unknown_runner_is_wrong_usage(runner: str, invoke: Invoke) -> None:
    """Not silently the default."""
    assert "threads, dask and dask=ADDRESS" in invoke("nightly", export(), "--runner", runner, status=2).stderr
    assert not Path("home").exists()


def test_a_fallback_from_dask_to_threads_is_reported(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """If Prefect does not answer."""
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert "not recorded there\n" in invoke("nightly", export()).stderr
    assert (
        "threads of this process write the reports instead of dask"
        in invoke("nightly", export(), "--runner", "dask").stderr
    )


def test_a_suggestion_is_not_repeated(invoke: Invoke) -> None:
    """Even if several accounts have the name."""
    rows = [person(Account_ID=number, Account_Name="Contoso GmbH") for number in "12"]
    result = invoke("account", "Contoso Gmb", export(rows), status=3)
    assert result.stderr.count("Contoso GmbH") == 1


def test_an_option_is_not_another_s_value(invoke: Invoke) -> None:
    """Nobody is called --json."""
    invoke("nightly", export())
    output = parsed(invoke("approve", "latest", "--all", "--by", "--json", status=2))
    assert "--by has no value" in output["error"]
    assert not Path("home/ledger.jsonl").exists()
    invoke("nightly", export(), "--home", "--json", status=2)
    assert not Path("--json").exists()


def test_arguments_after_two_hyphens_are_no_options(invoke: Invoke) -> None:
    """But files with that name."""
    assert invoke("check", "a.csv", "--", "--json", status=2).stdout == ""


def test_review_of_one_account(invoke: Invoke) -> None:
    """By name or id; an unknown one is wrong usage, as is --serve with it."""
    invoke("nightly", export())
    (account,) = parsed(invoke("review", "--account", "fabrikam ag", "--json"))["accounts"]
    assert account["account_id"] == "2"
    assert "nobody" in parsed(invoke("review", "--account", "nobody", "--json", status=2))["error"]
    invoke("review", "--serve", "--account", "2", status=2)


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_an_invalid_port_is_wrong_usage(port: str, invoke: Invoke) -> None:
    """Like any number out of range."""
    assert "--port" in invoke("sandbox", "--port", port, status=2).stderr


@pytest.mark.parametrize(
    ("header", "origin", "wrong"),
    [
        ("X User", "https://desk.example", "--user-header"),
        ("X-User:", "https://desk.example", "--user-header"),
        ("X-User", "desk.example", "--origin"),
        ("X-User", "https://desk.example/reports", "--origin"),
        ("X-User", "https://", "--origin"),
    ],
)
def test_a_desk_for_a_team_that_nobody_could_enter_is_wrong_usage(
    header: str, origin: str, wrong: str, invoke: Invoke
) -> None:
    """Every request would be refused, and nobody would know why."""
    asked = invoke("desk", "--socket", "desk.socket", "--user-header", header, "--origin", origin, status=2)
    assert wrong in asked.stderr


def test_a_port_in_use_is_reported(invoke: Invoke) -> None:
    """With its number."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"Port {port} can't be used" in invoke("sandbox", "--port", port, status=2).stderr


def test_a_file_name_need_not_be_utf_8(invoke: Invoke) -> None:
    """Old systems have other encodings."""
    path = export(name=os.fsdecode(b"Export K\xf6ln.csv"))
    output = parsed(invoke("nightly", path, "--json"))
    assert json.loads(Path(output["manifest"]).read_bytes())["source"]["name"] == "Export K\\udcf6ln.csv"
    assert "Export K" in invoke("show").stdout


def test_the_default_home_is_the_user_s_data_folder(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By XDG_DATA_HOME."""
    monkeypatch.delenv("PARTNER_CERTS_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    output = parsed(invoke("nightly", export(), "--json"))
    assert "partner-certs" in Path(output["run_dir"]).relative_to(tmp_path).as_posix()


@pytest.mark.parametrize(
    "words", [["nightly", "a", "b"], ["check"], ["account"], ["nothing"], ["nightly", "--nothing"], ["show", "a", "b"]]
)
def test_wrong_arguments_are_exit_2(words: list[str], invoke: Invoke) -> None:
    """With nothing on standard output."""
    assert invoke(*words, status=2).stdout == ""


def test_wrong_usage_of_a_run_is_json_too(invoke: Invoke) -> None:
    """A failed run, with the problem as its fault."""
    output = parsed(invoke("nightly", "--homme", "x", "--json", status=2))
    assert (output["run"], output["kind"], output["status"], output["totals"]) == (None, "nightly", "failed", NOTHING)
    assert "--homme" in output["faults"][0]["rule"]


def test_wrong_usage_of_a_decision_is_json_too(invoke: Invoke) -> None:
    """An object with the message."""
    assert "RUN" in parsed(invoke("approve", "--json", status=2))["error"]


@pytest.mark.parametrize("command", ["nightly", "account", "check", "columns", "runs", "show"])
def test_every_command_has_help_and_the_common_options(command: str, invoke: Invoke) -> None:
    """--home, --json, --help."""
    shown = invoke(command, "--help").stdout
    assert "--home" in shown
    assert "--json" in shown


def test_a_damaged_manifest_is_named(invoke: Invoke) -> None:
    """So that it can be restored."""
    invoke("nightly", export())
    (manifest,) = Path("home/runs").glob("*/manifest.json")
    manifest.write_bytes(b"{")
    for words in (("runs",), ("show",), ("review",)):
        assert f"{manifest} is damaged. Put it back" in invoke(*words, status=6).stderr


def test_a_read_only_home_is_wrong_usage(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a disk mounted read-only."""

    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "mkdir", refused)
    assert "can't be the home folder (Read-only file system)" in invoke("nightly", export(), status=2).stderr


@pytest.mark.parametrize("call", ["open", "rename"])
def test_a_full_disk_is_reported_with_a_remedy(call: str, invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """During a report or the last rename; nothing is kept, and the next run works."""
    path = export()
    real = getattr(os, call)

    def full(place: object, *more: Any, **options: Any) -> object:
        if str(place).endswith(".csv") or call == "rename":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(place, *more, **options)

    with monkeypatch.context() as patched:
        patched.setattr(os, call, full)
        result = invoke("nightly", path, "--json", status=1)
    assert "disk is full" in result.stderr
    output = parsed(result)
    assert (output["run"], output["kind"], output["status"], output["totals"]) == (None, "nightly", "failed", NOTHING)
    assert list(Path("home/runs").iterdir()) == []
    invoke("nightly", path)


def test_an_unexpected_error_is_exit_1_without_a_traceback(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor its message, which may have personal data; --debug shows both."""
    import sources.downloads

    def broken(path: Path, encoding: str | None) -> None:
        raise RuntimeError("Ada Secret")

    monkeypatch.setattr(sources.downloads, "read", broken)
    result = invoke("nightly", export(), status=1)
    assert "RuntimeError" in result.stderr
    assert "--debug" in result.stderr
    shown = CliRunner().invoke(app, ["nightly", "export.csv", "--debug"])
    assert isinstance(shown.exception, RuntimeError)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_the_list_of_commands_matches_their_help(command: Command) -> None:
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
def test_help_has_a_short_option(words: list[str], invoke: Invoke) -> None:
    """On every command."""
    assert invoke(*words).stdout.startswith("Usage: ")


@pytest.mark.parametrize("words", [["--version"], *([command.name, "--version"] for command in COMMANDS)])
def test_version_is_one_line(words: list[str], invoke: Invoke) -> None:
    """On every command, whatever it requires."""
    assert invoke(*words).stdout == f"partner-certs {version('partner-certs')}\n"


def test_an_ambiguous_encoding_must_be_given(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal shows the candidates on standard output only; the option or the setting decides."""
    rows = [person("Łukasz Secret", Email="l@example.com"), person("Jürgen", Email="j@example.com")]
    Path("export.csv").write_bytes(csv_of(rows).removeprefix(b"\xef\xbb\xbf").decode().encode("cp1250"))
    refused = invoke("nightly", "export.csv", status=3)
    assert "Łukasz Secret" in refused.stdout
    assert "Łukasz" not in refused.stderr
    assert "cp1250" in refused.stderr
    (fault,) = [
        fault
        for fault in parsed(invoke("check", "export.csv", "--json", status=3))["faults"]
        if fault["found"] == "Łukasz Secret"
    ]
    assert (fault["row"], fault["column"]) == (2, "Full Name")
    for command in (["nightly"], ["account", "1"], ["check"]):
        assert parsed(invoke(*command, "export.csv", "--encoding", "windows-1250", "--json"))["totals"]["people"] == 2
    (run, *_) = sorted(Path("home/runs").glob("*-nightly-*"))
    assert json.loads((run / "manifest.json").read_bytes())["source"]["encoding"] == "cp1250"
    monkeypatch.setenv("PARTNER_CERTS_ENCODING", "cp1250")
    invoke("nightly", "export.csv")
    assert "no encoding 'cp125'" in invoke("nightly", "export.csv", "--encoding", "cp125", status=2).stderr


def test_the_same_bytes_in_another_encoding_are_another_export(invoke: Invoke) -> None:
    """Reports of other text are not linked."""
    Path("export.csv").write_bytes(csv_of([person("Łukasz")]).removeprefix(b"\xef\xbb\xbf").decode().encode("cp1250"))
    for given, name in (("cp1250", "Łukasz"), ("cp1251", "Јukasz"), ("cp1250", "Łukasz")):
        run = Path(parsed(invoke("nightly", "export.csv", "--encoding", given, "--json"))["run_dir"])
        (report,) = (run / "reports").iterdir()
        assert name in report.read_text("utf-8-sig")


def test_an_unquoted_name_of_two_words_is_explained(invoke: Invoke) -> None:
    """The second word was taken for the export, or for an extra argument."""
    refused = invoke("account", "Contoso", "GmbH", status=3)
    assert refused.stderr.endswith("put it in quotes: partner-certs account 'Contoso GmbH'\n")
    wrong = invoke("account", "Contoso", "GmbH", export(), status=2)
    assert "put it in quotes" in wrong.stderr
    decided = invoke("approve", "latest", "--account", "Contoso", "GmbH", "--by", "ines", status=2)
    assert "argument (GmbH). If the name has several words, put it in quotes" in decided.stderr
    assert "put it in quotes" not in invoke("account", "Contoso", "gone.csv", status=3).stderr


def test_garbled_text_is_a_notice_and_an_alarm(invoke: Invoke) -> None:
    """No fault; the notice names nobody, and garbled.csv has the cells."""
    garbled = person("JÃ¼rgen Secret", Mailing_City="KÃ¶ln", Email="j@secret.example")
    export([garbled, person("Bob", **FABRIKAM)])
    output = parsed(invoke("nightly", "export.csv", "--json"))
    assert output["status"] == "complete"
    (notice,) = output["notices"]
    assert "2 cells in 1 account" in notice
    cells = (Path(output["run_dir"]) / "garbled.csv").read_text("utf-8-sig").splitlines()
    assert cells[1:] == ["Contoso,1,2,Full Name,JÃ¼rgen Secret", "Contoso,1,2,Mailing City,KÃ¶ln"]
    page = (Path(output["run_dir"]) / "review.html").read_text()
    assert "2 cells have letters that were decoded twice" in page
    rerun = parsed(invoke("nightly", "export.csv", "--json"))
    assert rerun["notices"] == output["notices"]
    assert (Path(rerun["run_dir"]) / "garbled.csv").exists()
    assert "decoded twice" in invoke("check", "export.csv").stderr
    export()
    assert not (Path(parsed(invoke("nightly", "export.csv", "--json"))["run_dir"]) / "garbled.csv").exists()
