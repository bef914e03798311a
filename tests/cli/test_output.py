"""Formatting of output for people."""

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
def test_partners_text_can_not_control_the_terminal(typed: str, shown: str) -> None:
    """Control and bidi characters are escaped, letters of all scripts kept."""
    assert escape(typed) == shown


def test_counts_have_their_noun() -> None:
    """Singular or plural."""
    assert [plural(1, "report"), plural(2_000, "report"), plural(2, "person", "people")] == [
        "1 report",
        "2,000 reports",
        "2 people",
    ]
