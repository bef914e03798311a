"""The directory: finds accounts and people by whatever a mail contains.

Texts are transliterated, so that `muller`, `lodz` and `strasse` find Müller, Łódź and Straße. The people of an account
are one text with a line each: a search scans 20,000 texts and needs no further index. Which reports it is made from,
and when it is made again, is decided in `partners.py`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from email.utils import parseaddr
from typing import NamedTuple

import polars as pl
from anyascii import anyascii

from schemas.names import fold, near_folded

LIMIT = 50  # accounts in one answer
PEOPLE = pl.Schema({"index": pl.UInt32(), "name": pl.String(), "email": pl.String()})


class Entry(NamedTuple):
    """An account: its key in URLs, its name, its id."""

    key: str
    account: str
    account_id: str | None


class Hit(NamedTuple):
    """An account that matches, and the first of its people who does; None if the account itself matches."""

    entry: Entry
    person: str | None


class Directory:
    """All accounts and their people at one moment. Immutable, so several threads may search at once."""

    def __init__(self, batches: Iterable[tuple[Sequence[Entry], pl.DataFrame]]) -> None:
        """Takes batches of accounts, with their people in the columns PEOPLE; `index` is the account's in its batch."""
        self.entries: list[Entry] = []
        self._ids: dict[str, list[int]] = defaultdict(list)
        self._domains: dict[str, list[int]] = defaultdict(list)
        shown, searched = [_NONE], [_NONE]
        for entries, people in batches:
            here, wanted = _texts(len(entries), people)
            shown.append(here)
            searched.append(wanted)
            self._add_domains(wanted)
            self.entries.extend(entries)
        for index, entry in enumerate(self.entries):
            self._ids[folded(entry.account_id or "")].append(index)
        self._shown, self._searched = pl.concat(shown, rechunk=True), pl.concat(searched, rechunk=True)
        self._names = pl.Series([f"\n{folded(entry.account)}\n" for entry in self.entries], dtype=pl.String)
        self._folded = {entry.account: fold(entry.account) for entry in self.entries}

    def search(self, query: str, limit: int = LIMIT) -> list[Hit]:
        """The accounts that match a name or part of one, an id, a person's name or address, or a domain; best first."""
        wanted = folded(parseaddr(query)[1]) if "<" in query else ""
        wanted = wanted or folded(query)
        if not wanted:
            return []
        hits = {index: Hit(self.entries[index], None) for index in self._accounts(wanted, limit)}
        if len(hits) < limit:
            for index, person in self._people(wanted, limit):
                hits.setdefault(index, Hit(self.entries[index], person))
        return list(hits.values())[:limit]

    def near(self, query: str) -> str:
        """The similar names as a question, "Did you mean ...?"; "" if there are none."""
        return near_folded(query, self._folded)

    def _add_domains(self, searched: pl.Series) -> None:
        """Index the domains of the next accounts; `searched` are the texts of their people."""
        lines = searched.str.split("\n").explode(empty_as_null=False, keep_nulls=False)
        indexes = pl.Series(range(len(self.entries), len(self.entries) + len(searched)), dtype=pl.UInt32)
        counts = searched.str.count_matches("\n", literal=True) + 1
        owners = pl.select(indexes.repeat_by(counts).explode(empty_as_null=False)).to_series()
        pairs = pl.DataFrame({"index": owners, "domain": lines.str.extract(r"@([^@]*)$")}).drop_nulls().unique()
        for index, domain in pairs.sort("index").iter_rows():
            self._domains[domain].append(index)

    def _accounts(self, wanted: str, limit: int) -> list[int]:
        """Indexes of accounts: by id, then by the whole name, its beginning, and a part of it."""
        indexes = dict.fromkeys(self._ids.get(wanted, ()))
        for pattern in (f"\n{wanted}\n", f"\n{wanted}", wanted):
            if len(indexes) < limit:
                indexes |= dict.fromkeys(_indexes(self._names, pattern, limit))
        return list(indexes)

    def _people(self, wanted: str, limit: int) -> Iterable[tuple[int, str]]:
        """Indexes of accounts with the first person of each who matches. A known domain needs no full scan."""
        local, at, domain = wanted.rpartition("@")
        of_domain = self._domains.get(domain if at else wanted)
        if not of_domain:
            return self._first(_indexes(self._searched, wanted, limit), wanted)
        if local:
            own = self._searched.gather(of_domain)
            exact = [of_domain[index] for index in _indexes(own, f"{_CELL}{wanted}", len(of_domain))]
            hits = self._first(exact[:limit], f"{_CELL}{wanted}\n")
            if hits:
                return hits
        return self._first(of_domain[:limit], f"@{domain if at else wanted}\n")

    def _first(self, indexes: Iterable[int], part: str) -> list[tuple[int, str]]:
        """The first person of each account whose line, with its line end, contains `part`; as the report spells it."""
        people = []
        for index in indexes:
            text = f"{self._searched[index]}\n"
            if (at := text.find(part)) >= 0:
                number = text.count("\n", 0, at)  # there may be thousands of lines: don't split them all
                people.append((index, self._shown[index].split("\n", number + 1)[number]))
        return people


def folded(text: str) -> str:
    """A text for searching: transliterated to ASCII, lower case, runs of blanks as one."""
    if text.isascii():  # most are
        return " ".join(text.lower().split())
    return " ".join(anyascii(fold(text)).lower().split())


# ---------------------------------------------------------------------------------------------------------------------

_CELL = "\x1f"  # between name and e-mail; folding removes it from both
_NONE = pl.Series(dtype=pl.String)
_CHUNK = 4096  # texts that are scanned before checking whether there are enough hits


def _texts(count: int, people: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """The people of each account as one text with a line each: as shown, and as searched."""
    texts = people.with_columns(pl.col("name", "email").fill_null(""))
    whole = texts.with_columns(
        shown=pl.concat_str(pl.col("name", "email").str.replace_all(r"\s+", " "), separator=" ").str.strip_chars(),
        searched=pl.concat_str(_folded(texts["name"]), _folded(texts["email"]), separator=_CELL),
    )
    joined = whole.group_by("index").agg(pl.col("shown", "searched").str.join("\n"))
    indexes = pl.DataFrame({"index": range(count)}, {"index": pl.UInt32})
    every = indexes.join(joined, on="index", how="left", maintain_order="left").fill_null("")
    return every["shown"], every["searched"]


def _folded(texts: pl.Series) -> pl.Series:
    """A column of texts, each folded. Few need more than lower case, and those often repeat."""
    is_plain = texts.str.contains(r"\A(?:[!-~]+(?: [!-~]+)*)?\z")
    rest = texts.filter(~is_plain).unique()
    changed = pl.Series([folded(text) for text in rest], dtype=pl.String)
    return (
        texts.str.to_lowercase()
        .to_frame("lower")
        .select(pl.when(is_plain).then("lower").otherwise(texts.replace_strict(rest, changed, default=None)))
        .to_series()
        if len(rest)
        else texts.str.to_lowercase()
    )


def _indexes(texts: pl.Series, pattern: str, limit: int) -> list[int]:
    """The indexes of the first texts that contain the pattern."""
    indexes: list[int] = []
    for start in range(0, len(texts), _CHUNK):
        hits = texts[start : start + _CHUNK].str.contains(pattern, literal=True).arg_true().head(limit - len(indexes))
        indexes.extend(start + index for index in hits)
        if len(indexes) >= limit:
            break
    return indexes
