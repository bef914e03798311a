"""The overview: counts of ready reports, tiers, and nightly runs; and invalid tiers files."""

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
    """Three accounts are ready; a fourth was held."""
    home = Home(tmp_path)
    people = {
        "2 Fabrikam": [person("Cy", courses=SALES), person("Di", courses=f"{SALES}|{PSE21}")],
        "1 Contoso": [person("Ana", courses=f"{SA}|{SALES}"), person("Bo")],
        "Litware": [person("Eve")],
    }
    release_run(home, people, held=[("9 Held", 3)])
    keep_run(home, {"1 Contoso": [person("Ana")]}, kind="account", number=2)
    return home


def test_people_are_counted_by_course_and_account(home: Home) -> None:
    """Accounts by name, without people; only nightly runs are nights."""
    result = overview(home)
    counts = {one["course"]: (one["people"], one["accounts"]) for one in result["courses"]}
    assert counts == {
        SA: (1, 1),
        SALES: (3, 2),
        "Sales Professional Accreditation": (0, 0),
        "PSE Certified 2020": (0, 0),
        PSE21: (1, 1),
    }
    assert [(one["account"], one["account_id"], one["people"]) for one in result["accounts"]] == [
        ("Contoso", "1", 2),
        ("Fabrikam", "2", 2),
        ("Litware", None, 1),
    ]
    assert result["accounts"][0]["courses"] == dict.fromkeys(counts, 0) | {SA: 1, SALES: 1}
    assert (result["people"], result["certified"]) == (5, 3)
    (night,) = result["runs"]
    assert (night["kind"], night["status"], night["totals"]["held"]) == ("nightly", "held", 1)
    assert {(one["tier"], one["next"]) for one in result["accounts"]} == {(None, None)}


def test_a_tier_is_impartner_s_or_the_highest_reached(home: Home) -> None:
    """With what the next one needs; an unknown tier is last and has no next."""
    (home.root / tiers.FILE).write_text(FILE)
    accounts = {one["account"]: one for one in overview(home)["accounts"]}
    tier_of = {name: (one["tier"], one["next"], one["lacks"]) for name, one in accounts.items()}
    assert tier_of == {
        "Contoso": ("Silver", "Gold", {SALES: 1, PSE21: 1}),
        "Fabrikam": ("Gold", None, {}),
        "Litware": (None, "Silver", {SALES: 1}),
    }
    tiers.write_given(home, {"1": "Platinum", "2": "SILVER"})
    result = overview(home)
    tier_of = {one["account"]: (one["tier"], one["next"], one["lacks"]) for one in result["accounts"]}
    assert tier_of["Contoso"] == ("Platinum", None, {})
    assert tier_of["Fabrikam"] == ("SILVER", "Gold", {})
    assert [(one["tier"], one["accounts"]) for one in result["tiers"]] == [("Silver", 1), ("Gold", 0), ("Platinum", 1)]


def test_before_the_first_release_everything_is_zero(tmp_path: Path) -> None:
    """Nothing is created on disk."""
    result = overview(Home(tmp_path / "new"))
    assert (result["accounts"], result["runs"], result["people"]) == ([], [], 0)
    assert {one["people"] for one in result["courses"]} == {0}
    assert not (tmp_path / "new").exists()


def test_a_higher_tier_may_be_reached_without_a_lower_one() -> None:
    """Each asks only for its own rows."""
    people = dict.fromkeys((SA, SALES, PSE21), 0) | {PSE21: 3}
    known = (*TIERS, Tier("Expert", {PSE21: 3}))
    assert tier_status(known, people) == ("Expert", None, {})
    assert tier_status((), people, "Gold") == ("Gold", None, {})


@pytest.mark.parametrize(
    ("text", "message"),
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
def test_an_invalid_tiers_file_is_refused_with_its_row(home: Home, text: str, message: str) -> None:
    """Numbered as in a spreadsheet."""
    (home.root / tiers.FILE).write_text(text)
    with pytest.raises(WrongUsage) as refused:
        overview(home)
    assert message in str(refused.value)
    assert str(home.root / tiers.FILE) in str(refused.value)


def test_a_tiers_file_from_any_spreadsheet_program(home: Home) -> None:
    """Semicolons, a BOM, columns in any order; but UTF-8 only."""
    path = home.root / tiers.FILE
    path.write_bytes(b"\xef\xbb\xbf" + f"People;Tier;Course\r\n2;Gold;{SALES}\r\n;;\r\n".encode())
    assert tiers.read(home) == (Tier("Gold", {SALES: 2}),)
    path.write_bytes("tier,course,people\nGöld,x,1\n".encode("cp1252"))
    with pytest.raises(WrongUsage, match="not UTF-8"):
        tiers.read(home)
