"""Which proxy the environment's variables select."""

import pytest

from sources.impartner.proxy import is_exempt, proxy_for

URL = "https://prod.impartner.live"


@pytest.mark.parametrize(
    ("url", "proxies", "proxy"),
    [
        (URL, {}, None),
        (URL, {"https": "http://proxy:3128"}, "http://proxy:3128"),
        (URL, {"https": "proxy:3128"}, "http://proxy:3128"),
        (URL, {"all": "http://proxy:3128"}, "http://proxy:3128"),
        (URL, {"https": "http://one:1", "all": "http://other:2"}, "http://one:1"),
        (URL, {"http": "http://proxy:3128"}, None),
        (URL, {"https": "http://proxy:3128", "no": ".impartner.live"}, None),
        ("http://127.0.0.1:8080", {"http": "http://proxy:1", "https": "http://proxy:1", "all": "http://proxy:1"}, None),
        ("https://[::1", {"https": "http://proxy:3128"}, None),
    ],
)
def test_a_proxy_is_used_for_https_only(url, proxies, proxy):
    """Plain HTTP to loopback would show it the key."""
    assert proxy_for(url, proxies) == proxy


@pytest.mark.parametrize(
    ("host", "no_proxy"),
    [
        ("prod.impartner.live", "*"),
        ("prod.impartner.live", "prod.impartner.live"),
        ("prod.impartner.live", "localhost, .Impartner.live"),
        ("prod.impartner.live", "impartner.live"),
        ("prod.impartner.live", "*.impartner.live"),
        ("prod.impartner.live", "prod.impartner.live:443"),
        ("PROD.impartner.live", "prod.impartner.live."),
        ("10.1.2.3", "10.0.0.0/8"),
        ("10.1.2.3", "10.1.2.3"),
        ("10.1.2.3", "10.1.2.3:443"),
        ("::1", "::1/128"),
        ("::1", "::1"),
        ("::1", "[::1]"),
        ("::1", "[::1]:443"),
        ("fe80::7", "fe80::/10"),
        ("127.0.0.1", "localhost,127.0.0.1,::1/128"),
    ],
)
def test_exempt_hosts(host, no_proxy):
    """Names, domains, addresses and networks, with or without a port."""
    assert is_exempt(host, 443, no_proxy)


@pytest.mark.parametrize(
    ("host", "no_proxy"),
    [
        ("prod.impartner.live", ""),
        ("prod.impartner.live", "localhost,127.0.0.1,::1/128"),
        ("prod.impartner.live", "partner.live"),
        ("prod.impartner.live", "prod.impartner.live:8443"),
        ("prod.impartner.live", ","),
        ("prod.impartner.live", "."),
        ("10.1.2.3", "11.0.0.0/8"),
        ("10.1.2.3", "10.1.2.3/99"),
        ("::1", "127.0.0.0/8"),
    ],
)
def test_hosts_that_are_not_exempt(host, no_proxy):
    """Part of a name is another name."""
    assert not is_exempt(host, 443, no_proxy)
