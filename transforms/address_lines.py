"""The people of all reports as sorted lines of addresses and domains, looked up by `exports/home/addresses.py`."""

import io
from collections.abc import Iterable

import polars as pl

from schemas.addresses import decoded
from transforms.fold import casefold

DIGITS = 8  # of an account's number, zero-filled so that it sorts as text


def address_lines(people: pl.DataFrame) -> pl.Series:
    """A line for each address and each domain of these people, in any order: `ada@contoso.example<TAB>00000007`.

    people: at least `account` and Email, as in `exports.reports.read.PEOPLE`. Addresses are written as
    `schemas.addresses.key` gives them; a cell that is not an address has no line.
    """
    address = people.select("account", address=casefold(pl.col("Email").str.strip_chars()))
    parts = address.select("account", part=pl.col("address").str.extract_groups(r"^(?<local>\S+)@(?<domain>[^\s@]+)$"))
    named = _decoded(parts.unnest("part").drop_nulls())
    number = pl.col("account").cast(pl.String).str.zfill(DIGITS)
    addresses = named.select(line=pl.format("{}@{}\t{}", "local", "domain", number))
    domains = named.select("domain", "account").unique().select(line=pl.format("@{}\t{}", "domain", number))
    return pl.concat([addresses, domains])["line"]


def sorted_lines(parts: Iterable[pl.Series]) -> bytes:
    """The bytes of all lines, each once, sorted by their bytes."""
    lines = pl.concat([pl.Series("line", [], dtype=pl.String), *parts]).unique().sort()
    buffer = io.BytesIO()
    lines.to_frame().write_csv(buffer, include_header=False, quote_style="never")
    return buffer.getvalue()


# ---------------------------------------------------------------------------------------------------------------------


def _decoded(named: pl.DataFrame) -> pl.DataFrame:
    """The same with domains for comparing. Nearly all are that already, so only the others are examined."""
    domain = pl.col("domain")
    is_odd = (
        domain.str.contains("xn--", literal=True)
        | domain.str.ends_with(".")
        | (domain.str.len_bytes() != domain.str.len_chars())
    )
    odd = named.filter(is_odd)["domain"].unique()
    return named.with_columns(domain.replace(odd, pl.Series(map(decoded, odd), dtype=pl.String)))
