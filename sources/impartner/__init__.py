"""Pulling users from Impartner's API: every user exactly once, or nothing."""

from schemas.imports import without

# A person waits for this import before the first request is sent. If they are installed, httpx imports its own command
# line, with rich and pygments, and httpcore imports HTTP/2 and trio.
with without("httpx._main", "h2", "trio"):
    import httpcore  # noqa: F401  imported here, so that no other import brings its extras
    import httpx  # noqa: F401
