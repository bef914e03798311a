"""The XML of a sheet in pieces of whole rows, so that a million people need not be in memory at once."""

from collections.abc import Iterable, Iterator

P = rb"(?:[\w.-]+:)?"  # a namespace prefix


def in_whole_rows(blocks: Iterable[bytes], row: bytes) -> Iterator[bytes]:
    """The same bytes in pieces that end after a row. row: its tag without a prefix."""
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
    """Where the last complete row ends; 0 if there is none. An opening tag may end like a closing one."""
    at = xml.rfind(end_of_tag)
    while at >= 0 and not xml.startswith(b"</", xml.rfind(b"<", 0, at)):
        at = xml.rfind(end_of_tag, 0, at)
    return at + len(end_of_tag) if at >= 0 else 0
