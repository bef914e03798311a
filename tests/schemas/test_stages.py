"""The rules of each stage, and that pandera really checks the data."""

import os
import subprocess
from collections.abc import Callable, Collection
from pathlib import Path

import pandera.polars as pa
import polars as pl
import pytest
from pandera.errors import SchemaErrors

from schemas import checks, faults, stages
from schemas.columns import FIELDS, FLAG_HEADINGS, FLAGS, HEADINGS, ROW
from tests.command import COMMAND
from tests.exporting import csv_of
from tests.people import person

GOOD: dict[str, Callable[[], pl.DataFrame]] = {
    "SOURCE": lambda: pl.DataFrame({ROW: [2], "a": ["b"]}, schema_overrides={ROW: pl.UInt32}),
    "SELECTED": lambda: selected(),
    "RENAMED": lambda: frame({ROW: 2, "account": 0, **dict.fromkeys(HEADINGS, "a")}),
    "REPORT": lambda: frame({"account": 0, **reported()}).cast(checks.CELLS),
    "WRITTEN": lambda: frame(reported()).cast(checks.CELLS),
}
SCHEMAS = {
    "SOURCE": stages.SOURCE,
    "SELECTED": stages.SELECTED,
    "RENAMED": stages.RENAMED,
    "REPORT": stages.REPORT,
    "WRITTEN": stages.WRITTEN,
}


def frame(cells: dict[str, object]) -> pl.DataFrame:
    """One row with each stage's numeric types."""
    numbers = {name: pl.UInt32 for name in (ROW, "account") if name in cells}
    return pl.DataFrame({name: [cell] for name, cell in cells.items()}).cast(numbers)


def reported() -> dict[str, object]:
    """A valid row of a report."""
    flags = {"Account Activated": "X", **dict.fromkeys(HEADINGS[10:], "X"), "Display on Partner Locator?": "X"}
    return {heading: flags.get(heading, "a") for heading in HEADINGS}


def selected(**cells: object) -> pl.DataFrame:
    """A valid SELECTED row with some cells changed; underscores in names stand for spaces."""
    fields = {field: "True" if field in FLAGS else "a" for field in FIELDS}
    fields["Email"] = "a@b"
    fields |= {name.replace("_", " "): cell for name, cell in cells.items() if name not in checks.RULE_COLUMNS}
    rules = {name: cells.get(name) for name in checks.RULE_COLUMNS}
    types = dict.fromkeys(FIELDS, pl.String) | dict.fromkeys(rules, checks.RULE)
    return frame({ROW: 2, "account": 0, **fields, **rules}).cast(types)  # type: ignore[arg-type]


@pytest.mark.parametrize("stage", SCHEMAS)
def test_a_valid_frame_passes(stage: str) -> None:
    """Otherwise the next tests would prove nothing."""
    stages.validate(SCHEMAS[stage], GOOD[stage]())


@pytest.mark.parametrize(
    ("stage", "column", "bad"),
    [
        ("SOURCE", ROW, None),
        ("SELECTED", ROW, None),
        ("SELECTED", "account", None),
        ("RENAMED", ROW, None),
        ("RENAMED", "account", None),
        ("REPORT", "account", None),
        ("SELECTED", "Email", " "),
        ("SELECTED", "Email", None),
        ("SELECTED", "SA Verified", "yes"),
        ("SELECTED", "Email", "a"),
        ("SELECTED", "Mailing City", "#N/A"),
        ("SELECTED", "Phone", "4.92E+11"),
        ("SELECTED", "Administrative Privileges", "WAHR"),
        ("SELECTED", "address_rule", "address_once"),
        ("SELECTED", "name_rule", "account_there"),
        ("SELECTED", "id_rule", "id_where_known"),
        ("REPORT", "Full Name", "=1+1"),
        ("REPORT", "Administrative Privileges", "@a"),
        ("REPORT", "Phone", "\u00a0"),
        ("REPORT", "Phone", ""),
        ("REPORT", "Email", None),
        ("REPORT", "Sales Core Training", "True"),
        ("REPORT", "Account Activated", ""),
        ("WRITTEN", "Email", None),
        ("WRITTEN", "PSE Certified 2021", "x"),
        ("WRITTEN", "Display on Partner Locator?", "False"),
    ],
)
def test_a_bad_value_fails(stage: str, column: str, bad: object) -> None:
    """pandera checks the data, not only names and types."""
    good = GOOD[stage]()
    # a rule column is an enum and can't hold other text
    kind = pl.String if isinstance(bad, str) and column not in checks.RULE_COLUMNS else good.schema[column]
    broken = good.with_columns(pl.lit(bad, kind).alias(column))
    with pytest.raises(SchemaErrors):
        SCHEMAS[stage].validate(broken, lazy=True)


