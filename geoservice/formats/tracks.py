"""Track files: GPX, GeoLife .plt, GeoJSON and sheets with device, time, lon and lat."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np

from geoservice.errors import InvalidFile
from geoservice.formats import geojson, gpx
from geoservice.formats.even_sheets import read_grid
from geoservice.formats.fixes import Fixes
from geoservice.formats.kinds import Kind
from geoservice.formats.sheet_shapes import LAT_NAMES, LON_NAMES
from geoservice.formats.text import AUTO, decode_file
from geoservice.formats.times import UNREADABLE, Clock
from geoservice.formats.values import as_code, as_degrees, numbers_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geoservice.formats.sheets import Grid
    from geoservice.formats.tables import Limits, TrackTable

PLT_HEADER_LINES = 6
TIME_NAMES = (
    "time",
    "timestamp",
    "datetime",
    "date_time",
    "gps_time",
    "gpstime",
    "stime",
    "utc",
    "ts",
    "时间",
    "定位时间",
    "gps时间",
)
DEVICE_NAMES = (
    "device",
    "device_id",
    "deviceid",
    "imei",
    "terminal",
    "vehicle",
    "vehiclenum",
    "vehicle_id",
    "设备",
    "设备号",
    "终端",
    "车牌",
    "车牌号",
)
COLUMNS = {
    "time": TIME_NAMES,
    "lon": LON_NAMES,
    "lat": LAT_NAMES,
    "device": DEVICE_NAMES,
    "accuracy": ("accuracy", "accuracy_m", "hacc", "精度"),
    "speed": ("speed", "speed_mps", "速度"),
    "heading": ("heading", "heading_deg", "course", "bearing", "direction", "方向"),
    "mode": ("mode", "方式"),
}
MEASURES = {"accuracy": "accuracy_m", "speed": "speed_mps", "heading": "heading_deg"}
LINE_TIMES = ("coordTimes", "times", "timestamps")


@dataclass(frozen=True)
class TrackRequest:
    """How to read one file of tracks. `name` is its path as the user knows it; `timezone` is for naive times."""

    name: str
    columns: Mapping[str, str] | None
    timezone: str
    device: str | None
    limits: Limits


def read_track_file(path: Path, kind: Kind, request: TrackRequest) -> TrackTable:
    """Every fix of one file that can be read."""
    fixes = Fixes(request.name, request.limits.features)
    match kind:
        case Kind.GPX:
            gpx.read_gpx(path, request.device or _stem(request.name), fixes)
        case Kind.PLT:
            _read_plt(path, request.device or _geolife_person(request.name), fixes)
        case Kind.GEOJSON:
            _read_geojson(path, request, fixes)
        case Kind.CSV | Kind.WORKBOOK:
            _read_sheet(read_grid(path, kind, request.name, None, AUTO, request.limits), request, fixes)
        case _:
            raise InvalidFile("not_a_track_file", kind=str(kind))
    return fixes.table()


def _stem(name: str) -> str:
    return PurePosixPath(name).stem


def _geolife_person(name: str) -> str:
    """`000/Trajectory/x.plt` → `000`."""
    folders = [folder for folder in PurePosixPath(name).parts[:-1] if folder.lower() != "trajectory"]
    return folders[-1] if folders else _stem(name)


def _read_plt(path: Path, device: str, fixes: Fixes) -> None:
    """GeoLife: six lines of header, then lat, lon, 0, altitude in feet, day number, date, time; all GMT."""
    clock = Clock("UTC")
    lines = decode_file(path.read_bytes())[0].splitlines()
    if len(lines) < PLT_HEADER_LINES or "," in lines[0]:
        raise InvalidFile("plt_header")
    for number, line in enumerate(lines[PLT_HEADER_LINES:], PLT_HEADER_LINES + 1):
        cells = line.split(",")
        if not line.strip():
            continue
        if len(cells) < 7:
            fixes.refuse(number, "row_too_short", value=line)
            continue
        try:
            lat, lon = float(cells[0]), float(cells[1])
        except ValueError:
            fixes.refuse(number, "fix_coordinates", "lat lon", f"{cells[0]} {cells[1]}")
            continue
        try:
            fixes.add(number, device, clock.microseconds(f"{cells[5].strip()} {cells[6].strip()}"), lon, lat)
        except (ValueError, OverflowError):
            fixes.refuse(number, "fix_time", "date time", f"{cells[5]} {cells[6]}")


def _read_sheet(grid: Grid, request: TrackRequest, fixes: Fixes) -> None:
    places = _places(grid, request.columns or {})
    cells = {role: grid.column(place) for role, place in places.items()}
    lon, lat = (numbers_of(cells[role], as_degrees) for role in ("lon", "lat"))
    time = Clock(request.timezone).column(cells["time"])
    nowhere, never = np.isnan(lon) | np.isnan(lat), time == UNREADABLE
    fixes.problems.extend(grid.problems)
    for index in np.flatnonzero(nowhere):
        role = "lon" if np.isnan(lon[index]) else "lat"
        fixes.refuse(grid.numbers[index], "fix_coordinates", grid.fields[places[role]], cells[role][index])
    for index in np.flatnonzero(never & ~nowhere):
        fixes.refuse(grid.numbers[index], "fix_time", grid.fields[places["time"]], cells["time"][index])
    kept = np.flatnonzero(~(nowhere | never))
    columns = {
        "row": np.array(grid.numbers, dtype=np.int64),
        "device": _devices(cells.get("device"), request, len(time)),
        "time": time,
        "lon": lon,
        "lat": lat,
        **{column: numbers_of(cells[role]) for role, column in MEASURES.items() if role in cells},
    }
    if "mode" in cells:
        columns["mode"] = np.array([as_code(cell) for cell in cells["mode"]], dtype=object)
    fixes.extend({name: column[kept].tolist() for name, column in columns.items()})


def _devices(cells: list[Any] | None, request: TrackRequest, count: int) -> NDArray[np.object_]:
    """Whose each fix is: as told, else as its row says, else the file's."""
    own = request.device or _stem(request.name)
    if cells is None or request.device is not None:
        return np.array([own] * count, dtype=object)
    codes = {cell: as_code(cell) or own for cell in set(cells)}
    return np.array([codes[cell] for cell in cells], dtype=object)


