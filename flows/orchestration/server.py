"""A client for Prefect's REST API. Does not import Prefect, because a person is waiting for the answer."""

import http.client
import json
from base64 import b64encode
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlsplit

SECONDS = 5.0  # timeout for a busy server; without a server, the connection is refused at once


class Answer(NamedTuple):
    """A status, and the body if it is JSON."""

    status: int
    body: Any


class Server(NamedTuple):
    """The API at `http://host:4200/api`, and `user:password` if it asks for them."""

    api_url: str
    user_and_password: str | None = None

    def ask(self, method: str, path: str, body: object = None, seconds: float | None = None) -> Answer | None:
        """Send a request; None if the server does not answer, or if the URL is invalid.

        seconds: the timeout; None: SECONDS.
        """
        try:
            parts = urlsplit(self.api_url)
            port = parts.port
        except ValueError:
            return None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
        connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = connect(parts.hostname, port, timeout=seconds or SECONDS)
        text = None if body is None else json.dumps(body).encode()
        try:
            connection.request(method, f"{parts.path.rstrip('/')}/{path}", text, self._headers())
            response = connection.getresponse()
            return Answer(response.status, _json(response.read()))
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def is_healthy(self) -> bool:
        """Whether it reports that it is healthy."""
        answer = self.ask("GET", "health")
        return answer is not None and answer.status == HTTPStatus.OK

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        if self.user_and_password:
            headers["Authorization"] = f"Basic {b64encode(self.user_and_password.encode()).decode()}"
        return headers


# ---------------------------------------------------------------------------------------------------------------------


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None
