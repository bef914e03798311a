"""The two profiles that a report is written in, and what its bytes have in common."""

from typing import Literal, get_args

Profile = Literal["intl", "eu"]
PROFILES: tuple[Profile, ...] = get_args(Profile)
SEPARATORS: dict[Profile, str] = {"intl": ",", "eu": ";"}
BOM = b"\xef\xbb\xbf"
LINE_END = "\r\n"


def profile_of(heading: bytes) -> Profile:
    """The profile that a stored file was written in, as its headings show."""
    return "eu" if heading.count(b";") > heading.count(b",") else "intl"
