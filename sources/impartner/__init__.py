"""Users pulled from Impartner's API: who am I, how to ask, what to ask for, every user exactly once or nothing."""

from schemas.imports import without

# A person waits for this import before the first question goes out. httpx takes its own command line along if it can,
# and with it rich and pygments; httpcore takes HTTP/2 and trio.
with without("httpx._main", "h2", "trio"):
    import httpcore  # noqa: F401  it is imported here so that it is not imported otherwise
    import httpx  # noqa: F401
