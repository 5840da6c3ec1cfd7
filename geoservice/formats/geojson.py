"""GeoJSON, read strictly: RFC 7946 with the old `crs` member; every fault is named by its feature."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import shapely

from geoservice.errors import InvalidFile, Problem
from geoservice.formats.tables import FeatureTable, Limits, first_problems
from geoservice.formats.text import text_fault
from geoservice.formats.values import cell_value

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

CRS84 = "EPSG:4326"
EPSG_NAME = re.compile(r"(?:urn:ogc:def:crs:)?EPSG:[\d.]*:?(\d{4,6})", re.IGNORECASE)
MOST_PARTS = 100_000
DEEPEST_COLLECTION = 8


class _FeatureError(Exception):
    """Why one feature can't be read: a problem's code."""


def load(path: Path) -> Any:
    """The JSON in a file: UTF-8 only, no NaN, nesting as deep as Python reads, and nothing after it."""
    raw = path.read_bytes()
    try:
        return json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise InvalidFile("json_not_utf8") from error
    except RecursionError as error:
        raise InvalidFile("nesting_too_deep") from error
    except json.JSONDecodeError as error:
        raise InvalidFile("json_invalid", line=error.lineno, column=error.colno) from error
    except ValueError as error:  # an integer of thousands of digits
        raise InvalidFile("json_number") from error


def features_of(document: Any) -> list[Any]:
    """The features of a collection, a feature or a bare geometry."""
    if not isinstance(document, dict):
        raise InvalidFile("geojson_not")
    match document.get("type"):
        case "FeatureCollection":
            features = document.get("features")
            if not isinstance(features, list):
                raise InvalidFile("geojson_no_features")
            return features
        case "Feature":
            return [document]
        case str() as kind if kind in READERS or kind == "GeometryCollection":
            return [{"type": "Feature", "properties": {}, "geometry": document}]
    raise InvalidFile("geojson_not")


def crs_of(document: dict[str, Any]) -> str:
    """What the `crs` member of 2008 names, else WGS 84; InvalidFile for one we don't know."""
    member = document.get("crs")
    if member is None:
        return CRS84
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if isinstance(name, str):
        if "CRS84" in name.upper():
            return CRS84
        if found := EPSG_NAME.fullmatch(name.strip()):
            return f"EPSG:{found[1]}"
    raise InvalidFile("crs_unreadable", crs=str(name)[:80])


def read_geojson(path: Path, name: str, limits: Limits) -> FeatureTable:
    """All features that can be read; the others are problems."""
    document = load(path)
    features = features_of(document)
    if len(features) > limits.features:
        raise InvalidFile("too_many_features", count=len(features), most=limits.features)
    rows: list[dict[str, Any]] = []
    shapes: list[shapely.Geometry | None] = []
    numbers: list[int] = []
    problems: list[Problem] = []
    for number, feature in enumerate(features, 1):
        try:
            row, shape = attributes(feature), geometry(feature.get("geometry"))
        except _FeatureError as fault:
            problems.append(Problem(str(fault), file=name, row=number))
            continue
        rows.append(row)
        shapes.append(shape)
        numbers.append(number)
    fields = tuple(dict.fromkeys(key for row in rows for key in row))
    return FeatureTable(
        file=name,
        layer=None,
        sheet=None,
        fields=fields,
        columns=[[row.get(field) for row in rows] for field in fields],
        geometry=shapely.to_wkb(np.array(shapes, dtype=object), output_dimension=2).tolist(),
        row_numbers=numbers,
        crs=crs_of(document),
        encoding="utf-8",
        problems=first_problems(problems),
    )


