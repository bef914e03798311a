"""A PostgreSQL server for the tests, in its own folder: Debian's programs on a free loopback port."""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.loopback import free_port

USER, DATABASE = "prefect", "prefect"
PROGRAMS = Path("/usr/lib/postgresql")  # Debian's; a folder per version


class Postgres(NamedTuple):
    """A running server: its URL for Prefect, and a way to dump it."""

    url: str
    port: int
    password: str

    def dump(self) -> bytes:
        """The whole database, as text."""
        words = [_program("pg_dump"), "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, DATABASE]
        done = subprocess.run(words, env=os.environ | {"PGPASSWORD": self.password}, capture_output=True, check=True)
        return done.stdout


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Start a server and remove everything afterwards. It refuses to run as root, so root runs it as Debian's user."""
    as_other = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # short: a socket's path has a limit
    port, password = free_port(), secrets.token_hex(8)
    secret = folder / "password"
    secret.write_text(password)
    if as_other:
        for path in (folder, secret):
            shutil.chown(path, "postgres")
    data = str(folder / "data")

    def call(program: str, *words: str) -> None:
        with (folder / "log").open("ab") as log:
            subprocess.run([*as_other, _program(program), *words], cwd="/", stdout=log, stderr=log, check=True)

    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off"
    try:
        call("initdb", "-D", data, "-U", USER, "--auth=scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--no-sync")
        call("pg_ctl", "-D", data, "-o", options, "-l", str(folder / "server.log"), "-w", "start")
        subprocess.run(
            [_program("createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", USER, DATABASE],
            env=os.environ | {"PGPASSWORD": password},
            check=True,
        )
        yield Postgres(f"postgresql+asyncpg://{USER}:{password}@127.0.0.1:{port}/{DATABASE}", port, password)
    finally:
        subprocess.run([*as_other, _program("pg_ctl"), "-D", data, "-m", "immediate", "stop"], cwd="/", check=False)
        shutil.rmtree(folder)


def _program(name: str) -> str:
    """Of the newest version."""
    return str(max(PROGRAMS.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4])))
