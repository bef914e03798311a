"""Faults of the pretend Impartner that can be switched on, and when they strike.

`NAME` strikes every third request that it applies to, `NAME:3` the first three, `NAME:always` all of them.
"""

from collections.abc import Iterable

REFUSALS = {
    "401": "a valid key is refused",
    "403": "the key may not read",
    "404": "no such object",
    "429": "too many requests",
    "429-retry-after": "too many requests, with Retry-After: 1",
    "429-retry-decimal": "too many requests, with Retry-After: 0.25",
    "429-reset": "too many requests, with X-RateLimit-Reset: 1",
    "429-reset-time": "too many requests, with RateLimit-Reset: a second from now, counted since 1970",
    "500": "internal error, as JSON",
    "503": "an error page of a proxy",
    "503-retry-date": "the same, with Retry-After: the date a second from now",
    "407": "a proxy asks for user and password",
    "firewall": "403 with a web page, before the request reaches the API",
    "html": "a login page with status 200",
    "redirect": "a redirect to a login page",
    "xml": "XML instead of JSON",
    "success-false": "status 200 with success: false and an unknown code",
    "success-false-request": "status 200 with success: false and a code about the request",
    "key-expires": "the key is refused after three requests",
    "one-a-second": "more than one request a second is too many",
    "page-size": "pages of more than 100 are refused",
    "offsets": "pages that skip more than 50 are refused",
    "name-filter": "filters on names are refused",
    "no-accounts": "the key's role may not read accounts (403)",
    "no-accounts-401": "the same, as 401",
    "no-accounts-404": "the same, as 404",
    "no-accounts-false": "the same, as success: false",
}
BODIES = {
    "slow": "answers take two seconds longer",
    "drop": "the connection breaks in the middle of an answer",
    "truncated": "half of the JSON",
    "errors": "errors beside success: true",
    "twin-keys": "two keys of an object differ in letter case only",
    "control": "a raw control character in a name",
    "surrogate": "half a character in a name",
    "latin": "a byte in a name that is not UTF-8",
}
LIES = {
    "drift-count": "the count changes with each request",
    "churn": "one user leaves and another joins after each page; the count stays",
    "join": "a user joins after each page",
    "repeat": "each page has its last user twice",
    "short": "half of a page",
    "no-results": "a page without users has no list",
    "nul": "a NUL in a name",
    "leave-out": "a field is left out of an object",
    "empty-column": "a field is null for everybody",
    "picklist-number": "a picklist's values are numbers",
    "picklist-unknown": "a picklist's value is a number without a name",
    "stray": "a user of another account although a filter was given",
    "wrong-tenant": "another company's users and accounts, as an ordinary answer",
    "missing-label": "a needed field has another label",
    "twin-label": "two fields have the same label",
    "account-missing": "the account is left out of a user",
    "account-shape": "the account of a user is a list",
    "account-zero": "the account of a user is 0",
    "account-null": "the account is null for everybody",
    "account-unlisted": "an account of users is not among the accounts",
    "account-renamed": "an account's name differs from the one in its users",
}
KINDS = REFUSALS | BODIES | LIES
_EVERY = 3


class Faults:
    """The faults that are on. Raises ValueError for an unknown one."""

    def __init__(self, named: Iterable[str] = ()) -> None:
        self._rules = dict(_rule(name) for name in named)
        self._asked = dict.fromkeys(self._rules, 0)

    def strikes(self, kind: str) -> bool:
        """Whether the fault strikes this time; counts the calls."""
        if kind not in self._rules:
            return False
        self._asked[kind] += 1
        first = self._rules[kind]
        return self._asked[kind] % _EVERY == 0 if first is None else self._asked[kind] <= first


def _rule(named: str) -> tuple[str, float | None]:
    kind, _, when = named.partition(":")
    if kind not in KINDS or not (when in ("", "always") or when.isdigit()):
        raise ValueError(
            f"{named!r} is not a fault. Known: {', '.join(KINDS)}; add :always, or :N for the first N requests"
        )
    return kind, {"": None, "always": float("inf")}[when] if not when.isdigit() else float(when)
