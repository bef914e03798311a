"""Makes the input: a tenant's user export, its second day, and the finished reports that outputs are compared with.

    python -m benchmarks.make USERS ACCOUNTS FOLDER [--workbook]

The same numbers give the same bytes, on every machine: nothing is drawn by chance, each value is computed from the
number of its row. Account sizes fall as in Zipf's law, rows stand in no order, names are in several scripts, and some
cells need quotes or have line breaks. Nobody in it exists. FOLDER must not exist; it gets

    day-one.csv  or, with --workbook, day-one.xlsx with real booleans and day-one.csv with the same cells
    day-two.csv  2 % of the cells changed, 0.5 % of the users gone and as many new
    finished     the bytes of all reports of day one, one after another, as the standard library writes them
    finished.names  a line for each: length, account id
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from benchmarks import peers
from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME, FIELDS, FLAGS, FLAGS_OR_TEXTS

MARKED = (*FLAGS_OR_TEXTS, *FLAGS)
UNCHANGING = (ACCOUNT_ID, ACCOUNT_NAME, "Email")
CHANGED, GONE, NEW = 0.02, 0.005, 0.005

FIRST = ["Zoë", "José", "Łukasz", "Ngọc", "Jürgen", "Ελένη", "Дмитрий", "美咲", "민준", "محمد", "עומר", "राहुल", "Mary"]
LAST = ["Müller", "Ångström", "Dvořák", "O'Neil", "Nguyễn", "Smith", "Иванова", "佐藤", "김", "حسن", "כהן", "शर्मा"]
AFTER_NAME = [*[""] * 30, ", Jr.", ' "Max"']
FIRMS = ["Nordwind", "Müller & Söhne", "Łódź Systemy", "São Paulo TI", "Αθήνα Data", "Волга", "京都情報", "Blue Ocean"]
KINDS = [" GmbH", " Inc.", ", LLC", " S.A.", ' "Cloud" Partners', " / Services", " 株式会社", " Oy"]
STREETS = ["Main St", "Hauptstraße", "Rue de l'Église", "Невский проспект", "中央通り", "King's Road", "شارع النيل"]
AFTER_STREET = [*[""] * 40, ", Suite 200", "; Hof 2", ', "The Yard"', "\nFloor 3", "\r\nc/o Reception"]
CITIES = ["Berlin", "Kraków", "東京", "Αθήνα", "Washington, D.C.", "São Paulo", "Montréal", "Austin"]
STATES = ["", "", "BE", "TX", "QC", "SP"]
COUNTRIES = ["Germany", "Poland", "Japan", "Greece", "United States", "Brazil", "Canada", "Korea, Republic of"]
DIALS = ["", "+49 ", "+1-", "+55 (11) ", "0"]
SHARES = dict(zip(MARKED, (0.05, 0.9, 0.3, 0.2, 0.4, 0.25, 0.1, 0.15), strict=True))  # of people who have it


def first_day(users: int, accounts: int) -> pl.DataFrame:
    """The export: account id and name, and the fields of the table; every cell text, null if blank."""
    place = pl.select(user=pl.int_range(users, dtype=pl.UInt64)).select("user", account=_account(users, accounts))
    mixed = place.sort(_number(1))
    account = pl.col("account").cast(pl.String)
    return mixed.select(
        (pl.col("account") + 1_000_000).cast(pl.String).alias(ACCOUNT_ID),
        (_one_of(FIRMS, 2, "account") + _one_of(KINDS, 3, "account") + " " + account).alias(ACCOUNT_NAME),
        (_one_of(FIRST, 4) + " " + _one_of(LAST, 5) + _one_of(AFTER_NAME, 6)).alias("Full Name"),
        pl.format("user{}@partner{}.example", "user", account).alias("Email"),
        _often(
            0.95, 7, (1 + _number(8) % 300).cast(pl.String) + " " + _one_of(STREETS, 9) + _one_of(AFTER_STREET, 10)
        ).alias("Mailing Street"),
        _one_of(CITIES, 11).alias("Mailing City"),
        _one_of(STATES, 12).replace("", None).alias("Mailing State"),
        _one_of(COUNTRIES, 13).alias("Mailing Country"),
        _often(0.9, 14, _one_of(DIALS, 15) + (10**8 + _number(16) % 10**8).cast(pl.String)).alias("Phone"),
        *(_flag(share, salt).alias(field) for salt, (field, share) in enumerate(SHARES.items(), start=20)),
    ).select(ACCOUNT_ID, ACCOUNT_NAME, *FIELDS)


def second_day(first: pl.DataFrame) -> pl.DataFrame:
    """The same tenant a day later: other cells, some people gone, some new."""
    rows = first.with_columns(user=pl.int_range(pl.len(), dtype=pl.UInt64))
    fields = [field for field in FIELDS if field not in UNCHANGING]
    share = CHANGED * len(FIELDS) / len(fields)
    changed = rows.with_columns(
        pl.when(_share(salt) < share).then(_another(field)).otherwise(field).alias(field)
        for salt, field in enumerate(fields, start=40)
    )
    stayed = changed.filter(_share(60) >= GONE)
    new = rows.filter(_share(61) < NEW).with_columns(pl.format("new-{}", "Email").alias("Email"))
    return pl.concat([stayed, new]).drop("user")


def main() -> None:
    """Make the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("users", type=int)
    parser.add_argument("accounts", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workbook", action="store_true")
    options = parser.parse_args()
    options.folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.folder.parent, prefix="making-") as made:
        folder = Path(made) / "data"
        folder.mkdir()
        fill(folder, first_day(options.users, options.accounts), workbook=options.workbook)
        folder.rename(options.folder)


