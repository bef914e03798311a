"""The two profiles that a report can be written in, and the bytes that both share."""

from typing import Literal, get_args

Profile = Literal["intl", "eu"]
PROFILES: tuple[Profile, ...] = get_args(Profile)
SEPARATORS: dict[Profile, str] = {"intl": ",", "eu": ";"}
BOM = b"\xef\xbb\xbf"
LINE_END = "\r\n"


def profile_of(heading: bytes) -> Profile:
    """The profile of a stored report, by its line of headings."""
    return "eu" if heading.count(b";") > heading.count(b",") else "intl"
