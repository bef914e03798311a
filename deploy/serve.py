"""Prefect on one machine, with one command: server, work pool, deployments, worker, and the automation for zombies.

    python deploy/serve.py [--port 4200]        (make serve)

Ctrl-C ends all of it. The server listens on loopback only, asks for a user and password, and keeps its data in a
private folder: PREFECT_HOME, or partner-certs-prefect among the user's data.
"""

import argparse
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

from platformdirs import user_data_path

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
START_SECONDS = 300  # timeout for the server to answer: the first time, it creates its database
END_SECONDS = 30  # timeout for the worker and the server to end by themselves


def main() -> None:
    """Start everything, wait, end everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=4200)
    port = parser.parse_args().port
    os.umask(0o077)
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell may have started this with SIGINT ignored
        signal.signal(number, _stop)
    if _is_taken(port):
        sys.exit(f"Port {port} is taken. Is make serve running already? If not, choose another: make serve PORT=4300")
    environment, credentials = _environment(port)
    started: list[subprocess.Popen[bytes]] = []
    try:
        started.append(_start(["server", "start", "--host", HOST, "--port", str(port)], environment))
        _await_health(started[0], environment["PREFECT_API_URL"])
        _prepare(environment)
        started.append(_start(["worker", "start", "--pool", "partner-certs", "--name", "here"], environment))
        _print_address(environment["PREFECT_API_URL"], credentials)
        _watch(started)
    except KeyboardInterrupt:
        sys.stderr.write("Ending the worker and the server\n")
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):  # a second Ctrl-C must not leave one of them running
            signal.signal(number, signal.SIG_IGN)
        for process in reversed(started):  # the worker first, because it reports its end to the server
            _end(process)


# ---------------------------------------------------------------------------------------------------------------------


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def _environment(port: int) -> tuple[dict[str, str], Path]:
    """The environment of server and worker, and the path of the file with the server's user and password."""
    home = Path(os.environ.get("PREFECT_HOME") or user_data_path("partner-certs-prefect", appauthor=False)).absolute()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    credentials = home / "user-and-password"
    if not credentials.exists():
        credentials.write_text(f"partner-certs:{secrets.token_urlsafe(24)}", encoding="utf-8")
    api = f"http://{HOST}:{port}/api"
    return os.environ | {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": api,
        "PREFECT_UI_API_URL": api,  # or the web pages would look for the server on port 4200
        "PREFECT_SERVER_API_AUTH_STRING": credentials.read_text(encoding="utf-8"),
        "PREFECT_API_AUTH_STRING": credentials.read_text(encoding="utf-8"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_WORKER_QUERY_SECONDS": "2",  # a person waits for an account's report; Prefect's default is 10
        # Leases in memory would be lost when the server ends, and runs or their slots with them
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    }, credentials


def _start(arguments: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a Prefect command in its own process group, so that Ctrl-C reaches only this process, which ends it."""
    command = [str(Path(sys.executable).with_name("prefect")), *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)  # noqa: S603  our own command


def _await_health(server: subprocess.Popen[bytes], api: str) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{api}/health", timeout=2):  # noqa: S310  our own server on loopback
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.5)
    sys.exit("The Prefect server did not start; its messages are above")


def _prepare(environment: dict[str, str]) -> None:
    command = [sys.executable, str(ROOT / "deploy" / "prepare.py"), "--no-worker-runs"]
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:  # noqa: S603  our own command
        sys.exit("The server could not be prepared; the messages are above")


def _print_address(api: str, credentials: Path) -> None:
    page = api.removesuffix("/api")
    sys.stderr.write(
        f"\nPrefect is at {page}\n"
        f"  It asks for the user and password in {credentials}\n"
        f"  To use it from another shell:\n"
        f"    export DO_NOT_TRACK=1 PREFECT_API_URL={api} PREFECT_API_AUTH_STRING=$(cat {credentials})\n"
        f"  Ctrl-C ends all of it.\n\n"
    )


def _watch(started: list[subprocess.Popen[bytes]]) -> None:
    """Wait until a signal arrives, or one of the processes ends."""
    while all(process.poll() is None for process in started):
        time.sleep(1)
    sys.exit("The Prefect server or its worker ended; its messages are above")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main()
