"""The directory: accounts and people, found by whatever a mail contains.

Texts are folded by transliteration, so that `muller`, `lodz` and `strasse` find Müller, Łódź and Straße. The people of
an account are one text, a line each: a search is one scan of 20,000 texts and needs no index beside them. Whose
reports these are, and when they are read again, is not decided here.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from email.utils import parseaddr
from typing import NamedTuple

import polars as pl
from anyascii import anyascii

from schemas.names import fold, near_folded

LIMIT = 50  # accounts in one answer
PEOPLE = pl.Schema({"place": pl.UInt32(), "name": pl.String(), "email": pl.String()})


class Entry(NamedTuple):
    """An account: its key in addresses of pages, its name, its id."""

    key: str
    account: str
    account_id: str | None


class Hit(NamedTuple):
    """An account that fits, and the first of its people who does; None if it is the account itself that fits."""

    entry: Entry
    person: str | None


class Directory:
    """All accounts and their people at one moment. Searching changes nothing, so many threads may search at once."""

    def __init__(self, batches: Iterable[tuple[Sequence[Entry], pl.DataFrame]]) -> None:
        """Some accounts at a time, with their people in the columns PEOPLE; `place` is the account's in its batch."""
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
        for place, entry in enumerate(self.entries):
            self._ids[folded(entry.account_id or "")].append(place)
        self._shown, self._searched = pl.concat(shown, rechunk=True), pl.concat(searched, rechunk=True)
        self._names = pl.Series([f"\n{folded(entry.account)}\n" for entry in self.entries], dtype=pl.String)
        self._folded = {entry.account: fold(entry.account) for entry in self.entries}

    def search(self, query: str, limit: int = LIMIT) -> list[Hit]:
        """The accounts that fit a name or a part of it, an id, a person's name or address, or a domain; best first."""
        wanted = folded(parseaddr(query)[1]) if "<" in query else ""
        wanted = wanted or folded(query)
        if not wanted:
            return []
        hits = {place: Hit(self.entries[place], None) for place in self._accounts(wanted, limit)}
        if len(hits) < limit:
            for place, person in self._persons(wanted, limit):
                hits.setdefault(place, Hit(self.entries[place], person))
        return list(hits.values())[:limit]

    def near(self, query: str) -> str:
        """The names that may have been meant, as a question; nothing if none is near."""
        return near_folded(query, self._folded)

    def _add_domains(self, searched: pl.Series) -> None:
        """Whose people have which domain; `searched` are texts of the accounts that come next."""
        lines = searched.str.split("\n").explode(empty_as_null=False, keep_nulls=False)
        places = pl.Series(range(len(self.entries), len(self.entries) + len(searched)), dtype=pl.UInt32)
        counts = searched.str.count_matches("\n", literal=True) + 1
        owners = pl.select(places.repeat_by(counts).explode(empty_as_null=False)).to_series()
        pairs = pl.DataFrame({"place": owners, "domain": lines.str.extract(r"@([^@]*)$")}).drop_nulls().unique()
        for place, domain in pairs.sort("place").iter_rows():
            self._domains[domain].append(place)

    def _accounts(self, wanted: str, limit: int) -> list[int]:
        """Places of accounts: the id, then the whole name, then how it begins, then a part of it."""
        places = dict.fromkeys(self._ids.get(wanted, ()))
        for pattern in (f"\n{wanted}\n", f"\n{wanted}", wanted):
            if len(places) < limit:
                places |= dict.fromkeys(_places(self._names, pattern, limit))
        return list(places)

    def _persons(self, wanted: str, limit: int) -> Iterable[tuple[int, str]]:
        """Places of accounts with the first person of each who fits. A known domain needs no scan of everybody."""
        local, at, domain = wanted.rpartition("@")
        of_domain = self._domains.get(domain if at else wanted)
        if not of_domain:
            return self._first(_places(self._searched, wanted, limit), wanted)
        if local:
            own = self._searched.gather(of_domain)
            exact = [of_domain[place] for place in _places(own, f"{_CELL}{wanted}", len(of_domain))]
            hits = self._first(exact[:limit], f"{_CELL}{wanted}\n")
            if hits:
                return hits
        return self._first(of_domain[:limit], f"@{domain if at else wanted}\n")

    def _first(self, places: Iterable[int], part: str) -> list[tuple[int, str]]:
        """The first person of each place whose line, with its end, has this part; as the report spells it."""
        persons = []
        for place in places:
            text = f"{self._searched[place]}\n"
            if (at := text.find(part)) >= 0:
                number = text.count("\n", 0, at)  # an account may have thousands of lines: they are not parted
                persons.append((place, self._shown[place].split("\n", number + 1)[number]))
        return persons


def folded(text: str) -> str:
    """A text as it is searched: transliterated to ASCII, lower case, runs of blanks as one."""
    if text.isascii():  # most are, and need no more
        return " ".join(text.lower().split())
    return " ".join(anyascii(fold(text)).lower().split())


# ---------------------------------------------------------------------------------------------------------------------

_CELL = "\x1f"  # between name and e-mail; folding leaves none in either
_NONE = pl.Series(dtype=pl.String)
_AT_ONCE = 4096  # texts that are scanned before it is asked whether enough is found


def _texts(count: int, people: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """The people of each account as one text, a line each: as they are shown, and as they are searched."""
    texts = people.with_columns(pl.col("name", "email").fill_null(""))
    whole = texts.with_columns(
        shown=pl.concat_str(pl.col("name", "email").str.replace_all(r"\s+", " "), separator=" ").str.strip_chars(),
        searched=pl.concat_str(_folded(texts["name"]), _folded(texts["email"]), separator=_CELL),
    )
    joined = whole.group_by("place").agg(pl.col("shown", "searched").str.join("\n"))
    places = pl.DataFrame({"place": range(count)}, {"place": pl.UInt32})
    every = places.join(joined, on="place", how="left", maintain_order="left").fill_null("")
    return every["shown"], every["searched"]


def _folded(texts: pl.Series) -> pl.Series:
    """A column of texts, each as `folded` has it. Few need more than lower case, and those are often the same."""
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


def _places(texts: pl.Series, pattern: str, limit: int) -> list[int]:
    """The places of the first texts that have the pattern."""
    places: list[int] = []
    for start in range(0, len(texts), _AT_ONCE):
        fits = texts[start : start + _AT_ONCE].str.contains(pattern, literal=True).arg_true().head(limit - len(places))
        places.extend(start + place for place in fits)
        if len(places) >= limit:
            break
    return places
