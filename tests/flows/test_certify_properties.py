"""What holds for any export: the program agrees with an independent implementation, byte for byte."""

import csv
import io
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from exports.home.layout import Home
from exports.reports import encode
from flows.certify import Job, Outcome, certify
from schemas import values
from sources.downloads import read
from tests import witness
from tests.exporting import certified, csv_of, export_of, files_of
from tests.people import Row, person

HOSTILE = (
    *"\t\n\r \v\f\x01\x1c\x7f\x85\xa0\u2003\u2028\u2029\u3000\u200b\ufeff",  # blanks, and what looks like them
    *"=+-@\uff1d\uff0b\uff0d\uff20'\",;|0123456789().",  # formulas, quotes, separators, phones
    *"aZßſKİıςΣé\u0301\u0308ÄÖ\u202e\u05d0\u0627中\U0001f600\U00010ffff",  # scripts, marks, direction
    *("X", "True", "false", "NULL", "\r\n", "=1+1", "+49 30 123"),
)
SPOILED = st.sampled_from(
    (*witness.ERRORS, "#", "####", " #N/A ", "a\ufffdb", "\ufffd", "WAHR", "真", "4,92E+11", "1e5")
)
PHONES = st.lists(
    st.sampled_from(
        ("+", "-", "(", "4", "930", "123", " ", "\u00a0", "\u2009", "\u2013", "\u2212", "x45", "ext. 9", "X", ";")
    ),
    max_size=7,
).map("".join)
ANY = st.characters(exclude_categories=["Cs"], exclude_characters="\0#\ufffd")
# Hypothesis also draws strings from the program; some are flags in languages that the witness does not know
WORDS = st.text(ANY, max_size=8).filter(lambda text: text.strip().upper() not in values._TRANSLATED)
TEXTS = st.one_of(st.none(), st.lists(st.sampled_from(HOSTILE), max_size=5).map("".join), WORDS, st.just("Ada"))
NAMES = st.sampled_from(
    (
        "Con\u00adtoso",
        "a \u00a0 b\u200b",
        "\u200b",
        "#REF!",
        "Fabrikam\ufffd",
        "Contoso",
        "CONTOSO ",
        "contoso\u00a0",
        "Straße",
        "STRASSE",
        "\u00c9a",
        "E\u0301a",
        "Fabrikam",
        "中文",
        "",
        " ",
        "a b",
    )
)
IDS = st.sampled_from(
    (
        *("1", "2", " 1 ", "a", "A", "x y", "ü", "7" * 41, "", "\u2003", None),
        *(
            "#N/A",
            "##",
            "0",
            "n/a",
            "-",
            "NULL",
            "1.23E+11",
            "1,5e-7",
            "1295686.0",
            "1,295,686",
            "'1",
            "1\u200b",
            "\u200b",
        ),
    )
)
ACCOUNTS = st.sampled_from(  # ids and names that belong together, spelled as they may be
    (
        *(
            ("1", "Contoso"),
            (" 1\u00a0", "CONTOSO "),
            ("1", "Con\u200btoso"),
            ("1", ""),
            ("2", "Fabrikam"),
            ("2", None),
        ),
        *(("x y", "Straße"), ("x y", "STRASSE"), (None, "中文"), ("", "中\ufeff文 "), ("3", "a  b"), ("3", "A\u2003B")),
    )
)
FLAGS = st.sampled_from(("True", "False", "TRUE", "false", " true\t", "FaLſe", "", None, "\u00a0"))
BAD_FLAGS = st.sampled_from(("yes", "1", "X", "0", "Tru e", "\u200bTrue", "'True"))
ADDRESSES = st.one_of(
    st.integers(0, 10**9).map(lambda number: f"{number}@example.com"),
    st.sampled_from(("a@x", "A@X ", "=a@x", "maß@x", "MASS@x", "a@bücher.example")),
)
BAD_ADDRESSES = st.sampled_from(
    (
        "n/a",
        "a@",
        "@b",
        "a@b@c",
        "a b@c",
        "a@b,c@d",
        "a@b;",
        "Ada <a@b>",
        "mailto:a@b",
        "a@b\u200b",
        "a\x01@b",
        "a@\u3164",
    )
)


