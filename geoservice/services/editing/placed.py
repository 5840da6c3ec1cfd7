"""What points and streets have in common when they are edited: one row each, found by its code, changed in place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.formats.text import text_fault
from geoservice.messages import in_each
from geoservice.messages.editing import USES
from geoservice.services import ground
from geoservice.services.editing.checking import (
    refuse_foreign_ground,
    refuse_off_earth,
    refuse_stale,
    sound_code,
    sound_text,
)
from geoservice.services.importing.rows import as_json
from geoservice.store import audit, editing_rows, undo_rows
from geoservice.store.editing_rows import FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.editing.applying import Edit

TEXTS = frozenset({"name", "address", "street_class", "category"})
LARGEST_ATTRIBUTES = 20_000


def add_row(session: Session, settings: Settings, noun: str, values: Mapping[str, Any], edit: Edit) -> int:
    """Insert a point or street whose `geom` is sound → its id."""
    sound = sound_fields(noun, values)
    _place(session, settings, sound["code"], sound, edit)
    with editing_rows.whole_city(session):
        _refuse_taken(session, noun, sound["code"])
        row_id = editing_rows.insert_row(session, noun, _stored(sound))
    audit.record(session, edit.by, f"{noun}.add", noun, str(row_id), {"code": sound["code"]})
    return row_id


def change_row(
    session: Session,
    settings: Settings,
    noun: str,
    row: Mapping[str, Any],
    values: Mapping[str, Any],
    edit: Edit,
) -> int:
    """Change fields of a row that is held → its new row version; nothing is written where nothing differs."""
    sound = sound_fields(noun, values)
    if "geom" in sound:
        _place(session, settings, row["code"], sound, edit)
    with editing_rows.whole_city(session):
        if sound.get("code", row["code"]) != row["code"]:
            _refuse_taken(session, noun, sound["code"])
        stored = _stored(sound)
        changed = {name: value for name, value in stored.items() if sound[name] != _known(row, name)}
        if not changed:
            return int(row["row_version"])
        row_version = editing_rows.update_row(session, noun, row["id"], changed)
    detail = {"code": row["code"], "changed": sorted(changed)}
    audit.record(session, edit.by, f"{noun}.change", noun, str(row["id"]), detail)
    return row_version


def held_row(
    session: Session, settings: Settings, noun: str, row_id: int, row_version: int
) -> dict[str, Any]:
    """The row as it is, if it is still as it was seen; NotFound, or Conflict that tells who was faster."""
    row = editing_rows.read_row(session, noun, row_id)
    if row is None:
        raise NotFound
    if row["row_version"] != row_version:
        now = {name: value for name, value in row.items() if name not in {"geom", "id", "row_version"}}
        refuse_stale(
            settings,
            row["code"],
            (row_version, row["row_version"]),
            editing_rows.last_change(session, noun, [row_id]),
            {**now, "wkt": shapely.from_wkb(row["geom"]).wkt},
        )
    return row


def refuse_used(session: Session, noun: str, row: Mapping[str, Any]) -> None:
    """Conflict while something refers to a row that is to be deleted."""
    with editing_rows.whole_city(session):
        for kind, _ in undo_rows.users_of(session, noun, [row["id"]]):
            raise Conflict("still_used", code=row["code"], kind=in_each(USES[kind]))


def sound_fields(noun: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values that may be stored; BadRequest names the one that may not."""
    if unknown := set(values) - set(FIELDS[noun]):
        raise BadRequest("field_unknown", field=", ".join(sorted(unknown)), fields=", ".join(FIELDS[noun]))
    return {name: _sound(name, value) for name, value in values.items()}


def _sound(name: str, value: Any) -> Any:
    if name == "code":
        return sound_code(_text(name, value))
    if name in TEXTS:
        return sound_text(name, _text(name, value))
    if name in {"active", "one_way"}:
        if not isinstance(value, bool):
            raise BadRequest("field_invalid", field=name, value=value)
        return value
    if name == "attributes":
        return _sound_attributes(value)
    return value if name == "geom" else _measure(name, value)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise BadRequest("field_invalid", field=name, value=str(value)[:80])
    return value


def _measure(name: str, value: Any) -> float | None:
    """A number that the column takes, or None for the category's."""
    if value is None:
        return None
    least = 0.0 if name != "required_interval_days" else np.nextafter(0, 1)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= 1e6:
        raise BadRequest("field_invalid", field=name, value=value)
    return float(value)


def _sound_attributes(value: Any) -> dict[str, Any]:
    try:
        written = json.dumps(value, allow_nan=False, ensure_ascii=False)
        sound = "\\u0000" not in written and not text_fault(written)
        if isinstance(value, dict) and len(written) <= LARGEST_ATTRIBUTES and sound:
            return value
    except (TypeError, ValueError, RecursionError):
        pass
    raise BadRequest("field_invalid", field="attributes", value=str(type(value).__name__))


def _place(session: Session, settings: Settings, code: str, sound: Mapping[str, Any], edit: Edit) -> None:
    """Refuse a place that is nowhere, or not on the editor's ground; at the first data, choose the raster."""
    shape: BaseGeometry = sound["geom"]
    refuse_off_earth(code, shape)
    refuse_foreign_ground(session, code, shape, edit.today(settings), touching=True)
    lon, lat = shapely.get_coordinates(shape)[0]
    ground.ensure_deployment(session, settings, float(lon), float(lat))


def _refuse_taken(session: Session, noun: str, code: str) -> None:
    if editing_rows.code_owner(session, noun, code) is not None:
        raise Conflict("code_taken", code=code)


def _stored(sound: Mapping[str, Any]) -> dict[str, Any]:
    stored = dict(sound)
    if "geom" in stored:
        stored["geom"] = shapely.to_wkb(stored["geom"], output_dimension=2)
    if "attributes" in stored:
        stored["attributes"] = as_json(stored["attributes"])
    return stored


def _known(row: Mapping[str, Any], name: str) -> Any:
    return shapely.from_wkb(row[name]) if name == "geom" else row[name]
