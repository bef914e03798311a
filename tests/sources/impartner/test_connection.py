"""Impossible connection settings are refused before any request, and the key is never shown."""

import pytest

from schemas.errors import WrongUsage
from sources.impartner.connection import Connection

KEY = "pretend-key-1234"


@pytest.mark.parametrize(
    "url", ["https://prod.impartner.live", "https://prod.impartner.live/", "http://127.0.0.1:8080", "http://localhost:1",
            "http://[::1]:80", "HTTPS://stage.impartner.live"]
)  # fmt: skip
def test_an_address_that_protects_the_key_is_accepted(url):
    """HTTPS, or loopback."""
    assert Connection(url, KEY).objects.endswith("/api/objects/v1/")
    assert "//api" not in Connection(url, KEY).objects.partition("://")[2]


@pytest.mark.parametrize(
    "url", ["http://prod.impartner.live", "http://127.0.0.1.example.org", "http://0.0.0.0", "ftp://127.0.0.1",
            "prod.impartner.live", "", "https://", "https://user:secret@prod.impartner.live", "https://prod.impartner.live?key=secret",
            "https://[::1", "https://prod.impartner.live:99999"]
)  # fmt: skip
def test_an_address_that_would_expose_the_key_is_refused(url):
    """Without repeating it, as it may hold a secret."""
    with pytest.raises(WrongUsage, match="PARTNER_CERTS_IMPARTNER_URL") as refused:
        Connection(url, KEY)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ('"key-1"', "in quotes"), ("'key-1'", "in quotes"), ("“key-1”", "in quotes"), ("key-1'", "in quotes"),
        ("prm-key key-1", "word prm-key"), ("Prm-Key  key-1", "word prm-key"), ("key-1 key-1", "blanks in it"),
        (" key-1 ", "blanks around it"), ("key-1\n", "blanks around it"), ("", "not set"),
    ],
)  # fmt: skip
def test_a_malformed_key_is_refused_without_showing_it(key, message):
    """Quotes from a settings file, a whole header, two keys."""
    with pytest.raises(WrongUsage, match=message) as refused:
        Connection("https://prod.impartner.live", key)
    assert "key-1" not in str(refused.value)
    assert "PARTNER_CERTS_IMPARTNER_KEY" in str(refused.value)


@pytest.mark.parametrize("key", ["", "  ", " key-1 ", "key\n1", "kéy-1", "key\x00"])
def test_a_key_that_no_header_can_carry_is_refused(key):
    """Such as one with a line break; it is not shown."""
    with pytest.raises(WrongUsage, match="PARTNER_CERTS_IMPARTNER_KEY") as refused:
        Connection("https://prod.impartner.live", key)
    assert not key.strip() or key.strip() not in str(refused.value)


def test_the_key_is_not_in_the_repr():
    """Nor in str."""
    connection = Connection("https://prod.impartner.live", KEY, "12", ("1", "Contoso GmbH"))
    assert KEY not in f"{connection!r} {connection}"


def test_the_tenant_id_is_sent_if_set():
    """A blank one is not."""
    assert "X-PRM-TenantId" not in Connection("https://prod.impartner.live", KEY, "").headers()
    assert Connection("https://prod.impartner.live", KEY, "12").headers()["X-PRM-TenantId"] == "12"


@pytest.mark.parametrize("settings", [{"page_size": 0}, {"concurrency": 0}, {"patience": 0}, {"proof": ("1", " ")}])
def test_impossible_settings_are_refused(settings):
    """None is corrected silently."""
    with pytest.raises(WrongUsage):
        Connection("https://prod.impartner.live", KEY, **settings)
