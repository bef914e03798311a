"""What is asked of `draft`, and the possible outcomes for an account: a draft, a refusal, or nothing new to make."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from exports.home.ledger import Line
from exports.mail.outlets import Draft
from exports.mail.reply import Asked
from flows.mail.accounts import Row
from schemas.contacts import Attach


@dataclass(frozen=True)
class Request:
    """The accounts: those of these names, or all that are ready (`every`), or those of them whose bytes were neither
    drafted nor sent (`changed`). The other fields override the contacts."""

    names: Sequence[str] = ()
    every: bool = False
    changed: bool = False
    to: Sequence[str] = ()
    cc: Sequence[str] = ()
    attach: Attach | None = None
    language: str | None = None
    reply: Asked | None = None
    confirm: Sequence[str] = ()  # new recipients who may have the report
    by: str = ""
    again: bool = False
    no_to: bool = False  # make the draft without recipients
    sender: str = ""


class Refused(NamedTuple):
    """An account that gets no draft. `why` is for the person who asks, `plain` has no addresses. `new`: the recipients
    to confirm, if nothing else is missing."""

    row: Row
    to: Sequence[str]
    why: str
    plain: str
    new: Sequence[str] = ()


class Composed(NamedTuple):
    """A draft, and its new recipients, who were confirmed for it."""

    draft: Draft
    confirmed: Sequence[str]


class Already(NamedTuple):
    """An account whose same bytes were drafted for, or sent to, the same recipients, and that line of the ledger."""

    row: Row
    line: Line
