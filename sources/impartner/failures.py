"""Why a request failed: kinds of failures, each in our own words, without any part of the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# key: 401.  blocked: no request gets through.  transient: may pass soon.  busy: the server asks to slow down.
# unreachable: nobody answers.  query: its fields, filter, offset or page size are refused.  request: refused whatever
# the query.  content: the answer can't be used.
Kind = Literal["key", "blocked", "transient", "busy", "unreachable", "query", "request", "content"]


@dataclass(frozen=True)
class Failure:
    """What happened, and what a person can do about it.

    wait: seconds that the server requests. by_api: the API itself refuses this request, and may answer another one.
    """

    kind: Kind
    what: str
    remedy: str
    wait: float | None = None
    by_api: bool = False


LATER = "Try again later"
SEE_NETWORK = "Check the network and the address (PARTNER_CERTS_IMPARTNER_URL), then try again"
SEE_PROXY = "Check that HTTPS_PROXY or ALL_PROXY is right, or list this host in NO_PROXY"
ASKED_WRONG = "Run partner-certs doctor to see whether address, tenant and fields fit this Impartner"
_SEE_KEY = "Check that the key (PARTNER_CERTS_IMPARTNER_KEY) is complete, valid, and for this server"
_SEE_ROLE = "Give the key's role permission to read this object, or check that the address and the tenant are right"
_SEE_ADDRESS = "Check that the address (PARTNER_CERTS_IMPARTNER_URL) is that of the API, and that the key is valid"

KEY_REFUSED = Failure("key", "the key is refused (401)", _SEE_KEY, by_api=True)
KEY_EXPIRED = Failure(
    "key",
    "the key worked until now and is refused (401)",
    "It may have expired or been revoked: make a new one, set PARTNER_CERTS_IMPARTNER_KEY, and try again",
    by_api=True,
)
KEY_DOUBTED = Failure("transient", "the key is refused now and then (401)", "Try again later", by_api=True)
FORBIDDEN = Failure("blocked", "the key may not read this (403)", _SEE_ROLE, by_api=True)
FIREWALL = Failure(
    "blocked",
    "a firewall or gateway in front of it blocks the request (403 with a web page)",
    "Ask whoever runs it to let this machine's address through to the API",
)
WEB_PAGE = Failure("blocked", "it answers with a web page, perhaps a login page or a firewall's", _SEE_ADDRESS)
NOT_THE_API = Failure("transient", "the answer is not one of the API", LATER)
SAYS_FAILED = Failure("transient", "the server says that it failed", LATER, by_api=True)
NOT_UNDERSTOOD = Failure("query", "the server does not understand the request", ASKED_WRONG, by_api=True)
NOT_IN_TIME = Failure("transient", "the server did not answer in time", LATER)
BROKEN_OFF = Failure("transient", "the connection broke off", SEE_NETWORK)


def redirected(status: int) -> Failure:
    """The server answers with a redirect."""
    return Failure("blocked", f"it sends a redirect ({status}), which the key never follows", _SEE_ADDRESS)


def proxy_refuses(proxy: str, status: int) -> Failure:
    """A proxy answered instead of the server. proxy: its name, without user and password."""
    if status == 407:
        what = f"{proxy} needs a user and password, which HTTPS_PROXY lacks or has wrong (407)"
        remedy = "Set HTTPS_PROXY to http://user:password@host:port, or list this host in NO_PROXY"
        return Failure("blocked", what, remedy)
    if status >= 500:
        return Failure("unreachable", f"{proxy} gets no connection to the server ({status})", SEE_PROXY)
    return Failure("blocked", f"{proxy} does not let the request through ({status})", SEE_PROXY)


def twins(key: str, other: str) -> Failure:
    """One object has a key twice, perhaps in another letter case."""
    return Failure(
        "content",
        f"an object has the key {key[:80]!r} beside {other[:80]!r}, so nobody can tell which one is right",
        "Rename one of these fields in Impartner",
    )
