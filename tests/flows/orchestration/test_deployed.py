"""An account pulled by a deployment: what a pretend Prefect server answers, and what the desk makes of it."""

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
    """A server that has these answers by the end of a path, and 404 for all else. Each path is answered with 503 first,
    as often as `busy` says."""

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


def test_the_run_that_a_worker_made_is_taken_if_it_is_in_this_home(tmp_path: Path) -> None:
    """The deployment is given the account, and nothing else; a run in another home is told apart."""
    home, asked = Home(tmp_path), list[tuple[str, Any]]()
    run = keep_run(home, {"1 A": [person("Ada")]}, number=1, kind="account")["run"]
    with _prefect(_answers("COMPLETED", run), asked) as server:
        assert pull_by_deployment(server, home, "1") == run
    assert dict(asked)["/api/deployments/d1/create_flow_run"]["parameters"] == {"account": "1"}
    with _prefect(_answers("COMPLETED"), asked) as server, pytest.raises(NotAllowed, match="worker has another home"):
        pull_by_deployment(server, home, "1")


def test_a_busy_server_is_asked_again(tmp_path: Path) -> None:
    """SQLite is locked now and then. A run that is asked for again has the same key, so it is made once."""
    home, asked, waits = Home(tmp_path), list[tuple[str, Any]](), list[float]()
    run = keep_run(home, {"1 A": [person("Ada")]}, number=1, kind="account")["run"]
    with _prefect(_answers("COMPLETED", run), asked, busy=2) as server:
        assert pull_by_deployment(server, home, "1", waits.append) == run
    keys = [body["idempotency_key"] for path, body in asked if path.endswith("/create_flow_run")]
    assert len(keys) == 3
    assert len(set(keys)) == 1
    with _prefect(_answers("COMPLETED", run), [], busy=3) as server:
        assert pull_by_deployment(server, home, "1", waits.append) is None


def test_a_server_that_does_not_say_whether_it_began_is_not_passed_over(tmp_path: Path) -> None:
    """The desk does not pull as well what a worker may be pulling."""
    answers = _answers("COMPLETED")
    silent = answers | {"deployments/d1/create_flow_run": SILENT}
    with _prefect(silent, []) as server, pytest.raises(NotAllowed, match=r"stopped answering.*Press Pull now again"):
        pull_by_deployment(server, Home(tmp_path), "1", list[float]().append)


@pytest.mark.parametrize("state", ["FAILED", "CRASHED", "CANCELLED"])
def test_a_run_that_fails_says_why(tmp_path: Path, state: str) -> None:
    """In the words of its state, which name nobody."""
    with (
        _prefect(_answers(state, message="Impartner refuses the key"), []) as server,
        pytest.raises(NotAllowed, match=f"{state.title()}: Impartner refuses the key"),
    ):
        pull_by_deployment(server, Home(tmp_path), "1")


def test_without_a_worker_the_run_is_cancelled(tmp_path: Path) -> None:
    """Nobody waits for ever, and nothing is pulled later that nobody waits for."""
    asked, waits = list[tuple[str, Any]](), list[float]()
    with _prefect(_answers("SCHEDULED"), asked) as server, pytest.raises(NotAllowed, match="No Prefect worker"):
        pull_by_deployment(server, Home(tmp_path), "1", waits.append)
    assert sum(waits) == 59
    assert asked[-1][1]["state"]["type"] == "CANCELLED"


def test_without_a_deployment_or_a_server_the_desk_pulls_itself(tmp_path: Path) -> None:
    """None says so; nothing is raised."""
    with _prefect({}, []) as server:
        assert pull_by_deployment(server, Home(tmp_path), "1") is None
    for address in (server.api_url, "http://[", "ftp://host", ""):
        assert pull_by_deployment(Server(address), Home(tmp_path), "1", list[float]().append) is None
