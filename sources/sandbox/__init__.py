"""A pretend Impartner: a real HTTP server on loopback with invented accounts and people. Nobody in it exists."""

from sources.sandbox.faults import KINDS
from sources.sandbox.server import Sandbox, serve, serving

__all__ = ["KINDS", "Sandbox", "serve", "serving"]
