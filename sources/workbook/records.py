"""What the two binary formats (XLS and XLSB) have in common."""

import re
import struct

_TRUE, _FALSE = 34, 35  # the numbers of the functions
_BOOLEAN = 0x1D  # followed by 1 or 0
_WITH_COUNT, _WITHOUT = (0x22, 0x42, 0x62), (0x21, 0x41, 0x61)  # a function with or without its number of arguments


def skip_usual(usual: re.Pattern[bytes], data: bytes, at: int) -> int:
    """The end of the run of usual cells that begins here. They are most of a file, and skipped in one step."""
    match = usual.match(data, at)
    return match.end() if match else at


def constant_of_tokens(tokens: bytes) -> bool | None:
    """The value of =TRUE() and =FALSE(); None for every other formula."""
    return _CONSTANTS.get(tokens)


# ----------------------------------------------------------------------------------------------------------------------

_CONSTANTS = {
    bytes((_BOOLEAN, 1)): True,
    bytes((_BOOLEAN, 0)): False,
    **{struct.pack("<BH", kind, number): number == _TRUE for kind in _WITHOUT for number in (_TRUE, _FALSE)},
    **{struct.pack("<BBH", kind, 0, number): number == _TRUE for kind in _WITH_COUNT for number in (_TRUE, _FALSE)},
}
