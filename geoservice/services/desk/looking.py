"""What the files of a draft are: layers, encoding, coordinates, fields, and some rows."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from geoservice.domain.crs import AUTO, SHIFTED, resolve_crs
from geoservice.errors import InvalidFile
from geoservice.formats.look import Look
from geoservice.formats.reader import Reader
from geoservice.services.desk.guessing import guess_columns, guess_kind, saved_columns
from geoservice.services.desk.kinds import YES
from geoservice.services.desk.shelf import file_paths
from geoservice.services.ground_checks import shift
from geoservice.services.importing.flow import storable
from geoservice.services.importing.on_earth import agreed_places
from geoservice.services.importing.rows import metric_epsg

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.crs import Source
    from geoservice.store.drafts import Draft


def read_looks(
    settings: Settings, draft: Draft, progress: Callable[[str, float], None]
) -> list[tuple[str, Look]]:
    """Return what each file of a draft holds, by its name; InvalidFile when none can be read. Touches no database."""
    paths = file_paths(settings, draft)
    asked = {name: draft.choices.get(name) for name in ("layer", "lon", "lat", "wkt")}
    encoding = draft.choices.get("encoding", AUTO)
    looks: list[tuple[str, Look]] = []
    first: InvalidFile | None = None
    with Reader() as reader:
        for index, path in enumerate(paths):
            progress("looking", index / len(paths))
            try:
                looks.append((path.name, reader.look_at(path, encoding=encoding, **asked)))
            except InvalidFile as error:
                first = first or error
                looks.append((path.name, _unreadable(error)))
    if first and not any(look.kind for _, look in looks):
        raise first
    return looks


def see(session: Session, settings: Settings, draft: Draft, looks: list[tuple[str, Look]]) -> dict[str, Any]:
    """Return what is seen in the files, as JSON; the first file that could be read stands for all.

    "file"; "files": [{"name", "features", "refused", "problem"}]; "layers": [{"file", "name", "features", "geometry"}]; "layer" (the
    one read); "is_table"; "encoding"; "encodings": {name: [[cell, …], …]} (the same rows in each, the first is the header);
    "crs"; "crs_notes": [{"code", "values"}]; "crs_candidates": ["EPSG:n"] where the zone is not told; "geometry" (Point, LineString,
    Polygon, None); "fields": [{"name", "samples"}]; "rows": [[cell, …]]; "problems": [{"code", "values"}]; "guess": {"kind",
    "columns": {role: field}}; "saved": {role: field} or None; "shift": {"system", "metres", "better_by", "matched"} or None.
    """
    name, look = next((each for each in looks if not each[1].problem), looks[0])
    kind = draft.kind or guess_kind(look.fields, look.geometry, look.kind, name)
    fields = [storable(field) for field in look.fields]
    seen = {
        "file": name,
        "files": [
            {"name": each, "features": found.features, "refused": found.refused, "problem": found.problem}
            for each, found in looks
        ],
        "layers": [{"file": each, **asdict(layer)} for each, found in looks for layer in found.layers],
        "layer": look.layer,
        "is_table": look.is_table,
        "encoding": look.encoding,
        "encodings": look.encodings,
        **_coordinates(session, settings, draft, look, kind),
        "geometry": look.geometry,
        "fields": [
            {"name": field, "samples": samples} for field, samples in zip(fields, look.samples, strict=True)
        ],
        "rows": look.rows,
        "problems": [{"file": each, **found.problem} for each, found in looks if found.problem],
        "guess": {
            "kind": kind,
            "columns": guess_columns(kind, fields, is_table=look.is_table) if kind else {},
        },
        "saved": saved_columns(session, kind, fields) if kind else None,
    }
    return dict(_storable(seen))


def _unreadable(error: InvalidFile) -> Look:
    return Look("", [], problem={"code": error.code, "values": error.values})


def _coordinates(
    session: Session, settings: Settings, draft: Draft, look: Look, kind: str | None
) -> dict[str, Any]:
    """What the coordinates mean, or why that can't be told; and whether they look shifted."""
    told: dict[str, Any] = {"crs": None, "crs_notes": [], "crs_candidates": [], "shift": None}
    if not len(look.places):
        return told
    swapped = draft.choices.get("swapped") == YES
    places = agreed_places(look.places, swapped=swapped)
    spec = draft.choices.get("crs", AUTO)
    try:
        source = resolve_crs(spec, look.crs, places, swapped=swapped, metric_epsg=metric_epsg(session))
    except InvalidFile as error:
        told["crs_notes"] = [{"code": error.code, "values": error.values}]
        if error.code == "crs_needed":
            told["crs_candidates"] = [f"EPSG:{each.epsg}" for each in shift.candidates_here(session, places)]
        return told
    told["crs"] = source.crs
    told["crs_notes"] = [{"code": note.code, "values": note.values} for note in source.notes]
    if spec not in SHIFTED and kind is not None:
        told["shift"] = _shift(session, settings, source, look, kind)
    return told


def _shift(
    session: Session, settings: Settings, source: Source, look: Look, kind: str
) -> dict[str, Any] | None:
    corners = look.vertices[np.isfinite(look.vertices).all(axis=1)]
    found = shift.shift_of(session, settings, source.to_lonlat(corners), kind) if len(corners) else None
    return asdict(found) if found else None


def _storable(value: Any) -> Any:
    """A value of a file as JSON that PostgreSQL can keep."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(key)): _storable(each) for key, each in value.items()}
    return [_storable(each) for each in value] if isinstance(value, (list, tuple)) else value
