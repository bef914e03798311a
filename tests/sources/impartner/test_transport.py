"""Whatever blocks the way to the server is named, with a remedy; the machine's own trust store decides."""

from importlib.metadata import version

import httpx
import pytest

from flows.impartner import connection
from flows.settings import load
from schemas.errors import Unreachable, WrongUsage
from sources.impartner.connection import Connection
from sources.impartner.pull import pull
from sources.sandbox import serving
from tests.loopback import free_port
from tests.sources.impartner.pulling import FAST, SMALL, USERS, connect
from tests.sources.impartner.sealed import make_certificate, refusing_proxy, tls_front, tunnelling_proxy


def https_connection(sandbox, port, **settings):
    """An HTTPS connection to the sandbox."""
    return connect(sandbox, url=f"https://localhost:{port}", patience=240, **settings)


# --- certificates ----------------------------------------------------------------------------------------------------


def test_an_untrusted_certificate_is_named(tmp_path):
    """After two requests, with where to put the authority; once it is trusted, the pull works."""
    certificate, key = make_certificate(tmp_path)
    with serving(**SMALL) as sandbox, tls_front(int(sandbox.url.rpartition(":")[2]), certificate, key) as port:
        with pytest.raises(
            Unreachable, match=r"certificate is not trusted here \(self.signed.*trust store.*SSL_CERT_FILE"
        ):
            pull(https_connection(sandbox, port), backoff=FAST)
        assert sandbox.site.asked == []
        trusting = https_connection(sandbox, port, ca_file=str(certificate))
        assert pull(trusting, backoff=FAST).frame.height == USERS


def test_the_machine_s_trust_store_is_used(tmp_path, monkeypatch):
    """Here OpenSSL's, by SSL_CERT_FILE; the program brings no certificates of its own."""
    certificate, key = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving(**SMALL) as sandbox, tls_front(int(sandbox.url.rpartition(":")[2]), certificate, key) as port:
        assert pull(https_connection(sandbox, port), backoff=FAST).frame.height == USERS


@pytest.mark.parametrize(
    ("host", "days", "message"),
    [("127.0.0.1", 36_500, "certificate is not valid for"), ("localhost", -9, "has expired")],
)
def test_a_wrong_or_expired_certificate_is_reported(host, days, message, tmp_path):
    """In OpenSSL's own words."""
    certificate, key = make_certificate(tmp_path, days=days)
    with serving(**SMALL) as sandbox, tls_front(int(sandbox.url.rpartition(":")[2]), certificate, key) as port:
        connection = https_connection(sandbox, port, ca_file=str(certificate))
        with pytest.raises(Unreachable, match=message):
            pull(Connection(f"https://{host}:{port}", sandbox.key, ca_file=connection.ca_file), backoff=FAST)


def test_a_failed_tls_handshake_is_reported():
    """Here the server speaks plain HTTP."""
    with serving(**SMALL) as sandbox, pytest.raises(Unreachable, match=r"\(TLS\).*trusts its certificate"):
        pull(connect(sandbox, url=sandbox.url.replace("http:", "https:"), proof=None), backoff=FAST)


# --- proxies ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (
            "407 Proxy Authentication Required",
            r"needs a user and password.*\(407\).*HTTPS_PROXY",
        ),
        ("403 Forbidden", r"does not let the request through \(403\).*NO_PROXY"),
        ("502 Bad Gateway", r"gets no connection to the server \(502\).*HTTPS_PROXY"),
    ],
)
def test_a_proxy_that_refuses_is_named(status, message):
    """Without its password; and it never sees the key."""
    asked: list[str] = []
    with refusing_proxy(status, asked) as port:
        proxy = f"http://somebody:hunter2@127.0.0.1:{port}"
        connection = Connection("https://prod.impartner.example", "pretend-key", proxy=proxy)
        with pytest.raises(Unreachable, match=rf"the proxy 127.0.0.1:{port} {message}") as stopped:
            pull(connection, account="Contoso GmbH", backoff=FAST)
    assert "hunter2" not in f"{stopped.value} {connection!r}"
    assert asked
    assert all(request.startswith("CONNECT prod.impartner.example:443 ") for request in asked)
    assert "pretend-key" not in "".join(asked)


def test_an_unreachable_proxy_is_named():
    """Not the server, which was never contacted."""
    port = free_port()
    connection = Connection("https://prod.impartner.example", "pretend-key", proxy=f"http://127.0.0.1:{port}")
    with pytest.raises(Unreachable, match=rf"no connection to the proxy 127.0.0.1:{port} .*HTTPS_PROXY"):
        pull(connection, account="Contoso GmbH", backoff=FAST)