def rows(*, sound: bool) -> st.SearchStrategy[list[Row]]:
    """Some rows; sound ones rarely have a fault, so that much is written."""
    texts, flags = (
        (TEXTS, FLAGS) if sound else (TEXTS | SPOILED, st.one_of(FLAGS, FLAGS, FLAGS, FLAGS, BAD_FLAGS, SPOILED))
    )
    cells = {name: texts if kind != "flag" else flags for name, _, kind in witness.PROCEDURE}
    cells["Administrative Privileges"] = st.one_of(FLAGS, texts, BAD_FLAGS)
    cells["Email"] = ADDRESSES if sound else st.one_of(ADDRESSES, BAD_ADDRESSES, TEXTS)
    cells["Phone"] = st.one_of(PHONES, texts)
    account = ACCOUNTS if sound else st.one_of(ACCOUNTS, st.tuples(IDS, NAMES))
    return st.lists(
        st.builds(_of_account, st.fixed_dictionaries(cells), account), min_size=1, max_size=12 if sound else 8
    )


def _of_account(cells: dict[str, str | None], account: tuple[str | None, str | None]) -> Row:
    return cells | {"Account ID": account[0], "Account Name": account[1]}


EXPORTS = st.one_of(rows(sound=True), rows(sound=False))


def run(exported: list[Row], profile: str = "intl") -> tuple[Outcome, dict[str, bytes]]:
    """Certify in a new home: the outcome and its files."""
    with tempfile.TemporaryDirectory() as folder:
        outcome = certified(exported, Path(folder) / "home", profile=profile)  # type: ignore[arg-type]  # intl or eu
        return outcome, files_of(outcome)


@given(EXPORTS, st.sampled_from(("intl", "eu")))
@example([person("\ufeffAda")], "intl")
@example([person("A\x01da")], "intl")
@example([person(Account_ID="ab"), person(Account_ID="AB")], "intl")
@example(
    [person(Account_Name="Kelvin \u212a", Account_ID=None), person("B", Account_Name="KELVIN k", Account_ID="")], "eu"
)
def test_files_and_faults_equal_the_witness_s(exported: list[Row], profile: str) -> None:
    """Every byte, fault, held account and guarded cell."""
    everybody = witness.accounts(exported)
    fit = [account for account in everybody if not account.held]
    outcome, files = run(exported, profile)
    assert files == {account.file: witness.report(account, profile) for account in fit}
    assert Counter(outcome.faults.select("row", "column").rows()) == Counter(
        fault for account in everybody for fault in account.faults
    )
    assert outcome.manifest is not None
    held = outcome.manifest["held"]
    assert Counter((one["account"], one["account_id"], one["rows"]) for one in held) == Counter(
        (account.name, account.account_id, len(account.rows)) for account in everybody if account.held
    )
    assert all(one["faults"] > 0 for one in held)
    assert outcome.totals == {
        "accounts": len(everybody),
        "written": len(fit),
        "held": len(held),
        "people": sum(len(account.rows) for account in fit),
        "rows_read": len(exported),
        "guarded_cells": sum(len(witness.guarded_cells(account)) for account in fit),
    }


@given(EXPORTS)
def test_no_row_is_lost_or_in_another_account(exported: list[Row]) -> None:
    """Rows read are rows written plus rows held; each report has only its own people."""
    outcome, files = run(exported)
    assert outcome.manifest is not None
    reports = outcome.manifest["reports"]
    assert {report["file"] for report in reports} == set(files)
    people_of = {account.file: account.rows for account in witness.accounts(exported)}
    for report in reports:
        read = list(csv.reader(io.StringIO(files[report["file"]].decode("utf-8-sig"), newline="")))[1:]
        assert len(read) == report["rows"]
        addresses = Counter(line[1].removeprefix("'") for line in read)
        assert addresses == Counter((row["Email"] or "").removeprefix("'") for _, row in people_of[report["file"]])
    totals = outcome.totals
    held = sum(one["rows"] for one in outcome.manifest["held"])
    assert totals["people"] == sum(report["rows"] for report in reports)
    assert totals["rows_read"] == len(exported) == totals["people"] + held
    assert totals["accounts"] == totals["written"] + totals["held"]


@given(st.data())
def test_the_order_of_the_export_does_not_matter(data: st.DataObject) -> None:
    """Except for ids and times, and for rows without an account, which hold the accounts above and below them."""
    exported = data.draw(EXPORTS)
    assume(all(account.key for account in witness.accounts(exported)))
    shuffled = data.draw(st.permutations(exported))
    (first, files), (second, files_again) = run(exported), run(shuffled)
    assert files == files_again
    assert first.manifest is not None
    assert second.manifest is not None
    changing = {"run", "started", "finished"}
    assert {key: value for key, value in first.manifest.items() if key not in changing} == {
        key: value for key, value in second.manifest.items() if key not in changing
    }


