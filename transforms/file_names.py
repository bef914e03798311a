"""File names of reports: `certifications-<slug>-<key>.csv`, in ASCII, because mail programs garble anything else."""

import hashlib

import polars as pl
from anyascii import anyascii

SLUG_LENGTH = 60
_PLAIN_ID = r"^[A-Za-z0-9_-]{1,40}$"


def name_files(accounts: pl.DataFrame) -> pl.DataFrame:
    """The accounts with `file`, and `file_is_shared` (Boolean): another account has the same, letter case ignored."""
    named = accounts.with_columns(file_names(accounts))
    same = pl.col("file").str.to_lowercase().is_duplicated()
    return named.with_columns(file_is_shared=same & (pl.col("name") != ""))


def file_names(accounts: pl.DataFrame) -> pl.Series:
    """The file name for each row of a frame with `name` and `account_id` (null if there is none)."""
    return accounts.select(
        pl.format("certifications-{}-{}.csv", _slug(_ascii(accounts["name"])), _key(accounts)).alias("file")
    )["file"]


# ----------------------------------------------------------------------------------------------------------------------


def _ascii(names: pl.Series) -> pl.Series:
    return pl.Series("name", [name if name.isascii() else anyascii(name) for name in names], dtype=pl.String)


def _slug(names: pl.Series) -> pl.Series:
    slug = (
        pl.col("name").str.to_lowercase().str.replace_all("[^a-z0-9]+", "-").str.head(SLUG_LENGTH).str.strip_chars("-")
    )
    return names.to_frame("name").select(pl.when(slug == "").then(pl.lit("account")).otherwise(slug).alias("slug"))[
        "slug"
    ]


def _key(accounts: pl.DataFrame) -> pl.Series:
    known = accounts.select(
        plain=pl.when(pl.col("account_id").str.contains(_PLAIN_ID)).then("account_id"),
        text=pl.coalesce("account_id", "name"),
    )
    keys = [plain or hashlib.sha256(text.encode()).hexdigest()[:8] for plain, text in known.iter_rows()]
    return pl.Series("key", keys, dtype=pl.String)
