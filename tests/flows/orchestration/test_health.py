"""Whether a Prefect server responds is known quickly, without importing Prefect."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from flows.orchestration import server
from flows.orchestration.health import reachable


class Healthy(BaseHTTPRequestHandler):
    """Responds like a healthy Prefect server."""

    def do_GET(self) -> None:
        """200 for the one path, else 404."""
        self.send_response(200 if self.path == "/api/health" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """No log."""


@pytest.fixture
def port() -> Iterator[int]:
    """A healthy server."""
    listening = HTTPServer(("127.0.0.1", 0), Healthy)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield listening.server_port
    listening.shutdown()
    thread.join()
    listening.server_close()


def test_a_healthy_server_is_reachable(port: int) -> None:
    """With or without a trailing slash."""
    assert reachable(f"http://127.0.0.1:{port}/api")
    assert reachable(f"http://127.0.0.1:{port}/api/")


def test_other_addresses_are_not_reachable(port: int) -> None:
    """Another web server, no server, and invalid URLs."""
    assert not reachable(f"http://127.0.0.1:{port}/other")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening
        assert not reachable(f"http://127.0.0.1:{taken.getsockname()[1]}/api")
    assert not reachable("http://127.0.0.1:port/api")
    assert not reachable("ftp://127.0.0.1/api")
    assert not reachable("")


def test_a_silent_server_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time that a response may take."""
    monkeypatch.setattr(server, "SECONDS", 0.1)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        assert not reachable(f"http://127.0.0.1:{mute.getsockname()[1]}/api")


def test_nothing_a_person_waits_for_imports_prefect() -> None:
    """Neither certifying, nor the command, nor this check."""
    modules = "flows.certify, cli.app, flows.jobs, flows.orchestration.health, flows.orchestration.states"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {modules}; print([m for m in sys.modules if m.startswith('prefect')])"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
