"""A slow pretend Impartner in a separate process, for benchmarks of pulls."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

_SERVER = """
import json, sys
from sources.sandbox import serve
serve(**json.loads(sys.argv[1]), started=lambda it: print(json.dumps([it.url, it.key, it.proof]), flush=True))
"""


class Slow(NamedTuple):
    """Its address, its key, and the id and name of one of its accounts."""

    url: str
    key: str
    proof: tuple[str, str]

    @property
    def settings(self) -> dict[str, str]:
        """The environment of a command that uses it."""
        prefix = "PARTNER_CERTS_IMPARTNER_"
        return {f"{prefix}URL": self.url, f"{prefix}KEY": self.key, f"{prefix}PROOF": "=".join(self.proof)}


@contextmanager
def sandbox(**options: object) -> Iterator[Slow]:
    """Serve for the length of a `with` block; options as in `sources.sandbox.serving`."""
    command = [sys.executable, "-c", _SERVER, json.dumps(options)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None  # noqa: S101  it is a pipe
            url, key, proof = json.loads(server.stdout.readline())
            yield Slow(url, key, tuple(proof))
        finally:
            server.terminate()
