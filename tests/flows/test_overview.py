"""The overview: counts over all that is ready, tiers, and nightly runs; and what a bad file of tiers gets."""

from pathlib import Path

import pytest

from exports.home import tiers
from exports.home.layout import Home
from flows.overview import overview
from schemas.errors import WrongUsage
from schemas.tiers import Tier
from tests.flows.mail.homes import release_run
from tests.flows.review.folders import keep_run
from tests.people import PSE21, SA, SALES, person
from transforms.tiers import tier_status

TIERS = (Tier("Silver", {SALES: 1}), Tier("Gold", {SALES: 2, PSE21: 1}))
FILE = f"tier,course,people\r\nSilver,{SALES},1\r\nGold,{SALES},2\r\n gold ,{PSE21.upper()},1\r\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Three accounts are ready; of a run in which a fourth one is held."""
    made = Home(tmp_path)
    people = {
        "2 Fabrikam": [person("Cy", courses=SALES), person("Di", courses=f"{SALES}|{PSE21}")],
        "1 Contoso": [person("Ana", courses=f"{SA}|{SALES}"), person("Bo")],
        "Litware": [person("Eve")],
    }
    release_run(made, people, held=[("9 Held", 3)])
    keep_run(made, {"1 Contoso": [person("Ana")]}, kind="account", number=2)
    return made


def test_people_are_counted_by_course_and_account(home: Home) -> None:
    """Accounts by name; nobody is named; only nightly runs count as nights."""
    found = overview(home)
    counts = {one["course"]: (one["people"], one["accounts"]) for one in found["courses"]}
    assert counts == {
        SA: (1, 1),
        SALES: (3, 2),
        "Sales Professional Accreditation": (0, 0),
        "PSE Certified 2020": (0, 0),
        PSE21: (1, 1),
    }
    assert [(one["account"], one["account_id"], one["people"]) for one in found["accounts"]] == [
        ("Contoso", "1", 2),
        ("Fabrikam", "2", 2),
        ("Litware", None, 1),
    ]
    assert found["accounts"][0]["courses"] == dict.fromkeys(counts, 0) | {SA: 1, SALES: 1}
    assert (found["people"], found["certified"]) == (5, 3)
    (night,) = found["runs"]
    assert (night["kind"], night["status"], night["totals"]["held"]) == ("nightly", "held", 1)
    assert {(one["tier"], one["next"]) for one in found["accounts"]} == {(None, None)}


def test_a_tier_is_impartners_or_the_highest_that_is_met(home: Home) -> None:
    """What is lacking for the next one is told; a tier that the file does not have comes last, and has no next one."""
    (home.root / tiers.FILE).write_text(FILE)
    accounts = {one["account"]: one for one in overview(home)["accounts"]}
    told = {name: (one["tier"], one["next"], one["lacks"]) for name, one in accounts.items()}
    assert told == {
        "Contoso": ("Silver", "Gold", {SALES: 1, PSE21: 1}),
        "Fabrikam": ("Gold", None, {}),
        "Litware": (None, "Silver", {SALES: 1}),
    }
    tiers.write_given(home, {"1": "Platinum", "2": "SILVER"})
    found = overview(home)
    told = {one["account"]: (one["tier"], one["next"], one["lacks"]) for one in found["accounts"]}
    assert told["Contoso"] == ("Platinum", None, {})
    assert told["Fabrikam"] == ("SILVER", "Gold", {})
    assert [(one["tier"], one["accounts"]) for one in found["tiers"]] == [("Silver", 1), ("Gold", 0), ("Platinum", 1)]


def test_before_anything_is_ready_all_is_nought(tmp_path: Path) -> None:
    """Nothing is made on disk."""
    found = overview(Home(tmp_path / "new"))
    assert (found["accounts"], found["runs"], found["people"]) == ([], [], 0)
    assert {one["people"] for one in found["courses"]} == {0}
    assert not (tmp_path / "new").exists()


def test_a_higher_tier_may_be_met_without_a_lower_one() -> None:
    """Each tier asks for what its rows say, no more."""
    people = dict.fromkeys((SA, SALES, PSE21), 0) | {PSE21: 3}
    known = (*TIERS, Tier("Expert", {PSE21: 3}))
    assert tier_status(known, people) == ("Expert", None, {})
    assert tier_status((), people, "Gold") == ("Gold", None, {})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tier,course\nGold,x\n", "The first row of"),
        ("", "The first row of"),
        ("tier,course,people\n", "has no row"),
        (f"tier,course,people\nGold,{SALES},two\n", "row 2, column people"),
        (f"tier,course,people\nGold,{SALES},0\n", "row 2, column people"),
        (f"tier,course,people\nGold,{SALES},²\n", "row 2, column people"),
        (f"tier,course,people\nGold,{SALES},{'9' * 5000}\n", "row 2, column people"),
        (f"tier,course,people\nGold,{SALES},-1\n", "row 2, column people"),
        ("tier,course,people\n\nGold,Sales Core Trainig,1\n", "row 3, column course"),
        ("tier,course,people\nGold,Sales Core Trainig,1\n", "Did you mean 'Sales Core Training'"),
        (f"tier,course,people\n,{SALES},1\n", "row 2, column tier"),
        (f"tier,course,people\nGold,{SALES},1\nGOLD,{SALES},2\n", "row 3, column course"),
        (f"tier,course,people\nGold,{SALES}\n", "row 2: it has 2 cells"),
        (f"tier,course,people\nGold,{SALES},1,2\n", "row 2: it has 4 cells"),
    ],
)
def test_a_bad_file_of_tiers_is_refused_with_its_row(home: Home, text: str, told: str) -> None:
    """One message; the row is as a spreadsheet shows it."""
    (home.root / tiers.FILE).write_text(text)
    with pytest.raises(WrongUsage) as refused:
        overview(home)
    assert told in str(refused.value)
    assert str(home.root / tiers.FILE) in str(refused.value)


def test_a_file_of_tiers_may_come_from_any_spreadsheet_program(home: Home) -> None:
    """Semicolons, a BOM, columns in another order; what is no UTF-8 is refused."""
    path = home.root / tiers.FILE
    path.write_bytes(b"\xef\xbb\xbf" + f"People;Tier;Course\r\n2;Gold;{SALES}\r\n;;\r\n".encode())
    assert tiers.read(home) == (Tier("Gold", {SALES: 2}),)
    path.write_bytes("tier,course,people\nGöld,x,1\n".encode("cp1252"))
    with pytest.raises(WrongUsage, match="not UTF-8"):
        tiers.read(home)
