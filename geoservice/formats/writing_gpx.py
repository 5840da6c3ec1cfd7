"""GPX 1.1: points as waypoints, lines without times as routes, tracks with the time of every fix."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geoservice.formats.writing_values import as_text
from geoservice.formats.writing_xml import xml_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from geoservice.formats.writing_values import Features


def write_gpx(path: Path, features: Features) -> None:
    """Write waypoints, routes or tracks; successive rows of one name are segments of one track."""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<gpx version="1.1" creator="GeoService" xmlns="http://www.topografix.com/GPX/1/1">\n'
            f"<metadata><name>{xml_text(features.title)}</name><desc>{xml_text(features.description)}</desc></metadata>\n"
        )
        stream.writelines(_elements(features))
        stream.write("</gpx>\n")


def _elements(features: Features) -> Iterator[str]:
    assert features.shapes is not None
    names = _names(features)
    told = _told(features)
    counts = shapely.get_num_coordinates(features.shapes)
    starts = np.concatenate(([0], np.cumsum(counts)))
    places = np.round(shapely.get_coordinates(features.shapes), 7).tolist()
    if features.geometry == "Point":
        for (lon, lat), name, desc in zip(places, names, told, strict=True):
            yield f'<wpt lat="{lat}" lon="{lon}">{_tag("name", name)}{_tag("desc", desc)}</wpt>\n'
        return
    times = None
    if features.times is not None:
        times = np.datetime_as_string(
            features.times.astype("datetime64[us]"), unit="ms", timezone="UTC"
        ).tolist()
    for name, rows in groupby(range(len(names)), key=names.__getitem__):
        if times is None:
            for row in rows:
                within = places[starts[row] : starts[row + 1]]
                points = "".join(f'<rtept lat="{lat}" lon="{lon}"/>' for lon, lat in within)
                yield f"<rte>{_tag('name', name)}{_tag('desc', told[row])}{points}</rte>\n"
            continue
        yield f"<trk>{_tag('name', name)}\n"
        for row in rows:
            span = slice(starts[row], starts[row + 1])
            yield "<trkseg>"
            yield "".join(
                f'<trkpt lat="{lat}" lon="{lon}"><time>{time}</time></trkpt>'
                for (lon, lat), time in zip(places[span], times[span], strict=True)
            )
            yield "</trkseg>\n"
        yield "</trk>\n"


def _names(features: Features) -> list[Any]:
    for column in features.columns:
        if column.header == features.label:
            return list(column.values.to_pylist())
    return [None] * len(features)


def _told(features: Features) -> list[str]:
    """Every other field of a row as one line, since GPX has no fields."""
    columns = [
        (column.header, as_text(column.values, column.kind).to_pylist())
        for column in features.columns
        if column.header != features.label
    ]
    return [
        " · ".join(f"{header}: {cells[row]}" for header, cells in columns if cells[row] not in {None, ""})
        for row in range(len(features))
    ]


def _tag(name: str, value: Any) -> str:
    return "" if value in {None, ""} else f"<{name}>{xml_text(value)}</{name}>"


def write_way(
    path: Path,
    title: str,
    told: str,
    stops: Iterable[tuple[float, float, str, str]],
    line: shapely.LineString | None,
) -> None:
    """Write a round: each stop (lon, lat, name, what is told of it) as a waypoint, and the way between them as a track."""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<gpx version="1.1" creator="GeoService" xmlns="http://www.topografix.com/GPX/1/1">\n'
            f"<metadata>{_tag('name', title)}{_tag('desc', told)}</metadata>\n"
        )
        for lon, lat, name, desc in stops:
            place = f'lat="{round(lat, 7)}" lon="{round(lon, 7)}"'
            stream.write(f"<wpt {place}>{_tag('name', name)}{_tag('desc', desc)}</wpt>\n")
        if line is not None:
            places = np.round(shapely.get_coordinates(line), 7).tolist()
            points = "".join(f'<trkpt lat="{lat}" lon="{lon}"/>' for lon, lat in places)
            stream.write(f"<trk>{_tag('name', title)}<trkseg>{points}</trkseg></trk>\n")
        stream.write("</gpx>\n")
