"""Faults of the pretend Impartner that can be switched on, and when they strike.

`NAME` strikes every third request of those it concerns, `NAME:3` the first three, `NAME:always` each.
"""

from collections.abc import Iterable

KINDS = {
    "slow": "answers take two seconds longer",
    "401": "a valid key is refused",
    "403": "the key may not read",
    "404": "no such object",
    "429": "too many requests",
    "429-retry-after": "too many requests, with Retry-After: 1",
    "500": "internal error, as JSON",
    "503": "an error page of a proxy",
    "drop": "the connection breaks off in the middle of an answer",
    "html": "a login page with status 200",
    "redirect": "a redirect to a login page",
    "truncated": "half of the JSON",
    "success-false": "status 200 with success: false and an unknown code",
    "success-false-request": "status 200 with success: false and a code about the request",
    "xml": "XML in place of JSON",
    "drift-count": "the count is another one each time",
    "churn": "a user goes and another one comes after each page; the count stays",
    "join": "a user comes after each page",
    "repeat": "each page has its last user twice",
    "short": "half of a page",
    "nul": "a NUL in a name",
    "leave-out": "a field is left out of an object",
    "stray": "a user of another account although a filter was given",
    "wrong-tenant": "another company's users and accounts, as an ordinary answer",
    "missing-label": "a field that the reports need has another label",
    "twin-label": "two fields carry one label",
    "no-accounts": "the key's role may not read accounts",
}
_EVERY = 3


class Faults:
    """Which faults are on. Raises ValueError for one that is not known."""

    def __init__(self, named: Iterable[str] = ()) -> None:
        self._rules = dict(_rule(name) for name in named)
        self._asked = dict.fromkeys(self._rules, 0)

    def strikes(self, kind: str) -> bool:
        """Whether the fault strikes this time; counts the times it was asked."""
        if kind not in self._rules:
            return False
        self._asked[kind] += 1
        first = self._rules[kind]
        return self._asked[kind] % _EVERY == 0 if first is None else self._asked[kind] <= first


def _rule(named: str) -> tuple[str, float | None]:
    kind, _, when = named.partition(":")
    if kind not in KINDS or not (when in ("", "always") or when.isdigit()):
        raise ValueError(
            f"{named!r} is no fault. Known: {', '.join(KINDS)}; add :always or :N for the first N requests"
        )
    return kind, {"": None, "always": float("inf")}[when] if not when.isdigit() else float(when)
