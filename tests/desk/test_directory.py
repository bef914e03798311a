"""The directory finds accounts and people by what mails contain."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.directory import PEOPLE, Directory, Entry, folded


class Person(NamedTuple):
    """Name and e-mail as in a report."""

    name: str
    email: str


def directory_of(accounts: Iterable[tuple[Entry, Sequence[Person]]]) -> Directory:
    """A directory built account by account."""

    def batches() -> Iterator[tuple[list[Entry], pl.DataFrame]]:
        for entry, people in accounts:
            yield [entry], pl.DataFrame([(0, *person) for person in people], PEOPLE, orient="row")

    return Directory(batches())


ACCOUNTS = [
    (Entry("1001", "Müller & Söhne GmbH", "1001"), [Person("Jürgen Weiß", "j.weiss@mueller.example")]),
    (
        Entry("1002", "Łódź Systems", "1002"),
        [Person("Ana Sol", "ana@lodz.example"), Person("Anna Sól", "a2@lodz.example")],
    ),
    (Entry("1003", "Hauptstraße AG", "1003"), [Person("鈴木 美咲", "suzuki@tokyo.example")]),
    (Entry("9f86d081", "Systems", None), [Person("Bo Ek", "bo@ek.example")]),
    (Entry("1004", "Held back Ltd", "1004"), []),
]
DIRECTORY = directory_of(ACCOUNTS)


def names(query: str) -> list[str]:
    """The accounts found, best first."""
    return [hit.entry.account for hit in DIRECTORY.search(query)]


@pytest.mark.parametrize(
    ("query", "account"),
    [
        ("muller", "Müller & Söhne GmbH"),
        ("MÜLLER  &  söhne", "Müller & Söhne GmbH"),
        ("lodz", "Łódź Systems"),
        ("strasse", "Hauptstraße AG"),
        ("1003", "Hauptstraße AG"),
        ("weiss", "Müller & Söhne GmbH"),
        ("J.Weiss@Mueller.example", "Müller & Söhne GmbH"),
        ("Jürgen Weiß <j.weiss@mueller.example>", "Müller & Söhne GmbH"),
        ('"Weiß, J." <j.weiss@mueller.example>', "Müller & Söhne GmbH"),
        ("tokyo.example", "Hauptstraße AG"),
        ("@tokyo.example", "Hauptstraße AG"),
        ("nobody.we.know@tokyo.example", "Hauptstraße AG"),
        ("held back", "Held back Ltd"),
    ],
)
def test_text_from_a_mail_finds_the_account(query: str, account: str) -> None:
    """Accents, case and blanks are ignored; an unknown person is found by the domain."""
    assert names(query)[0] == account


def test_the_best_match_is_first() -> None:
    """Whole names before partial ones, accounts before people; each account once."""
    assert names("systems") == ["Systems", "Łódź Systems"]
    assert [hit.person for hit in DIRECTORY.search("lodz.example")] == ["Ana Sol ana@lodz.example"]


@pytest.mark.parametrize("query", ["", "  ", "<>", "nobody", "\n", "\x1f"])
def test_a_blank_or_unknown_query_finds_nothing(query: str) -> None:
    """Nor do the separators of the index."""
    assert names(query) == []


@given(st.lists(st.tuples(st.text(max_size=12), st.lists(st.text(max_size=12), max_size=4)), max_size=6), st.data())
def test_everyone_is_found_by_name(accounts: list[tuple[str, list[str]]], data: st.DataObject) -> None:
    """Whatever the names."""
    entries = [Entry(str(place), name, None) for place, (name, _) in enumerate(accounts)]
    people = [[Person(name, f"{place}@x.example") for name in names] for place, (_, names) in enumerate(accounts)]
    directory = directory_of(zip(entries, people, strict=True))
    for entry, persons in zip(entries, people, strict=True):
        for person in persons:
            if folded(person.name):
                assert entry in {hit.entry for hit in directory.search(person.name, limit=len(entries))}
