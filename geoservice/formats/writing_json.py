"""GeoJSON as RFC 7946 has it: WGS 84, longitude first, seven decimals, outer rings counterclockwise, no `crs` member."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geoservice.formats.writing_values import LONLAT_DECIMALS, as_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from geoservice.formats.writing_values import Features

_ROWS_AT_ONCE = 10_000


def write_geojson(path: Path, features: Features) -> None:
    """Write a FeatureCollection; what has no shape has a null geometry, and tracks carry `times` of their vertices."""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        # "description" is a foreign member, as section 6.1 allows.
        head = {"type": "FeatureCollection", "name": features.name, "description": features.description}
        stream.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "features": [\n')
        for first in range(0, len(features), _ROWS_AT_ONCE):
            stream.write(",\n" if first else "")
            stream.write(",\n".join(_rows(features, first)))
        stream.write("\n]}\n")


def _rows(features: Features, first: int) -> Iterator[str]:
    columns = [
        as_text(column.values[first : first + _ROWS_AT_ONCE], column.kind).to_pylist()
        for column in features.columns
    ]
    headers = [column.header for column in features.columns]
    count = len(columns[0])
    shapes = ["null"] * count
    if features.shapes is not None:
        shapes = shapely.to_geojson(
            _rounded(features.target.move(features.shapes[first : first + count]))
        ).tolist()
    times = _times(features, first, count)
    for shape, cells, own in zip(shapes, zip(*columns, strict=True), times, strict=True):
        properties = {**dict(zip(headers, cells, strict=True)), **own}
        written = json.dumps(properties, ensure_ascii=False)
        yield f'{{"type": "Feature", "properties": {written}, "geometry": {shape or "null"}}}'


def _rounded(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    rounded = shapely.transform(shapes, lambda xy: np.round(xy, LONLAT_DECIMALS))
    return np.asarray(shapely.orient_polygons(rounded))


def _times(features: Features, first: int, count: int) -> list[dict[str, Any]]:
    if features.times is None or features.shapes is None:
        return [{}] * count
    ends = np.cumsum(shapely.get_num_coordinates(features.shapes))
    starts = np.concatenate(([0], ends))
    written = np.datetime_as_string(features.times.astype("datetime64[us]"), unit="ms", timezone="UTC")
    return [{"times": written[starts[row] : ends[row]].tolist()} for row in range(first, first + count)]
