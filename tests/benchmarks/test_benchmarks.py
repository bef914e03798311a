"""The benchmark is reproducible, and a wrong output is no measurement."""

import hashlib
import json
import re
import sys
from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks import check, drafts, make, stages


def test_the_same_size_gives_the_same_bytes(tmp_path: Path) -> None:
    """So that results of two machines are comparable; a change of the data changes this hash."""
    made = tmp_path / "made"
    made.mkdir()
    make.fill(made, make.first_day(300, 7))
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in made.iterdir()}
    assert hashes == {
        "day-one.csv": "62e4db6f8de4dd83",
        "day-two.csv": "918de6f88330f6fe",
        "finished": "c7a5afd9cfb59c5a",
        "finished.names": "4f093a731a06eee3",
    }


def test_the_data_resemble_exports() -> None:
    """Every account has people, sizes vary widely, people are unique, and some cells need quotes."""
    users = make.first_day(2000, 50)
    sizes = users.group_by("Account ID").len()["len"]
    assert users.height == 2000
    assert sizes.len() == 50
    assert sizes.max() > 10 * sizes.min()
    assert users["Email"].is_unique().all()
    for sign in (",", '"', ";", "\n", "\r\n"):
        assert any(column.str.contains(sign, literal=True).any() for column in users), sign


def test_a_second_day_differs_by_two_percent() -> None:
    """And people joined and left."""
    first = make.first_day(2000, 50)
    both = first.join(make.second_day(first), on="Email", suffix=" now")
    fields = [name for name in first.columns if name + " now" in both.columns]
    changed = sum(int(both[name].ne_missing(both[name + " now"]).sum()) for name in fields)
    assert 0.015 < changed / (both.height * 15) < 0.025
    assert 1950 < both.height < 2000


def test_a_tiny_run_gives_tables_and_leaves_only_its_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every job of every table is there with its ratios; all outputs were checked on the way."""
    bench.main(["300x7", "--rounds", "1", "--dir", str(tmp_path)])
    shown = capsys.readouterr().out
    rows = re.findall(r"^([a-z]+(?: [a-z]+)?) +\d", shown, re.MULTILINE)
    assert rows == [
        *("floor", "csv", "polars", "lines", "nightly", "second nightly"),
        *("floor", "csv", "polars", "account"),
        *("joins", "page", "review"),
    ]
    assert shown.count("300x7: ") == 3
    assert [re.sub("-[0-9a-f]{8}$", "", path.name) for path in tmp_path.iterdir()] == ["300x7"]


def test_the_stages_are_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In their order, and the home that was needed for it is gone."""
    make.fill(tmp_path, make.first_day(30, 2))
    before = set(tmp_path.iterdir())
    monkeypatch.setattr(sys, "argv", ["stages", str(tmp_path / "day-one.csv"), "--dir", str(tmp_path)])
    stages.main()
    rows = re.findall(r"^([a-z]+) +\d", capsys.readouterr().out, re.MULTILINE)
    assert rows == ["read", "check", "shape", "write", "keep", "compare", "end", "all"]
    assert set(tmp_path.iterdir()) == before


def test_drafts_and_a_scan_are_measured_in_a_tiny_home(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every row is there, and what was measured has happened: a draft for each account, each mail found in Sent."""
    monkeypatch.setattr(sys, "argv", ["drafts", "60", "3", "5", "--rounds", "1", "--dir", str(tmp_path)])
    drafts.main()
    rows = re.findall(r"^([A-Za-z]\S*(?:,? [A-Za-z]+)*) +\d", capsys.readouterr().out, re.MULTILINE)
    assert rows == ["one draft", "all, CSV", "all, XLSX", "imap-tools", "mail by mail", "scan"]
    assert len(list((tmp_path / "out").glob("*.eml"))) == 3
    assert [
        len(json.loads((tmp_path / f"{name}.answer").read_text())["drafts"]) for name in ("one", "csv", "xlsx")
    ] == [
        *(1, 3, 3),
    ]
    scanned = json.loads((tmp_path / "scan.answer").read_text())
    assert (scanned["scanned"], len(scanned["sent"]), scanned["alarms"]) == (5, 5, [])
    assert (tmp_path / "peer.answer").read_text().split() == ["5"]


def test_a_wrong_report_is_no_measurement(tmp_path: Path) -> None:
    """One byte, a report too few, a file too many."""
    made, out, answer = tmp_path / "made", tmp_path / "out", tmp_path / "answer"
    made.mkdir()
    out.mkdir()
    make.fill(made, make.first_day(30, 2))
    make.peers.by_polars(made / "day-one.csv", out)
    answer.touch()
    check.reports(made / "finished", answer, out)
    (out / "1000001.csv").rename(out / "x.tmp")
    with pytest.raises(SystemExit, match="1000001 has no report"):
        check.reports(made / "finished", answer, out)
    (out / "1000001.csv").write_bytes((out / "x.tmp").read_bytes())
    with pytest.raises(SystemExit, match=r"1 files too many, such as x\.tmp"):
        check.reports(made / "finished", answer, out)
    (out / "1000001.csv").write_bytes((out / "x.tmp").read_bytes()[:-1])
    with pytest.raises(SystemExit, match="1000001 is not what the standard library writes"):
        check.reports(made / "finished", answer, out)


def test_a_review_with_other_changes_is_no_measurement(tmp_path: Path) -> None:
    """Its totals are those of the joins."""
    joins, review = tmp_path / "joins", tmp_path / "review"
    joins.write_text(json.dumps({"joined": 1, "left": 0, "changed": 6}))
    totals = {"joined": 1, "left": 0, "gained": 1, "lost": 2, "details": 3}
    review.write_text(json.dumps({"totals": totals}))
    check.changes(joins, review)
    review.write_text(json.dumps({"totals": totals | {"lost": 1}}))
    with pytest.raises(SystemExit, match="the joins"):
        check.changes(joins, review)


@pytest.mark.parametrize("word", ["XS", "7x300", "0x0", "300"])
def test_a_wrong_size_is_refused(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With an example of one."""
    with pytest.raises(SystemExit):
        bench.main([word])
    assert "300" in capsys.readouterr().err
