"""What people read."""

import pytest

from cli.output import escape
from schemas.words import plural


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("\x1b[31mContoso\x1b[0m", "\\u001b[31mContoso\\u001b[0m"),
        ("Con\rtoso\x07", "Con\\u000dtoso\\u0007"),
        ("\x9b2J", "\\u009b2J"),
        ("abc\u202efdp.exe", "abc\\u202efdp.exe"),
        ("Contoso\n  approve: Fabrikam\u2028x", "Contoso\\u000a  approve: Fabrikam\\u2028x"),
        ("Con\u200btoso\ufeff", "Con\\u200btoso\\ufeff"),
        ("Müller & 鈴木 שלום", "Müller & 鈴木 שלום"),
    ],
)
def test_what_partners_typed_does_not_steer_the_terminal(typed: str, shown: str) -> None:
    """Control characters and changes of direction are shown as codes, letters of all scripts as they are."""
    assert escape(typed) == shown


def test_counts_are_told_with_their_noun() -> None:
    """One of it, more of it."""
    assert [plural(1, "report"), plural(2_000, "report"), plural(2, "person", "people")] == [
        "1 report",
        "2,000 reports",
        "2 people",
    ]
