"""People, a released first run, and the decisions of the latest one, for tests of decisions and releases."""

from collections.abc import Mapping, Sequence

from exports.home.layout import Home
from flows.review.build import review
from schemas.manifest import Manifest
from tests.flows.review.folders import keep_run, release_all
from tests.people import SALES, Row, person

ADA, BOB, CY = person("Ada", courses=SALES), person("Bob"), person("Cy")
TEN = [person(f"P{number}") for number in range(10)]


def first(home: Home, accounts: Mapping[str, Sequence[Row]]) -> Manifest:
    """A first run, approved by Jo and released."""
    run = keep_run(home, accounts)
    release_all(home)
    return run


def decisions(home: Home) -> dict[str, str]:
    """The decisions of the latest run, by account."""
    return {one["account"]: one["decision"] for one in review(home)["accounts"]}
