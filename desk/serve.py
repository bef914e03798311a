"""Serves the desk with uvicorn until a signal ends it: on loopback for one person, on a Unix socket for a team."""

import socket
import stat
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import uvicorn
from starlette.applications import Starlette

from exports.home.files import make_folder
from schemas.errors import WrongUsage

LOOPBACK = "127.0.0.1"


def serve_desk(app: Starlette, on_ready: Callable[[str], None], port: int = 0, page: str = "/") -> None:
    """Serve on a loopback port (0: a free one) until SIGINT or SIGTERM; `on_ready` gets the URL of `page` with the
    token.

    uvicorn shuts down at a signal, then raises it again: SIGINT ends in KeyboardInterrupt. Raises WrongUsage if the
    port is taken.
    """
    try:
        listening = socket.create_server((LOOPBACK, port))
    except OSError as problem:
        raise WrongUsage(f"Port {port} can't be used ({problem.strerror}). Choose another one with --port") from None
    with listening:
        # asyncio sets this only for sockets created with IPPROTO_TCP; without it, a page takes 40 ms longer
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        on_ready(f"http://{LOOPBACK}:{listening.getsockname()[1]}{page}?token={app.state.token}")
        _serve(app, listening)


def serve_team(app: Starlette, path: Path, on_ready: Callable[[str], None]) -> None:
    """Serve on a Unix socket, for a proxy, until SIGINT or SIGTERM; a socket left by a killed desk is replaced.

    Raises WrongUsage if the socket can't be made, or if other users may enter its folder.
    """
    make_folder(path.parent)
    if stat.S_IMODE(path.parent.stat().st_mode) & 0o077:
        raise WrongUsage(f"{path.parent} can be entered by other users. Close it: chmod 700 '{path.parent}'")
    with socket.socket(socket.AF_UNIX) as listening:
        try:
            _replace_stale(path)
            listening.bind(str(path))
        except OSError as problem:
            raise WrongUsage(f"The socket {path} can't be made: {problem.strerror}. Name another --socket") from None
        path.chmod(0o600)
        listening.listen()
        try:
            on_ready(str(path))
            _serve(app, listening)
        finally:
            path.unlink(missing_ok=True)


# ---------------------------------------------------------------------------------------------------------------------


def _serve(app: Starlette, listening: socket.socket) -> None:
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="critical",  # requests and errors may hold personal data; people see errors in the page
        access_log=False,
        lifespan="off",
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    Thread(target=app.state.read_ahead, daemon=True).start()
    uvicorn.Server(config).run(sockets=[listening])


def _replace_stale(path: Path) -> None:
    """Remove a socket that nobody listens on; one that is in use stays, and binding to it fails."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX) as trial:
        try:
            trial.connect(str(path))
        except OSError:
            path.unlink()
