"""File names of reports."""

import hashlib
import re
import string

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.file_names import file_names


def file_name(name: str, account_id: str | None = "1") -> str:
    """The file name of one account."""
    types = {"name": pl.String, "account_id": pl.String}
    found: str = file_names(pl.DataFrame([(name, account_id)], schema=types, orient="row")).item()
    return found


def sha(text: str) -> str:
    """The first eight hex digits of the hash."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Contoso GmbH", "contoso-gmbh"),
        ("Müller & Söhne", "muller-sohne"),
        ("Straße", "strasse"),
        ("日本", "riben"),
        ("Ελλάδα", "ellada"),
        ("Москва", "moskva"),
        ("İstanbul", "istanbul"),
        ("A/B\\C:D", "a-b-c-d"),
        ("  a -- b  ", "a-b"),
        ("...", "account"),
        ("-", "account"),
        ("\u202e\u0301", "account"),
        ("..\\..\\etc", "etc"),
        ("a" * 61, "a" * 60),
        ("a" * 59 + " b", "a" * 59),
        ("a" * 58 + " bc", "a" * 58 + "-b"),
    ],
)
def test_the_name_becomes_an_ascii_slug(name: str, slug: str) -> None:
    """Lower case, single hyphens inside, sixty characters at most."""
    assert file_name(name) == f"certifications-{slug}-1.csv"


@pytest.mark.parametrize("account_id", ["1295686", "a", "A-b_9", "x" * 40, "-", "0010Y00000abcDEQAY"])
def test_a_plain_id_is_used_as_is(account_id: str) -> None:
    """One to forty of A-Z a-z 0-9 - _."""
    assert file_name("C", account_id) == f"certifications-c-{account_id}.csv"


@pytest.mark.parametrize("account_id", ["x" * 41, "a b", "a/b", "../x", "ü", "a.b", "1\n", "\u0661"])
def test_other_ids_are_hashed(account_id: str) -> None:
    """They could contain a path, or not survive a file system."""
    assert file_name("C", account_id) == f"certifications-c-{sha(account_id)}.csv"


def test_without_an_id_the_name_is_hashed() -> None:
    """As UTF-8, already trimmed and composed."""
    assert file_name("Zoë", None) == f"certifications-zoe-{sha('Zoë')}.csv"


def test_the_hash_is_sha_256() -> None:
    """As from printf Zoë | sha256sum."""
    assert sha("Zoë") == "c6a12698"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text(max_size=45))
def test_every_file_name_is_safe(name: str, account_id: str) -> None:
    """No path, and short enough for any file system."""
    found = file_name(name, account_id or None)
    assert set(found) <= set(string.ascii_letters + string.digits + "-_.")
    assert re.fullmatch(r"certifications-[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?-[A-Za-z0-9_-]{1,40}\.csv", found)
    assert "--" not in found.removesuffix(".csv").rpartition("-")[0] or (account_id and "--" in "-" + account_id)
