"""CQL2 text, the part of it that is served: what a filter says, checked against what can be asked.

Comparisons of a property with a value, AND, OR, NOT, LIKE, IN, BETWEEN, IS NULL and S_INTERSECTS; OGC 21-065r2, clauses 6 to 8.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely

from geoservice.domain.filters import All, Between, Compare, Constant, In, Intersects, IsNull, Like, Not, Some
from geoservice.domain.queryables import Kind, value_of
from geoservice.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from geoservice.domain.filters import Filter
    from geoservice.domain.queryables import Value

LONGEST = 8_000
DEEPEST = 40
MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?) | (?P<text>'(?:[^']|'')*') | (?P<quoted>"[^"]+")
    | (?P<word>[^\W\d]\w*) | (?P<sign><>|<=|>=|[=<>(),])
    )""",
    re.VERBOSE,
)
_SHAPES = frozenset(
    {"POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"}
)
_WKT = re.compile(r"[\s\d.,()+\-eEA-Za-z]*")


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


def parse(
    text: str, queryables: Mapping[str, Kind], to_lonlat: Callable[[shapely.Geometry], shapely.Geometry]
) -> Filter:
    """Read a filter; `to_lonlat` takes its geometries from the CRS they are written in.

    Raises BadRequest: filter_too_long, filter_syntax (with the place), filter_property, filter_value or filter_shape.
    """
    if len(text) > LONGEST:
        raise BadRequest("filter_too_long", most=LONGEST)
    parser = _Parser(text, queryables, to_lonlat)
    found = parser.either(0)
    parser.end()
    return found


