"""A filter of features as it is meant, whoever wrote it and however: comparisons and what joins them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import shapely

    from geoservice.domain.queryables import Value


@dataclass(frozen=True)
class Compare:
    """A property beside a value; `sign` is one of = <> < > <= >=."""

    name: str
    sign: str
    value: Value


@dataclass(frozen=True)
class Like:
    """A text that fits a pattern of % and _, with a backslash before one that is meant."""

    name: str
    pattern: str


@dataclass(frozen=True)
class Between:
    """A property between two values, both included."""

    name: str
    low: Value
    high: Value


@dataclass(frozen=True)
class In:
    """A property that is one of some values."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class IsNull:
    """A property without a value."""

    name: str


@dataclass(frozen=True)
class Intersects:
    """A feature that shares a place with a geometry in lon/lat."""

    shape: shapely.Geometry


@dataclass(frozen=True)
class Constant:
    """What always holds, or never."""

    value: bool


@dataclass(frozen=True)
class Not:
    """What does not hold."""

    part: Filter


@dataclass(frozen=True)
class All:
    """Parts that all hold."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True)
class Some:
    """Parts of which one holds at least."""

    parts: tuple[Filter, ...]


Filter: TypeAlias = Compare | Like | Between | In | IsNull | Intersects | Constant | Not | All | Some
