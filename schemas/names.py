"""Names and ids of accounts: how they are compared, and which account a person means by one.

Every command and the search in Impartner use this; their refusals are worded there. `transforms/fold.py` folds whole
columns.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

NEAR = 3  # names to suggest
LIKE = 70  # the similarity, of 100, from which a name is suggested
SHOWN = 10  # accounts to list

Pair = tuple[str, str | None]  # name and id of an account

# White space as Unicode defines it; Python's strip() removes four more control characters
BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))

# Invisible characters other than white space, as ranges for the brackets of a regular expression: format characters
# (Cf), and fillers, variation selectors and the Braille blank, which count as printable
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
_SELECTORS = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
INVISIBLE = (
    "\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    f"\U000e0000-\U000e007f{_FILLERS}" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _SELECTORS)
)


def fold(text: str) -> str:
    """A name or id for comparing: trimmed, in NFC, without letter case and invisible characters, each run of white
    space as one blank."""
    if text.isalnum() and text.isascii():  # most ids
        return text.casefold()
    is_visible = text.isprintable() and (text.isascii() or _UNSEEN.isdisjoint(text))  # most have nothing to remove
    bare = (text if is_visible else _visible(text)).strip(" ")
    single = _RUN_OF_BLANKS.sub(" ", bare) if "  " in bare else bare
    return (single if single.isascii() else unicodedata.normalize("NFC", single)).casefold()


def find(wanted: str, accounts: Iterable[Pair]) -> list[int]:
    """The indexes of the accounts with this name or id; several if the answer is ambiguous.

    Of ids that differ in letter case only, an exact match wins. Of two accounts with the same name, the one with an id
    wins over the rows without one.
    """
    key = fold(wanted)
    ids, named, unnumbered = dict[int, str](), list[int](), list[int]()
    for place, (name, account_id) in enumerate(accounts):
        if account_id is not None and fold(account_id) == key:
            ids[place] = account_id
        elif fold(name) == key:
            (named if account_id else unnumbered).append(place)
    if not key:
        return []
    if named or unnumbered:
        return sorted([*ids, *(named or unnumbered)])
    return [place for place, account_id in ids.items() if account_id == wanted.strip(BLANKS)] or list(ids)


def near(wanted: str, names: Iterable[str]) -> str:
    """The names that may have been meant: " Did you mean 'A' or 'B'?"; "" if none is near.

    A name is near if its spelling is similar as a whole, or if it begins with these words.
    """
    return near_folded(wanted, {name: fold(name) for name in names})


def near_folded(wanted: str, choices: Mapping[str, str]) -> str:
    """Like `near`, with names whose folded texts are known. choices: folded texts by name."""
    from rapidfuzz import fuzz, process  # late: 10 ms, and most names are correct

    key = fold(wanted)
    start = f"{key} "
    begun = [] if key.isdigit() else sorted(name for name, folded in choices.items() if folded.startswith(start))
    names, texts = list(choices), list(choices.values())  # lists are compared seven times faster
    alike = process.extract(key, texts, scorer=fuzz.ratio, limit=NEAR, score_cutoff=LIKE)
    suggested = list(dict.fromkeys([*(names[place] for *_, place in alike), *begun]))[:NEAR]
    return f" Did you mean {' or '.join(map(repr, suggested))}?" if suggested else ""


def with_ids(accounts: Sequence[Pair]) -> str:
    """Accounts with their ids, for a message: "1 (Contoso), 77 (Contoso)"."""
    shown = ", ".join(f"{account_id or 'no id'} ({name})" for name, account_id in accounts[:SHOWN])
    return shown + (f" and {len(accounts) - SHOWN} more" if len(accounts) > SHOWN else "")


def several(wanted: str, accounts: Sequence[Pair]) -> str:
    """The refusal of a name or id that several accounts have, with what to do."""
    remedy = "Give the id or name that only the one you mean has"
    return f"{wanted!r} could be one of {len(accounts)} accounts: {with_ids(accounts)}. {remedy}"


# ---------------------------------------------------------------------------------------------------------------------

_RUN_OF_BLANKS = re.compile(f"[{BLANKS}]+")
_INVISIBLE = re.compile(f"[{INVISIBLE}]+")
_UNSEEN = frozenset(_FILLERS).union(*(map(chr, range(first, last + 1)) for first, last in _SELECTORS))


def _visible(text: str) -> str:
    """The text without invisible characters, each run of white space as one blank."""
    return _RUN_OF_BLANKS.sub(" ", _INVISIBLE.sub("", text))
