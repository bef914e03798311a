"""Names and ids of accounts: how they are compared, and which account a person means by one.

Every command and Impartner's search find accounts by this; they word their refusals themselves. Whole columns are
folded in `transforms/fold.py`.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

NEAR = 3  # names that are suggested
LIKE = 70  # of 100: how like a name must be
SHOWN = 10  # accounts that are listed

Pair = tuple[str, str | None]  # name and id of an account

# White space as Unicode has it; Python's own strip() takes four control characters more
BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))

# What nobody sees and is no white space, as ranges for the square brackets of a regular expression: format characters
# (Cf), and fillers, selectors and the blank of Braille, which count as printable
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
_SELECTORS = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
INVISIBLE = (
    "\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    f"\U000e0000-\U000e007f{_FILLERS}" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _SELECTORS)
)


def fold(text: str) -> str:
    """A name or id as it is compared: trimmed, in NFC, without letter case, each run of white space as one blank, and
    without invisible characters."""
    if text.isalnum() and text.isascii():  # most ids
        return text.casefold()
    is_seen = text.isprintable() and (text.isascii() or _UNSEEN.isdisjoint(text))  # most have nothing to be taken out
    seen = text if is_seen else _seen(text)
    bare = seen.strip(" ")
    single = _RUN_OF_BLANKS.sub(" ", bare) if "  " in bare else bare
    return (single if single.isascii() else unicodedata.normalize("NFC", single)).casefold()


def find(wanted: str, accounts: Iterable[Pair]) -> list[int]:
    """The places of the accounts that have this name or id; several if more than one may be meant.

    Of ids that differ in letter case only, the one that is spelled exactly so is meant. Rows without an id make an
    account of their own beside one that has their name and an id: that one is meant.
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
    """The names that may have been meant, as a question with a blank before it; nothing if none is near.

    A name is near if it is spelled nearly so as a whole, or begins so.
    """
    return near_folded(wanted, {name: fold(name) for name in names})


def near_folded(wanted: str, choices: Mapping[str, str]) -> str:
    """As `near`, of names whose folded texts are known."""
    from rapidfuzz import fuzz, process  # late: 10 ms, and most names are known

    key = fold(wanted)
    start = f"{key} "
    begun = [] if key.isdigit() else sorted(name for name, folded in choices.items() if folded.startswith(start))
    names, texts = list(choices), list(choices.values())  # lists are compared seven times quicker
    alike = process.extract(key, texts, scorer=fuzz.ratio, limit=NEAR, score_cutoff=LIKE)
    suggested = list(dict.fromkeys([*(names[place] for *_, place in alike), *begun]))[:NEAR]
    return f" Did you mean {' or '.join(map(repr, suggested))}?" if suggested else ""


def with_ids(accounts: Sequence[Pair]) -> str:
    """Accounts that share a name, told apart by their ids: "1 (Contoso), 77 (Contoso)"."""
    shown = ", ".join(f"{account_id or 'no id'} ({name})" for name, account_id in accounts[:SHOWN])
    return shown + (f" and {len(accounts) - SHOWN} more" if len(accounts) > SHOWN else "")


# ---------------------------------------------------------------------------------------------------------------------

_RUN_OF_BLANKS = re.compile(f"[{BLANKS}]+")
_INVISIBLE = re.compile(f"[{INVISIBLE}]+")
_UNSEEN = frozenset(_FILLERS).union(*(map(chr, range(first, last + 1)) for first, last in _SELECTORS))


def _seen(text: str) -> str:
    """The text without what nobody sees, each run of white space as one blank."""
    return _RUN_OF_BLANKS.sub(" ", _INVISIBLE.sub("", text))