@pytest.mark.parametrize("stage", SCHEMAS)
def test_a_wrong_type_fails(stage: str) -> None:
    """In any column."""
    good = GOOD[stage]()
    for column in good.columns:
        with pytest.raises(AssertionError, match=f"{stage} does not hold"):
            stages.validate(SCHEMAS[stage], good.with_columns(pl.lit(1).alias(column)))


@pytest.mark.parametrize(("stage", "flags"), [("SELECTED", FLAGS), ("RENAMED", FLAG_HEADINGS), ("REPORT", ())])
def test_only_a_flag_may_be_true_or_false(stage: str, flags: Collection[str]) -> None:
    """And only before it is marked."""
    good = GOOD[stage]()
    for column in good.columns:
        bits = good.with_columns(pl.lit(value=True).alias(column))
        assert stages.holds(SCHEMAS[stage], bits) == (column in flags)


@pytest.mark.parametrize("stage", [stage for stage in SCHEMAS if stage != "SOURCE"])
def test_columns_are_exact_and_in_order(stage: str) -> None:
    """One more, one fewer, or reversed."""
    good = GOOD[stage]()
    names = good.columns
    for wrong in (good.with_columns(more=pl.lit("a")), good.drop(names[-1]), good.select(names[::-1])):
        with pytest.raises(AssertionError):
            stages.validate(SCHEMAS[stage], wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"a": ["b"], ROW: [2]},
        {ROW: [2], "a": [True]},
        {ROW: [2], "SA Verified": [1]},
        {ROW: [2], "User: Full Name": [True]},
    ],
)
def test_a_source_has_row_numbers_text_and_boolean_flags(wrong: dict[str, list[object]]) -> None:
    """Under any headings."""
    stages.validate(
        stages.SOURCE, pl.DataFrame({ROW: [2], "user: sa verified": [True]}, schema_overrides={ROW: pl.UInt32})
    )
    with pytest.raises(AssertionError, match="SOURCE does not hold"):
        stages.validate(stages.SOURCE, pl.DataFrame(wrong, schema_overrides={ROW: pl.UInt32}))


def test_a_violation_is_reported_without_cells() -> None:
    """Messages may reach logs."""
    bad = GOOD["REPORT"]().with_columns(pl.lit("=secret").alias("Full Name"))
    with pytest.raises(AssertionError) as caught:
        stages.validate(stages.REPORT, bad)
    assert "REPORT does not hold" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_pandera_does_not_check_lazy_frames() -> None:
    """Hence frames are validated eagerly; this fails once pandera changes."""
    schema = pa.DataFrameSchema({"a": pa.Column(pl.String, pa.Check.isin(["X"]))})
    lazy = pl.LazyFrame({"a": ["no"]})
    assert schema.validate(lazy).collect().height == 1
    with pytest.raises(Exception, match="isin"):
        schema.validate(lazy.collect())


def test_faults_have_row_column_rule_and_remedy() -> None:
    """All at once, sorted."""
    people = pl.concat(
        [
            selected(),
            selected(Email="\u2003", SA_Verified="yes"),
            selected(name_rule="account_there", id_rule="id_where_known", address_rule="address_once"),
        ]
    )
    found = stages.find_faults(people)
    assert found.columns == ["at", "column", "rule", "remedy"]
    assert found.select("at", "column").rows() == [
        (1, "Email"),
        (1, "SA Verified"),
        (2, "Account ID"),
        (2, "Account Name"),
        (2, "Email"),
    ]
    assert found["rule"].to_list()[:2] == [faults.ADDRESS_THERE.truth, faults.FLAG_OR_BLANK.truth]
    assert all(found["remedy"])


def test_a_valid_frame_has_no_faults() -> None:
    """The empty frame has the same columns."""
    found = stages.find_faults(selected())
    assert found.is_empty()
    assert found.columns == ["at", "column", "rule", "remedy"]


def test_a_malformed_frame_is_a_bug() -> None:
    """Not a fault of its rows."""
    with pytest.raises(AssertionError):
        stages.find_faults(selected().drop("Phone"))


@pytest.mark.parametrize("variable", ["PANDERA_VALIDATION_ENABLED=False", "PANDERA_VALIDATION_DEPTH=SCHEMA_ONLY"])
def test_pandera_s_environment_variables_are_ignored(variable: str, tmp_path: Path) -> None:
    """They would silently switch off the checks."""
    name, _, value = variable.partition("=")
    path = tmp_path / "export.csv"
    path.write_bytes(csv_of([person(SA_Verified="yes")]))
    command = [str(COMMAND), "check", str(path)]
    result = subprocess.run(command, env=os.environ | {name: value}, capture_output=True, text=True, check=False)
    assert result.returncode == 4
    assert "A flag is True, False or blank" in result.stdout