def _places(grid: Grid, columns: Mapping[str, str]) -> dict[str, int]:
    """Where each role's column is: as told, else by its usual names."""
    unknown = set(columns) - set(COLUMNS)
    if unknown:
        raise InvalidFile("column_role_unknown", role=", ".join(sorted(unknown)), roles=", ".join(COLUMNS))
    named = {role: columns.get(role) or grid.find(names) for role, names in COLUMNS.items()}
    missing = [role for role in ("time", "lon", "lat") if named[role] is None]
    if missing:
        raise InvalidFile(
            "track_columns_missing", missing=", ".join(missing), columns=", ".join(grid.fields[:30])
        )
    return {role: grid.place_of(name) for role, name in named.items() if name is not None}


def _read_geojson(path: Path, request: TrackRequest, fixes: Fixes) -> None:
    """Lines with a time per position in their properties, and points with a time each."""
    clock = Clock(request.timezone)
    stem = _stem(request.name)
    for number, feature in enumerate(geojson.features_of(geojson.load(path)), 1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        shape = feature.get("geometry") if isinstance(feature, dict) else None
        if not isinstance(properties, dict) or not isinstance(shape, dict):
            fixes.refuse(number, "geojson_not_a_feature")
            continue
        own = _named(properties, DEVICE_NAMES)
        device = request.device or (as_code(own) if isinstance(own, (str, int, float)) else None) or stem
        for position, time in _timed(shape, properties, number, fixes):
            _take_position(number, device, position, time, clock, fixes)


def _named(properties: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    folded = {str(key).casefold(): value for key, value in properties.items()}
    return next((folded[name] for name in names if name in folded), None)


def _timed(
    shape: Mapping[str, Any], properties: Mapping[str, Any], number: int, fixes: Fixes
) -> list[tuple[Any, Any]]:
    """Each position with its time; none, and a problem, when they don't match."""
    coordinates = shape.get("coordinates")
    if shape.get("type") == "Point":
        return [(coordinates, _named(properties, TIME_NAMES))]
    per_position = properties.get("coordinateProperties")
    holder = {**properties, **per_position} if isinstance(per_position, dict) else properties
    times = next((holder[name] for name in LINE_TIMES if isinstance(holder.get(name), list)), None)
    if (
        shape.get("type") == "MultiLineString"
        and isinstance(coordinates, list)
        and all(isinstance(line, list) for line in coordinates)
    ):
        coordinates = [position for line in coordinates for position in line]
        times = (
            [time for part in times for time in part]
            if times and all(isinstance(part, list) for part in times)
            else times
        )
    elif shape.get("type") != "LineString":
        fixes.refuse(number, "fix_not_a_line_or_point")
        return []
    if not isinstance(coordinates, list) or times is None or len(times) != len(coordinates):
        fixes.refuse(number, "fix_times_differ")
        return []
    return list(zip(coordinates, times, strict=True))


def _take_position(number: int, device: str, position: Any, time: Any, clock: Clock, fixes: Fixes) -> None:
    if (
        not isinstance(position, list)
        or len(position) < 2
        or not all(type(axis) in (int, float) for axis in position[:2])
    ):
        fixes.refuse(number, "fix_coordinates", value=position)
        return
    try:
        fixes.add(number, device, clock.microseconds(time), float(position[0]), float(position[1]))
    except (ValueError, OverflowError):
        fixes.refuse(number, "fix_time", value=time)
