"""Whether a Prefect server answers is found out in a moment, and without Prefect."""

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
    """Answers as Prefect's server does where it is well."""

    def do_GET(self) -> None:
        """200 for the one path, else 404."""
        self.send_response(200 if self.path == "/api/health" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    """A server that is well."""
    listening = HTTPServer(("127.0.0.1", 0), Healthy)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield listening.server_port
    listening.shutdown()
    thread.join()
    listening.server_close()


def test_a_server_that_is_well_is_reachable(port: int) -> None:
    """With and without a slash at the end of the address."""
    assert reachable(f"http://127.0.0.1:{port}/api")
    assert reachable(f"http://127.0.0.1:{port}/api/")


def test_something_else_is_not(port: int) -> None:
    """Another web server, nobody at all, and what is no address."""
    assert not reachable(f"http://127.0.0.1:{port}/other")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers
        assert not reachable(f"http://127.0.0.1:{taken.getsockname()[1]}/api")
    assert not reachable("http://127.0.0.1:port/api")
    assert not reachable("ftp://127.0.0.1/api")
    assert not reachable("")


def test_a_server_that_says_nothing_is_given_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listening socket that never answers costs the time of an answer, no more."""
    monkeypatch.setattr(server, "SECONDS", 0.1)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        assert not reachable(f"http://127.0.0.1:{mute.getsockname()[1]}/api")


def test_nothing_that_a_person_waits_for_imports_prefect() -> None:
    """The sentence, the command and this question load in a process without Prefect."""
    modules = "flows.certify, cli.app, flows.jobs, flows.orchestration.health, flows.orchestration.states"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {modules}; print([m for m in sys.modules if m.startswith('prefect')])"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