def test_a_pull_goes_through_a_proxy(tmp_path):
    """The proxy sees only the host."""
    certificate, key = make_certificate(tmp_path)
    asked: list[str] = []
    with (
        serving(**SMALL) as sandbox,
        tls_front(int(sandbox.url.rpartition(":")[2]), certificate, key) as port,
        tunnelling_proxy(asked, port) as proxy,
    ):
        connection = https_connection(sandbox, port, ca_file=str(certificate), proxy=f"http://127.0.0.1:{proxy}")
        assert pull(connection, backoff=FAST).frame.height == USERS
    assert asked
    assert not any(sandbox.key in request for request in asked)


@pytest.mark.parametrize("no_proxy", ["::1/128", "localhost,127.0.0.1,::1/128", "10.0.0.0/8", ".corp.example"])
def test_no_proxy_lists_are_accepted(no_proxy, monkeypatch):
    """httpx's own parser fails on IPv6 networks."""
    monkeypatch.setenv("NO_PROXY", no_proxy)
    monkeypatch.setenv("PARTNER_CERTS_IMPARTNER_KEY", "pretend-key")
    monkeypatch.setenv("PARTNER_CERTS_IMPARTNER_URL", "https://127.0.0.1:9")
    with pytest.raises(Unreachable, match="no connection to the server"):
        pull(connection(load()), account="Contoso GmbH", backoff=FAST)


@pytest.mark.parametrize(
    "variable",
    ["ALL_PROXY=socks5://127.0.0.1:9", "HTTPS_PROXY=::::bad", "https_proxy=ftp://x:1", "SSL_CERT_FILE=/nonexistent",
     "SSL_CERT_DIR=/nonexistent"],
)  # fmt: skip
def test_bad_proxy_and_certificate_settings_are_wrong_usage(variable, monkeypatch):
    """The message lists the variables."""
    name, _, value = variable.partition("=")
    monkeypatch.setenv(name, value)
    monkeypatch.setenv("PARTNER_CERTS_IMPARTNER_KEY", "pretend-key")
    monkeypatch.setenv("PARTNER_CERTS_IMPARTNER_URL", "https://127.0.0.1:9")
    with pytest.raises(WrongUsage, match="unset HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE"):
        pull(connection(load()), account="Contoso GmbH", backoff=FAST)


# --- others ----------------------------------------------------------------------------------------------------------


def test_an_unknown_host_is_named():
    """Usually a typo in the address."""
    connection = Connection("https://prod.impartner.invalid", "pretend-key")
    with pytest.raises(Unreachable, match=r"its name is not known.*PARTNER_CERTS_IMPARTNER_URL"):
        pull(connection, account="Contoso GmbH", backoff=FAST)


def test_ipv6_loopback_is_loopback(monkeypatch):
    """Plain HTTP is allowed, and no proxy is used."""
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("PARTNER_CERTS_IMPARTNER_KEY", "pretend-key")
    monkeypatch.setenv("PARTNER_CERTS_IMPARTNER_URL", "http://[::1]:9")
    with pytest.raises(Unreachable, match=r"Impartner at \[::1\]:9 .*no connection to the server"):
        pull(connection(load()), account="Contoso GmbH", backoff=FAST)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("firewall", r"firewall or gateway .*\(403 with a web page\).*let this machine's address through"),
        ("407", r"a proxy needs a user and password.*\(407\)"),
        ("key-expires", r"the key worked until now and is refused \(401\) \(3 requests\).*expired"),
        ("html", "web page"),
    ],
)
def test_other_obstacles_are_named(fault, message):
    """Each with its own remedy."""
    with serving(**SMALL, faults=[f"{fault}:always"]) as sandbox, pytest.raises(Unreachable, match=message):
        pull(connect(sandbox), backoff=FAST)


def test_requests_have_a_user_agent(monkeypatch):
    """With the version."""
    seen: list[str] = []
    send = httpx.AsyncClient.send

    async def spy(client, request, **kwargs):
        seen.append(request.headers["user-agent"])
        return await send(client, request, **kwargs)

    monkeypatch.setattr(httpx.AsyncClient, "send", spy)
    with serving(**SMALL) as sandbox:
        pull(connect(sandbox), backoff=FAST)
    assert set(seen) == {f"partner-certs/{version('partner-certs')}"}
