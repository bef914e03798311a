"""A Prefect server with a worker, as `make serve` starts it, and what a test asks of it over the REST API.

Prefect is not imported here: its warnings would be errors, and importing it takes seconds.
"""

import base64
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.command import clean_environment
from tests.loopback import free_port

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 240  # seconds; reached only when something is wrong, however busy the machine is
FINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
PATIENT = f"""
from flows.orchestration import record, server

record.BEGIN_SECONDS = record.END_SECONDS = server.SECONDS = {PATIENCE}
"""


@dataclass
class Site:
    """What `make serve` started, where it keeps its things, and the home folder of its runs."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    environment: dict[str, str]

    @property
    def home(self) -> Path:
        """The home folder of the runs."""
        return self.folder / "home"

    @property
    def api(self) -> str:
        """The address of the API."""
        return f"http://127.0.0.1:{self.port}/api"

    def wait_for_server(self) -> None:
        """Wait until the server answers."""
        self._wait_for_start(self._answers)

    def wait_for_worker(self) -> None:
        """Wait until the worker has started; all else of `make serve` is there then."""
        self._wait_for_start(lambda: "Worker 'here' started" in self.log())

    def client_environment(self) -> dict[str, str]:
        """The environment of a command that records with this server."""
        return self.environment | {"PREFECT_API_URL": self.api, "PREFECT_API_AUTH_STRING": self.words()}

    def ask(self, path: str, body: object = None, method: str | None = None) -> Any:
        """GET, or POST with a body, or another method; 503 is asked again, as SQLite is busy now and then."""
        headers = {
            "Authorization": f"Basic {base64.b64encode(self.words().encode()).decode()}",
            "Content-Type": "application/json",
        }
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.api + path, data, headers, method=method)  # noqa: S310  our own server on loopback
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(request, timeout=PATIENCE) as got:  # noqa: S310  the same
                    return json.loads(got.read() or b"null")
            except urllib.error.HTTPError as refused:
                if refused.code != 503:
                    raise AssertionError(f"{path}: {refused.code} {refused.read().decode()}") from None
                time.sleep(0.5)
        raise AssertionError(f"{path}: the server stays busy")

    def start(self, deployment: str, **parameters: object) -> str:
        """Start a run as the form on the server's pages does; gives its id."""
        found = self.ask(f"/deployments/name/{deployment}")
        return str(self.ask(f"/deployments/{found['id']}/create_flow_run", {"parameters": parameters})["id"])

    def end_of(self, run: str) -> dict[str, Any]:
        """The run once it has ended."""
        return self.wait(run, lambda found: found["state_type"] in FINAL)

    def wait(self, run: str, done: Any) -> dict[str, Any]:
        """The run once `done` says so of it."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found: dict[str, Any] = self.ask(f"/flow_runs/{run}")
            if done(found):
                return found
            time.sleep(0.3)
        raise AssertionError(f"{found['name']} is still {found['state_type']}: {self.log()[-3000:]}")

    def scheduled(self, deployment: str) -> list[dict[str, Any]]:
        """The runs that the scheduler has made for a deployment; it looks every now and then, so this waits a while."""
        chosen = {
            "deployments": {"id": {"any_": [deployment]}},
            "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
        }
        end = time.monotonic() + PATIENCE
        while not (runs := self.ask("/flow_runs/filter", chosen)) and time.monotonic() < end:
            time.sleep(0.5)
        found: list[dict[str, Any]] = runs
        return found

    def pause(self, deployment: str) -> None:
        """Let the scheduler make no runs any more, and take back those that it made: only tests start runs."""
        found = self.ask(f"/deployments/name/{deployment}")
        self.ask(f"/deployments/{found['id']}/pause_deployment", {})

    def set_worker_idle(self, is_idle: bool) -> None:
        """Let the worker take no run of its pool, or let it work again."""
        self.ask("/work_pools/partner-certs", {"is_paused": is_idle}, "PATCH")

    def result_of(self, run: str) -> str:
        """The result page of a run. Prefect's client may leave it twice when its server was too busy to answer."""
        chosen = {"artifacts": {"flow_run_id": {"any_": [run]}, "type": {"any_": ["markdown"]}}}
        (page,) = {str(page["data"]) for page in self.ask("/artifacts/filter", chosen)}
        return page

    def stages_of(self, run: str, *expected: str) -> dict[str, str]:
        """The task runs of a run and their states; they are written down, in any order, when the run has ended."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = self.ask("/task_runs/filter", {"task_runs": {"flow_run_id": {"any_": [run]}}})
            stages = {task["name"]: task["state_name"] for task in found}
            if stages.keys() >= {*expected} and all(name in ("Completed", "Failed") for name in stages.values()):
                return stages
            time.sleep(0.2)
        raise AssertionError(f"stages are not written down: {stages}")

    def processes_of(self, run: str) -> list[int]:
        """The processes that do a run."""
        return [
            int(process.name)
            for process in Path("/proc").glob("[0-9]*")
            if f"PREFECT__FLOW_RUN_ID={run}".encode() in _environment_of(process)
        ]

    def wait_for_rest(self) -> None:
        """Wait until the worker has put away what a run needs while it lasts.

        That is Prefect's copy of the run's environment, in a folder that only its user can open. It stays until the
        run's process has ended, which is a moment later than the run.
        """
        end = time.monotonic() + PATIENCE
        while left := [*(self.folder / "tmp").glob("prefect-workspace-*")]:
            assert time.monotonic() < end, f"the worker leaves {left}"
            time.sleep(0.1)

    def log(self) -> str:
        """What server and worker said."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def everything_kept(self) -> bytes:
        """All bytes that Prefect keeps or said: database, storage, logs, temporary files."""
        kept = [path for part in ("prefect", "tmp") for path in (self.folder / part).rglob("*") if path.is_file()]
        return b"\0".join(path.read_bytes() for path in [*kept, self.folder / "log"])

    def words(self) -> str:
        """The user and the password that it asks for."""
        return (self.folder / "prefect" / "user-and-password").read_text(encoding="utf-8")

    def _wait_for_start(self, is_so: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not is_so():
            goes_on = self.process.poll() is None and time.monotonic() < end
            assert goes_on, f"make serve did not start: {self.log()[-5000:]}"
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.api}/health", timeout=2):  # noqa: S310  our own server on loopback
                return True
        except OSError:
            return False


