"""Users pulled from Impartner's API: who am I, how to ask, what to ask for, every user exactly once or nothing."""

import sys

# httpx imports a command line of its own if it can, and with it rich and pygments: two thirds of its import, which a
# person waits for before the first question goes out. With None here, Python says that there is none.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # None is what Python's import system documents
