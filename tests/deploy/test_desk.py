"""nginx in front of a team's desk, configured by deploy/: nginx says who the user is, whatever the browser claims."""

import json
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from exports.home import ledger
from exports.home.layout import Home
from tests.command import COMMAND, clean_environment
from tests.desk.desks import morning
from tests.desk.sites import PATIENCE, client
from tests.loopback import free_port

CONF = Path(__file__).resolve().parents[2] / "deploy" / "nginx" / "desk.conf"
UNIT = CONF.parents[1] / "systemd" / "partner-certs-desk.service"
NAME = "desk.example.com"
PASSWORD = "{PLAIN}secret"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path, as a socket's length is limited."""
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


def test_nginx_sets_the_user(folder: Path) -> None:
    """A forged header is replaced in any spelling and number, a stranger is refused, and decisions have nginx's
    user."""
    home = morning(folder / "home")
    with (
        _desk(home, folder / "run" / "desk"),
        _nginx(folder) as address,
        client(base_url=address, headers={"Host": NAME}) as browser,
    ):
        assert browser.get("/").status_code == 401
        browser.auth = ("ines", "secret")
        forged = [(name, "Mallory") for name in ("X-Forwarded-User", "x-forwarded-user", "X_Forwarded_User")]
        page = browser.get("/", headers=forged)
        assert (page.status_code, "Ines" in page.text, "<strong><bdi>ines</bdi></strong>" in page.text) == (
            200,
            False,
            True,
        )
        [(run, version)] = re.findall(r'data-run="([^"]+)" data-version="(\d+)"', page.text)
        key = re.findall(r'data-key="([^"]+)" data-decision="missing"', page.text)[0]
        seen = re.findall(r'data-seen="([^"]+)"', page.text)[0]
        payload = {"run": run, "what": "hold", "items": [{"key": key, "seen": seen}], "by": "Mallory", "reason": "ask"}
        headers = [*forged, ("Origin", f"https://{NAME}")]
        response = browser.post("/decisions", json=payload | {"version": int(version)}, headers=headers)
        assert response.status_code == 200
        assert ledger.read(home)[-1]["by"] == "ines"
        assert browser.post("/decisions", json=payload, headers=forged).status_code == 403


def test_single_sign_on_sets_the_user(folder: Path) -> None:
    """With desk.conf's lines for it: its user is the author, and nobody else gets in."""
    home = morning(folder / "home")
    with (
        _sign_on() as port,
        _desk(home, folder / "run" / "desk"),
        _nginx(folder, sign_on=port) as address,
        client(base_url=address, headers={"Host": NAME, "X-Forwarded-User": "Mallory"}) as browser,
    ):
        assert browser.get("/").text == "Sign in"
        page = browser.get("/", headers={"Cookie": "signed=in"})
        assert (page.status_code, "<strong><bdi>ines@example.com</bdi></strong>" in page.text) == (200, True)


def test_the_socket_is_private_and_a_stale_one_is_replaced(folder: Path) -> None:
    """A killed desk leaves its socket; a running one keeps it."""
    home, path = morning(folder / "home"), folder / "run" / "desk"
    with _desk(home, path) as first:
        assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        second = subprocess.run(
            _command(home, path), env=clean_environment(), capture_output=True, text=True, check=False
        )
        assert (second.returncode, "--socket" in second.stderr) == (2, True)
        first.kill()
        first.wait()
    with _desk(home, path):
        transport = httpx.HTTPTransport(uds=str(path))
        with client(transport=transport, base_url=f"http://{NAME}") as browser:
            assert browser.get("/", headers={"X-Forwarded-User": "ines"}).status_code == 200


def test_the_unit_and_the_proxies_agree() -> None:
    """On socket, header and host name; Apache drops a forged header too."""
    unit, conf = UNIT.read_text(encoding="utf-8"), CONF.read_text(encoding="utf-8")
    apache = (CONF.parents[1] / "apache" / "desk.conf").read_text(encoding="utf-8")
    assert f"ProxyPass / unix:/run/partner-certs/desk|http://{NAME}/" in apache
    assert re.search(r"^    OIDCAuthNHeader X-Forwarded-User$", apache, re.MULTILINE)
    assert f"ServerName {NAME}" in apache
    assert "--socket /run/partner-certs/desk " in unit
    assert "proxy_pass http://unix:/run/partner-certs/desk:;" in conf
    assert "--user-header X-Forwarded-User" in unit
    assert "proxy_set_header X-Forwarded-User $desk_user;" in conf
    assert f"--origin https://{NAME}" in unit
    assert f"server_name {NAME};" in conf


def _command(home: Home, path: Path) -> list[str | Path]:
    origin = f"https://{NAME}"
    return [
        COMMAND,
        "desk",
        "--home",
        home.root,
        "--json",
        "--socket",
        path,
        "--user-header",
        "X-Forwarded-User",
        "--origin",
        origin,
    ]


@contextmanager
def _desk(home: Home, path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(_command(home, path), env=clean_environment(), stdout=subprocess.PIPE, text=True) as desk:
        assert desk.stdout is not None
        assert json.loads(desk.stdout.readline()) == {"url": f"https://{NAME}"}
        try:
            yield desk
        finally:
            desk.terminate()


@contextmanager
def _sign_on() -> Iterator[int]:
    """A fake oauth2-proxy: its port. The cookie's user is ines@example.com."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_known = self.headers.get("Cookie") == "signed=in"
            self.send_response((202 if is_known else 401) if self.path.startswith("/oauth2/auth") else 200)
            if is_known:
                self.send_header("X-Auth-Request-Email", "ines@example.com")
            self.end_headers()
            if self.path.startswith("/oauth2/sign_in"):
                self.wfile.write(b"Sign in")

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@contextmanager
def _nginx(folder: Path, sign_on: int | None = None) -> Iterator[str]:
    """nginx with deploy's configuration, on a free loopback port without TLS; with the lines for single sign-on if its
    port is given."""
    port = free_port()
    site = CONF.read_text(encoding="utf-8").replace("443 ssl", f"127.0.0.1:{port}")
    site = re.sub(r"ssl_certificate\S* .*\n", "", site).replace("/run/partner-certs/desk", str(folder / "run" / "desk"))
    if sign_on:
        site = re.sub(r"^    (auth_basic|set \$desk_user).*\n", "", site, flags=re.MULTILINE)
        site = re.sub(r"^    # (?=auth_request|error_page|location)", "    ", site, flags=re.MULTILINE)
        site = site.replace("127.0.0.1:4180", f"127.0.0.1:{sign_on}")
    users = folder / "desk.users"
    users.write_text(f"ines:{PASSWORD}\n", encoding="utf-8")
    site = site.replace("/etc/nginx/desk.users", str(users))
    paths = "".join(
        f"{what}_temp_path {folder}/{what};\n" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"user {_me()};\npid {folder}/pid;\ndaemon off;\nerror_log {folder}/errors;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{paths}{site}\n}}\n",
        encoding="utf-8",
    )
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    assert nginx is not None, "the tests need Debian's nginx"
    with subprocess.Popen(
        [nginx, "-e", folder / "errors", "-c", folder / "nginx.conf"], stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("nginx does not answer")


def _me() -> str:
    return Path.home().owner()