def fill(folder: Path, first: pl.DataFrame, *, workbook: bool = False) -> None:
    """Write all files of the data into an empty folder."""
    if workbook:
        first = first.with_columns(pl.col(pl.String).str.replace_all("\r\n", "\n"))  # XML knows no other line break
        _write_workbook(first, folder / "day-one.xlsx")
    _write_csv(first, folder / "day-one.csv")
    _write_csv(second_day(first), folder / "day-two.csv")
    _write_finished(folder)


# ----------------------------------------------------------------------------------------------------------------------


def _number(salt: int, of: str = "user") -> pl.Expr:
    """For each row a number that looks like chance: the finaliser of splitmix64 over the row's number and the salt."""
    mixed = pl.col(of).cast(pl.UInt64) + pl.lit(salt * 0x9E3779B97F4A7C15 % 2**64, dtype=pl.UInt64)
    for bits, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed // 2**bits)) * pl.lit(factor, dtype=pl.UInt64)
    return mixed ^ (mixed // 2**31)


def _share(salt: int) -> pl.Expr:
    """The same, evenly between 0 and 1."""
    return (_number(salt) // 2**11).cast(pl.Float64) / 2**53


def _one_of(choices: Sequence[str], salt: int, of: str = "user") -> pl.Expr:
    return pl.lit(pl.Series(choices, dtype=pl.String)).gather(_number(salt, of) % len(choices))


def _often(share: float, salt: int, cell: pl.Expr) -> pl.Expr:
    return pl.when(_share(salt) < share).then(cell)


def _flag(share: float, salt: int) -> pl.Expr:
    return pl.when(_share(salt) < share).then(pl.lit("True")).otherwise(pl.lit("False"))


def _account(users: int, accounts: int) -> pl.Expr:
    """Everybody's account: one user for each, the rest by weights that fall as 1 / (rank + 5)."""
    weights = pl.select((1 / (pl.int_range(accounts) + 5)).cum_sum()).to_series()
    drawn = pl.lit(weights).search_sorted(_share(0) * weights[-1])
    return pl.when(pl.col("user") < accounts).then("user").otherwise(drawn.cast(pl.UInt64))


def _another(field: str) -> pl.Expr:
    if field in MARKED:
        return pl.when(pl.col(field) == "True").then(pl.lit("False")).otherwise(pl.lit("True"))
    if field == "Phone":
        return pl.col(field).fill_null("0") + "7"  # a phone that stays one
    return pl.col(field).fill_null("") + " new"


def _write_csv(frame: pl.DataFrame, path: Path) -> None:
    frame.write_csv(path, include_bom=True, line_terminator="\r\n")


def _write_workbook(frame: pl.DataFrame, path: Path) -> None:
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("Users")
    sheet.append(frame.columns)
    for row in frame.with_columns(pl.col(MARKED) == "True").iter_rows():
        sheet.append(row)
    workbook.save(path)


def _write_finished(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as reports, (folder / "finished").open("wb") as finished:
        peers.by_csv(folder / "day-one.csv", Path(reports))
        paths = sorted(Path(reports).iterdir())
        lines = [f"{finished.write(path.read_bytes())} {path.stem}\n" for path in paths]
    (folder / "finished.names").write_text("".join(lines))


if __name__ == "__main__":
    main()
