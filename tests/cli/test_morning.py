"""The reviewer's morning at the command: what changed, every decision, a release, and the page that decides."""

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
from tests.desk.sites import PATIENCE, client, wish
from tests.exporting import csv_of
from tests.people import person

NORTH = {"Account_ID": "2", "Account_Name": "Northwind"}
SOUTH = {"Account_ID": "3", "Account_Name": "Südwind"}
YESTERDAY = [person(SA_Verified="True"), person("Bob"), person("Cy", **NORTH), person("Di", **SOUTH)]
TODAY = [person(), person("Bob", Sales_Badged="True"), person("Cy", Phone="7", **NORTH), person("Eve", **SOUTH)]
REPORT_KEYS = ["account", "account_id", "file", "sha256"]


class Desk:
    """A reviewer at a shell. The command is called in this process, save where it serves a page: it starts quicker."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment

    def says(self, *words: str, status: int = 0) -> str:
        """What the command answers on standard output."""
        done = CliRunner(env=self.environment).invoke(app, words)
        assert done.exit_code == status, done.stderr
        return done.stdout

    def asks(self, *words: str, status: int = 0) -> Any:
        """The one JSON object that it answers."""
        return json.loads(self.says(*words, "--json", status=status))

    def run_nightly(self, rows: list[dict[str, str | None]]) -> str:
        """A nightly run of these people; gives its id."""
        (self.folder / "export.csv").write_bytes(csv_of(rows))
        return str(self.asks("nightly", "export.csv")["run"])


@pytest.fixture
def desk(tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk on the morning after: yesterday's reports are ready, today's wait."""
    monkeypatch.chdir(tmp_path)
    desk = Desk(tmp_path, environment)
    desk.run_nightly(YESTERDAY)
    desk.says("approve", "latest", "--all", "--by", "ines")
    desk.says("release")
    desk.run_nightly(TODAY)
    return desk


def test_what_changed_is_told_in_words_the_worst_first(desk: Desk) -> None:
    """And who lost what, if one account is asked for."""
    told = desk.says("review")
    assert "3 accounts: 0 unchanged, 3 to review" in told
    first = re.search("Contoso|Northwind|Südwind", told[told.index("changed") :])
    assert first is not None
    assert first[0] == "Contoso"
    contoso = desk.says("review", "--account", "contoso")
    assert "Solution Architect Core Training" in contoso
    assert "Sales Core Training" in contoso
    assert "Cy" not in contoso


def test_each_decision_is_told_to_people_and_machines(desk: Desk) -> None:
    """With how many still wait; a loss, a hold and a rejection need a reason."""
    assert "needs --reason" in desk.asks("approve", "latest", "--all", "--by", "ines", status=2)["error"]
    assert "needs a reason" in desk.asks("hold", "latest", "--account", "2", "--by", "ines", status=2)["error"]
    held = desk.asks("hold", "latest", "--account", "northwind", "--by", "ines", "--reason", "asked them")
    assert list(held) == ["run", "decided", "waiting"]
    (decision,) = held["decided"]
    assert (decision["account"], decision["account_id"], decision["what"]) == ("Northwind", "2", "hold")
    assert re.fullmatch("[0-9a-f]{64}", decision["sha256"])
    assert held["waiting"] == 2
    rejected = desk.says("reject", "latest", "--account", "3", "--by", "ines", "--reason", "wrong people")
    assert "reject: Südwind" in rejected
    assert "1 account of run" in rejected
    undone = desk.asks("undo", "latest", "--account", "3", "--by", "ines")
    assert [one["what"] for one in undone["decided"]] == ["undo"]
    assert undone["waiting"] == 2
    assert desk.asks("approve", "latest", "--all", "--by", "ines", "--reason", "they know")["waiting"] == 0
    ledger = (desk.folder / "home" / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["what"] for line in ledger[-5:]] == ["hold", "reject", "undo", "approve", "approve"]


def test_a_release_is_told_and_puts_the_approved_bytes_into_ready(desk: Desk) -> None:
    """Nothing that is held comes in, and a second release changes nothing."""
    desk.says("hold", "latest", "--account", "2", "--by", "ines", "--reason", "asked them")
    assert "is approved" in desk.asks("release", status=6)["error"]
    desk.says("approve", "latest", "--all", "--by", "ines", "--reason", "they know")
    release = desk.asks("release")
    assert list(release) == ["run", "released", "removed", "passed_over", "waiting", "ready_dir"]
    assert [list(report) for report in release["released"]] == [REPORT_KEYS, REPORT_KEYS]
    assert (release["removed"], release["waiting"]) == ([], 0)
    ready = Path(release["ready_dir"])
    assert b"Eve" in (ready / "certifications-sudwind-3.csv").read_bytes()
    assert b"7" not in (ready / "certifications-northwind-2.csv").read_bytes().partition(b"Cy")[2]
    assert desk.asks("release")["released"] == []
    assert "0 reports released" in desk.says("release")
    assert "undo: Northwind" in desk.says("undo", "latest")  # it was held, not released
    assert "nothing to undo. What is released stays ready: decide differently" in desk.says("undo", "latest")


def test_who_decided_when_and_why_is_told_to_people_and_machines(desk: Desk) -> None:
    """And nothing of an account that nobody decided about."""
    desk.says("hold", "latest", "--account", "2", "--by", "ines", "--reason", "asked them")
    told = {one["account_id"]: one for one in desk.asks("review")["accounts"]}
    assert (told["2"]["by"], told["2"]["reason"]) == ("ines", "asked them")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told["2"]["at"])
    assert {told["3"][key] for key in ("by", "at", "reason")} == {""}
    assert re.search(r"Northwind: .*\[held by ines, .* UTC: asked them\]", desk.says("review"))


