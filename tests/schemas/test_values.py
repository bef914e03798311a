"""Cells that are no values: error values, rounded phones, invalid addresses, translated flags."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.columns import EMAIL, FIELDS, FLAGS, PHONE, TEXTS
from schemas.values import (
    TESTS,
    broken_rule,
    is_address,
    is_error,
    is_only_hashes,
    is_rounded,
    is_translated,
    spoiled_columns,
)


def holds(truth: pl.Expr, cell: str | None) -> bool:
    """Whether the expression holds for this cell."""
    result = pl.DataFrame({"c": [cell]}, schema={"c": pl.String}).select(truth.fill_null(value=False)).item()
    assert isinstance(result, bool)
    return result


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "#N/A",
            "#DIV/0!",
            "#NAME?",
            "#REF!",
            "#VALUE!",
            "#NUM!",
            "#NULL!",
            "#SPILL!",
            "#CALC!",
            "#FIELD!",
            "#ERROR!",
        ),
        *(
            "#BLOCKED!",
            "#UNKNOWN!",
            "#GETTING_DATA",
            "#CONNECT!",
            "#BUSY!",
            "#PYTHON!",
            "Err:502",
            "Err:508",
            "Err :522",
        ),
        *("#NV", "#WERT!", "#BEZUG!", "#ZAHL!", "#ÜBERLAUF!", "#VALEUR!", "#NOM?", "#NOMBRE?", "#¡VALOR!", "#¿NOMBRE?"),
        *("#RIF!", "#NOME?", "#N/D", "#NÚM!", "#WAARDE!", "#N/B", "#ADR!", "#DZIEL/0!", "#ЗНАЧ!", "#ССЫЛКА!", "#Н/Д"),
        *(
            "#SAKNAS!",
            "#I/T",
            "#PUUTTUU!",
            "#HIÁNYZIK",
            "#YOK",
            "#NENÍ_K_DISPOZICI",
            "#값!",
            " #N/A ",
            "\t#REF!",
            "#n/a",
        ),
    ],
)
def test_error_values_in_every_language(cell: str) -> None:
    """As written by Excel, LibreOffice and Google, trimmed."""
    assert holds(is_error("c"), cell)
    assert holds(broken_rule("c", TESTS["Mailing City"]).is_not_null(), cell)


@pytest.mark.parametrize(
    "cell",
    [
        "#12 Main St",
        "#1",
        "#1!",
        "N/A",
        "#hello!",
        "# N/A",
        "a #N/A",
        "Error",
        "Errol:502",
        "Err:50",
        "#REF",
        "",
        None,
        "NA",
    ],
)
def test_similar_texts_are_no_errors(cell: str | None) -> None:
    """A suite may be #12, a person Errol."""
    assert not holds(is_error("c"), cell)


@pytest.mark.parametrize(
    ("cell", "only"), [("#", True), ("########", True), (" ## ", True), ("#1", False), ("", False)]
)
def test_a_cell_of_hashes(cell: str, *, only: bool) -> None:
    """A number that was too wide for its column."""
    assert holds(is_only_hashes("c"), cell) is only


@pytest.mark.parametrize("cell", ["4.92E+11", "4,92E+11", "4.92211e11", "5E11", "+4.9E+11", " 1e5 ", "1E-7"])
def test_a_phone_in_scientific_notation_is_rounded(cell: str) -> None:
    """With a dot, a comma or neither, and any sign."""
    assert holds(is_rounded("c"), cell)


@pytest.mark.parametrize("cell", ["+49 30 123", "123e", "E5", "1 E+5", "49ext5", "x45", "0x1E5", "", None])
def test_other_phones_are_not_rounded(cell: str | None) -> None:
    """A phone may contain letters."""
    assert not holds(is_rounded("c"), cell)


@pytest.mark.parametrize(
    "cell",
    [
        "a@b",
        " ana@contoso.example\u00a0",
        "=a@b",
        "d+tag@c.example",
        "jörg@bücher.example",
        '"x"@y',
        "o'neil@c",
        "a@[1]",
    ],
)
def test_an_address_has_one_at_sign_between_texts(cell: str) -> None:
    """Trimmed."""
    assert holds(is_address("c"), cell)


