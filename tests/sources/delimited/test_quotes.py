"""The checks on quotes by comparing bytes agree with a parse from quote to quote."""

import re

from hypothesis import given
from hypothesis import strategies as st

from sources.delimited.quotes import (
    count,
    count_outside,
    enclose_cells,
    has_empty_cell,
    has_lone_cr,
    octets_of,
    quotes_of,
)
from tests.examples import few

TEXTS = st.one_of(
    st.text('",\n\r;xä', max_size=12).map(str.encode),
    st.lists(
        st.sampled_from(['""', '"x"', '"a""b"', '"\r"', '"""x"', '"x"""', "x", "", '"', "\r", ",", "\n", "\r\n"])
    ).map(lambda cells: ",".join(cells).encode()),
)


@given(TEXTS, st.sampled_from(",;\t"))
@few(150)
def test_byte_checks_agree_with_a_parse(text: bytes, separator: str) -> None:
    """The parts between quotes are alternately outside and inside cells."""
    parts = text.split(b'"')
    outside, sign = parts[::2], separator.encode()
    regular = (
        len(parts) % 2 == 1
        and all(not part or part.endswith((sign, b"\n")) for part in outside[:-1])
        and all(not part or part.startswith((sign, b"\n", b"\r")) for part in outside[1:])
    )
    octets = octets_of(text)
    assert enclose_cells(quotes_of(octets), separator) == regular
    assert count(octets, b'"') == len(parts) - 1
    assert count_outside(octets, octets == ord(separator)) == sum(part.count(sign) for part in outside)
    assert has_lone_cr(octets) == any(re.search(rb"\r(?!\n)", part) for part in outside)
    if regular:
        quoted_cells = re.findall(rb'"(?:[^"]|"")*"', text)
        assert has_empty_cell(quotes_of(octets)) == (b'""' in quoted_cells)


def test_empty_text() -> None:
    """No quotes, and they are regular."""
    octets = octets_of(b"")
    assert enclose_cells(quotes_of(octets), ",")
    assert not has_empty_cell(quotes_of(octets))
    assert not has_lone_cr(octets)
    assert count_outside(octets, octets == 0) == 0
