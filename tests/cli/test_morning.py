"""The reviewer's morning on the command line: changes, decisions, a release, and the served page."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli.app import app
from tests.command import COMMAND
from tests.desk.sites import PATIENCE, client, decision_on
from tests.exporting import csv_of
from tests.people import person

NORTH = {"Account_ID": "2", "Account_Name": "Northwind"}
SOUTH = {"Account_ID": "3", "Account_Name": "Südwind"}
YESTERDAY = [person(SA_Verified="True"), person("Bob"), person("Cy", **NORTH), person("Di", **SOUTH)]
TODAY = [person(), person("Bob", Sales_Badged="True"), person("Cy", Phone="7", **NORTH), person("Eve", **SOUTH)]
REPORT_KEYS = ["account", "account_id", "file", "sha256"]


class Reviewer:
    """A reviewer at a shell; commands run in this process, which is quicker, unless they serve."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment

    def output(self, *words: str, status: int = 0) -> str:
        """The command's standard output."""
        result = CliRunner(env=self.environment).invoke(app, words)
        assert result.exit_code == status, result.stderr
        return result.stdout

    def json(self, *words: str, status: int = 0) -> Any:
        """The command's JSON."""
        return json.loads(self.output(*words, "--json", status=status))

    def run_nightly(self, rows: list[dict[str, str | None]]) -> str:
        """Run a nightly of these people; return its id."""
        (self.folder / "export.csv").write_bytes(csv_of(rows))
        return str(self.json("nightly", "export.csv")["run"])


