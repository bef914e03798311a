"""The filter grammar of the pretend Impartner: `Account = 7 and (Name like '%x%' or City in ('a','b'))`.

Texts are compared without letter case, as a database with its usual collation does.
"""

import re
from collections.abc import Callable
from typing import Any

Row = dict[str, Any]
Test = Callable[[Row], bool]


class BadFilterError(ValueError):
    """The filter does not follow the grammar, or names an unknown field."""


def parse(text: str, value_of: Callable[[Row, str], Any]) -> Test:
    """A test of rows. value_of: returns a field's value, dotted or not; KeyError if there is no such field."""
    parser = _Parser(_tokens(text), value_of)
    test = parser.either()
    if parser.left:
        raise BadFilterError("something is left over")
    return test


def unquote(token: str) -> str:
    """The text inside the quotes, without escaping backslashes."""
    return re.sub(r"\\(.)", r"\1", token[1:-1], flags=re.DOTALL)


# ----------------------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_][\w.]*)|(?P<sign><=|>=|!=|[=<>(),]))""",
    re.DOTALL,
)


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at, end = [], 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise BadFilterError("not a word of the grammar")
        kind = str(match.lastgroup)
        tokens.append((kind, match[kind]))
        at = match.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]], value_of: Callable[[Row, str], Any]) -> None:
        self.left = tokens[::-1]
        self._value_of = value_of

    def either(self) -> Test:
        tests = [self._both()]
        while self._accept("word", "or"):
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda row: any(test(row) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._accept("word", "and"):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda row: all(test(row) for test in tests)

    def _one(self) -> Test:
        if self._accept("sign", "("):
            inner = self.either()
            self._expect("sign", ")")
            return inner
        field = self._expect("word")
        if self._accept("word", "in"):
            values = self._values()
            return lambda row: _small(self._value_of(row, field)) in values
        if self._accept("word", "like"):
            pattern = _like(str(self._value()))
            return lambda row: pattern.fullmatch(str(self._value_of(row, field) or "")) is not None
        if self.left and self.left[-1][0] == "sign" and self.left[-1][1] in _COMPARE:
            compare, value = _COMPARE[self.left.pop()[1]], self._value()
            return lambda row: compare(_small(self._value_of(row, field)), value)
        return lambda row: self._value_of(row, field) is True

    def _values(self) -> list[Any]:
        self._expect("sign", "(")
        values = [self._value()]
        while self._accept("sign", ","):
            values.append(self._value())
        self._expect("sign", ")")
        return values

    def _value(self) -> Any:
        kind, token = self.left.pop() if self.left else ("", "")
        if kind == "text":
            return _small(unquote(token))
        if kind == "number":
            return float(token)
        if kind == "word" and token.casefold() in _WORDS:
            return _WORDS[token.casefold()]
        raise BadFilterError("a value is missing")

    def _accept(self, kind: str, token: str) -> bool:
        if self.left and self.left[-1][0] == kind and self.left[-1][1].casefold() == token:
            self.left.pop()
            return True
        return False

    def _expect(self, kind: str, token: str | None = None) -> str:
        if not self.left or self.left[-1][0] != kind or token not in (None, self.left[-1][1]):
            raise BadFilterError(f"{token or kind} is missing")
        return self.left.pop()[1]


def _small(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _like(pattern: str) -> re.Pattern[str]:
    parts = {"%": ".*", "_": "."}
    return re.compile("".join(parts.get(char, re.escape(char)) for char in pattern), re.IGNORECASE | re.DOTALL)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def test(left: Any, right: Any) -> bool:
        return (
            left is not None
            and right is not None
            and isinstance(left, str) == isinstance(right, str)
            and compare(left, right)
        )

    return test


_WORDS = {"true": True, "false": False, "null": None}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
}
