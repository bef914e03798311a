"""Checks whether recipients may have an account's report: the rules of `transforms/recipients.py`, and confirmations.

A confirmation in the ledger lets a recipient through, for one account and for good.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from exports.home import addresses
from exports.home.layout import Home
from exports.reports.rows import people
from flows.mail.accounts import Row
from schemas.addresses import domain_of, key
from schemas.names import SHOWN
from schemas.webmail import is_webmail
from transforms.recipients import Everybody, Judgement, Kind, judge


class Doubt(NamedTuple):
    """Why an address may not have a report: `why` for the person who asks; `plain`, without the address, for logs."""

    address: str
    kind: Kind
    why: str
    plain: str


class Recipients:
    """Checks recipients against the people in one resolved ready/. Make it with the home's lock held."""

    def __init__(self, home: Home, folder: Path | None, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._indexes = {id(row): index for index, row in enumerate(rows)}
        self._everybody = _everybody(home, folder)

    def of_address(self, address: str) -> list[int]:
        """The indexes of the accounts that have a person with this address."""
        return self._everybody.with_address(key(address))

    def of_domain(self, address: str) -> list[int]:
        """The indexes of the accounts that have people of this address's domain; none for a webmail domain."""
        domain = domain_of(address)
        return [] if is_webmail(domain) else self._everybody.with_domain(domain)

    def doubted(self, row: Row, recipients: Iterable[str], report: bytes, let_through: Collection[str]) -> list[Doubt]:
        """The recipients who are not known, without those that the ledger lets through (given as keys).

        report: the account's; b"" if it has none.
        """
        index = self._indexes.get(id(row), NOT_READY)
        unconfirmed = [address for address in recipients if key(address) not in let_through]
        judgements = [judge(address, index, self._everybody, _domains(report)) for address in unconfirmed]
        return [
            _doubt(judgement, row, [self._rows[at]["account"] for at in judgement.accounts])
            for judgement in judgements
            if judgement.kind != "known"
        ]


# ---------------------------------------------------------------------------------------------------------------------

NOT_READY = -1  # the index of an account that is not ready


def _everybody(home: Home, folder: Path | None) -> Everybody:
    if folder is None:
        return addresses.Addresses(b"")
    kept = addresses.kept(home, addresses.stamp(folder))
    if kept is not None:
        return kept
    from flows.addresses import make_addresses  # late: polars, and usually a release has built the index

    return make_addresses(home, folder)


def _domains(report: bytes) -> Iterator[str]:
    """The domains of the report's people. It is read only if they are needed: most recipients are known."""
    for person in people(report) if report else ():
        yield domain_of(person.get("Email", ""))


def _doubt(judgement: Judgement, row: Row, others: Sequence[str]) -> Doubt:
    address, account = judgement.address, row["account"]
    if judgement.kind == "elsewhere":
        shown = ", ".join(others[:SHOWN]) + (f" and {len(others) - SHOWN} more" if len(others) > SHOWN else "")
        why, remedy = f"belongs to {shown}, not to {account}", _set(row)
    elif judgement.kind == "near":
        why = f"is nobody's of {account}, and its domain is one edit away from {judgement.domain}"
        remedy = f"Did you mean @{judgement.domain}? {_set(row)}"
    else:
        why = f"is nobody's of {account} yet"
        remedy = "If it is right, confirm it once: --confirm ADDRESS --by WHO"
    return Doubt(address, judgement.kind, f"{address} {why}. {remedy}", f"A recipient {why}. {remedy}")


def _set(row: Row) -> str:
    name = row["account_id"] or repr(row["account"])
    return f"If it is right anyway: partner-certs contacts set {name} --to ADDRESS --by WHO --reason WHY"
