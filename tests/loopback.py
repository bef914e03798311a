"""Servers on a free loopback port, for fake peers: each client has its own thread."""

import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Serve = Callable[[socket.socket], None]
FIRST, LAST = 20_000, 32_000  # below Linux's ephemeral ports


def free_port() -> int:
    """A port for a server to be started later; it won't be assigned to others meanwhile."""
    while True:
        with socket.socket() as probe, suppress(OSError):  # in use
            probe.bind(("127.0.0.1", FIRST + secrets.randbelow(LAST - FIRST)))
            return int(probe.getsockname()[1])


@contextmanager
def listening(serve: Serve) -> Iterator[int]:
    """Serve every client until the end; yields the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, serve), daemon=True).start()
        yield int(listener.getsockname()[1])


def join(outside: socket.socket, inside: socket.socket) -> None:
    """Relay both directions until both have ended."""
    back = threading.Thread(target=copy, args=(inside, outside), daemon=True)
    back.start()
    copy(outside, inside)
    back.join()


def copy(source: socket.socket, target: socket.socket) -> None:
    """Relay one direction, and its end."""
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


# ---------------------------------------------------------------------------------------------------------------------


def _accept(listener: socket.socket, serve: Serve) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:  # closed
            return
        threading.Thread(target=_serve, args=(client, serve), daemon=True).start()


def _serve(client: socket.socket, serve: Serve) -> None:
    with client, suppress(OSError):  # the client has left, or does not trust the certificate
        serve(client)
