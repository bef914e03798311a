"""What stands in the way to the server is named, with what to do; the machine's own trust store is asked."""

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
from tests.sources.impartner.sealed import make_certificate, refusing, sealing, tunnelling


def sealed_connection(sandbox, port, **settings):
    """A connection to the sandbox by https."""
    return connect(sandbox, url=f"https://localhost:{port}", patience=20, **settings)


# --- certificates ----------------------------------------------------------------------------------------------------


def test_a_certificate_that_the_machine_does_not_trust_is_named(tmp_path):
    """After two requests, with where to put the authority; and once it is trusted, all is well."""
    certificate, key = make_certificate(tmp_path)
    with serving(**SMALL) as sandbox, sealing(int(sandbox.url.rpartition(":")[2]), certificate, key) as port:
        with pytest.raises(
            Unreachable, match=r"certificate is not trusted here \(self.signed.*trust store.*SSL_CERT_FILE"
        ):
            pull(sealed_connection(sandbox, port), backoff=FAST)
        assert sandbox.site.asked == []
        trusting = sealed_connection(sandbox, port, ca_file=str(certificate))
        assert pull(trusting, backoff=FAST).frame.height == USERS


def test_the_trust_store_of_the_machine_is_asked(tmp_path, monkeypatch):
    """SSL_CERT_FILE is what OpenSSL takes for it: no other file of certificates comes with this program."""
    certificate, key = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving(**SMALL) as sandbox, sealing(int(sandbox.url.rpartition(":")[2]), certificate, key) as port:
        assert pull(sealed_connection(sandbox, port), backoff=FAST).frame.height == USERS


@pytest.mark.parametrize(
    ("host", "days", "told"), [("127.0.0.1", 36_500, "certificate is not valid for"), ("localhost", -9, "has expired")]
)
def test_a_certificate_of_another_host_or_time_is_told_as_such(host, days, told, tmp_path):
    """In OpenSSL's own words."""
    certificate, key = make_certificate(tmp_path, days=days)
    with serving(**SMALL) as sandbox, sealing(int(sandbox.url.rpartition(":")[2]), certificate, key) as port:
        connection = sealed_connection(sandbox, port, ca_file=str(certificate))
        with pytest.raises(Unreachable, match=told):
            pull(Connection(f"https://{host}:{port}", sandbox.key, ca_file=connection.ca_file), backoff=FAST)


def test_a_connection_that_can_t_be_sealed_is_told():
    """Here because the server speaks plain http."""
    with serving(**SMALL) as sandbox, pytest.raises(Unreachable, match=r"\(TLS\).*trusts its certificate"):
        pull(connect(sandbox, url=sandbox.url.replace("http:", "https:"), proof=None), backoff=FAST)


# --- proxies ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (
            "407 Proxy Authentication Required",
            r"wants another user and password .*\(407\).*HTTPS_PROXY",
        ),
        ("403 Forbidden", r"does not let the request through \(403\).*NO_PROXY"),
        ("502 Bad Gateway", r"gets no connection to the server \(502\).*HTTPS_PROXY"),
    ],
)
def test_a_proxy_that_refuses_is_named(status, told):
    """Without its password, and it never saw the key."""
    asked: list[str] = []
    with refusing(status, asked) as port:
        proxy = f"http://somebody:hunter2@127.0.0.1:{port}"
        connection = Connection("https://prod.impartner.example", "pretend-key", proxy=proxy)
        with pytest.raises(Unreachable, match=rf"the proxy 127.0.0.1:{port} {told}") as stopped:
            pull(connection, account="Contoso GmbH", backoff=FAST)
    assert "hunter2" not in f"{stopped.value} {connection!r}"
    assert asked
    assert all(request.startswith("CONNECT prod.impartner.example:443 ") for request in asked)
    assert "pretend-key" not in "".join(asked)


