"""Why there is no answer: what kind of thing it is, and each in our own words, which hold nothing of the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# key: 401.  door: nobody comes in this way.  moment: it may be over soon.  busy: it asks to slow down.
# away: nobody answers at all.  question: its fields, filter, offset or page size are refused.  request: it is refused
# whatever it asks.  content: the answer was read and can't be used.
Kind = Literal["key", "door", "moment", "busy", "away", "question", "request", "content"]


@dataclass(frozen=True)
class Failure:
    """What happened, and what a person can do about it.

    wait: seconds that the server asks for. by_api: the API itself refuses this request, and may answer another one.
    """

    kind: Kind
    what: str
    remedy: str
    wait: float | None = None
    by_api: bool = False


LATER = "Try again later"
SEE_NETWORK = "See to the network and the address (PARTNER_CERTS_IMPARTNER_URL), then try again"
SEE_PROXY = "See that HTTPS_PROXY or ALL_PROXY is right, or list this host in NO_PROXY"
ASKED_WRONG = "Run partner-certs doctor to see whether address, tenant and fields fit this Impartner"
_SEE_KEY = "See that the key (PARTNER_CERTS_IMPARTNER_KEY) is complete, valid, and of this server"
_SEE_ROLE = "Give the key's role permission to read this object, or see that the address and the tenant are right"
_SEE_ADDRESS = "See that the address (PARTNER_CERTS_IMPARTNER_URL) is that of the API, and that the key is valid"

KEY_REFUSED = Failure("key", "the key is refused (401)", _SEE_KEY, by_api=True)
KEY_EXPIRED = Failure(
    "key",
    "the key worked until now and is refused (401)",
    "It may have expired or been revoked: make a new one, set PARTNER_CERTS_IMPARTNER_KEY, and try again",
    by_api=True,
)
KEY_DOUBTED = Failure("moment", "the key is refused now and then (401)", "Try again later", by_api=True)
FORBIDDEN = Failure("door", "the key may not read this (403)", _SEE_ROLE, by_api=True)
FIREWALL = Failure(
    "door",
    "a firewall or gateway before it blocks the request (403 with a web page)",
    "Ask whoever runs it to let this machine's address through to the API",
)
WEB_PAGE = Failure("door", "it answers with a web page, perhaps to log in, or of a firewall", _SEE_ADDRESS)
NOT_THE_API = Failure("moment", "the answer is not what the API gives", LATER)
SAYS_FAILED = Failure("moment", "the server says that it failed", LATER, by_api=True)
NOT_UNDERSTOOD = Failure("question", "the server does not understand what it is asked for", ASKED_WRONG, by_api=True)
NOT_IN_TIME = Failure("moment", "the server did not answer in time", LATER)
BROKEN_OFF = Failure("moment", "the connection broke off", SEE_NETWORK)


def redirected(status: int) -> Failure:
    """It answers with a redirect."""
    return Failure("door", f"it sends elsewhere (redirect {status}), which is not followed with a key", _SEE_ADDRESS)


def proxy_refuses(proxy: str, status: int) -> Failure:
    """A proxy answered in place of the server. proxy: its name, without user and password."""
    if status == 407:
        what = f"{proxy} wants another user and password than HTTPS_PROXY has, or has none (407)"
        return Failure("door", what, "Set HTTPS_PROXY to http://user:password@host:port, or list this host in NO_PROXY")
    if status >= 500:
        return Failure("away", f"{proxy} gets no connection to the server ({status})", SEE_PROXY)
    return Failure("door", f"{proxy} does not let the request through ({status})", SEE_PROXY)


def twins(key: str, other: str) -> Failure:
    """One object has a key twice, perhaps in another letter case."""
    return Failure(
        "content",
        f"an object has the key {key[:80]!r} beside {other[:80]!r}, so nobody can tell which of them is right",
        "Rename one of these fields in Impartner",
    )
