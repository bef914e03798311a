"""Instead of a mailbox: a server that follows a script, and a proxy that breaks the connection."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from tests.loopback import copy, listening


@contextmanager
def scripted(
    answers: Mapping[str, str], greeting: str = "* OK ready", heard: list[bytes] | None = None
) -> Iterator[int]:
    """A server that gives each command its response, line by line; `{tag}` is the command's. Yields its port.

    answers: by the command's name; OK to all others. heard: all received lines.
    """

    def serve(client: socket.socket) -> None:
        client.sendall(f"{greeting}\r\n".encode())
        for line in client.makefile("rb"):
            if heard is not None:
                heard.append(line)
            tag, *words = line.decode(errors="replace").split()
            answer = answers.get(words[0].upper() if words else "", "{tag} OK done")
            client.sendall(f"{answer.format(tag=tag)}\r\n".encode())

    with listening(serve) as port:
        yield port


@contextmanager
def breaking_off(port: int, when: Callable[[bytes], bool]) -> Iterator[int]:
    """A proxy to a server on loopback that disconnects once `when` accepts everything sent so far."""

    def serve(client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port)) as server:
            threading.Thread(target=copy, args=(server, client), daemon=True).start()
            sent = b""
            while data := client.recv(65_536):
                sent += data
                if when(sent):
                    client.shutdown(socket.SHUT_RDWR)
                    return
                server.sendall(data)

    with listening(serve) as through:
        yield through
