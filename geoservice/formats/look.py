"""What a file holds, for somebody who has to say how it is to be read: layers, encodings, fields, some rows, some places."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geoservice.errors import InvalidFile
from geoservice.formats import archives
from geoservice.formats.encodings_shown import WIDEST_CELL, show_encodings
from geoservice.formats.kinds import Kind, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geoservice.formats.tables import FeatureTable, Limits

SAMPLES, ROWS = 5, 8
MOST_PLACES = 20_000
SHEETS = {Kind.CSV, Kind.WORKBOOK}
LOOK, ARRAYS = "look.json", ("places", "vertices")
MULTI = "Multi"

Cell = str | int | float | bool | None


@dataclass(frozen=True)
class Layer:
    """A layer, sheet or data set; None where the file does not say."""

    name: str
    features: int | None = None
    geometry: str | None = None


@dataclass(frozen=True)
class Look:
    """One file as it is read with what was asked for.

    `samples` are up to five values of each field, `rows` the first ones. `encodings` show the same rows in each encoding they might
    be in, the header first. `places` and `vertices` are (n, 2), in the file's own CRS: where up to 20 000 features begin, and as
    many of all their corners. `problem`: why no more could be read.
    """

    kind: str
    layers: list[Layer]
    layer: str | None = None
    features: int = 0
    refused: int = 0
    geometry: str | None = None
    crs: str | None = None
    encoding: str | None = None
    fields: tuple[str, ...] = ()
    samples: list[list[Cell]] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)
    encodings: dict[str, list[list[str]]] = field(default_factory=dict)
    problem: dict[str, Any] | None = None
    places: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)), compare=False)
    vertices: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)), compare=False)

    @property
    def is_table(self) -> bool:
        """Whether its shapes, if any, stand in columns."""
        return self.kind in SHEETS


def look_at(request: Mapping[str, Any], limits: Limits) -> Look:
    """Look at a file as `request` asks; InvalidFile when nothing at all can be said of it."""
    path, name, layer = Path(request["path"]), request["name"], request["layer"]
    kind = kind_of(path, name)
    outer: list[Layer] | None = None
    if kind == Kind.ARCHIVE:
        outer = [Layer(title) for title in archives.data_sets(path, limits)]
        layer = layer or (outer[0].name if outer else None)
        path, inner = archives.take_out(path, Path(request["folder"]), limits, layer)
        name, kind = f"{name}/{inner}", kind_of(path, inner)
    if kind == Kind.KMZ:
        path = archives.take_out_kml(path, Path(request["folder"]), limits)
        kind = kind_of(path, path.name)
    layers = outer or _layers(path, kind, limits)
    if outer is None and layer is None:
        layer = _default(layers, kind)
    read = {**request, "layer": layer, "taken_out": outer is not None}
    seen: dict[str, Any] = {}
    fault: InvalidFile | None = None
    try:
        seen = _read(path, kind, name, read, limits)
    except InvalidFile as error:
        fault = error
    encodings = show_encodings(path, kind, seen.get("encoding"))
    if fault and not (encodings or len(layers) > 1):
        raise fault
    problem = {"code": fault.code, "values": fault.values} if fault else None
    return Look(str(kind), layers, **{"layer": layer, **seen}, encodings=encodings, problem=problem)


def save_look(look: Look, folder: Path) -> None:
    """Write what was seen into an empty folder."""
    for name in ARRAYS:
        np.save(folder / f"{name}.npy", getattr(look, name))
    told = {**asdict(look), **dict.fromkeys(ARRAYS)}
    (folder / LOOK).write_text(json.dumps(told, allow_nan=False, default=str), encoding="ascii")


def load_look(folder: Path) -> Look:
    """Read what `save_look` wrote; ValueError, KeyError or TypeError when it is not that."""
    told = json.loads((folder / LOOK).read_bytes())
    layers = [Layer(**layer) for layer in told["layers"]]
    arrays = {name: _load(folder / f"{name}.npy") for name in ARRAYS}
    return Look(**{**told, "layers": layers, "fields": tuple(map(str, told["fields"])), **arrays})


def _load(path: Path) -> NDArray[np.float64]:
    array = np.load(path, allow_pickle=False)
    if array.ndim != 2 or array.shape[1] != 2 or array.dtype != np.dtype("<f8"):
        raise ValueError("places are no places")
    return np.asarray(array)


def _layers(path: Path, kind: Kind, limits: Limits) -> list[Layer]:
    match kind:
        case Kind.WORKBOOK:
            return [Layer(title) for title in _sheet_titles(path, limits)]
        case Kind.GPKG | Kind.KML | Kind.GPX | Kind.DXF | Kind.OSM:
            return _vector_layers(path, kind)
        case _:
            return []


def _sheet_titles(path: Path, limits: Limits) -> list[str]:
    from geoservice.formats.workbooks import opened_workbook

    with opened_workbook(path, limits) as book:
        return list(book.sheet_names)


def _vector_layers(path: Path, kind: Kind) -> list[Layer]:
    import pyogrio

    from geoservice.formats import vector

    vector.prepare(path, kind)
    try:
        layers = [(str(name), shape and str(shape)) for name, shape in pyogrio.list_layers(path)]
        counts = [int(pyogrio.read_info(path, layer=name)["features"]) for name, _ in layers]
    except Exception as error:
        raise InvalidFile("file_damaged", kind=str(kind)) from error
    return [
        Layer(name, count if count >= 0 else None, shape)
        for (name, shape), count in zip(layers, counts, strict=True)
    ]


def _default(layers: list[Layer], kind: Kind) -> str | None:
    """The layer to begin with where the reader would ask which: the fullest."""
    if kind not in {Kind.GPKG, Kind.DXF} or not layers:
        return None
    return max(layers, key=lambda layer: layer.features or 0).name


def _read(path: Path, kind: Kind, name: str, request: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    """What the reader of imports makes of the file."""
    if kind == Kind.PLT:
        return _track_log(path, name, limits)
    table = _table(path, kind, name, request, limits)
    shapes = shapely.from_wkb(np.array(table.geometry, dtype=object), on_invalid="ignore")
    rows = zip(*(column[:ROWS] for column in table.columns), strict=True)
    return {
        "layer": table.layer or table.sheet or request["layer"],
        "features": len(table),
        "refused": len(table.problems),
        "geometry": _geometry(shapes),
        "crs": table.crs,
        "encoding": table.encoding,
        "fields": table.fields,
        "samples": [_samples(column) for column in table.columns],
        "rows": [[_cell(value) for value in row] for row in rows],
        **_places(shapes),
    }


def _table(path: Path, kind: Kind, name: str, request: Mapping[str, Any], limits: Limits) -> FeatureTable:
    if kind in SHEETS:
        from geoservice.formats import even_sheets, sheet_shapes, sheets

        layer = None if request["taken_out"] else request["layer"]
        grid = even_sheets.read_grid(path, kind, name, layer, request["encoding"], limits)
        try:
            return sheet_shapes.features_of(grid, request["lon"], request["lat"], request["wkt"])
        except InvalidFile as error:
            if error.code != "coordinates_missing":
                raise
            return sheets.table_of(grid)  # contracts and check-ins have no shapes, and need none
    if kind == Kind.GEOJSON:
        from geoservice.formats import geojson

        return geojson.read_geojson(path, name, limits)
    from geoservice.formats import vector

    layer = None if request["taken_out"] else request["layer"]
    return vector.read_vector(path, kind, name, layer, request["encoding"], limits)


def _track_log(path: Path, name: str, limits: Limits) -> dict[str, Any]:
    from geoservice.formats import tracks

    asked = tracks.TrackRequest(name, None, "UTC", None, limits)
    table = tracks.read_track_file(path, Kind.PLT, asked)
    times = np.datetime_as_string(table.time[:ROWS].astype("datetime64[us]"), unit="s")
    shown = zip(table.device[:ROWS], times, table.lon[:ROWS], table.lat[:ROWS], strict=True)
    rows: list[list[Cell]] = [[str(device), f"{at}Z", float(x), float(y)] for device, at, x, y in shown]
    return {
        "features": len(table),
        "refused": len(table.problems),
        "geometry": "Point",
        "crs": "EPSG:4326",
        "fields": ("device", "time", "lon", "lat"),
        "samples": [list(column[:SAMPLES]) for column in zip(*rows, strict=True)],
        "rows": rows,
        "places": _spread(np.column_stack([table.lon, table.lat])),
    }


def _samples(column: list[Any]) -> list[Cell]:
    """Up to five different values of a column."""
    found: dict[Cell, None] = {}
    for value in column:
        if value is not None:
            found.setdefault(_cell(value))
        if len(found) == SAMPLES:
            break
    return list(found)


def _cell(value: Any) -> Cell:
    """A value as it is shown: a text of a bearable length, a number, or nothing."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else str(value)
    return str(value).replace("\0", "\ufffd")[:WIDEST_CELL]


def _geometry(shapes: NDArray[np.object_]) -> str | None:
    """Of what sort most shapes are: Point, LineString, Polygon, GeometryCollection; None where there are none."""
    kinds = [shape.geom_type.removeprefix(MULTI) for shape in shapes[:MOST_PLACES] if shape is not None]
    return max(set(kinds), key=kinds.count) if kinds else None


def _places(shapes: NDArray[np.object_]) -> dict[str, NDArray[np.float64]]:
    coordinates, index = shapely.get_coordinates(shapes, return_index=True)
    first = np.unique(index, return_index=True)[1]
    return {"places": _spread(coordinates[first]), "vertices": _spread(coordinates)}


def _spread(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """So many of the places as are needed, from all over the file."""
    step = max(1, -(-len(places) // MOST_PLACES))
    return np.ascontiguousarray(places[::step], dtype="<f8").reshape(-1, 2)
