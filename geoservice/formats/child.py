"""The process that opens users' files: one JSON request a line in, one JSON answer a line out.

It is started by `reader` with an environment of its own, sees no secrets, has no network where the system allows
that, and dies of its limits rather than take the house with it. What it read lies as files in the request's folder.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import shutil
import sys
import traceback
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from geoservice.errors import InvalidFile
from geoservice.formats import archives, framing
from geoservice.formats.kinds import Kind, kind_of
from geoservice.formats.tables import FeatureTable, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geoservice.formats.sheets import Grid

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
OPEN_FILES = 128
LARGEST_FILE_BYTES = 4 * 1024**3
# pyogrio would load these for half a second to do nothing with them.
NOT_NEEDED = ("geopandas", "pandas", "pyarrow", "pyproj")


def main() -> None:
    """Answer requests until the input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    warnings.simplefilter("ignore")
    for module in NOT_NEEDED:
        sys.modules[module] = None  # type: ignore[assignment]
    _leave_the_network()
    for line in sys.stdin.buffer:
        _answer(json.loads(line), answers)


def _answer(request: Mapping[str, Any], answers: BinaryIO) -> None:
    limits = Limits(**request["limits"])
    _limit(limits)
    try:
        reply = READERS[request["task"]](request, limits)
    except InvalidFile as error:
        reply = {
            "code": error.code,
            "values": error.values,
            "problems": [asdict(problem) for problem in error.problems],
        }
    except MemoryError:
        reply = {"code": "reader_out_of_memory", "values": {}, "problems": []}
    except RecursionError:
        reply = {"code": "nesting_too_deep", "values": {}, "problems": []}
    except Exception:
        kind = Path(request["name"]).suffix
        reply = {
            "code": "file_damaged",
            "values": {"kind": kind},
            "problems": [],
            "fault": traceback.format_exc(),
        }
    answers.write(json.dumps(reply).encode() + b"\n")
    answers.flush()


def _limit(limits: Limits) -> None:
    """Bound what the next request may take, counted from what the process holds and has used already."""
    pages = (
        int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        if Path("/proc/self/statm").exists()
        else 0
    )
    used = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource.RLIMIT_AS, pages * resource.getpagesize() + limits.memory_bytes)
    _lower(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + limits.cpu_seconds)
    _lower(resource.RLIMIT_FSIZE, LARGEST_FILE_BYTES)
    _lower(resource.RLIMIT_NOFILE, OPEN_FILES)
    _lower(resource.RLIMIT_CORE, 0)


def _lower(what: int, soft: int) -> None:
    _, hard = resource.getrlimit(what)
    resource.setrlimit(what, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _leave_the_network() -> None:
    """Enter an empty network namespace; where the system refuses, GDAL's settings alone keep us off the network."""
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(CLONE_NEWNET) != 0:
            libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)


def _read_features(request: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    path, name, kind = _source(request, limits)
    answer = Path(request["answer"])
    if kind in {Kind.CSV, Kind.WORKBOOK}:
        from geoservice.formats import sheet_shapes

        def placed(grid: Grid) -> FeatureTable:
            return sheet_shapes.features_of(grid, request["lon"], request["lat"], request["wkt"])

        _save_sheet((path, kind, name), request["layer"], request["encoding"], placed, (answer, limits))
    else:
        table = _features(path, kind, name, request, limits)
        framing.save_features(table.parts(framing.ROWS_A_PART), answer)
    return {}


def _features(path: Path, kind: Kind, name: str, request: Mapping[str, Any], limits: Limits) -> FeatureTable:
    match kind:
        case Kind.GEOJSON:
            from geoservice.formats import geojson

            return geojson.read_geojson(path, name, limits)
        case Kind.PLT:
            raise InvalidFile("not_a_layer", kind=str(kind))
        case _:
            from geoservice.formats import vector

            layer = None if request["taken_out"] else request["layer"]
            return vector.read_vector(path, kind, name, layer, request["encoding"], limits)


def _read_table(request: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    from geoservice.formats import sheets

    source, answer = _source(request, limits), Path(request["answer"])
    path, name, kind = source
    _save_sheet((path, kind, name), request["sheet"], request["encoding"], sheets.table_of, (answer, limits))
    return {}


def _save_sheet(
    source: tuple[Path, Kind, str],
    sheet: str | int | None,
    encoding: str,
    as_table: Callable[[Grid], FeatureTable],
    target: tuple[Path, Limits],
) -> None:
    """Save what `as_table` makes of a CSV or a sheet: as it comes where every row is as wide as the header."""
    from geoservice.formats import even_sheets, sheets

    path, kind, name = source
    answer, limits = target
    if kind == Kind.CSV:
        try:
            grids = even_sheets.even_grids(path, name, encoding, limits, framing.ROWS_A_PART)
            framing.save_features(map(as_table, grids), answer)
            return
        except even_sheets.Uneven:
            for part in answer.iterdir():
                shutil.rmtree(part)
    table = as_table(sheets.grid_by_rows(path, kind, name, sheet, encoding, limits))
    framing.save_features(table.parts(framing.ROWS_A_PART), answer)


def _read_tracks(request: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    from geoservice.formats import tracks

    path, name, kind = _source(request, limits)
    asked = tracks.TrackRequest(name, request["columns"], request["timezone"], request["device"], limits)
    framing.save_tracks(tracks.read_track_file(path, kind, asked), Path(request["answer"]))
    return {}


def _look(request: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    from geoservice.formats import look

    look.save_look(look.look_at(request, limits), Path(request["answer"]))
    return {}


def _source(request: Mapping[str, Any], limits: Limits) -> tuple[Path, str, Kind]:
    """The file to read, out of its archive if it came in one, with its kind once name and content agree."""
    path, name = Path(request["path"]), request["name"]
    kind = kind_of(path, name)
    if kind == Kind.ARCHIVE:
        path, inner = archives.take_out(path, Path(request["folder"]), limits, request.get("layer"))
        name = f"{name}/{inner}"
        kind = kind_of(path, inner)
    if kind == Kind.KMZ:
        path = archives.take_out_kml(path, Path(request["folder"]), limits)
        kind = kind_of(path, path.name)
    return path, name, kind


def _read_photo(request: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    from geoservice.formats import photo_copies

    return {"photo": photo_copies.read_photo(request, limits)}


READERS: dict[str, Callable[[Mapping[str, Any], Limits], dict[str, Any]]] = {
    "features": _read_features,
    "table": _read_table,
    "tracks": _read_tracks,
    "look": _look,
    "photo": _read_photo,
}

if __name__ == "__main__":
    main()