def patient_command(*words: str, first: str = "") -> list[str]:
    """The command, which waits for Prefect longer than a person would; `first` is a program that is run before it."""
    return [sys.executable, "-c", f"{PATIENT}{first}\nfrom cli.main import main\nmain()", *words]


def serve(folder: Path, settings: dict[str, str]) -> Site:
    """Start `make serve` with its things in `folder`; gives it once the worker has started."""
    site = begin(folder, settings)
    try:
        site.wait_for_worker()
    except BaseException:
        close(site)
        raise
    return site


def begin(folder: Path, settings: dict[str, str]) -> Site:
    """Start `make serve` with its things in `folder`."""
    (folder / "tmp").mkdir()
    port = free_port()
    environment = clean_environment(
        PREFECT_HOME=str(folder / "prefect"),
        TMPDIR=str(folder / "tmp"),
        PARTNER_CERTS_HOME=str(folder / "home"),
        **settings,
    )
    command = [sys.executable, str(ROOT / "deploy" / "serve.py"), "--port", str(port)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    return Site(folder, port, process, environment)


def close(site: Site) -> None:
    """Press Ctrl-C, and check that nothing is left of what was started."""
    site.process.send_signal(signal.SIGINT)
    try:
        site.process.wait(PATIENCE)
    finally:
        left = [
            int(process.name)
            for process in Path("/proc").glob("[0-9]*")
            if f"PREFECT_HOME={site.environment['PREFECT_HOME']}\0".encode() in _environment_of(process)
        ]
        for number in left:
            os.kill(number, signal.SIGKILL)
    assert not left, "Ctrl-C left processes behind"


def _environment_of(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:  # ended meanwhile, or somebody else's
        return b""
