"""`nightly` and `check`: exit statuses, output, and the runs that they keep."""

import errno
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from tests.cli.invoking import BAD, FABRIKAM, NOTHING, TOTALS, Invoke, export, parsed
from tests.exporting import csv_of
from tests.people import COLUMNS, person


def _no_links(*_: object, **__: object) -> None:
    raise PermissionError(errno.EPERM, "no links here")


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


def test_a_file_name_need_not_be_utf_8(invoke: Invoke) -> None:
    """Old systems have other encodings."""
    path = export(name=os.fsdecode(b"Export K\xf6ln.csv"))
    output = parsed(invoke("nightly", path, "--json"))
    assert json.loads(Path(output["manifest"]).read_bytes())["source"]["name"] == "Export K\\udcf6ln.csv"
    assert "Export K" in invoke("show").stdout


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
