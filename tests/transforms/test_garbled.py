"""Text that was decoded twice, as opposed to text that only looks odd."""

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
def test_utf_8_decoded_in_another_encoding_is_detected(encoding: str) -> None:
    """In each name where that encoding has all the bytes."""
    read = {name: name.encode().decode(encoding, "replace") for name in NAMES}
    twice = {name: text for name, text in read.items() if "\ufffd" not in text}
    assert len(twice) > len(NAMES) / 2
    assert [name for name, text in twice.items() if not is_decoded_twice(text)] == []


@pytest.mark.parametrize("text", RIGHT)
def test_correct_text_is_accepted(text: str) -> None:
    """Capitals, punctuation, and words that happen to be bytes of UTF-8."""
    assert not is_decoded_twice(text)


@pytest.mark.parametrize(
    "text", ["JÃ¼rgen", "CafÃ© ZoÃ«", "JĂĽrgen", "ZoĂ«", "Р\u0098РІР°РЅ", "M√ºller", "M├╝ller", "ZoГ«"]
)
def test_the_fast_check_suspects_garbled_text(text: str) -> None:
    """It runs on whole columns."""
    assert pl.Series([text]).str.contains(MAYBE_TWICE).all()


def test_garbled_cells_have_their_place() -> None:
    """In row order; an account's name has no row."""
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
