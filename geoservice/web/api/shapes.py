"""GeoJSON geometry as it comes in and goes out: WGS 84, longitude first."""

from typing import Annotated, Any, Literal

import shapely
from pydantic import Field, WithJsonSchema
from shapely.geometry.base import BaseGeometry

from geoservice.domain.geometry import area_change, clean_line, clean_polygon
from geoservice.errors import InvalidGeometry
from geoservice.web.api.models import Given
from geoservice.web.api.problems import Refusal
from geoservice.web.words import say

MOST_POSITIONS = 200_000
# The widest municipality measures half of it; far from its meridian the city's raster folds back on itself.
WIDEST_DEG = 10.0

Number = Annotated[float, Field(ge=-180, le=180)]
Position = Annotated[list[Number], Field(min_length=2, max_length=2, description="longitude, latitude")]
Ring = Annotated[list[Position], Field(min_length=4, max_length=MOST_POSITIONS)]
Rings = Annotated[list[Ring], Field(min_length=1, max_length=10_000)]

_POSITION = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}


class PointShape(Given):
    """A GeoJSON Point."""

    type: Literal["Point"]
    coordinates: Position = Field(examples=[[114.0579, 22.5431]])


class LineShape(Given):
    """A GeoJSON LineString."""

    type: Literal["LineString"]
    coordinates: Annotated[list[Position], Field(min_length=2, max_length=MOST_POSITIONS)] = Field(
        examples=[[[114.05, 22.53], [114.06, 22.535]]]
    )


class PolygonShape(Given):
    """A GeoJSON Polygon: the outer ring, then its holes; the last position of a ring is its first."""

    type: Literal["Polygon"]
    coordinates: Rings = Field(
        examples=[[[[114.05, 22.53], [114.06, 22.53], [114.06, 22.54], [114.05, 22.54], [114.05, 22.53]]]]
    )


class MultiPolygonShape(Given):
    """A GeoJSON MultiPolygon."""

    type: Literal["MultiPolygon"]
    coordinates: Annotated[list[Rings], Field(min_length=1, max_length=10_000)]


Ground = Annotated[PolygonShape | MultiPolygonShape, Field(discriminator="type")]


def _geometry(kind: str, coordinates: dict[str, Any]) -> Any:
    return WithJsonSchema(
        {
            "type": "object",
            "required": ["type", "coordinates"],
            "properties": {"type": {"const": kind}, "coordinates": coordinates},
            "description": f"GeoJSON {kind}, WGS 84, longitude first",
        }
    )


def _many(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


# What leaves us is what PostGIS wrote: it is described, not checked again.
PointOut = Annotated[dict[str, Any], _geometry("Point", _POSITION)]
LineOut = Annotated[dict[str, Any], _geometry("LineString", _many(_POSITION))]
MultiPolygonOut = Annotated[dict[str, Any], _geometry("MultiPolygon", _many(_many(_many(_POSITION))))]


def point_of(shape: PointShape) -> shapely.Point:
    """Return the point, its latitude checked."""
    point = shapely.Point(shape.coordinates)
    _refuse_off_earth(point)
    return point


def line_of(shape: LineShape) -> shapely.LineString:
    """Return the line without repeated points."""
    line = shapely.LineString(shape.coordinates)
    _refuse_off_earth(line)
    return clean_line(line)[0]


def ground_of(shape: PolygonShape | MultiPolygonShape, *, accept_repairs: bool) -> shapely.MultiPolygon:
    """Return the polygons, valid.

    What has to be repaired is refused with the repair and its change in area, unless the client accepts repairs.
    """
    drawn = _polygons(shape)
    _refuse_off_earth(drawn)
    cleaned, codes = clean_polygon(drawn)
    if codes and not accept_repairs:
        raise Refusal(
            422,
            "geometry_needs_repair",
            more={
                "repair": {
                    "codes": list(codes),
                    "area_change": area_change(drawn, cleaned),
                    "geometry": shapely.geometry.mapping(cleaned),
                },
                "fields": [
                    {
                        "field": "geometry",
                        "problem": say("geometry_needs_repair", {}),
                        "code": "geometry_needs_repair",
                    }
                ],
            },
        )
    return cleaned


def _polygons(shape: PolygonShape | MultiPolygonShape) -> shapely.MultiPolygon:
    parts = [shape.coordinates] if isinstance(shape, PolygonShape) else shape.coordinates
    if any(ring[0] != ring[-1] for rings in parts for ring in rings):
        raise InvalidGeometry("geometry_ring_open")
    return shapely.MultiPolygon([(rings[0], rings[1:]) for rings in parts])


def _refuse_off_earth(shape: BaseGeometry) -> None:
    west, south, east, north = shape.bounds
    if south < -90 or north > 90:
        raise InvalidGeometry("geometry_off_earth")
    if max(east - west, north - south) > WIDEST_DEG:
        raise InvalidGeometry("geometry_too_large")