def test_what_holds_accounts_back_is_told_in_words(desk: Desk) -> None:
    """The same fault in several accounts in one line; row, column, rule and remedy of one account that is asked for."""
    bad = [person(SA_Verified="WAHR"), person("Cy", SA_Verified="WAHR", **NORTH), person("Eve", **SOUTH)]
    (desk.folder / "export.csv").write_bytes(csv_of(bad))
    desk.says("nightly", "export.csv", status=4)
    told = desk.says("review")
    assert "the same fault in 2 accounts, 2 cells: SA Verified: " in told
    assert "Found: 'WAHR'." in told
    assert "held      Northwind: 1 row, 1 fault" in told
    north = desk.says("review", "--account", "northwind")
    assert re.search(r"x row 3, .*SA Verified: .*Found: 'WAHR'\.", north)


def test_a_renamed_account_is_told_by_every_command(desk: Desk) -> None:
    """`review` to people and machines, `account` before it is released, and the manifest of the run."""
    desk.says("approve", "latest", "--all", "--by", "ines", "--reason", "they know")
    desk.says("release")
    renamed = [person("Cy", Phone="7", **{**NORTH, "Account_Name": "Westwind"})]
    desk.run_nightly([*TODAY[:2], *renamed, TODAY[3]])
    seen = desk.asks("review")
    (westwind,) = [one for one in seen["accounts"] if one["decision"] == "missing"]
    assert (westwind["account"], westwind["change"], westwind["renamed_from"]) == ("Westwind", "changed", "Northwind")
    assert (seen["totals"]["renamed"], seen["totals"]["to_decide"]) == (1, 1)
    assert "changed   Westwind: renamed from Northwind [missing]" in desk.says("review")
    (desk.folder / "export.csv").write_bytes(csv_of(renamed))
    assert "changed   Westwind: renamed from Northwind [missing]" in desk.says("account", "westwind", "export.csv")
    run = desk.asks("account", "2", "export.csv")["run"]
    assert [report["change"] for report in desk.asks("show", run)["reports"]] == ["changed"]
    assert desk.asks("approve", run, "--all", "--by", "ines")["waiting"] == 0
    released = desk.asks("release", run)["released"]
    assert [report["file"] for report in released] == ["certifications-westwind-2.csv"]


def test_an_older_run_says_so_and_is_overruled_only_with_a_reason(desk: Desk) -> None:
    """The newer run is named to people and machines; a release that only passes over is refused, its report whole."""
    night = desk.asks("review")["run"]
    desk.says("approve", night, "--all", "--by", "ines", "--reason", "they know")
    desk.says("release", night)
    older = desk.asks("runs")["runs"][1]["run"]
    assert desk.asks("review")["newer"] is None
    assert desk.asks("review", older)["newer"] == night
    assert f"The nightly run {night} has finished since" in desk.says("review", older)
    approve = ["approve", older, "--all", "--by", "ines"]
    assert night in desk.asks(*approve, "--reason", "so", status=6)["error"]
    assert "--older needs" in desk.asks(*approve, "--older", status=2)["error"]
    overruled = ["--older", "--reason", "the night is wrong"]
    assert len(desk.asks(*approve, *overruled)["decided"]) == 3
    refused = desk.asks("release", older, status=6)
    assert [report["account"] for report in refused["passed_over"]] == ["Contoso", "Northwind", "Südwind"]
    assert refused["released"] == []
    assert desk.says("release", older, status=6).count("passed over:") == 3
    assert "--older needs" in desk.asks("release", older, "--older", status=2)["error"]
    assert len(desk.asks("release", older, "--by", "ines", *overruled)["released"]) == 3


def test_the_page_that_is_served_decides_into_the_ledger(desk: Desk) -> None:
    """The address is told as JSON too; it ends at Ctrl-C."""
    words = [COMMAND, "review", "--serve", "--json"]
    with subprocess.Popen(
        words, cwd=desk.folder, env=desk.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            told = json.loads(process.stdout.readline())
            address = told["url"].partition("/?")[0]
            with client(base_url=address, headers={"Origin": address}) as browser:
                assert "Northwind" in browser.get(told["url"]).text
                answer = browser.post("/decisions", json=wish(browser, "Northwind", "approve", by="ines"))
            assert answer.status_code == 200, answer.text
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 130
            assert "Traceback" not in process.stderr.read()
        finally:
            process.kill()
    last = json.loads((desk.folder / "home" / "ledger.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert (last["what"], last["account"], last["by"]) == ("approve", "Northwind", "ines")


def test_the_demo_does_the_main_job(tmp_path: Path, environment: dict[str, str]) -> None:
    """Two days on a pretend Impartner and the answer to a mail, as `make demo` shows them."""
    done = subprocess.run(
        [sys.executable, "-m", "cli.demo"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.count("$ partner-certs") == 9
    assert "Subject: Re: Which of our people are certified?" in done.stdout
    assert "attached: certifications_contoso-gmbh_" in done.stdout
    assert "Contoso GmbH" in done.stdout
    assert len(list((tmp_path / ".demo" / "home" / "ready").glob("certifications-*.csv"))) > 30
