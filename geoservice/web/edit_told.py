"""What the page to edit sends, read with suspicion: each value of the kind it should be, or a BadRequest."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely
from flask import request
from shapely.errors import ShapelyError

from geoservice.errors import BadRequest, InvalidGeometry
from geoservice.formats.text import text_fault
from geoservice.services.editing.zones import UNTOLD

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapely.geometry.base import BaseGeometry

MOST_BYTES = 8 * 1024 * 1024
LARGEST_ID = 2**31 - 1


@dataclass(frozen=True)
class Told:
    """One change as it was sent; what is of another kind than it should be is a BadRequest."""

    values: dict[str, Any]

    def number(self, name: str) -> int:
        """A whole number that can be an id or a row version."""
        value = self.values.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_ID:
            raise BadRequest("changes_unreadable", reason=name)
        return value

    def text(self, name: str) -> str:
        """A text."""
        value = self.values.get(name, "")
        if not isinstance(value, str) or text_fault(value):
            raise BadRequest("changes_unreadable", reason=name)
        return value

    def flag(self, name: str) -> bool:
        """Whether something is told."""
        return self.values.get(name) is True

    def shape(self, name: str = "geometry") -> BaseGeometry:
        """A geometry, as a GeoJSON object or as text."""
        value = self.values.get(name)
        return geometry_of(value if isinstance(value, str) else json.dumps(value))

    def objects(self, name: str) -> list[Told]:
        """A list of objects."""
        value = self.values.get(name)
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise BadRequest("changes_unreadable", reason=name)
        return [Told(each) for each in value]

    def optional(self, name: str, read: Callable[[str], Any]) -> Any:
        """A value where it is told, else UNTOLD; null is None."""
        if name not in self.values:
            return UNTOLD
        return None if self.values[name] is None else read(name)


def read_json() -> Told:
    """The body of this request, an object."""
    if (request.content_length or MOST_BYTES + 1) > MOST_BYTES:
        raise BadRequest("changes_unreadable", reason="size")
    try:
        told = json.loads(request.get_data(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadRequest("changes_unreadable", reason="JSON") from error
    if not isinstance(told, dict):
        raise BadRequest("changes_unreadable", reason="JSON")
    return Told(told)


def geometry_of(written: str) -> BaseGeometry:
    """A geometry from WKT or GeoJSON; InvalidGeometry when it is neither."""
    try:
        text = written.strip()
        shape = shapely.from_geojson(text) if text.startswith("{") else shapely.from_wkt(text)
    except (ShapelyError, ValueError, TypeError, RecursionError) as error:
        raise InvalidGeometry("geometry_unreadable") from error
    if shape is None or shape.is_empty:
        raise InvalidGeometry("geometry_unreadable")
    return shape


def _refuse_constant(name: str) -> float:
    raise ValueError(name)
