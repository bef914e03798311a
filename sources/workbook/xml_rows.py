"""XML of sheets in pieces of whole rows: a million people are more than should be in memory at once."""

from collections.abc import Iterable, Iterator

P = rb"(?:[\w.-]+:)?"  # the prefix of a name space


def in_whole_rows(blocks: Iterable[bytes], row: bytes) -> Iterator[bytes]:
    """The same bytes in pieces that end behind a row. row: its name without a prefix."""
    rest = b""
    for block in blocks:
        rest += block
        end = _end_of_rows(rest, row + b">")
        if end:
            yield rest[:end]
            rest = rest[end:]
    if rest:
        yield rest


# ----------------------------------------------------------------------------------------------------------------------


def _end_of_rows(xml: bytes, end_of_tag: bytes) -> int:
    """Where the last whole row ends; 0 if there is none. A tag that begins a row may read like one that ends it."""
    at = xml.rfind(end_of_tag)
    while at >= 0 and not xml.startswith(b"</", xml.rfind(b"<", 0, at)):
        at = xml.rfind(end_of_tag, 0, at)
    return at + len(end_of_tag) if at >= 0 else 0
