"""A TLS server with a self-signed certificate, and proxies that refuse requests or tunnel them."""

import datetime
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.loopback import join, listening

TODAY = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def make_certificate(folder: Path, *, days: int = 36_500) -> tuple[Path, Path]:
    """A self-signed certificate for localhost and its key, as files; expired if `days` is negative."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Made-up Authority")])
    begin = TODAY - datetime.timedelta(days=max(0, -days) + 1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(TODAY + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


@contextmanager
def tls_front(port: int, certificate: Path, key: Path) -> Iterator[int]:
    """A TLS front for a server on loopback: yields its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def answer(client: socket.socket) -> None:
        with (
            context.wrap_socket(client, server_side=True) as outside,
            socket.create_connection(("127.0.0.1", port)) as inside,
        ):
            join(outside, inside)

    with listening(answer) as sealed:
        yield sealed


@contextmanager
def refusing_proxy(status: str, asked: list[str]) -> Iterator[int]:
    """A proxy that answers every request with this status and appends it to `asked`."""

    def answer(client: socket.socket) -> None:
        asked.append(client.recv(65_536).decode())
        client.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())

    with listening(answer) as port:
        yield port


@contextmanager
def tunnelling_proxy(asked: list[str], to: int) -> Iterator[int]:
    """A proxy that tunnels every request to a port on loopback and appends it to `asked`."""

    def answer(client: socket.socket) -> None:
        asked.append(client.recv(65_536).decode())
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with socket.create_connection(("127.0.0.1", to)) as inside:
            join(client, inside)

    with listening(answer) as port:
        yield port
