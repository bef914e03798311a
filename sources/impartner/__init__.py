"""Users pulled from Impartner's API: who am I, how to ask, what to ask for, every user exactly once or nothing."""

from sources.impartner.connection import Connection
from sources.impartner.doctor import examine
from sources.impartner.pull import Progress, pull

__all__ = ["Connection", "Progress", "examine", "pull"]
