"""What stands where a mailbox should be: a server that follows a script, and a way to one that breaks off."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress


@contextmanager
def scripted(
    answers: Mapping[str, str], greeting: str = "* OK ready", heard: list[bytes] | None = None
) -> Iterator[int]:
    """A server that gives each command its answer, line by line; `{tag}` is the command's. Gives its port.

    answers: by the word of the command; OK to all others. heard: all lines that came.
    """

    def serve(client: socket.socket) -> None:
        client.sendall(f"{greeting}\r\n".encode())
        for line in client.makefile("rb"):
            if heard is not None:
                heard.append(line)
            tag, *words = line.decode(errors="replace").split()
            answer = answers.get(words[0].upper() if words else "", "{tag} OK done")
            client.sendall(f"{answer.format(tag=tag)}\r\n".encode())

    with _listening(serve) as port:
        yield port


@contextmanager
def breaking_off(port: int, when: Callable[[bytes], bool]) -> Iterator[int]:
    """The way to a server on loopback, which breaks off once `when` says so of all that was sent there."""

    def serve(client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port)) as server:
            threading.Thread(target=_copy, args=(server, client), daemon=True).start()
            sent = b""
            while data := client.recv(65_536):
                sent += data
                if when(sent):
                    client.shutdown(socket.SHUT_RDWR)
                    return
                server.sendall(data)

    with _listening(serve) as through:
        yield through


@contextmanager
def _listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, serve), daemon=True).start()
        yield int(listener.getsockname()[1])


def _accept(listener: socket.socket, serve: Callable[[socket.socket], None]) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:  # it is closed
            return
        threading.Thread(target=_serve, args=(client, serve), daemon=True).start()


def _serve(client: socket.socket, serve: Callable[[socket.socket], None]) -> None:
    with client, suppress(OSError):  # whoever asked has gone
        serve(client)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