def test_a_proxy_that_is_not_there_is_named():
    """Not the server, which nobody has asked."""
    port = free_port()
    connection = Connection("https://prod.impartner.example", "pretend-key", proxy=f"http://127.0.0.1:{port}")
    with pytest.raises(Unreachable, match=rf"no connection to the proxy 127.0.0.1:{port} .*HTTPS_PROXY"):
        pull(connection, account="Contoso GmbH", backoff=FAST)


def test_a_pull_goes_through_a_proxy(tmp_path):
    """What it sees of it is where it goes, and nothing else."""
    certificate, key = make_certificate(tmp_path)
    asked: list[str] = []
    with (
        serving(**SMALL) as sandbox,
        sealing(int(sandbox.url.rpartition(":")[2]), certificate, key) as port,
        tunnelling(asked, port) as proxy,
    ):
        connection = sealed_connection(sandbox, port, ca_file=str(certificate), proxy=f"http://127.0.0.1:{proxy}")
        assert pull(connection, backoff=FAST).frame.height == USERS
    assert asked
    assert not any(sandbox.key in request for request in asked)


@pytest.mark.parametrize("no_proxy", ["::1/128", "localhost,127.0.0.1,::1/128", "10.0.0.0/8", ".corp.example"])
def test_a_list_of_exempt_hosts_is_no_trouble(no_proxy, monkeypatch):
    """The HTTP client's own reading of it fails on networks of IPv6."""
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
def test_what_the_environment_names_for_https_may_be_wrong(variable, monkeypatch):
    """It is wrong usage, and says which variables there are."""
    name, _, value = variable.partition("=")
    monkeypatch.setenv(name, value)
    monkeypatch.setenv("PARTNER_CERTS_IMPARTNER_KEY", "pretend-key")
    monkeypatch.setenv("PARTNER_CERTS_IMPARTNER_URL", "https://127.0.0.1:9")
    with pytest.raises(WrongUsage, match="unset HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE"):
        pull(connection(load()), account="Contoso GmbH", backoff=FAST)


# --- others ----------------------------------------------------------------------------------------------------------


def test_a_host_that_nobody_knows_is_told_as_such():
    """Most often it is a slip in the address."""
    connection = Connection("https://prod.impartner.invalid", "pretend-key")
    with pytest.raises(Unreachable, match=r"its name is not known.*PARTNER_CERTS_IMPARTNER_URL"):
        pull(connection, account="Contoso GmbH", backoff=FAST)


def test_ipv6_loopback_is_loopback(monkeypatch):
    """Plain http to it is as private as to 127.0.0.1, and no proxy comes in between."""
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("PARTNER_CERTS_IMPARTNER_KEY", "pretend-key")
    monkeypatch.setenv("PARTNER_CERTS_IMPARTNER_URL", "http://[::1]:9")
    with pytest.raises(Unreachable, match=r"Impartner at \[::1\]:9 .*no connection to the server"):
        pull(connection(load()), account="Contoso GmbH", backoff=FAST)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("firewall", r"firewall or gateway .*\(403 with a web page\).*let this machine's address through"),
        ("407", r"a proxy wants another user and password .*\(407\)"),
        ("key-expires", r"the key worked until now and is refused \(401\) \(3 requests\).*expired"),
        ("html", "web page"),
    ],
)
def test_what_stands_in_the_way_is_named(fault, told):
    """Each has a remedy of its own."""
    with serving(**SMALL, faults=[f"{fault}:always"]) as sandbox, pytest.raises(Unreachable, match=told):
        pull(connect(sandbox), backoff=FAST)


def test_the_server_is_told_who_asks(monkeypatch):
    """With the version, so that its people can find out."""
    seen: list[str] = []
    send = httpx.AsyncClient.send

    async def spy(client, request, **kwargs):
        seen.append(request.headers["user-agent"])
        return await send(client, request, **kwargs)

    monkeypatch.setattr(httpx.AsyncClient, "send", spy)
    with serving(**SMALL) as sandbox:
        pull(connect(sandbox), backoff=FAST)
    assert set(seen) == {f"partner-certs/{version('partner-certs')}"}
