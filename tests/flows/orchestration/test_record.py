"""A server that can't record a run: the work is done anyway, and standard error says why."""

import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.app import app
from flows.orchestration import server
from tests.command import clean_environment
from tests.exporting import csv_of
from tests.flows.orchestration.conftest import Recorded, Served
from tests.flows.orchestration.prefect_site import PATIENCE, patient_command
from tests.people import person


class Closed(BaseHTTPRequestHandler):
    """Claims to be healthy, and requires authentication for everything else."""

    def do_GET(self) -> None:
        """200 for health, else 401."""
        self.send_response(200 if self.path == "/api/health" else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET  # noqa: N815  the same

    def log_message(self, *_: object) -> None:
        """No log."""


@pytest.fixture
def closed() -> Iterator[str]:
    """The URL of such a server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Closed)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/api"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_command_is_recorded_without_personal_data(served: Served, recorded: Recorded) -> None:
    """As a flow run of the same name; an exception is recorded by its type only."""
    assert recorded.nightly.status == 4, recorded.nightly.err
    assert "1 account held back" in recorded.nightly.out
    assert (recorded.nightly.err, recorded.failing.err) == ("", "")
    assert recorded.failing.out.split() == ["raised", "ValueError"]
    chosen = {"flow_runs": {"tags": {"all_": ["command"]}, "name": {"like_": "nightly"}}}
    runs = served.site.ask("/flow_runs/filter", chosen)
    (held,) = (run for run in runs if run["parameters"].get("export") == str(recorded.export))
    assert held["state_name"] == "CompletedWithHeld"
    (failed,) = (run for run in runs if not run["parameters"])
    assert failed["state_name"] == "Failed"
    assert "(ValueError)" in failed["state"]["message"]


def test_doctor_checks_the_server_s_authentication(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its health check doesn't require it."""
    monkeypatch.setattr(server, "SECONDS", PATIENCE)
    monkeypatch.chdir(tmp_path)
    environment = served.site.client_environment()
    for more, ok in (
        ({}, True),
        ({"PREFECT_API_AUTH_STRING": "bad:pw"}, False),
        ({"PREFECT_API_AUTH_STRING": ""}, False),
    ):
        done = CliRunner(env=environment | more).invoke(app, ["doctor", "--json"])
        (check,) = [one for one in json.loads(done.stdout)["checks"] if one["name"] == "Prefect"]
        assert check["ok"] is ok
        assert ("PREFECT_API_AUTH_STRING" in check["remedy"]) is not ok
        assert "bad:pw" not in done.stdout


def test_a_run_that_can_not_be_recorded_is_done_anyway(closed: str, tmp_path: Path) -> None:
    """The message names the missing password setting."""
    (tmp_path / "export.csv").write_bytes(csv_of([person()]))
    environment = clean_environment(PREFECT_API_URL=closed, PREFECT_HOME=str(tmp_path / "prefect"))
    words = patient_command("nightly", "export.csv", "--home", str(tmp_path / "home"))
    done = subprocess.run(words, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "not recorded in Prefect: it asks for user and password. Set PREFECT_API_AUTH_STRING" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(list((tmp_path / "home" / "runs").glob("*-nightly-*/reports/*.csv"))) == 1