def attributes(feature: Any) -> dict[str, Any]:
    """A feature's properties as cells (nested ones as JSON text), with its `id` when no property has that name."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise _FeatureError("geojson_not_a_feature")
    properties = feature.get("properties")
    if properties is not None and not isinstance(properties, dict):
        raise _FeatureError("geojson_properties")
    row = {key: _cell(value) for key, value in (properties or {}).items()}
    if isinstance(feature.get("id"), (str, int, float)) and "id" not in row:
        row["id"] = _cell(feature["id"])
    for text in (*row, *row.values()):
        if isinstance(text, str) and (fault := text_fault(text)):
            raise _FeatureError(fault)
    return row


def geometry(member: Any, depth: int = 0) -> shapely.Geometry | None:
    """A geometry member as a 2D shape; None for null."""
    if member is None:
        return None
    if not isinstance(member, dict):
        raise _FeatureError("geojson_geometry")
    kind = member.get("type")
    if kind == "GeometryCollection":
        parts = member.get("geometries")
        if not isinstance(parts, list) or depth > DEEPEST_COLLECTION:
            raise _FeatureError("geojson_geometry")
        return shapely.geometrycollections(
            [part for each in parts if (part := geometry(each, depth + 1)) is not None]
        )
    reader = READERS.get(kind) if isinstance(kind, str) else None
    if reader is None or not isinstance(member.get("coordinates"), list):
        raise _FeatureError("geojson_geometry")
    try:
        shape: shapely.Geometry = reader(member["coordinates"])
        return shape
    except (shapely.GEOSException, ValueError, TypeError, OverflowError) as error:
        raise _FeatureError("geojson_coordinates") from error


def positions(coordinates: Any) -> NDArray[np.float64]:
    """An array of positions → (n, 2) finite numbers."""
    if not isinstance(coordinates, list):
        raise _FeatureError("geojson_coordinates")
    if not coordinates:
        return np.empty((0, 2))
    try:
        array = np.array(coordinates)
        if array.ndim != 2 or array.shape[1] < 2:
            raise ValueError(coordinates)
    except ValueError:  # positions of two and three numbers, mixed
        array = np.array([position[:2] for position in coordinates])
    if array.dtype.kind not in "fiu" or array.ndim != 2 or array.shape[1] < 2:
        raise _FeatureError("geojson_coordinates")
    array = array[:, :2].astype(np.float64)
    if not np.isfinite(array).all():
        raise _FeatureError("coordinates_not_finite")
    return array


def _ring(coordinates: Any) -> NDArray[np.float64]:
    ring = positions(coordinates)
    if len(ring) < 4 or (ring[0] != ring[-1]).any():
        raise _FeatureError("geojson_ring")
    return ring


def _polygon(coordinates: list[Any]) -> shapely.Polygon:
    if not coordinates:
        return shapely.Polygon()
    shell, *holes = (_ring(ring) for ring in coordinates)
    return shapely.Polygon(shell, holes or None)


def _line(coordinates: list[Any]) -> shapely.LineString:
    if len(coordinates) == 1:
        raise _FeatureError("geojson_coordinates")
    return shapely.LineString(positions(coordinates))


def _point(coordinates: list[Any]) -> shapely.Point:
    return shapely.Point(positions([coordinates])[0]) if coordinates else shapely.Point()


def _many(
    build: Callable[[list[Any]], Any], collect: Callable[[list[Any]], Any]
) -> Callable[[list[Any]], Any]:
    def read(coordinates: list[Any]) -> Any:
        if len(coordinates) > MOST_PARTS or not all(isinstance(part, list) for part in coordinates):
            raise _FeatureError("geojson_coordinates")
        return collect([build(part) for part in coordinates])

    return read


READERS: dict[str, Callable[[list[Any]], Any]] = {
    "Point": _point,
    "LineString": _line,
    "Polygon": _polygon,
    "MultiPoint": _many(_point, shapely.multipoints),
    "MultiLineString": _many(_line, shapely.multilinestrings),
    "MultiPolygon": _many(_polygon, shapely.multipolygons),
}


def _cell(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 1 << 63:
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise _FeatureError("number_not_finite")
    return cell_value(value)


def _refuse_constant(constant: str) -> NoReturn:
    raise InvalidFile("json_constant", value=constant)
