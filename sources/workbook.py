"""stub"""
from typing import BinaryIO
from sources.export import Export
def looks_like_one(head: bytes) -> bool:
    """Whether."""
    return head.startswith((b"PK", b"\xd0\xcf\x11\xe0"))
def read(file: BinaryIO, name: str) -> Export:
    """Read."""
    raise NotImplementedError
