"""KML 2.2: a placemark a row, its fields typed by a schema, so that Google Earth and GDAL show them alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc
import shapely

from geoservice.formats.writing_values import Kind, as_text
from geoservice.formats.writing_xml import xml_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geoservice.formats.writing_values import Column, Features

TYPES = {Kind.INTEGER: "int", Kind.REAL: "double", Kind.FLAG: "bool"}
LARGEST_INT = 2**31 - 1
_ROWS_AT_ONCE = 10_000


def write_kml(path: Path, features: Features) -> None:
    """Write placemarks; the column that names a row becomes their name."""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document id="root_doc">\n'
            f"<name>{xml_text(features.title)}</name><description>{xml_text(' '.join(features.notes))}</description>\n"
            f'<Schema name="{features.name}" id="{features.name}">\n'
        )
        for column in _fields(features):
            stream.write(f'<SimpleField name="{xml_text(column.header)}" type="{_type_of(column)}"/>\n')
        stream.write(f"</Schema>\n<Folder><name>{features.name}</name>\n")
        for first in range(0, len(features), _ROWS_AT_ONCE):
            stream.writelines(_placemarks(features, first))
        stream.write("</Folder>\n</Document></kml>\n")


def _fields(features: Features) -> list[Column]:
    return [column for column in features.columns if column.header != features.label]


def _type_of(column: Column) -> str:
    """KML's own integers end at 32 bits: longer ones are kept whole as text."""
    if column.kind is Kind.INTEGER and (pc.max(pc.abs(column.values)).as_py() or 0) > LARGEST_INT:
        return "string"
    return TYPES.get(column.kind, "string")


def _placemarks(features: Features, first: int) -> Iterator[str]:
    assert features.shapes is not None
    columns = [
        as_text(column.values[first : first + _ROWS_AT_ONCE], column.kind).to_pylist()
        for column in features.columns
    ]
    headers = [column.header for column in features.columns]
    label = headers.index(features.label) if features.label else None
    opened = [f'<SimpleData name="{xml_text(header)}">' for header in headers]
    shapes = features.target.move(features.shapes[first : first + len(columns[0])])
    # GEOS writes text much faster than Python: KML is its WKT with other punctuation.
    wkt = shapely.to_wkt(shapely.transform(shapes, lambda xy: np.round(xy, 7)), rounding_precision=-1)
    for shape, cells in zip(wkt.tolist(), zip(*columns, strict=True), strict=True):
        name = "" if label is None or cells[label] is None else f"<name>{xml_text(cells[label])}</name>"
        data = "".join(
            f"{opened[place]}{xml_text(cell)}</SimpleData>"
            for place, cell in enumerate(cells)
            if cell is not None and place != label
        )
        yield (
            f'<Placemark>{name}<ExtendedData><SchemaData schemaUrl="#{features.name}">{data}</SchemaData>'
            f"</ExtendedData>{_shape(shape)}</Placemark>\n"
        )


def _shape(wkt: str | None) -> str:
    if wkt is None or wkt.endswith("EMPTY"):
        return ""
    kind, _, body = wkt.partition(" (")
    write = _WRITERS[kind.removeprefix("MULTI")]
    if not kind.startswith("MULTI"):
        return write(body[:-1])
    separator = {"MULTIPOINT": ", ", "MULTILINESTRING": "), (", "MULTIPOLYGON": ")), (("}[kind]
    parts = body[:-1].strip("()").split(separator)
    return f"<MultiGeometry>{''.join(write(part) for part in parts)}</MultiGeometry>"


def _point(body: str) -> str:
    return f"<Point><coordinates>{_places(body.strip('()'))}</coordinates></Point>"


def _line(body: str) -> str:
    return f"<LineString><tessellate>1</tessellate><coordinates>{_places(body)}</coordinates></LineString>"


def _polygon(body: str) -> str:
    outer, *inner = (
        f"<LinearRing><coordinates>{_places(ring)}</coordinates></LinearRing>"
        for ring in body.strip("()").split("), (")
    )
    holes = "".join(f"<innerBoundaryIs>{ring}</innerBoundaryIs>" for ring in inner)
    return f"<Polygon><outerBoundaryIs>{outer}</outerBoundaryIs>{holes}</Polygon>"


def _places(body: str) -> str:
    """`x y, x y` → `x,y x,y`."""
    return body.replace(", ", ";").replace(" ", ",").replace(";", " ")


_WRITERS: dict[str, Callable[[str], str]] = {"POINT": _point, "LINESTRING": _line, "POLYGON": _polygon}
