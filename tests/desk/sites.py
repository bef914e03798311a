"""Running desks: a team's on a Unix socket, as for a proxy, and one person's on loopback."""

import re
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette

from desk.drafting import Mail
from desk.site import Services, site, team_site
from exports.home.layout import Home
from schemas.health import Check

ORIGIN = "https://desk.example"
USER = "X-Forwarded-User"
TOKEN = "one-time"
PATIENCE = 240.0  # seconds; ample for a busy machine
NO_MAILBOX = Mail()


def client(**known: Any) -> httpx.Client:
    """An HTTP client with a long timeout."""
    return httpx.Client(timeout=PATIENCE, trust_env=False, **known)


def no_pull(account: str) -> str:
    """Most tests must not pull."""
    raise AssertionError(account)


@contextmanager
def open_site(
    home: Home, pull: Callable[[str], str] = no_pull, user: str = "Ines", mail: Mail = NO_MAILBOX
) -> Iterator[httpx.Client]:
    """A team's desk, and a client that is logged in as `user`."""
    with _served(team_site(home, services(pull, mail), USER, ORIGIN)) as path:
        headers = {USER: user, "Origin": ORIGIN, "Sec-Fetch-Dest": "empty"}
        transport = httpx.HTTPTransport(uds=str(path))
        with client(transport=transport, base_url="http://desk.example", headers=headers) as browser:
            yield browser


@contextmanager
def open_desk(home: Home, pull: Callable[[str], str] = no_pull, mail: Mail = NO_MAILBOX) -> Iterator[str]:
    """One person's desk on loopback: its URL with the token."""
    app = site(home, services(pull, mail), TOKEN)
    with socket.create_server(("127.0.0.1", 0)) as listening, _serving(app, listening):
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/?token={TOKEN}"


def decision_on(browser: httpx.Client, account: str, what: str, page: str = "/", **known: str) -> dict[str, Any]:
    """What a page sends for a decision on an account that it shows."""
    text = browser.get(page).text
    base = "" if page == "/" else page
    [(run, version)] = re.findall(r'data-run="([^"]+)" data-version="(\d+)"', text)
    entries = re.findall(r'data-key="([^"]+)".*?<span class="who"><bdi>([^<]*)', text, re.DOTALL)
    key = next(key for key, name in entries if name == account)
    fragment = browser.get(f"{base}/accounts/{key}", params={"run": run}).text
    [seen] = re.findall(r'data-seen="([^"]+)"', fragment)
    items = [{"key": key, "seen": seen}]
    return {"run": run, "what": what, "items": items, "by": "Ada", "reason": "", "version": int(version), **known}


def services(pull: Callable[[str], str] = no_pull, mail: Mail = NO_MAILBOX) -> Services:
    """Fake services of the desk."""
    return Services(pull=pull, examine=lambda: [Check("home folder", False, "open <to> all", "Close it")], mail=mail)


@contextmanager
def _served(app: Starlette) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listening:
        path = Path(folder) / "desk"
        listening.bind(str(path))
        listening.listen()
        with _serving(app, listening):
            yield path


@contextmanager
def _serving(app: Starlette, listening: socket.socket) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
    serving = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    serving.start()
    try:
        yield
    finally:
        server.should_exit = True
        serving.join(PATIENCE)
