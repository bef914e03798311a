"""Pulling an account by a deployment: a fake Prefect server's responses, and what the desk makes of them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from exports.home.layout import Home
from flows.orchestration.deployed import pull_by_deployment
from flows.orchestration.server import Server
from schemas.errors import NotAllowed
from tests.flows.review.folders import keep_run
from tests.people import person

NOT_THERE = "20261121T020000Z-account-3f2a91"
SILENT = "no answer at all"


@contextmanager
def _prefect(answers: dict[str, Any], asked: list[tuple[str, Any]], busy: int = 0) -> Iterator[Server]:
    """A server with these responses by the end of a path, and 404 for all others. Each path first gets 503, `busy`
    times."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            asked.append((self.path, json.loads(self.rfile.read(size)) if size else None))
            answer = next((answer for path, answer in answers.items() if self.path.endswith(path)), None)
            if answer == SILENT:
                return  # the connection ends without an answer
            is_busy = sum(path == self.path for path, _ in asked) <= busy
            self.send_response(503 if is_busy else 404 if answer is None else 200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Server(f"http://127.0.0.1:{server.server_port}/api", "user:secret")
        server.shutdown()


def _answers(state: str, run: str = NOT_THERE, message: str = "") -> dict[str, Any]:
    return {
        "deployments/name/account/account": {"id": "d1"},
        "deployments/d1/create_flow_run": {"id": "f1"},
        "flow_runs/f1": {"state": {"type": state, "name": state.title(), "message": message}},
        "flow_runs/f1/set_state": {},
        "artifacts/filter": [{"data": f"| Folder | /home/runs/{run} |"}],
    }


def test_the_worker_s_run_is_used_if_it_is_in_this_home(tmp_path: Path) -> None:
    """The deployment gets only the account; a run in another home is refused."""
    home, asked = Home(tmp_path), list[tuple[str, Any]]()
    run = keep_run(home, {"1 A": [person("Ada")]}, number=1, kind="account")["run"]
    with _prefect(_answers("COMPLETED", run), asked) as server:
        assert pull_by_deployment(server, home, "1") == run
    assert dict(asked)["/api/deployments/d1/create_flow_run"]["parameters"] == {"account": "1"}
    with _prefect(_answers("COMPLETED"), asked) as server, pytest.raises(NotAllowed, match="worker has another home"):
        pull_by_deployment(server, home, "1")


def test_a_busy_server_is_retried(tmp_path: Path) -> None:
    """SQLite is sometimes locked. A repeated request has the same idempotency key, so only one run is created."""
    home, asked, waits = Home(tmp_path), list[tuple[str, Any]](), list[float]()
    run = keep_run(home, {"1 A": [person("Ada")]}, number=1, kind="account")["run"]
    with _prefect(_answers("COMPLETED", run), asked, busy=2) as server:
        assert pull_by_deployment(server, home, "1", waits.append) == run
    keys = [body["idempotency_key"] for path, body in asked if path.endswith("/create_flow_run")]
    assert len(keys) == 3
    assert len(set(keys)) == 1
    with _prefect(_answers("COMPLETED", run), [], busy=3) as server:
        assert pull_by_deployment(server, home, "1", waits.append) is None


def test_an_unanswered_start_is_not_replaced_by_a_local_pull(tmp_path: Path) -> None:
    """The worker may be pulling already."""
    answers = _answers("COMPLETED")
    silent = answers | {"deployments/d1/create_flow_run": SILENT}
    with _prefect(silent, []) as server, pytest.raises(NotAllowed, match=r"stopped answering.*Press Pull now again"):
        pull_by_deployment(server, Home(tmp_path), "1", list[float]().append)


@pytest.mark.parametrize("state", ["FAILED", "CRASHED", "CANCELLED"])
def test_a_failed_run_says_why(tmp_path: Path, state: str) -> None:
    """By its state's message, which names nobody."""
    with (
        _prefect(_answers(state, message="Impartner refuses the key"), []) as server,
        pytest.raises(NotAllowed, match=f"{state.title()}: Impartner refuses the key"),
    ):
        pull_by_deployment(server, Home(tmp_path), "1")


def test_a_run_without_a_worker_is_cancelled(tmp_path: Path) -> None:
    """The wait ends, and nothing is pulled later."""
    asked, waits = list[tuple[str, Any]](), list[float]()
    with _prefect(_answers("SCHEDULED"), asked) as server, pytest.raises(NotAllowed, match="No Prefect worker"):
        pull_by_deployment(server, Home(tmp_path), "1", waits.append)
    assert sum(waits) == 59
    assert asked[-1][1]["state"]["type"] == "CANCELLED"


def test_without_a_deployment_or_a_server_the_desk_pulls_itself(tmp_path: Path) -> None:
    """None is returned; nothing is raised."""
    with _prefect({}, []) as server:
        assert pull_by_deployment(server, Home(tmp_path), "1") is None
    for address in (server.api_url, "http://[", "ftp://host", ""):
        assert pull_by_deployment(Server(address), Home(tmp_path), "1", list[float]().append) is None
