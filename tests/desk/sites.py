"""A team's desk, served on a Unix socket for the tests as for a proxy."""

import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette

from cli.doctor import Check
from desk.site import Hands, team_site
from exports.home.layout import Home

ORIGIN = "https://desk.example"
USER = "X-Forwarded-User"


def no_pull(account: str) -> str:
    """Nothing is pulled in most tests."""
    raise AssertionError(account)


@contextmanager
def open_site(home: Home, pull: Callable[[str], str] = no_pull, user: str = "Ines") -> Iterator[httpx.Client]:
    """A browser of somebody whom the proxy knows, open until the test is done with it."""
    hands = Hands(pull=pull, examine=lambda: [Check("home folder", False, "open <to> all", "Close it")])
    with _served(team_site(home, hands, USER, ORIGIN)) as path:
        headers = {USER: user, "Origin": ORIGIN, "Sec-Fetch-Dest": "empty"}
        transport = httpx.HTTPTransport(uds=str(path))
        with httpx.Client(transport=transport, base_url="http://desk.example", headers=headers) as browser:
            yield browser


@contextmanager
def _served(app: Starlette) -> Iterator[Path]:
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listening:
        path = Path(folder) / "desk"
        listening.bind(str(path))
        listening.listen()
        serving = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        serving.start()
        try:
            yield path
        finally:
            server.should_exit = True
            serving.join(10)
