"""The connection to the server: proxy, certificates and timeouts, and what it means if there is none.

Exceptions of the HTTP client contain the request, and with it the key, so none of them leaves this package.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import truststore

from schemas.errors import WrongUsage
from sources.impartner.connection import Connection
from sources.impartner.failures import (
    BROKEN_OFF,
    LATER,
    NOT_IN_TIME,
    SEE_NETWORK,
    SEE_PROXY,
    Failure,
    proxy_refuses,
)


def open_session(connection: Connection) -> httpx.AsyncClient:
    """The HTTP client of a pull; raises WrongUsage if its proxy or its certificates can't be used."""
    try:
        return httpx.AsyncClient(
            headers=connection.headers(),
            timeout=httpx.Timeout(60.0, connect=15.0),
            limits=httpx.Limits(max_connections=connection.concurrency),
            follow_redirects=False,  # the key never follows a redirect
            trust_env=False,  # the connection names the proxy, and no .netrc may replace the key
            proxy=connection.proxy,
            verify=_trusted(connection),
        )
    except (ImportError, OSError, ValueError, httpx.InvalidURL):
        raise WrongUsage(
            "A proxy or a certificate file that the environment names can't be used. "
            "Correct or unset HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE or SSL_CERT_DIR"
        ) from None


def failure_of(problem: Exception, connection: Connection) -> Failure:
    """Why there was no response at all."""
    if isinstance(problem, httpx.ProxyError):
        status = re.match(r"[1-9][0-9]{2}\b", str(problem))
        return proxy_refuses(_proxy(connection), int(status[0]) if status else 502)
    if isinstance(problem, httpx.ConnectError | httpx.ConnectTimeout | httpx.UnsupportedProtocol):
        return _no_connection(problem, connection)
    if isinstance(problem, TimeoutError | httpx.TimeoutException):
        return NOT_IN_TIME
    return BROKEN_OFF


# ---------------------------------------------------------------------------------------------------------------------

_SEE_TLS = "Check that the address (PARTNER_CERTS_IMPARTNER_URL) is right and that this machine trusts its certificate"
_SEE_CERTIFICATE = (
    "If your network inspects TLS, install its certificate authority in this machine's trust store, or name its file "
    "in SSL_CERT_FILE; else check that the address (PARTNER_CERTS_IMPARTNER_URL) is right"
)


def _trusted(connection: Connection) -> ssl.SSLContext:
    """What the machine trusts, and the settings add. Loads nothing if the connection is not encrypted."""
    if not connection.is_encrypted:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if connection.ca_folder and not Path(connection.ca_folder).is_dir():
        raise FileNotFoundError(connection.ca_folder)
    if connection.ca_file or connection.ca_folder:
        context.load_verify_locations(connection.ca_file, connection.ca_folder)
    return context


def _no_connection(problem: Exception, connection: Connection) -> Failure:
    causes = list(_causes(problem))
    untrusted = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if untrusted is not None:
        what = f"its certificate is not trusted here ({untrusted.verify_message.rstrip('.')})"
        return Failure("blocked", what, _SEE_CERTIFICATE)
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return Failure("blocked", "no encrypted connection to the server (TLS)", _SEE_TLS)
    to_whom = "the server" if connection.proxy is None else _proxy(connection)
    remedy = SEE_NETWORK if connection.proxy is None else SEE_PROXY
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Failure("unreachable", f"no connection to {to_whom}: its name is not known", remedy)
    if isinstance(problem, httpx.ConnectTimeout):
        return Failure("unreachable", f"no connection to {to_whom} in time", f"{remedy}. {LATER}")
    return Failure("unreachable", f"no connection to {to_whom}", remedy)


def _causes(problem: BaseException | None) -> Iterator[BaseException]:
    while problem is not None:
        yield problem
        problem = problem.__cause__ or problem.__context__


def _proxy(connection: Connection) -> str:
    """The proxy's name, without user and password."""
    url = httpx.URL(connection.proxy or "")
    return f"the proxy {url.host}:{url.port}" if url.port else f"the proxy {url.host}"