@pytest.mark.parametrize(
    "cell",
    [
        *("n/a", "-", "NULL", "no email", "", " ", None, "@", "a@", "@b", "a@b@c", "a b@c", "a@b c", "a@b,c@d", "a@b;"),
        *("a@b;c@d", "Ada <a@b>", "<a@b>", "mailto:a@b", "a@b:25", "a\t@b", "a\x01@b", "a@b\x7f", "\u200ba@b"),
        *("a@b\ufeff", "a@b\u00ad", "a@b\ufe0f", "a\u3164@b", "a\u00a0b@c", "a@\u2060"),
    ],
)
def test_invalid_addresses(cell: str | None) -> None:
    """Two addresses, one with a name, one with invisible characters."""
    assert not holds(is_address("c"), cell)
    assert holds(broken_rule("c", TESTS[EMAIL]).is_not_null(), cell)


@pytest.mark.parametrize(
    "cell",
    [
        *("WAHR", "FALSCH", "wahr", " Vrai ", "FAUX", "VERDADERO", "FALSO", "VERO", "VERDADEIRO", "WAAR", "ONWAAR"),
        *("PRAWDA", "FAŁSZ", "ИСТИНА", "ложь", "ХИБНІСТЬ", "PRAVDA", "NEPRAVDA", "IGAZ", "HAMIS", "TOSI", "EPÄTOSI"),
        *(
            "SANT",
            "FALSKT",
            "SANN",
            "USANN",
            "SAND",
            "FALSK",
            "DOĞRU",
            "YANLIŞ",
            "yanlış",
            "ΑΛΗΘΗΣ",
            "ψευδής",
            "真",
            "偽",
        ),
        *("假", "참", "거짓", "אמת", "صواب", "ADEVĂRAT", "FALS", "TÕENE"),
    ],
)
def test_a_translated_flag_blames_the_spreadsheet_program(cell: str) -> None:
    """Also in the column that allows other text."""
    assert holds(is_translated("c"), cell)
    for field in (*FLAGS, "Administrative Privileges"):
        (rule,) = {TESTS[field][place].rule for place in _places(cell, field)}
        assert "spreadsheet program translated" in rule.remedy
        assert "as Impartner gave it" in rule.remedy
        assert "spreadsheet" not in rule.remedy_for("pull")


@pytest.mark.parametrize("cell", ["yes", "1", "0", "X", "ja", "Tru e", "VRAIMENT"])
def test_other_words_are_to_be_corrected_in_impartner(cell: str) -> None:
    """No program translated them."""
    (place,) = _places(cell, "SA Verified")
    assert "in Impartner" in TESTS["SA Verified"][place].rule.remedy
    assert _places(cell, "Administrative Privileges") == []


CELLS = st.sampled_from(
    (
        None,
        "",
        "a",
        " a",
        "#N/A",
        " #REF!",
        "##",
        "Err:502",
        "Erroll",
        "4E5",
        " 4E5",
        "WAHR",
        "True",
        "#1",
        "!",
        "Z",
    )
)


FLAG_CELLS = st.sampled_from((None, "", "True", "False", "true", " FALSE ", "FaLſe", "WAHR", "yes", "#N/A"))
ROWS = st.fixed_dictionaries(dict.fromkeys(TEXTS, CELLS) | dict.fromkeys(FLAGS, FLAG_CELLS))


@given(st.lists(ROWS, max_size=5))
def test_the_fast_check_of_columns_agrees_with_the_rules(rows: list[dict[str, str | None]]) -> None:
    """It checks few cells fully; addresses are checked elsewhere, and booleans are valid flags."""
    fields = (*TEXTS, *FLAGS)
    frame = pl.DataFrame(rows, schema=dict.fromkeys(fields, pl.String))
    broken = [field for field in fields if frame.select(broken_rule(field, TESTS[field]).is_not_null().any()).item()]
    assert spoiled_columns(frame) == [field for field in broken if field != EMAIL]
    bits = pl.lit(None, pl.Boolean)
    assert not {*spoiled_columns(frame.with_columns(bits.alias(flag) for flag in FLAGS))} & {*FLAGS}


def test_every_field_has_its_rules() -> None:
    """Those for all cells come first, so that an error value is reported as one."""
    assert set(TESTS) == set(FIELDS)
    assert len({tests[:3] for tests in TESTS.values()}) == 1
    assert len(TESTS[PHONE]) == 4


def _places(cell: str, field: str) -> list[int]:
    broken = pl.DataFrame({"c": [cell]}).select(broken_rule("c", TESTS[field])).to_series()
    return broken.drop_nulls().to_list()
