"""What an answer is: a page, other data, or a failure.

`failures.py` has the words of failures; `client.py` decides whether to try again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeVar

from sources.impartner.failures import (
    ASKED_WRONG,
    FIREWALL,
    FORBIDDEN,
    KEY_REFUSED,
    LATER,
    NOT_THE_API,
    NOT_UNDERSTOOD,
    SAYS_FAILED,
    WEB_PAGE,
    Failure,
    Kind,
    proxy_refuses,
    redirected,
    twins,
)
from sources.impartner.retry_after import retry_after
from sources.numbers import number_text

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
Row = dict[str, Any]  # an object of the API, its keys in lower case, because their letter case varies


@dataclass(frozen=True)
class Answer:
    """One page: the total count, and the objects of this page."""

    count: int
    rows: list[Row]


def judge_status(response: httpx.Response) -> Failure | None:
    """The failure according to status and headers; None if the body should be read."""
    status = response.status_code
    is_web_page = "html" in response.headers.get("content-type", "").casefold()
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status == 403:
        return FIREWALL if is_web_page else FORBIDDEN
    if 300 <= status < 400:
        return redirected(status)
    if status in _BUSY:
        return Failure("busy", _BUSY[status], LATER, retry_after(response.headers))
    if status == 408 or status >= 500:
        return Failure("transient", f"the server is not well ({status})", LATER, retry_after(response.headers))
    if not 200 <= status < 300:
        kind: Kind = "query" if status in _ABOUT_THE_QUESTION else "request"
        return Failure(kind, f"the request is not understood ({status})", ASKED_WRONG, by_api=True)
    return WEB_PAGE if is_web_page else None


async def read_body(response: httpx.Response) -> bytes | Failure:
    """The whole body, unless it is larger than any of the API's."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _LARGEST_BODY:
            return NOT_THE_API
    return bytes(body)


def open_envelope(body: bytes, read: Callable[[Any], T]) -> T | Failure:
    """What `read` makes of `data` in the envelope. If it fails, the body is not one of the API."""
    if body[:200].lstrip(b"\xef\xbb\xbf \t\r\n")[:14].lower().startswith((b"<!doctype html", b"<html")):
        return WEB_PAGE
    try:
        envelope = _parsed(body)
        if envelope["success"] is False or (envelope["success"] is True and envelope.get("errors")):
            return _judge_errors(envelope.get("errors"))
        return read(envelope["data"]) if envelope["success"] is True else NOT_THE_API
    except _TwinsError as found:
        return twins(*found.keys)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return NOT_THE_API


def read_page(data: Row) -> Answer:
    """The page in `data`. Raises ValueError, KeyError or TypeError if it is not a page."""
    count = data["count"]
    rows = data.get("results") or [] if count == 0 else data["results"]
    if isinstance(count, bool) or not isinstance(count, int) or count < 0 or not isinstance(rows, list):
        raise ValueError("no page")
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("no objects")
    return Answer(count, rows)


# ---------------------------------------------------------------------------------------------------------------------

_LARGEST_BODY = 256 * 2**20  # bytes; far larger than any page of users
_BUSY = {429: "too many requests (429)", 503: "the server has no time (503)"}
_ABOUT_THE_QUESTION = (400, 413, 414, 422)
_BY_STATUS = {401: KEY_REFUSED, 407: proxy_refuses("a proxy", 407)}

# The codes are not documented. Those with one of these words are about the request, and repeating it is no use.
_ABOUT_THE_REQUEST = (
    "invalid", "badrequest", "bad_request", "validation", "notfound", "not_found", "notexist", "permission",
    "denied", "forbidden", "unauthorized", "unsupported", "malformed", "required", "syntax", "parse", "field", "filter",
)  # fmt: skip


class _TwinsError(Exception):
    """One object has these two keys, which differ in letter case only, or not at all."""

    def __init__(self, key: str, other: str) -> None:
        super().__init__()
        self.keys = key, other


def _parsed(body: bytes) -> Any:
    """The JSON, its keys in lower case. Damaged characters stay, so that the message can name their cell."""
    text = body.decode(json.detect_encoding(body), "surrogateescape")
    return json.loads(
        text, strict=False, parse_float=_number, parse_constant=_no_number, object_pairs_hook=_by_small_key
    )


def _by_small_key(pairs: list[tuple[str, Any]]) -> Row:
    small = {key.casefold(): value for key, value in pairs}
    if len(small) < len(pairs):
        raise _TwinsError(*_same_key([key for key, _ in pairs]))
    return small


def _same_key(keys: list[str]) -> tuple[str, str]:
    """The first two keys that are the same, ignoring letter case."""
    seen: dict[str, str] = {}
    for key in keys:
        if key.casefold() in seen:
            return seen[key.casefold()], key
        seen[key.casefold()] = key
    raise ValueError("all keys differ")


def _number(text: str) -> str:
    """A number as a cell; one beyond the range of floats stays as the server wrote it."""
    number = float(text)
    return number_text(number) if isfinite(number) else text


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


def _judge_errors(errors: Any) -> Failure:
    known = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    codes = " ".join(str(error.get("code") or "") for error in known).casefold()
    is_about_request = any(word in codes for word in _ABOUT_THE_REQUEST) or any(error.get("fields") for error in known)
    return NOT_UNDERSTOOD if is_about_request else SAYS_FAILED
