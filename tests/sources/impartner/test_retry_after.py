"""The wait that a server asks for is read in every format."""

import time
from email.utils import formatdate

import httpx
import pytest

from sources.impartner.retry_after import retry_after


def wait_of(**headers):
    """What these headers ask for; underscores in names stand for hyphens."""
    return retry_after(
        httpx.Response(429, headers={name.replace("_", "-"): text for name, text in headers.items()}).headers
    )


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry_After": "7"}, 7),
        ({"Retry_After": "1.5"}, 1.5),
        ({"Retry_After": "0.25"}, 0.25),
        ({"Retry_After": " 0 "}, 0),
        ({"Retry_After": "soon"}, None),
        ({"Retry_After": "-5"}, None),
        ({"Retry_After": "nan"}, None),
        ({"Retry_After": "1e3"}, None),
        ({"Retry_After": "9" * 5000}, None),
        ({"RateLimit_Reset": "30"}, 30),
        ({"X_RateLimit_Reset": "2.5"}, 2.5),
        ({"X_RateLimit_Reset": "later", "RateLimit_Reset": "3"}, 3),
        ({"Retry_After": "4", "X_RateLimit_Reset": "90"}, 4),
        ({"Retry_After": "never", "X_RateLimit_Reset": "90"}, 90),
        ({"X_RateLimit_Reset": "1795255230", "Date": "Sat, 21 Nov 2026 10:00:00 GMT"}, 30),
        ({"RateLimit_Reset": "1795255230.5", "Date": "Sat, 21 Nov 2026 10:00:00 GMT"}, 30.5),
        ({"Retry_After": "Sat, 21 Nov 2026 10:00:30 GMT", "Date": "Sat, 21 Nov 2026 10:00:00 GMT"}, 30),
        ({"Retry_After": "Saturday, 21-Nov-26 10:00:30 GMT", "Date": "Sat, 21 Nov 2026 10:00:00 GMT"}, 30),
        ({"Retry_After": "Sat Nov 21 10:00:30 2026", "Date": "Sat, 21 Nov 2026 10:00:00 GMT"}, 30),
        ({"Retry_After": "Sat, 21 Nov 2026 11:00:30 +0100", "Date": "Sat, 21 Nov 2026 10:00:00 GMT"}, 30),
        ({"Retry_After": "Sat, 21 Nov 2026 10:00:00 GMT", "Date": "Sat, 21 Nov 2026 10:00:30 GMT"}, 0),
    ],
)
def test_a_wait_is_parsed(headers, seconds):
    """Seconds, perhaps decimal; a date by the server's clock; a reset in seconds or as a Unix time."""
    assert wait_of(**headers) == seconds


def test_without_a_date_header_our_clock_is_used():
    """A guess is better than none."""
    later = time.time() + 30
    assert 27 < wait_of(Retry_After=formatdate(later, usegmt=True)) < 31
    assert 27 < wait_of(X_RateLimit_Reset=f"{later:.0f}") < 31
    assert 27 < wait_of(Retry_After=formatdate(later, usegmt=True), Date="yesterday") < 31
