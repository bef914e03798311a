"""What an answer is worth: a page, other data, or a cause why it is neither, in words that hold nothing of the answer.

How often a request is tried again for which cause is told in `asking.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from sources.numbers import number_text

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
Kind = Literal["key", "door", "moment", "request"]
LATER = "Try again later"


@dataclass(frozen=True)
class Answer:
    """One page: how many there are in all, and the objects of this page, keys as they came."""

    count: int
    rows: list[dict[str, Any]]


@dataclass(frozen=True)
class Failure:
    """Why there is no answer: what kind of thing it is, what happened, and what a person can do about it."""

    kind: Kind
    what: str
    remedy: str
    retry_after: float | None = None


def judge_status(response: httpx.Response) -> Failure | None:
    """The cause that status and headers tell; None if the body is worth reading."""
    status = response.status_code
    if status == 401:
        return Failure("key", "the key is refused (401)", _KEY)
    if status == 403:
        return FORBIDDEN
    if 300 <= status < 400:
        return Failure("door", f"it sends elsewhere (redirect {status}), which is not followed with a key", _DOOR)
    if status in _MOMENTARY or status >= 500:
        what = "too many requests (429)" if status == 429 else f"the server is not well ({status})"
        return Failure("moment", what, LATER, _retry_after(response))
    if not 200 <= status < 300:
        return Failure("request", f"the request is not understood ({status})", _ASKED_WRONG)
    if "html" in response.headers.get("content-type", "").casefold():
        return _LOGIN_PAGE
    return None


async def open_envelope(response: httpx.Response, read: Callable[[Any], T]) -> T | Failure:
    """What `read` makes of `data` in the envelope; whatever it stumbles over is a body that is not the API's."""
    body = await _body(response)
    if body is None:
        return _NO_ENVELOPE
    if body[:200].lstrip(b"\xef\xbb\xbf \t\r\n")[:14].lower().startswith((b"<!doctype html", b"<html")):
        return _LOGIN_PAGE
    try:
        envelope = _by_small_key(json.loads(body, parse_float=_number, parse_constant=_no_number))
        if envelope["success"] is False:
            return _judge_errors(envelope)
        if envelope["success"] is not True:
            return _NO_ENVELOPE
        return read(envelope["data"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _NO_ENVELOPE


def read_page(data: dict[str, Any]) -> Answer:
    """The page in `data`; raises ValueError, KeyError or TypeError if it is none."""
    page = _by_small_key(data)
    count, rows = page["count"], page["results"]
    if isinstance(count, bool) or not isinstance(count, int) or count < 0 or not isinstance(rows, list):
        raise ValueError("no page")
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("no objects")
    return Answer(count, rows)


# ---------------------------------------------------------------------------------------------------------------------

_LARGEST_BODY = 256 * 2**20  # bytes; no page of users comes near it
_MOMENTARY = (408, 429)

_KEY = "See that the key (PARTNER_CERTS_IMPARTNER_KEY) is complete, valid, and of this server"
_ROLE = "Give the key's role permission to read this object, or see that the address and the tenant are right"
_DOOR = "See that the address (PARTNER_CERTS_IMPARTNER_URL) is that of the API, and that the key is valid"
_ASKED_WRONG = "Run partner-certs doctor to see whether address, tenant and fields fit this Impartner"

FORBIDDEN = Failure("door", "the key may not read this (403)", _ROLE)
_LOGIN_PAGE = Failure("door", "it answers with a web page, perhaps to log in", _DOOR)
_NO_ENVELOPE = Failure("moment", "the answer is not what the API gives", LATER)

# Which codes there are is not public; those with one of these words speak of the request, and repeating it is no use.
_ABOUT_THE_REQUEST = (
    "invalid", "badrequest", "bad_request", "validation", "notfound", "not_found", "notexist", "permission",
    "denied", "forbidden", "unauthorized", "unsupported", "malformed", "required", "syntax", "parse", "field", "filter",
)  # fmt: skip


def _retry_after(response: httpx.Response) -> float | None:
    asked = response.headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(min(int(asked[:9]), 10**6))
    try:
        # The server's own clock tells how long that is from now.
        until, now = (parsedate_to_datetime(text) for text in (asked, response.headers.get("date", "")))
        return max(0.0, (until - now).total_seconds())
    except (TypeError, ValueError):
        return None


async def _body(response: httpx.Response) -> bytes | None:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _LARGEST_BODY:
            return None
    return bytes(body)


def _by_small_key(found: dict[str, Any]) -> dict[str, Any]:
    return {key.casefold(): value for key, value in found.items()}


def _number(text: str) -> str:
    """A number as a cell; one that is larger than any is kept as the server wrote it."""
    number = float(text)
    return number_text(number) if isfinite(number) else text


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


def _judge_errors(envelope: dict[str, Any]) -> Failure:
    errors = [_by_small_key(error) for error in envelope.get("errors") or [] if isinstance(error, dict)]
    codes = " ".join(str(error.get("code") or "") for error in errors).casefold()
    about = [word for word in _ABOUT_THE_REQUEST if word in codes]
    if about or any(error.get("fields") for error in errors):
        return Failure("request", "the server does not understand what it is asked for", _ASKED_WRONG)
    return Failure("moment", "the server says that it failed", LATER)
