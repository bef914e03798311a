"""The stages of the pipeline, from an export in memory to a run in its folder.

What takes long to import, polars and pandera, is imported here. `flows/certify.py` calls the stages in order, and
imports this module in a thread while the export is being read. The stage `compare` is in `flows/review/build.py`, the
manifest in `run_manifest.py`, and what an unchanged export needs instead of writing in `relink.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from exports.home.layout import FAULTS, GARBLED, GUARDED, REPORTS, Home
from exports.home.runs import put, sync_meanwhile
from exports.reports.encode import Lines, compose, to_csv
from exports.reports.write import Gather, in_threads, prove_reports, ready_reports, write_reports
from flows.find_account import choose, identity
from flows.pulled_contacts import keep_of_run as keep_contacts
from flows.relink import CannotReuse, link, prove_intact
from flows.review.build import compare
from flows.run_manifest import Findings, Shaped, manifest_of, totals
from schemas.cells import columns_to_guard
from schemas.checks import RULE_COLUMNS
from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME, TEXT_HEADINGS
from schemas.errors import ExportRefused
from schemas.faults import missing_column
from schemas.headings import match
from schemas.manifest import AccountRow
from schemas.profiles import Profile
from schemas.stages import RENAMED, REPORT, SOURCE, find_faults, holds, validate
from schemas.words import plural
from sources.export import Export
from transforms.accounts import identify, only
from transforms.file_names import name_files
from transforms.garbled import NO_CELLS, garbled_cells
from transforms.guard import guard, guarded_cells
from transforms.hold_back import FAULT_COLUMNS, NO_FAULTS, hold_back
from transforms.mark import mark
from transforms.people import join_accounts, shared_addresses
from transforms.rename import rename
from transforms.select import select

__all__ = [
    "NO_FAULTS",
    "CannotReuse",
    "check",
    "compare",
    "keep",
    "keep_contacts",
    "link",
    "manifest_of",
    "prove",
    "prove_intact",
    "shape",
    "totals",
    "write",
]

Known = Callable[[], Sequence[AccountRow]]

CELL_COLUMNS = ("account", "account_id", "row", "column", "cell")


def check(export: Export, account: str | None, known: Known) -> tuple[pl.DataFrame, Findings]:
    """Find every fault, and hold back the accounts that have one. With `account`, leave out all others.

    `known`: returns the accounts in ready/; called only if the export has no account column.
    Returns the people of the accounts that are not held, as a SELECTED frame, and all findings.
    """
    validate(SOURCE, export.frame)
    with _with_notices(export), ThreadPoolExecutor(2) as beside:
        selected = select(_with_account(export.frame, account, known), export.user_ids)
        shared = beside.submit(shared_addresses, selected) if account is None else None
        accounts = identify(selected, export.origin)
        named = beside.submit(name_files, accounts.table)
        if account is not None:
            accounts, selected = only(choose(accounts, account), accounts, selected)
        people = join_accounts(selected, accounts, shared.result() if shared else shared_addresses(selected))
        row_faults = find_faults(people, export.origin, all_letters=export.all_letters)
    table, faults = hold_back(accounts, named.result(), row_faults, selected, export.origin)
    held = table.filter("held")["account"]
    fit = people if held.is_empty() else people.filter(~people["account"].is_in(held.implode()))
    garbled = NO_CELLS if export.decoded_once else garbled_cells(fit, table.filter(~pl.col("held")))
    notices = (*export.notices, *_garbled_notice(garbled))
    return fit.drop(list(RULE_COLUMNS)), Findings(export.source, notices, table, faults, garbled)


def shape(people: pl.DataFrame, profile: Profile) -> Shaped:
    """Rename and mark the columns, guard cells against formulas, and make the lines of all reports.

    people: a SELECTED frame.
    """
    renamed = rename(people)
    validate(RENAMED, renamed)
    marked = mark(renamed)
    report, suspects = marked.drop("row"), list[str]()
    if not holds(REPORT, report):  # usually there is nothing to guard, and this proves it
        suspects = columns_to_guard(marked, TEXT_HEADINGS)
        report = guard(report, suspects)
        validate(REPORT, report)
    return Shaped(compose(report, profile), guarded_cells(marked, suspects))


def write(lines: Lines, accounts: pl.DataFrame, home: Home, folder: Path, gather: Gather | None = None) -> pl.DataFrame:
    """Write, read back and prove the reports: `account`, `rows`, `bytes`, `sha256`, `change` of each.

    gather: what writes the batches; None: threads of this process.
    """
    before = ready_reports(home, accounts)
    written = write_reports(lines, accounts, folder / REPORTS, before, gather or in_threads)
    sync_meanwhile(folder)
    return written


def prove(lines: Lines) -> None:
    """Prove the reports as `write` does, without writing anything."""
    prove_reports(lines)


def keep(findings: Findings, shaped: Shaped, folder: Path) -> None:
    """Write faults.csv, guarded.csv and garbled.csv into the run's folder, as far as there are any rows."""
    profile = shaped.lines.profile
    if not findings.faults.is_empty():
        faults = guard(findings.faults.select(FAULT_COLUMNS), ("account", "account_id", "person", "found"))
        put(folder / FAULTS, to_csv(faults, profile))
    for name, cells in ((GUARDED, shaped.guarded), (GARBLED, findings.garbled)):
        if not cells.is_empty():
            put(folder / name, to_csv(_with_names(cells, findings.accounts), profile))


# ----------------------------------------------------------------------------------------------------------------------


@contextmanager
def _with_notices(export: Export) -> Iterator[None]:
    """Add the notices of the export to its refusal."""
    try:
        yield
    except ExportRefused as refused:
        raise ExportRefused(str(refused), refused.faults, export.notices) from None


def _with_account(frame: pl.DataFrame, account: str | None, known: Known) -> pl.DataFrame:
    """Add the account columns to a file without any: all rows are the named account's. Refused if none is named."""
    if match(frame.columns).keys() & {ACCOUNT_ID, ACCOUNT_NAME}:
        return frame
    if account is not None:
        name, account_id = identity(account, known())
        return frame.with_columns(
            pl.lit(account_id, pl.String).alias(ACCOUNT_ID), pl.lit(name, pl.String).alias(ACCOUNT_NAME)
        )
    raise ExportRefused(
        "The export has no account column, so nobody can tell whose people these are. "
        "Add the field 'Account Name' (and 'Account ID') to the export in Impartner and download it again",
        [missing_column(ACCOUNT_NAME, frame.columns[1:])],
    )


def _garbled_notice(garbled: pl.DataFrame) -> Iterator[str]:
    if not garbled.is_empty():
        cells, accounts = plural(garbled.height, "cell"), plural(garbled["account"].n_unique(), "account")
        yield (
            f"The letters of {cells} in {accounts} were decoded twice, as Ã¼ for ü. They are sent unchanged: correct "
            "them in Impartner, or download the export again as CSV UTF-8"
        )


def _with_names(cells: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """The cells with their accounts' names and ids, guarded, in the columns CELL_COLUMNS."""
    names = accounts.select("account", name="name", account_id="account_id")
    named = cells.join(names, on="account", maintain_order="left").drop("account").rename({"name": "account"})
    return guard(named.select(*CELL_COLUMNS), ("account", "account_id", "cell"))
