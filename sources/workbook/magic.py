"""The first bytes of the two containers that workbooks come in."""

ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def looks_like_workbook(head: bytes) -> bool:
    """Whether a file that begins like this is a workbook, a damaged one, or a document in the same container."""
    return head.startswith((*ZIP, OLE))
