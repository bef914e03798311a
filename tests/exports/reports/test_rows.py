"""One report as plain rows: the same cells and bytes as from a run's frames."""

from pathlib import Path

import pytest

from exports.reports.rows import cells, encode, in_profile, people
from schemas.columns import HEADINGS
from schemas.profiles import BOM

GOLDEN = Path(__file__).parents[2] / "fixtures" / "golden"
REPORTS = sorted(GOLDEN.glob("*/*.csv"))


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_report_round_trips(path: Path) -> None:
    """With the quotes, line breaks and blanks of the golden reports."""
    data = path.read_bytes()
    profile = "eu" if path.parent.name == "eu" else "intl"
    assert encode(cells(data), profile) == data
    assert in_profile(data, profile) == data


@pytest.mark.parametrize("eu", sorted((GOLDEN / "eu").glob("*.csv")), ids=lambda path: path.stem)
def test_the_other_profile_equals_the_golden_report(eu: Path) -> None:
    """The same cells, quoted where the other separator requires it."""
    intl = GOLDEN / "intl" / eu.name
    assert in_profile(intl.read_bytes(), "eu") == eu.read_bytes()
    assert in_profile(eu.read_bytes(), "intl") == intl.read_bytes()


def test_people_are_read_by_heading() -> None:
    """Also from a report with fewer columns."""
    rows = [HEADINGS[:3], ("Ada", "ada@contoso.example", "Street 1\r\nBack yard")]
    (ada,) = people(encode(rows, "eu"))
    assert ada == {"Full Name": "Ada", "Email": "ada@contoso.example", "Mailing Street": "Street 1\r\nBack yard"}


def test_a_cell_of_megabytes_is_read() -> None:
    """The csv module's own limit is far lower."""
    assert cells(BOM + b"a,b\r\n" + b"x" * (1 << 24) + b",\r\n")[1] == ["x" * (1 << 24), ""]
