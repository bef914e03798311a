"""Held accounts in a review: the run's faults by account, and equal ones grouped."""

from pathlib import Path

import pytest

from exports.home.layout import Home
from flows.review.build import review
from tests.flows.review.folders import keep_run
from tests.people import Label, person

HEADINGS = "account,account_id,row,person,user_id,column,found,rule,remedy"
HELD: list[tuple[Label, int]] = [("7 Held", 3), ((None, ""), 2), ("8 Too", 1), ("9 Its own", 4)]
ROWS = (
    "Held,7,17,Ana <ana@example.com>,,SA Verified,yes,A flag is True or blank,Set it",
    "Held,7,18,Bo <bo@example.com>,,Email,,Has an address,Fill it in",
    ",,19,Cy <cy@example.com>,,Account Name,,Names its account,Name it",
    "'=Too,8,,,4711,SA Verified,yes,A flag is True or blank,Set it",
    "Gone since,99,20,,,Email,,Has an address,Fill it in",
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with one run that holds four accounts."""
    home = Home(tmp_path)
    keep_run(home, {"1 Good": [person()]}, held=[*HELD[:2], (("8", "=Too"), 1), HELD[3]])
    return home


def write(home: Home, heading: str = HEADINGS, rows: tuple[str, ...] = ROWS) -> None:
    """Write the run's faults.csv."""
    text = "".join(f"{line}\r\n" for line in (heading, *rows))
    (home.runs / home.manifest("latest")["run"] / "faults.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())


@pytest.mark.parametrize("separator", [",", ";"])
def test_each_fault_has_its_account(home: Home, separator: str) -> None:
    """Even with a guarded name, and in either profile; only held accounts have any."""
    write(home, HEADINGS.replace(",", separator), tuple(row.replace(",", separator) for row in ROWS))
    result = review(home)
    places = {one["index"]: one["account"] for one in result["accounts"]}
    found = [(places[row["account"]], row["row"], row["user_id"], row["person"]) for row in result["faults"].to_dicts()]
    assert found == [
        ("Held", "17", None, "Ana <ana@example.com>"),
        ("Held", "18", None, "Bo <bo@example.com>"),
        ("", "19", None, "Cy <cy@example.com>"),
        ("=Too", None, "4711", None),
    ]
    assert {one["account"]: one["rows"] for one in result["accounts"] if one["change"] == "held"} == {
        "Held": 3,
        "": 2,
        "=Too": 1,
        "Its own": 4,
    }


def test_equal_faults_are_grouped(home: Home) -> None:
    """The most frequent first, with their value."""
    write(home)
    first, *others = review(home)["fault_groups"]
    assert first == {
        **{"column": "SA Verified", "rule": "A flag is True or blank", "remedy": "Set it"},
        **{"found": "yes", "accounts": 2, "faults": 2},
    }
    assert [group["accounts"] for group in others] == [1, 1]


def test_an_older_faults_file_has_no_people(home: Home) -> None:
    """Missing columns are blank."""
    lines = [line.split(",") for line in (HEADINGS, *ROWS)]
    heading, *rows = [",".join([*line[:3], *line[5:]]) for line in lines]
    write(home, heading, tuple(rows))
    faults = review(home)["faults"]
    assert faults["person"].to_list() == [None] * 4
    assert faults["found"].to_list() == ["yes", None, None, "yes"]


def test_without_a_faults_file_a_run_can_be_reviewed(home: Home) -> None:
    """The manifest has the number of faults."""
    result = review(home)
    assert result["faults"].is_empty()
    assert [one["faults"] for one in result["accounts"] if one["change"] == "held"] == [1, 1, 1, 1]


def test_everything_held_raises_an_alarm(tmp_path: Path) -> None:
    """Nothing can be released; with one report there is none."""
    home = Home(tmp_path)
    keep_run(home, {}, held=[("7 Held", 3)])
    alarms = review(home)["alarms"]
    text = "Every account is held back by faults: no report can go out"
    assert alarms == [{"severity": 1, "kind": "held", "text": text}]
    keep_run(home, {"1 Good": [person()]}, held=[("7 Held", 3)], number=2)
    assert review(home)["alarms"] == []