@pytest.fixture
def reviewer(tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Reviewer:
    """The morning after: yesterday's reports are ready, today's wait."""
    monkeypatch.chdir(tmp_path)
    reviewer = Reviewer(tmp_path, environment)
    reviewer.run_nightly(YESTERDAY)
    reviewer.output("approve", "latest", "--all", "--by", "ines")
    reviewer.output("release")
    reviewer.run_nightly(TODAY)
    return reviewer


def test_changes_are_listed_worst_first(reviewer: Reviewer) -> None:
    """`--account` shows who lost what."""
    shown = reviewer.output("review")
    assert "3 accounts: 0 unchanged, 3 to review" in shown
    first = re.search("Contoso|Northwind|Südwind", shown[shown.index("changed") :])
    assert first is not None
    assert first[0] == "Contoso"
    contoso = reviewer.output("review", "--account", "contoso")
    assert "Solution Architect Core Training" in contoso
    assert "Sales Core Training" in contoso
    assert "Cy" not in contoso


def test_each_decision_is_reported(reviewer: Reviewer) -> None:
    """With how many accounts wait; a loss, a hold and a rejection need a reason."""
    assert "needs --reason" in reviewer.json("approve", "latest", "--all", "--by", "ines", status=2)["error"]
    assert "needs a reason" in reviewer.json("hold", "latest", "--account", "2", "--by", "ines", status=2)["error"]
    held = reviewer.json("hold", "latest", "--account", "northwind", "--by", "ines", "--reason", "asked them")
    assert list(held) == ["run", "decided", "waiting"]
    (decision,) = held["decided"]
    assert (decision["account"], decision["account_id"], decision["what"]) == ("Northwind", "2", "hold")
    assert re.fullmatch("[0-9a-f]{64}", decision["sha256"])
    assert held["waiting"] == 2
    rejected = reviewer.output("reject", "latest", "--account", "3", "--by", "ines", "--reason", "wrong people")
    assert "reject: Südwind" in rejected
    assert "1 account of run" in rejected
    undone = reviewer.json("undo", "latest", "--account", "3", "--by", "ines")
    assert [one["what"] for one in undone["decided"]] == ["undo"]
    assert undone["waiting"] == 2
    assert reviewer.json("approve", "latest", "--all", "--by", "ines", "--reason", "they know")["waiting"] == 0
    ledger = (reviewer.folder / "home" / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["what"] for line in ledger[-5:]] == ["hold", "reject", "undo", "approve", "approve"]


def test_a_release_puts_the_approved_bytes_into_ready(reviewer: Reviewer) -> None:
    """Held accounts stay out, and a second release changes nothing."""
    reviewer.output("hold", "latest", "--account", "2", "--by", "ines", "--reason", "asked them")
    assert "is approved" in reviewer.json("release", status=6)["error"]
    reviewer.output("approve", "latest", "--all", "--by", "ines", "--reason", "they know")
    release = reviewer.json("release")
    assert list(release) == ["run", "released", "removed", "passed_over", "waiting", "ready_dir"]
    assert [list(report) for report in release["released"]] == [REPORT_KEYS, REPORT_KEYS]
    assert (release["removed"], release["waiting"]) == ([], 0)
    ready = Path(release["ready_dir"])
    assert b"Eve" in (ready / "certifications-sudwind-3.csv").read_bytes()
    assert b"7" not in (ready / "certifications-northwind-2.csv").read_bytes().partition(b"Cy")[2]
    assert reviewer.json("release")["released"] == []
    assert "0 reports released" in reviewer.output("release")
    assert "undo: Northwind" in reviewer.output("undo", "latest")  # it was held, not released
    assert "nothing to undo. What is released stays ready: decide differently" in reviewer.output("undo", "latest")


def test_decisions_have_author_time_and_reason(reviewer: Reviewer) -> None:
    """Undecided accounts have none."""
    reviewer.output("hold", "latest", "--account", "2", "--by", "ines", "--reason", "asked them")
    shown = {one["account_id"]: one for one in reviewer.json("review")["accounts"]}
    assert (shown["2"]["by"], shown["2"]["reason"]) == ("ines", "asked them")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", shown["2"]["at"])
    assert {shown["3"][key] for key in ("by", "at", "reason")} == {""}
    assert re.search(r"Northwind: .*\[held by ines, .* UTC: asked them\]", reviewer.output("review"))


def test_faults_that_hold_accounts_are_listed(reviewer: Reviewer) -> None:
    """Common ones once; `--account` shows row, column, rule and value."""
    bad = [person(SA_Verified="WAHR"), person("Cy", SA_Verified="WAHR", **NORTH), person("Eve", **SOUTH)]
    (reviewer.folder / "export.csv").write_bytes(csv_of(bad))
    reviewer.output("nightly", "export.csv", status=4)
    shown = reviewer.output("review")
    assert "the same fault in 2 accounts, 2 cells: SA Verified: " in shown
    assert "Found: 'WAHR'." in shown
    assert "held      Northwind: 1 row, 1 fault" in shown
    north = reviewer.output("review", "--account", "northwind")
    assert re.search(r"x row 3, .*SA Verified: .*Found: 'WAHR'\.", north)


def test_every_command_reports_a_rename(reviewer: Reviewer) -> None:
    """`review`, `account` before the release, and the manifest."""
    reviewer.output("approve", "latest", "--all", "--by", "ines", "--reason", "they know")
    reviewer.output("release")
    renamed = [person("Cy", Phone="7", **{**NORTH, "Account_Name": "Westwind"})]
    reviewer.run_nightly([*TODAY[:2], *renamed, TODAY[3]])
    seen = reviewer.json("review")
    (westwind,) = [one for one in seen["accounts"] if one["decision"] == "missing"]
    assert (westwind["account"], westwind["change"], westwind["renamed_from"]) == ("Westwind", "changed", "Northwind")
    assert (seen["totals"]["renamed"], seen["totals"]["to_decide"]) == (1, 1)
    assert "changed   Westwind: renamed from Northwind [missing]" in reviewer.output("review")
    (reviewer.folder / "export.csv").write_bytes(csv_of(renamed))
    assert "changed   Westwind: renamed from Northwind [missing]" in reviewer.output(
        "account", "westwind", "export.csv"
    )
    run = reviewer.json("account", "2", "export.csv")["run"]
    assert [report["change"] for report in reviewer.json("show", run)["reports"]] == ["changed"]
    assert reviewer.json("approve", run, "--all", "--by", "ines")["waiting"] == 0
    released = reviewer.json("release", run)["released"]
    assert [report["file"] for report in released] == ["certifications-westwind-2.csv"]


def test_an_older_run_needs_older_and_a_reason(reviewer: Reviewer) -> None:
    """The newer run is named; a release of nothing is refused."""
    night = reviewer.json("review")["run"]
    reviewer.output("approve", night, "--all", "--by", "ines", "--reason", "they know")
    reviewer.output("release", night)
    older = reviewer.json("runs")["runs"][1]["run"]
    assert reviewer.json("review")["newer"] is None
    assert reviewer.json("review", older)["newer"] == night
    assert f"The nightly run {night} has finished since" in reviewer.output("review", older)
    approve = ["approve", older, "--all", "--by", "ines"]
    assert night in reviewer.json(*approve, "--reason", "so", status=6)["error"]
    assert "--older needs" in reviewer.json(*approve, "--older", status=2)["error"]
    overruled = ["--older", "--reason", "the night is wrong"]
    assert len(reviewer.json(*approve, *overruled)["decided"]) == 3
    refused = reviewer.json("release", older, status=6)
    assert [report["account"] for report in refused["passed_over"]] == ["Contoso", "Northwind", "Südwind"]
    assert refused["released"] == []
    assert reviewer.output("release", older, status=6).count("passed over:") == 3
    assert "--older needs" in reviewer.json("release", older, "--older", status=2)["error"]
    assert len(reviewer.json("release", older, "--by", "ines", *overruled)["released"]) == 3


def test_decisions_on_the_served_page_reach_the_ledger(reviewer: Reviewer) -> None:
    """--json prints the address; Ctrl-C ends it."""
    words = [COMMAND, "review", "--serve", "--json"]
    with subprocess.Popen(
        words, cwd=reviewer.folder, env=reviewer.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            shown = json.loads(process.stdout.readline())
            address = shown["url"].partition("/?")[0]
            with client(base_url=address, headers={"Origin": address}) as browser:
                assert "Northwind" in browser.get(shown["url"]).text
                response = browser.post("/decisions", json=decision_on(browser, "Northwind", "approve", by="ines"))
            assert response.status_code == 200, response.text
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 130
            assert "Traceback" not in process.stderr.read()
        finally:
            process.kill()
    last = json.loads((reviewer.folder / "home" / "ledger.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert (last["what"], last["account"], last["by"]) == ("approve", "Northwind", "ines")


def test_the_demo(tmp_path: Path, environment: dict[str, str]) -> None:
    """Two days with the sandbox and a reply to a mail, as by `make demo`."""
    result = subprocess.run(
        [sys.executable, "-m", "cli.demo"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert result.stdout.count("$ partner-certs") == 9
    assert "Subject: Re: Which of our people are certified?" in result.stdout
    assert "attached: certifications_contoso-gmbh_" in result.stdout
    assert "Contoso GmbH" in result.stdout
    assert len(list((tmp_path / ".demo" / "home" / "ready").glob("certifications-*.csv"))) > 30
