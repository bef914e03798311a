"""The desk served on loopback by uvicorn, until a signal ends it."""

import socket
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

LOOPBACK = "127.0.0.1"


def serve_desk(app: Starlette, on_ready: Callable[[str], None]) -> None:
    """Serve on a free loopback port until SIGINT or SIGTERM; `on_ready` gets the address with the token.

    It shuts down at a signal, then lets the signal do what it does to this process: SIGINT raises KeyboardInterrupt.
    """
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="critical",  # requests and errors may hold personal data; the reviewer sees errors in the page
        access_log=False,
        lifespan="off",
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    with socket.create_server((LOOPBACK, 0)) as listening:
        on_ready(f"http://{LOOPBACK}:{listening.getsockname()[1]}/?token={app.state.token}")
        uvicorn.Server(config).run(sockets=[listening])
