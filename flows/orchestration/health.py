"""Whether a Prefect server answers, and why not. Imports no Prefect: a person waits for it."""

import http.client
from base64 import b64encode
from http import HTTPStatus
from urllib.parse import urlsplit

SECONDS = 5.0  # a busy server takes some of them; where no server is, the connection is refused at once


def reachable(api_url: str, seconds: float = SECONDS) -> bool:
    """Whether the server at `api_url` (`http://host:4200/api`) reports within `seconds` that it is healthy."""
    return _status(api_url, "health", {}, seconds) == HTTPStatus.OK


def lets_in(api_url: str, user_and_password: str | None, seconds: float = SECONDS) -> bool:
    """Whether a healthy server accepts `user:password`, or does not ask for them."""
    credentials = b64encode((user_and_password or "").encode()).decode()
    headers = {"Authorization": f"Basic {credentials}"} if user_and_password else {}
    refusals = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
    return _status(api_url, "admin/version", headers, seconds) not in refusals


def reason(trouble: Exception) -> str:
    """Why Prefect's server could not be asked, and what to do; without the request."""
    status = getattr(getattr(trouble, "response", None), "status_code", None)
    if status == HTTPStatus.UNAUTHORIZED:
        return "it asks for user and password. Set PREFECT_API_AUTH_STRING to user:password"
    return f"{type(trouble).__name__}. Check that it runs" if status is None else f"it answers with {status}"


def _status(api_url: str, path: str, headers: dict[str, str], seconds: float) -> int | None:
    try:
        parts = urlsplit(api_url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = connect(parts.hostname, port, timeout=seconds)
    try:
        connection.request("GET", f"{parts.path.rstrip('/')}/{path}", headers=headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
