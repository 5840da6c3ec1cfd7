"""What a file is likely to be, and which of its columns hold what."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from geoservice.formats.kinds import Kind
from geoservice.formats.sheet_shapes import LAT_NAMES, LON_NAMES, WKT_NAMES
from geoservice.formats.tracks import COLUMNS as TRACK_COLUMNS
from geoservice.formats.tracks import DEVICE_NAMES, TIME_NAMES
from geoservice.services.desk.kinds import SHAPED, roles_of
from geoservice.services.importing.columns import Header
from geoservice.services.importing.role_columns import names_roles
from geoservice.store import drafts as stored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

PLACE_COLUMNS = {"lon": LON_NAMES, "lat": LAT_NAMES, "wkt": WKT_NAMES}
EXCLUDED_WORDS = ("exclusion", "exclude", "除外", "排除", "水域", "封闭")
KIND_OF_GEOMETRY = {"Point": "points", "LineString": "streets", "LinearRing": "streets", "Polygon": "zones"}


def guess_columns(kind: str, fields: Sequence[str], *, is_table: bool = False) -> dict[str, str]:
    """Return role → field where a header is one that people use for it; of a table also `lon`, `lat` and `wkt`."""
    if kind == "tracks":
        return _named(fields, TRACK_COLUMNS)
    header = Header(fields, "")
    found = {
        role.role: column.fields[0]
        for role in roles_of(kind)
        if role.hint and (column := header.find(role.hint))
    }
    if found.get("leader_name") == found.get("leader"):
        found.pop("leader_name", None)
    places = _named(fields, PLACE_COLUMNS) if is_table and kind in SHAPED else {}
    if {"lon", "lat"} <= set(places):
        places.pop("wkt", None)
    return found | places


def guess_kind(fields: Sequence[str], geometry: str | None, file_kind: str, name: str) -> str | None:
    """Return the kind of import that a file with these fields and shapes most likely is for; None: nobody can tell."""
    if file_kind in {Kind.PLT, Kind.GPX} or _is_log(fields, geometry):
        return "tracks"
    if geometry is None:
        return _kind_of_sheet(fields)
    kind = KIND_OF_GEOMETRY.get(geometry)
    words = (name, *fields)
    if kind == "zones" and any(word in text.casefold() for word in EXCLUDED_WORDS for text in words):
        return "exclusions"
    return kind


def header_hash(fields: Sequence[str]) -> str:
    """Return by what a header is known again."""
    return hashlib.sha256("\x1f".join(field.strip().casefold() for field in fields).encode()).hexdigest()


def saved_columns(session: Session, kind: str, fields: Sequence[str]) -> dict[str, str] | None:
    """Return role → field as somebody last said for this very header, if anybody did."""
    return stored.saved_mapping(session, kind, header_hash(fields))


def _named(fields: Sequence[str], names: dict[str, tuple[str, ...]]) -> dict[str, str]:
    folded = {field.strip().casefold(): field for field in reversed(fields)}
    found = {
        role: next((folded[name] for name in known if name in folded), None) for role, known in names.items()
    }
    return {role: field for role, field in found.items() if field is not None}


def _is_log(fields: Sequence[str], geometry: str | None) -> bool:
    """Whether every row is where a device was at some time."""
    found = _named(fields, {"time": TIME_NAMES, "device": DEVICE_NAMES})
    return geometry == "Point" and len(found) == 2


def _kind_of_sheet(fields: Sequence[str]) -> str | None:
    for kind in ("check_ins", "contracts"):
        found = guess_columns(kind, fields)
        needed = all(role.role in found for role in roles_of(kind) if role.required)
        if needed and (kind != "contracts" or "leader" in found or names_roles(fields)):
            return kind
    return None