@given(st.lists(TEXTS, min_size=8, max_size=8))
def test_a_text_cell_is_kept_byte_for_byte(cells: list[str | None]) -> None:
    """Except for the guard, and white space, which becomes blank."""
    columns = [name for name, _, kind in witness.PROCEDURE if kind == "text" and name != "Email"]
    row = person() | dict(zip(columns, cells, strict=False))
    _, files = run([row])
    (data,) = files.values()
    line = next(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    for column in columns:
        cell = row[column] or ""
        assert line[column] in ((cell, "'" + cell) if cell.strip(witness.BLANKS) else ("",))


@given(rows(sound=True), st.sampled_from(("intl", "eu")))
def test_from_export_to_reports_nothing_is_altered(exported: list[Row], profile: str) -> None:
    """A file in, files out, every byte as by the witness."""
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "export.csv"
        export.write_bytes(csv_of(exported))
        job = Job("nightly", lambda: read(export), profile)  # type: ignore[arg-type]  # intl or eu
        files = files_of(certify(job, Home(Path(folder) / "home")))
    fit = [account for account in witness.accounts(exported) if not account.held]
    assert files == {account.file: witness.report(account, profile) for account in fit}


@given(st.data())
def test_one_account_alone_gets_the_same_report(data: st.DataObject) -> None:
    """`account` by its id: the same bytes, or held for the same faults."""
    exported = data.draw(EXPORTS)
    everybody = witness.accounts(exported)
    chosen = data.draw(st.sampled_from(everybody))
    assume(chosen.account_id and not _is_somebody_s_name(chosen.account_id, everybody))
    with tempfile.TemporaryDirectory() as folder:
        outcome = certified(exported, Path(folder) / "home", kind="account", account=chosen.account_id)
        files = files_of(outcome)
    assert files == ({} if chosen.held else {chosen.file: witness.report(chosen)})
    assert {row for row, _ in chosen.faults} <= set(outcome.faults["row"])
    if not chosen.held:
        assert outcome.faults.is_empty()
        assert outcome.totals["rows_read"] == outcome.totals["people"] == len(chosen.rows)


def _is_somebody_s_name(text: str, everybody: list[witness.Account]) -> bool:
    return any(account.name.casefold() == text.casefold() and account.account_id != text for account in everybody)


@given(EXPORTS)
def test_check_and_nightly_agree(exported: list[Row]) -> None:
    """In totals and faults."""
    outcome, _ = run(exported)
    rehearsed = certify(Job("nightly", lambda: export_of(exported)), None)
    assert rehearsed.totals == outcome.totals
    assert rehearsed.faults.equals(outcome.faults)
    assert rehearsed.manifest is None


SIGNS = sorted(set(HOSTILE))
TEXT_COLUMNS = ("Full Name", "Mailing Street", "Mailing City", "Mailing State", "Mailing Country")


def places(sign: str) -> tuple[str, ...]:
    """The sign alone, at the start, in the middle and at the end."""
    return sign, sign + "a", "a" + sign, "a" + sign + "b"


@pytest.mark.parametrize("profile", ["intl", "eu"])
def test_every_hostile_sign_is_kept(profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in a file's first cell: each sign has its own account and its own chunk."""
    monkeypatch.setattr(encode, "PIECE", 1)
    exported = [
        person(cell, f"{place}@x", Mailing_State=cell, Account_ID=str(number), Account_Name=f"N{number}")
        for number, sign in enumerate(SIGNS, start=1)
        for place, cell in enumerate(places(sign))
    ]
    reports = {account.file: witness.report(account, profile) for account in witness.accounts(exported)}
    assert len(reports) == len(SIGNS)
    assert files_of(certified(exported, tmp_path, profile=profile)) == reports  # type: ignore[arg-type]  intl or eu


@pytest.mark.parametrize("signs", [SIGNS[at :: len(SIGNS) // 5 + 1] for at in range(len(SIGNS) // 5 + 1)], ids=ascii)
def test_a_hostile_sign_alone_in_a_column_is_kept(signs: list[str], tmp_path: Path) -> None:
    """So that no other sign puts the column on the slow path."""
    cells = dict(zip(TEXT_COLUMNS, map(places, signs), strict=False))
    exported = [
        person("Ada", f"{place}@x") | {column: texts[place] for column, texts in cells.items()} for place in range(4)
    ]
    (account,) = witness.accounts(exported)
    assert files_of(certified(exported, tmp_path)) == {account.file: witness.report(account)}
