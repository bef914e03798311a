"""Whether a Prefect server answers. Imports no Prefect: a person waits for it."""

import http.client
from urllib.parse import urlsplit

SECONDS = 5.0  # a busy server takes some; one that is not there says so at once


def reachable(api_url: str, seconds: float = SECONDS) -> bool:
    """Whether the server at `api_url` (`http://host:4200/api`) says that it is well, within `seconds`."""
    try:
        parts = urlsplit(api_url)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return False
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, port, timeout=seconds)
    try:
        connection.request("GET", f"{parts.path.rstrip('/')}/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
