"""A pretend Impartner: a real HTTP server on loopback with invented accounts and people, none of whom exist."""

from sources.sandbox.faults import KINDS
from sources.sandbox.server import Sandbox, serve, serving

__all__ = ["KINDS", "Sandbox", "serve", "serving"]
