"""Letters that were decoded twice are told from letters that only look odd."""

import polars as pl
import pytest

from schemas.columns import TEXTS
from schemas.letters import MAYBE_TWICE
from transforms.garbled import garbled_cells, is_decoded_twice

NAMES = [
    "Jürgen",
    "Müller",
    "Zoë",
    "Chloé",
    "Köln",
    "Łukasz",
    "Dvořák",
    "Erdős",
    "García",
    "Ελένη",
    "Иван",
    "東京都",
    "محمد",
]
ENCODINGS = ["latin-1", "cp1252", "cp1250", "cp1251", "cp1254", "iso8859-2", "mac-roman", "cp437", "cp850"]
RIGHT = [
    *NAMES,
    *(
        "São Paulo",
        "Ã",
        "Ñandú",
        "ÇELİK",
        "“Straße“",
        "L’HAŸ",
        "NOËL™",
        "CAFÉ®",
        "Część",
        "Wąż",
        "ПРОРОК",
        "РІВНЕ",
        "ЛІ",
    ),
    *("BĂŞESCU", "Łódź", "José\u00a0García", "“Café”", "Nº 5", "Ó’Brien", "McÉwan", "ΕΛΛΆΔΑ", "Élan – Ü", "√2 Ltd"),
]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_utf_8_that_was_read_in_another_encoding(encoding: str) -> None:
    """Each name alone shows it, where the encoding has all of its bytes."""
    read = {name: name.encode().decode(encoding, "replace") for name in NAMES}
    twice = {name: text for name, text in read.items() if "\ufffd" not in text}
    assert len(twice) > len(NAMES) / 2
    assert [name for name, text in twice.items() if not is_decoded_twice(text)] == []


@pytest.mark.parametrize("text", RIGHT)
def test_letters_that_are_right(text: str) -> None:
    """Capitals, punctuation, and words that are bytes of UTF-8 by chance."""
    assert not is_decoded_twice(text)


@pytest.mark.parametrize(
    "text", ["JÃ¼rgen", "CafÃ© ZoÃ«", "JĂĽrgen", "ZoĂ«", "Р\u0098РІР°РЅ", "M√ºller", "M├╝ller", "ZoГ«"]
)
def test_what_is_looked_at(text: str) -> None:
    """The quick look over whole columns has it too."""
    assert pl.Series([text]).str.contains(MAYBE_TWICE).all()


def test_the_cells_are_given_with_their_place() -> None:
    """In row order; the name of an account has no row, and cells that only may be so are left out."""
    rows = {"Full Name": ["Ann", "MÃ¼ller", "José\u00a0García"], "Mailing City": ["KÃ¶ln", None, "Köln"]}
    texts = {column: rows.get(column, [None] * 3) for column in TEXTS}
    people = pl.DataFrame(
        {"row": [2, 3, 4], "account": [0, 1, 1]} | texts,
        {"row": pl.UInt32, "account": pl.UInt32} | dict.fromkeys(TEXTS, pl.String),
    )
    accounts = pl.DataFrame({"account": [0, 1], "name": ["CafÃ©", "Café"]}, {"account": pl.UInt32, "name": pl.String})
    assert garbled_cells(people, accounts).rows() == [
        (0, None, "Account Name", "CafÃ©"),
        (0, 2, "Mailing City", "KÃ¶ln"),
        (1, 3, "Full Name", "MÃ¼ller"),
    ]
