"""Keeps what a pull knows of accounts in the home: contacts.pulled.csv and the tiers.

Contacts set by hand are in another file. Which row is used is decided in `flows/mail/book.py`; what changed since the
last release is found by `flows/review/recipients.py`.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from exports.home import contacts, recipients, tiers
from exports.home.contacts import PULLED
from exports.home.layout import Home
from flows.contact_files import guarded
from schemas.contacts import ContactRow


def keep_accounts(home: Home, accounts: pl.DataFrame, *, every: bool) -> Sequence[ContactRow]:
    """Keep the recipients and tier of each account. Call it with the home's lock held.

    accounts: in the columns `sources.export.ACCOUNTS`. every: these are all accounts; else others stay as they were.
    Returns the rows of these accounts, also those without a recipient, which are not kept.
    """
    cells = accounts.select(pl.col(_CELLS).fill_null("").str.strip_chars())
    rows = guarded(ContactRow(0, *row) for row in cells.iter_rows())
    pulled = dict(accounts.drop_nulls("tier").select("account_id", "tier").iter_rows())
    ids = {row.account_id for row in rows}
    others = () if every else [row for row in contacts.read(home, PULLED) if row.account_id not in ids]
    given = {} if every else {one: tier for one, tier in tiers.read_given(home).items() if one not in ids}
    contacts.write(home, PULLED, [*others, *(row for row in rows if row.to or row.cc)])
    tiers.write_given(home, {**given, **pulled})
    return rows


def keep_of_run(home: Home, accounts: pl.DataFrame, folder: Path, *, every: bool) -> None:
    """The same for a run that is staged in `folder`, and keep its recipients there for the review."""
    rows = keep_accounts(home, accounts, every=every)
    recipients.keep_of_run(folder, {row.account_id: row.to for row in rows})


# ---------------------------------------------------------------------------------------------------------------------

_CELLS = ("account_id", "account", "to", "cc")
