"""Servers on a free port of loopback, for peers that tests make up: each client has a thread of its own."""

import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Serve = Callable[[socket.socket], None]
FIRST, LAST = 20_000, 32_000  # below the ports that Linux gives out by itself


def free_port() -> int:
    """A port for a server that is not started yet. Whoever asks for any port meanwhile does not get this one."""
    while True:
        with socket.socket() as probe, suppress(OSError):  # somebody has it
            probe.bind(("127.0.0.1", FIRST + secrets.randbelow(LAST - FIRST)))
            return int(probe.getsockname()[1])


@contextmanager
def listening(serve: Serve) -> Iterator[int]:
    """Serve everybody who comes, until the end; gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, serve), daemon=True).start()
        yield int(listener.getsockname()[1])


def join(outside: socket.socket, inside: socket.socket) -> None:
    """Pass on what either side sends, until both have ended."""
    back = threading.Thread(target=copy, args=(inside, outside), daemon=True)
    back.start()
    copy(outside, inside)
    back.join()


def copy(source: socket.socket, target: socket.socket) -> None:
    """Pass on what one side sends, and that it has ended."""
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


# ---------------------------------------------------------------------------------------------------------------------


def _accept(listener: socket.socket, serve: Serve) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:  # it is closed
            return
        threading.Thread(target=_serve, args=(client, serve), daemon=True).start()


def _serve(client: socket.socket, serve: Serve) -> None:
    with client, suppress(OSError):  # whoever asked has gone, or does not trust the certificate
        serve(client)