class _Parser:
    """One filter on its way from text to meaning, by recursive descent."""

    def __init__(
        self,
        text: str,
        queryables: Mapping[str, Kind],
        to_lonlat: Callable[[shapely.Geometry], shapely.Geometry],
    ) -> None:
        self.text, self.queryables, self.to_lonlat = text, queryables, to_lonlat
        self.tokens = list(_tokens(text))
        self.next = 0

    def either(self, depth: int) -> Filter:
        parts = [self.both(depth)]
        while self.take_word("OR"):
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def both(self, depth: int) -> Filter:
        parts = [self.one(depth)]
        while self.take_word("AND"):
            parts.append(self.one(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def one(self, depth: int) -> Filter:
        if depth > DEEPEST:
            raise BadRequest("filter_too_deep", most=DEEPEST)
        if self.take_word("NOT"):
            return Not(self.one(depth + 1))
        if self.take_sign("("):
            inside = self.either(depth + 1)
            self.need_sign(")")
            return inside
        for word, value in (("TRUE", True), ("FALSE", False)):
            if self.take_word(word):
                return Constant(value)
        return self.intersects() if self.take_word("S_INTERSECTS") else self.predicate()

    def predicate(self) -> Filter:
        """A property and what is said of it, or a value and the property it is compared with."""
        if self.peek("number", "text") or self.is_word("DATE", "TIMESTAMP"):
            written = self.literal()
            sign = self.sign()
            name = self.property()
            return Compare(name, MIRRORED[sign], self.fit(name, written))
        name = self.property()
        negated = self.take_word("NOT")
        found = self.said_of(name, negated)
        return Not(found) if negated else found

    def said_of(self, name: str, negated: bool) -> Filter:
        if self.take_word("LIKE"):
            return Like(name, self.pattern(name))
        if self.take_word("BETWEEN"):
            low = self.value(name)
            self.need_word("AND")
            return Between(name, low, self.value(name))
        if self.take_word("IN"):
            return In(name, self.values(name))
        if negated:
            raise self.wrong()
        if self.take_word("IS"):
            return self.null(name)
        if self.peek("sign") and self.tokens[self.next].text in MIRRORED:
            return Compare(name, self.sign(), self.value(name))
        if self.queryables[name] is Kind.BOOLEAN:
            return Compare(name, "=", True)
        raise self.wrong()

    def null(self, name: str) -> Filter:
        negated = self.take_word("NOT")
        self.need_word("NULL")
        return Not(IsNull(name)) if negated else IsNull(name)

    def values(self, name: str) -> tuple[Value, ...]:
        self.need_sign("(")
        found = [self.value(name)]
        while self.take_sign(","):
            found.append(self.value(name))
        self.need_sign(")")
        return tuple(found)

    def pattern(self, name: str) -> str:
        at = self.next
        written = self.literal()
        if self.queryables[name] is not Kind.TEXT or not isinstance(written, str):
            raise BadRequest(
                "filter_value", name=name, value=str(written)[:60], kind=self.queryables[name].value
            )
        if (len(written) - len(written.rstrip("\\"))) % 2:
            self.next = at
            raise self.wrong()
        return written

    def intersects(self) -> Intersects:
        self.need_sign("(")
        name = self.take("word", "quoted").text.strip('"')
        if name.lower() not in {"geometry", "geom"}:
            raise BadRequest("filter_property", name=name[:60], known="geometry")
        self.need_sign(",")
        shape = self.box() if self.take_word("BBOX") else self.shape()
        self.need_sign(")")
        return Intersects(self.to_lonlat(shape))

    def box(self) -> shapely.Geometry:
        self.need_sign("(")
        numbers = [self.number()]
        while self.take_sign(","):
            numbers.append(self.number())
        self.need_sign(")")
        if len(numbers) not in {4, 6}:
            raise BadRequest("filter_shape")
        half = len(numbers) // 2
        return shapely.box(numbers[0], numbers[1], numbers[half], numbers[half + 1])

    def shape(self) -> shapely.Geometry:
        """A geometry as WKT: the text from its first word to the bracket that closes it."""
        first = self.take("word")
        if first.text.upper() not in _SHAPES:
            raise self.wrong(first)
        last = self.closing_bracket()
        written = self.text[first.at : last.at + 1]
        if not _WKT.fullmatch(written):
            raise self.wrong(first)
        try:
            found = shapely.from_wkt(written)
        except shapely.GEOSException:
            raise BadRequest("filter_shape") from None
        if found.is_empty or not found.is_valid:
            raise BadRequest("filter_shape")
        return found

    def closing_bracket(self) -> _Token:
        depth = 0
        while self.next < len(self.tokens):
            token = self.tokens[self.next]
            self.next += 1
            depth += (token.text == "(") - (token.text == ")")
            if token.text == ")" and depth <= 0:
                return token
        raise self.wrong()

    def value(self, name: str) -> Value:
        return self.fit(name, self.literal())

    def fit(self, name: str, written: Value) -> Value:
        return value_of(name, self.queryables[name], written)

    def literal(self) -> Value:
        for word, value in (("TRUE", True), ("FALSE", False)):
            if self.take_word(word):
                return value
        for word in ("DATE", "TIMESTAMP"):
            if self.take_word(word):
                self.need_sign("(")
                inside = self.take("text").text[1:-1]
                self.need_sign(")")
                return inside
        if self.peek("text"):
            return self.take("text").text[1:-1].replace("''", "'")
        return self.number()

    def number(self) -> float | int:
        written = self.take("number").text
        return int(written) if re.fullmatch(r"[+-]?\d{1,30}", written) else float(written)

    def property(self) -> str:
        token = self.take("word", "quoted")
        name = token.text.strip('"')
        if name not in self.queryables:
            raise BadRequest("filter_property", name=name[:60], known=", ".join(self.queryables))
        return name

    def sign(self) -> str:
        if not self.peek("sign") or self.tokens[self.next].text not in MIRRORED:
            raise self.wrong()
        return self.take("sign").text

    def peek(self, *kinds: str) -> bool:
        return self.next < len(self.tokens) and self.tokens[self.next].kind in kinds

    def take(self, *kinds: str) -> _Token:
        if not self.peek(*kinds):
            raise self.wrong()
        self.next += 1
        return self.tokens[self.next - 1]

    def is_word(self, *words: str) -> bool:
        return self.peek("word") and self.tokens[self.next].text.upper() in words

    def take_word(self, word: str) -> bool:
        found = self.is_word(word)
        self.next += found
        return found

    def need_word(self, word: str) -> None:
        if not self.take_word(word):
            raise self.wrong()

    def take_sign(self, sign: str) -> bool:
        found = self.peek("sign") and self.tokens[self.next].text == sign
        self.next += found
        return found

    def need_sign(self, sign: str) -> None:
        if not self.take_sign(sign):
            raise self.wrong()

    def end(self) -> None:
        if self.next < len(self.tokens):
            raise self.wrong()

    def wrong(self, token: _Token | None = None) -> BadRequest:
        if token is None and self.next < len(self.tokens):
            token = self.tokens[self.next]
        at = token.at if token else len(self.text)
        return BadRequest("filter_syntax", at=at + 1, near=self.text[at : at + 30])


def _tokens(text: str) -> Iterator[_Token]:
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise BadRequest("filter_syntax", at=at + 1, near=text[at : at + 30])
        kind = match.lastgroup or ""
        yield _Token(kind, match[kind], match.start(kind))
        at = match.end()
