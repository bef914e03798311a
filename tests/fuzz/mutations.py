"""Valid bytes and JSON with a few changes."""

import copy
from typing import Any

from hypothesis import strategies as st

TOKENS = [
    *(b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\r", b"\n", b"\r\n", b'"', b'""', b",", b";", b"\t", b"|"),
    *(b"=1+1", b"\xc3", b"\xa0", b"\x1a", b"<", b">", b"&", b"<!--", b"&lol;", b"]]>", b"%", b"{{", b"{%", b"\\", b"@"),
    *("\u202e".encode(), "\u200b".encode(), "\u0430".encode(), b"9" * 40, b"A" * 5000, b"\x1b[2J"),
]
VALUES: list[Any] = [None, True, False, 0, -1, 2**70, 1.5, 1e308, "", " ", "x" * 3000, "\u202e", "\x00", [], {}, [[]]]
VALUES += [{"id": None}, ["a", {"b": 1}], "0", "null", "=1+1", "\ud800", {"Id": 1, "ID": 2}]


@st.composite
def mutated(draw: st.DrawFn, data: bytes) -> bytes:
    """Mutate bytes up to four times: overwrite, insert, delete, duplicate, truncate or move a part."""
    changed = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(changed) - 1, 0)))
        token = draw(st.sampled_from(TOKENS) | st.binary(min_size=1, max_size=4))
        end = min(len(changed), at + draw(st.integers(1, 200)))
        match draw(st.sampled_from(["over", "in", "out", "twice", "cut", "move"])):
            case "over":
                changed[at : at + len(token)] = token
            case "in":
                changed[at:at] = token
            case "out":
                del changed[at:end]
            case "twice":
                changed[at:at] = changed[at:end]
            case "cut":
                del changed[at:]
            case "move":
                piece = changed[at:end]
                del changed[at:end]
                changed += piece
    return bytes(changed)


@st.composite
def mutated_json(draw: st.DrawFn, value: Any) -> Any:
    """Change one node: another value, a key or item removed, duplicated or renamed."""
    changed = copy.deepcopy(value)
    node = changed
    while True:
        keys = [*node] if isinstance(node, dict) else [*range(len(node))]
        if not keys:
            return changed
        key = draw(st.sampled_from(keys))
        below = node[key]
        if not isinstance(below, dict | list) or not below or draw(st.integers(0, 5)) == 0:
            break
        node = below
    match draw(st.sampled_from(["other", "gone", "twice", "named"])):
        case "other":
            node[key] = draw(st.sampled_from(VALUES))
        case "gone":
            del node[key]
        case "twice" if isinstance(node, list):
            node.insert(key, copy.deepcopy(node[key]))
        case _:
            if isinstance(node, dict):
                node[draw(st.sampled_from(["", "x", str(key).upper()]))] = node.pop(key)
    return changed
