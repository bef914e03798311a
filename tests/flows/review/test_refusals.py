"""What stops a decision: a missing reason, a fault."""

from pathlib import Path

import pytest

from exports.home import ledger
from exports.home.layout import Home
from flows.review.decide import decide
from schemas.errors import NotAllowed, WrongUsage
from tests.flows.review.deciding import ADA, BOB, TEN, decisions, first
from tests.flows.review.folders import NOW, keep_run
from tests.people import SA, person


def test_approving_a_loss_needs_a_reason(home: Home) -> None:
    """For one account or among several."""
    first(home, {"1 Loses": [ADA], "2 Gains": [BOB]})
    keep_run(home, {"1 Loses": [person("Ada")], "2 Gains": [person("Bob", courses=SA)]}, number=2)
    for wish in ({"every": True}, {"accounts": ["Loses", "Gains"]}):
        with pytest.raises(WrongUsage, match=r"loses a course in Loses. .*--reason TEXT; nothing was decided"):
            decide(home, "approve", **wish, by="Jo", now=NOW)  # type: ignore[arg-type]  two kinds of wishes
    assert set(decisions(home).values()) == {"missing"}
    decide(home, "approve", accounts=["Gains"], by="Jo", now=NOW)
    decide(home, "approve", accounts=["Loses"], by="Jo", reason="it ran out", now=NOW)
    assert set(decisions(home).values()) == {"approved"}


@pytest.mark.parametrize(("people", "leave", "asked"), [(6, 3, True), (5, 3, True), (7, 3, False), (3, 2, False)])
def test_approving_that_half_of_the_people_left_needs_a_reason(
    home: Home, people: int, leave: int, *, asked: bool
) -> None:
    """The export may have lost them; below three people half is normal."""
    first(home, {"1 Shrinks": TEN[:people]})
    keep_run(home, {"1 Shrinks": TEN[leave:people]}, number=2)
    if asked:
        with pytest.raises(
            WrongUsage, match=r"Half or more of the people left Shrinks\. Approving that needs --reason"
        ):
            decide(home, "approve", every=True, by="Jo", now=NOW)
    decide(home, "approve", every=True, by="Jo", reason="reorganised" if asked else "", now=NOW)
    assert decisions(home) == {"Shrinks": "approved"}


def test_a_held_account_can_not_be_approved(home: Home) -> None:
    """Its fault is named, and the others are not decided either."""
    run = keep_run(home, {"1 Contoso": [ADA]}, held=[("4 Held", 2)])
    faults = home.runs / run["run"] / "faults.csv"
    faults.write_text(
        "account,account_id,row,person,user_id,column,found,rule,remedy\r\n"
        "Held,4,7,Ana <a@x.example>,,SA Verified,yes,A flag is True or False,Set it in Impartner\r\n",
        encoding="utf-8-sig",
    )
    with pytest.raises(NotAllowed, match="row 7, SA Verified: A flag is True or False") as refused:
        decide(home, "approve", accounts=["Contoso", "Held"], by="Jo", now=NOW)
    assert "Ana" not in str(refused.value)
    assert ledger.read(home) == []
    assert decide(home, "approve", every=True, by="Jo", now=NOW)["waiting"] == 0


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home folder."""
    return Home(tmp_path)
