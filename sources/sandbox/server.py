"""The pretend Impartner as a server on loopback: in a thread (`serving`), or until it is stopped (`serve`).

It logs nothing. Its key is a pretend one and opens nothing else.
"""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from sources.sandbox.app import make_app
from sources.sandbox.faults import Faults
from sources.sandbox.people import tenant
from sources.sandbox.site import Site
from sources.sandbox.tenant import Tenant

KEY = "pretend-key-of-the-sandbox"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Sandbox:
    """The address of the pretend Impartner, and what a client needs to connect."""

    url: str
    key: str
    tenant_id: str | None
    proof: tuple[str, str]  # id and name of one of its accounts
    data: Tenant = field(repr=False)
    site: Any = field(repr=False)  # records the requests, for tests


def serve(port: int = 0, *, started: Callable[[Sandbox], None] | None = None, **options: Any) -> None:
    """Serve until SIGINT or SIGTERM. started: called once it is listening. options: as in `serving`."""
    listener, sandbox, server = _prepare(port, **options)
    if started is not None:
        started(sandbox)
    server.run(sockets=[listener])


@contextmanager
def serving(port: int = 0, **options: Any) -> Iterator[Sandbox]:
    """Serve in a thread for the length of a `with` block.

    Options: `day` (1 or 2), `seed`, `accounts` and `users` (how many), `faults` (see KINDS), `latency` (seconds per
    answer), `maximum` (users per page), `key`, `tenant_id` (requests that name another one see another company's
    users), `data` (a Tenant instead of the invented one).
    """
    listener, sandbox, server = _prepare(port, **options)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True)
    thread.start()
    try:
        yield sandbox
    finally:
        server.should_exit = server.force_exit = True
        thread.join(10)
        listener.close()


def _prepare(
    port: int,
    *,
    day: int = 1,
    seed: int = 20261121,
    accounts: int = 40,
    users: int = 700,
    faults: Iterable[str] = (),
    latency: float = 0.0,
    maximum: int = 250,
    key: str = KEY,
    tenant_id: str | None = None,
    data: Tenant | None = None,
) -> tuple[socket.socket, Sandbox, uvicorn.Server]:
    made = data or tenant(day=day, seed=seed, accounts=accounts, users=users)
    site = Site(made, Faults(faults), key, tenant_id, maximum, latency)
    # Naming the protocol makes asyncio send each answer at once, instead of waiting for more data.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(128)
    except OSError:  # the port is taken
        listener.close()
        raise
    url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        make_app(site), log_config=None, log_level="critical", access_log=False, lifespan="off", ws="none",
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    return listener, Sandbox(url, key, tenant_id, made.proof, made, site), uvicorn.Server(config)
