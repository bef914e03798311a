"""A Prefect server with a worker, as started by `make serve`, and questions to it over the REST API.

Prefect is not imported here: its warnings would be errors, and importing it takes seconds.
"""

import base64
import json
import os
import shutil
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
EMPTY = Path(sys.prefix) / "prefect" / "prefect.db"  # the server's empty database, from `make`
# Both names of one setting, always given: else the database that a .env in this checkout names would be used
DATABASE = ("PREFECT_API_DATABASE_CONNECTION_URL", "PREFECT_SERVER_DATABASE_CONNECTION_URL")
PATIENCE = 600  # seconds; ample for a busy machine
FINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
PATIENT = f"""
from flows.orchestration import record, server

record.BEGIN_SECONDS = record.END_SECONDS = server.SECONDS = {PATIENCE}
"""


@dataclass
class Site:
    """What `make serve` started, its folder, and the home of its runs."""

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
        """Wait until the server responds."""
        self._wait_for_start(self._answers)

    def wait_for_worker(self) -> None:
        """Wait until the worker has started, which is last."""
        self._wait_for_start(lambda: "Worker 'here' started" in self.log())

    def client_environment(self) -> dict[str, str]:
        """The environment of a command that records its run here."""
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
        """Start a run as the UI's form does; return its id."""
        found = self.ask(f"/deployments/name/{deployment}")
        return str(self.ask(f"/deployments/{found['id']}/create_flow_run", {"parameters": parameters})["id"])

    def end_of(self, run: str) -> dict[str, Any]:
        """The run once it has ended."""
        return self.wait(run, lambda found: found["state_type"] in FINAL)

    def wait(self, run: str, done: Any) -> dict[str, Any]:
        """The run once `done` accepts it."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found: dict[str, Any] = self.ask(f"/flow_runs/{run}")
            if done(found):
                return found
            time.sleep(1)  # each question takes the server's time
        raise AssertionError(f"{found['name']} is still {found['state_type']}: {self.log()[-3000:]}")

    def scheduled(self, deployment: str) -> list[dict[str, Any]]:
        """The runs that the scheduler created for a deployment; it may take a while."""
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
        """Pause the schedule and delete its scheduled runs, so that only tests start runs."""
        found = self.ask(f"/deployments/name/{deployment}")
        self.ask(f"/deployments/{found['id']}/pause_deployment", {})

    def set_worker_idle(self, is_idle: bool) -> None:
        """Let the worker take no run of its pool, or let it work again."""
        self.ask("/work_pools/partner-certs", {"is_paused": is_idle}, "PATCH")

    def result_of(self, run: str) -> str:
        """The result page of a run. Prefect's client may store it twice if the server was too busy to respond."""
        chosen = {"artifacts": {"flow_run_id": {"any_": [run]}, "type": {"any_": ["markdown"]}}}
        (page,) = {str(page["data"]) for page in self.ask("/artifacts/filter", chosen)}
        return page

    def stages_of(self, run: str, *expected: str) -> dict[str, str]:
        """The task runs of a run and their states; Prefect writes them, in any order, after the run has ended."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = self.ask("/task_runs/filter", {"task_runs": {"flow_run_id": {"any_": [run]}}})
            stages = {task["name"]: task["state_name"] for task in found}
            if stages.keys() >= {*expected} and all(name in ("Completed", "Failed") for name in stages.values()):
                return stages
            time.sleep(0.2)
        raise AssertionError(f"stages are not written down: {stages}")

    def processes_of(self, run: str) -> list[int]:
        """The processes of a run."""
        return [
            int(process.name)
            for process in Path("/proc").glob("[0-9]*")
            if f"PREFECT__FLOW_RUN_ID={run}".encode() in _environment_of(process)
        ]

    def wait_for_rest(self) -> None:
        """Wait until the worker has removed the temporary files of its runs.

        That is Prefect's copy of the run's environment, in a private folder. It is removed when the run's process ends,
        shortly after the run.
        """
        end = time.monotonic() + PATIENCE
        while left := [*(self.folder / "tmp").glob("prefect-workspace-*")]:
            assert time.monotonic() < end, f"the worker leaves {left}"
            time.sleep(0.1)

    def log(self) -> str:
        """The output of server and worker."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def everything_kept(self) -> bytes:
        """All bytes that Prefect keeps: database, storage, logs, temporary files."""
        kept = [path for part in ("prefect", "tmp") for path in (self.folder / part).rglob("*") if path.is_file()]
        return b"\0".join(path.read_bytes() for path in [*kept, self.folder / "log"])

    def words(self) -> str:
        """The server's user and password."""
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
    """Start `make serve` in `folder` and wait for its worker."""
    site = begin(folder, settings)
    try:
        site.wait_for_worker()
    except BaseException:
        close(site)
        raise
    return site


def begin(folder: Path, settings: dict[str, str], database: str = "") -> Site:
    """Start `make serve` in `folder`. database: its URL; by default SQLite in that folder.

    If `make` has made no empty database, the server makes one, in ten seconds.
    """
    (folder / "tmp").mkdir()
    (folder / "prefect").mkdir(mode=0o700)
    own = folder / "prefect" / EMPTY.name
    if EMPTY.exists():
        shutil.copyfile(EMPTY, own)
    databases = dict.fromkeys(DATABASE, database or f"sqlite+aiosqlite:///{own}")
    port = free_port()
    environment = clean_environment(
        PREFECT_HOME=str(folder / "prefect"),
        TMPDIR=str(folder / "tmp"),
        PARTNER_CERTS_HOME=str(folder / "home"),
        **databases,
        **settings,
    )
    command = [sys.executable, str(ROOT / "deploy" / "serve.py"), "--port", str(port)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    return Site(folder, port, process, environment)


def close(site: Site) -> None:
    """Press Ctrl-C, and assert that no process is left."""
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
    except OSError:  # ended, or another user's
        return b""
