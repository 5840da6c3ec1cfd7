"""The shapes of a file moved to WGS 84: by which of its places the CRS is known, and which rows lie nowhere on Earth."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.domain.crs import LONLAT_ALIKE, resolve_crs
from geoservice.errors import Problem
from geoservice.services.importing.row_list import Rows, plain_places, shapes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoservice.domain.crs import Source
    from geoservice.formats import FeatureTable
    from geoservice.formats.framing import StoredFeatures
    from geoservice.services.importing.flow import Report


def known_crs(
    features: StoredFeatures,
    crs_told: str,
    report: Report,
    *,
    swapped: bool,
    metric_epsg: int | None,
) -> tuple[Source, NDArray[np.float64]]:
    """What the coordinates of a file are in, and where its shapes begin in WGS 84 (n, 2): those by which it is known."""
    begins = features.begins()
    agreed = agreed_places(begins, swapped=swapped)
    crs = resolve_crs(crs_told, features.crs, agreed, swapped=swapped, metric_epsg=metric_epsg)
    _tell(features, crs, report)
    moved = _on_earth(agreed, crs)
    return crs, moved if len(moved) else _on_earth(begins, crs)


def _on_earth(places: NDArray[np.float64], crs: Source) -> NDArray[np.float64]:
    with np.errstate(all="ignore"):
        lonlat = crs.to_lonlat(places)
        return np.asarray(lonlat[(np.abs(lonlat) <= (180, 90)).all(axis=1)])


def on_earth(table: FeatureTable, crs: Source, report: Report) -> Rows:
    """The rows of a table that are somewhere on Earth, their shapes as WKB in WGS 84; the others are rejected."""
    plain = plain_places(table.geometry)
    shapes = shapes_of(table.geometry) if plain is None else None
    if crs.crs in LONLAT_ALIKE and not crs.swapped:
        if _all_on_earth(shapely.get_coordinates(shapes) if plain is None else plain):
            return Rows([table], [shapes])
        drawn = shapes_of(table.geometry) if shapes is None else shapes
        return _without_lost(table, drawn, drawn, report)
    drawn = shapes_of(table.geometry) if shapes is None else shapes
    moved = _moved(drawn, crs)
    wkb = shapely.to_wkb(moved, output_dimension=2).tolist()
    return _without_lost(replace(table, geometry=wkb), moved, drawn, report)


def _without_lost(
    table: FeatureTable, moved: NDArray[np.object_], drawn: NDArray[np.object_], report: Report
) -> Rows:
    """The rows that are on Earth once they are moved; the others are rejected, with the place at which they are drawn."""
    if _all_on_earth(shapely.get_coordinates(moved)):
        return Rows([table], [moved])
    faults = _faults(moved, drawn)
    rows = Rows([table], [moved])
    report.rejected += [
        rows[index].problem(code, "geometry", value) for index, (code, value) in sorted(faults.items())
    ]
    return Rows([table.without(set(faults), ())], [np.delete(moved, list(faults))])


def agreed_places(places: NDArray[np.float64], *, swapped: bool) -> NDArray[np.float64]:
    """The places by which to know the CRS: where most shapes agree, one odd row has no say."""
    places = places[np.isfinite(places).all(axis=1)]
    shown = places[:, ::-1] if swapped else places
    degrees = (np.abs(shown[:, 0]) <= 180) & (np.abs(shown[:, 1]) <= 90)
    reverse = (np.abs(shown[:, 1]) <= 180) & (np.abs(shown[:, 0]) <= 90) & ~degrees
    for agreed in (degrees, reverse):
        if agreed.any() and 2 * agreed.sum() >= len(places):
            return np.asarray(places[agreed])
    return places


def _moved(shapes: NDArray[np.object_], crs: Source) -> NDArray[np.object_]:
    with np.errstate(all="ignore"):
        return np.atleast_1d(crs.to_lonlat(shapes)) if len(shapes) else shapes


def _tell(features: StoredFeatures, crs: Source, report: Report) -> None:
    """Say how a file was read, and what its coordinates make doubtful."""
    report.detected.setdefault("encoding", features.encoding)
    report.detected.setdefault("crs", crs.crs)
    report.detected.setdefault("layer", features.layer or features.sheet)
    report.warnings += [
        Problem(note.code, file=features.file, values=note.values)
        for note in crs.notes
        if (note.code, note.values) not in [(known.code, known.values) for known in report.warnings]
    ]


def _all_on_earth(vertices: NDArray[np.float64]) -> bool:
    """Whether `_faults` has nothing to look for; what is no number is not on Earth."""
    with np.errstate(invalid="ignore"):
        return bool((np.abs(vertices) <= (180, 90)).all())


def _faults(moved: NDArray[np.object_], shapes: NDArray[np.object_]) -> dict[int, tuple[str, str]]:
    """Index of each shape that is nowhere on Earth → code and the place as the file has it."""
    places, index = shapely.get_coordinates(moved, return_index=True)
    finite = np.isfinite(places).all(axis=1)
    with np.errstate(invalid="ignore"):
        inside = finite & (np.abs(places[:, 0]) <= 180) & (np.abs(places[:, 1]) <= 90)
        turned = finite & ~inside & (np.abs(places[:, 1]) <= 180) & (np.abs(places[:, 0]) <= 90)
    faults: dict[int, tuple[str, str]] = {}
    for vertex in np.flatnonzero(~inside):
        row = int(index[vertex])
        if row in faults:
            continue
        raw = shapely.get_coordinates(shapes[row])
        code = "axes_swapped_row" if turned[vertex] else "coordinates_out_of_range"
        if not np.isfinite(raw).all():
            code = "coordinates_not_finite"
        x, y = raw[int(vertex) - int(np.searchsorted(index, row))]
        faults[row] = (code, f"{x:g} {y:g}")
    return faults
