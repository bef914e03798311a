"""Finds the account that the sender of a partner's mail belongs to."""

from collections.abc import Sequence

from flows.mail.accounts import Row
from flows.mail.book import Book, keys
from flows.mail.recipients import Recipients
from schemas.addresses import key
from schemas.errors import NoSuchAccount
from schemas.names import with_ids


def account_of(senders: Sequence[str], rows: Sequence[Row], book: Book, recipients: Recipients) -> Row:
    """The only ready account with one of these addresses, else the only one with one of their domains.

    Raises NoSuchAccount, with the candidates, if there is none, or more than one.
    """
    by_address = {index for sender in senders for index in _holders(sender, rows, book, recipients)}
    by_domain = {index for sender in senders for index in recipients.of_domain(sender)}
    indexes = sorted(by_address or by_domain)
    if len(indexes) == 1:
        return rows[indexes[0]]
    pairs = [(rows[index]["account"], rows[index]["account_id"]) for index in indexes]
    several = f"may belong to {len(pairs)} accounts: {with_ids(pairs)}" if pairs else "belongs to no ready account"
    raise NoSuchAccount(f"The sender of the mail {several}. Name the account: partner-certs draft NAME --reply-to ...")


# ---------------------------------------------------------------------------------------------------------------------


def _holders(sender: str, rows: Sequence[Row], book: Book, recipients: Recipients) -> list[int]:
    """The indexes of the accounts that have a person or a contact with this address."""
    contacts = book.holders(key(sender))
    named = [index for index, row in enumerate(rows) if contacts.intersection(keys(row))] if contacts else []
    return [*recipients.of_address(sender), *named]
