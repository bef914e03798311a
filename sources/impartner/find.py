"""The account that a person means, among Impartner's names and ids, and its users."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME
from schemas.errors import ExportRefused, Unreachable
from schemas.names import Pair, find, fold, near, several
from schemas.placeholders import is_placeholder
from sources.impartner.client import ACCOUNT
from sources.impartner.fields import Fields
from sources.impartner.filters import has_id_or_equals, is_one_of


@dataclass(frozen=True)
class Account:
    """One account. name: to show. id: None if it has none. spellings: all its names in Impartner."""

    name: str
    id: str | None
    spellings: frozenset[str]

    def filters(self, fields: Fields) -> list[str]:
        """Filters for its users and those with its name but no id, the best first.

        If names can't be filtered for, the next one asks for everybody without an account; the last for its id only.
        """
        by_name = is_one_of(fields.account_name, self.spellings)
        if self.id is None:
            return [" or ".join(by_name)]
        by_id = has_id_or_equals(ACCOUNT, self.id)
        return [" or ".join([by_id, *by_name]), f"{by_id} or {ACCOUNT} = null", by_id]

    def with_names_of(self, users: pl.DataFrame) -> Account:
        """The same account with all names that its users have."""
        if self.id is None:
            return self
        own = {name for name, account_id in users.select(_PAIR).unique().iter_rows() if self._has((None, account_id))}
        return replace(self, spellings=self.spellings | {name for name in own if name and fold(name)})

    def users_of(self, users: pl.DataFrame) -> pl.DataFrame:
        """Its users, and those with its name but no id, who hold it back because nobody knows whose they are.

        The answer may contain users whose account has a similar name. Raises Unreachable if it has any other users.
        """
        pairs = users.select(_PAIR).unique(maintain_order=True)
        own = pairs.filter(pl.Series([self._has(pair) for pair in pairs.iter_rows()], dtype=pl.Boolean))
        others = pairs.join(own, on=_PAIR, how="anti", nulls_equal=True)
        strange = others.filter(pl.Series([not self._is_like(pair) for pair in others.iter_rows()], dtype=pl.Boolean))
        if not strange.is_empty():
            count = users.join(strange, on=_PAIR, how="semi", nulls_equal=True).height
            raise Unreachable(
                f"Impartner returned {count} users of other accounts although only one was requested, so its answer "
                "can't be trusted. Pull all accounts with partner-certs nightly, or use a downloaded export"
            )
        return users.join(own, on=_PAIR, how="semi", nulls_equal=True, maintain_order="left")

    def _has(self, pair: tuple[str | None, str | None]) -> bool:
        name, account_id = pair
        if is_id(account_id):
            return self.id is not None and fold(account_id or "") == fold(self.id)
        return fold(name or "") in set(map(fold, self.spellings))

    def _is_like(self, pair: tuple[str | None, str | None]) -> bool:
        """Whether the server may have matched this name, or was asked for users without an account."""
        return not is_id(pair[1]) or _bare(pair[0] or "") in set(map(_bare, self.spellings))


def choose(wanted: str, pairs: Iterable[Pair]) -> Account | None:
    """The account with this name or id; None if there is none. Raises ExportRefused if several could be meant."""
    known = list(dict.fromkeys((name, account_id if is_id(account_id) else None) for name, account_id in pairs))
    meant = [known[place] for place in find(wanted, known)]
    if len({fold(account_id or "") for _, account_id in meant}) > 1:
        raise ExportRefused(several(wanted, meant))
    if not meant:
        return None
    account_id = meant[0][1]
    of_it = meant if account_id is None else [pair for pair in known if fold(pair[1] or "") == fold(account_id)]
    names = frozenset(name for name, _ in of_it if fold(name))
    return Account(min(names, default=wanted), account_id, names)


def unknown(wanted: str, pairs: Iterable[Pair]) -> ExportRefused:
    """The refusal if there is no such account."""
    hint = near(wanted, (name for name, _ in pairs if name))
    return ExportRefused(f"Impartner has no account {wanted!r}.{hint} Correct the name or the id")


def is_id(account_id: str | None) -> bool:
    """Whether this can be an account's id."""
    return account_id is not None and not is_placeholder(account_id)


# ---------------------------------------------------------------------------------------------------------------------

_PAIR = [ACCOUNT_NAME, ACCOUNT_ID]


def _bare(name: str) -> str:
    """A name as a lenient server compares it: also without accents."""
    return "".join(char for char in unicodedata.normalize("NFKD", fold(name)) if not unicodedata.combining(char))
