"""Streets cut where a line crosses them, and streets that follow one another made one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely import LineString

from geoservice.domain.line_cutting import cut_line, join_lines
from geoservice.domain.street_tags import level_and_tunnel
from geoservice.errors import BadRequest, InvalidGeometry
from geoservice.services.editing.applying import Edit, editing_ground
from geoservice.services.editing.checking import sound_code, sound_text
from geoservice.services.editing.placed import add_row, change_row, held_row, refuse_used
from geoservice.services.editing.splitting import NewPart
from geoservice.store import audit, editing_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings

MOST_JOINED = 100
_KEPT_BY_PARTS = ("street_class", "one_way", "attributes")


def split_street(  # noqa: PLR0913 - which street as it was seen, how, who and when
    session: Session,
    settings: Settings,
    street_id: int,
    line: BaseGeometry,
    parts: Sequence[NewPart],
    *,
    row_version: int,
    by: int | None,
    now: datetime,
) -> list[int]:
    """Cut a street where a line crosses it → the ids of its parts from its beginning on, as `parts` name them.

    The part with the street's own code stays this street, with its contracts and cases; without one the first does.
    """
    edit = Edit(by, now)
    named = [NewPart(sound_code(part.code), sound_text("name", part.name)) for part in parts]
    with editing_ground(session, settings, edit):
        row = held_row(session, settings, "street", street_id, row_version)
        pieces = cut(row["code"], line_of(row), line)
        codes = [part.code for part in named]
        if len(pieces) != len(named) or len(set(codes)) != len(codes):
            raise BadRequest("split_parts", code=row["code"], count=len(pieces))
        kept = codes.index(row["code"]) if row["code"] in codes else 0
        values = [
            {"code": part.code, "name": part.name, "geom": piece}
            for part, piece in zip(named, pieces, strict=True)
        ]
        change_row(session, settings, "street", row, values[kept], edit)
        same = {name: row[name] for name in _KEPT_BY_PARTS}
        ids = [
            street_id if number == kept else add_row(session, settings, "street", {**same, **value}, edit)
            for number, value in enumerate(values)
        ]
        detail = {"code": row["code"], "into": codes}
        audit.record(session, by, "street.split", "street", str(street_id), detail)
    return ids


def join_streets(  # noqa: PLR0913 - which streets as they were seen, into what, who and when
    session: Session,
    settings: Settings,
    streets: Sequence[tuple[int, int]],
    *,
    code: str,
    name: str,
    by: int | None,
    now: datetime,
) -> int:
    """Make one street of several that follow one another, (id, row version) each → its id.

    It is the one whose code it has, else the first, and keeps that one's class, direction and contracts; the others go, unless
    something refers to them.
    """
    edit = Edit(by, now)
    seen = dict(streets)
    if not 2 <= len(seen) <= MOST_JOINED:
        raise BadRequest("join_few", most=MOST_JOINED)
    new_code, new_name = sound_code(code), sound_text("name", name)
    with editing_ground(session, settings, edit):
        rows = [held_row(session, settings, "street", *each) for each in seen.items()]
        rows.sort(key=lambda row: row["code"] != new_code)
        kept, *others = rows
        line = join(rows)
        for row in others:
            refuse_used(session, "street", row)
        values = {"code": new_code, "name": new_name, "geom": line}
        change_row(session, settings, "street", kept, values, edit)
        with editing_rows.whole_city(session):
            for row in others:
                editing_rows.delete_row(session, "street", row["id"])
        detail = {"code": new_code, "of": sorted(row["code"] for row in rows)}
        audit.record(session, by, "street.join", "street", str(kept["id"]), detail)
    return int(kept["id"])


def cut(code: str, street: LineString, line: BaseGeometry) -> list[LineString]:
    """The parts of a street between the places where a line crosses it; InvalidGeometry when it does not."""
    usable = isinstance(line, LineString) and np.isfinite(shapely.get_coordinates(line)).all()
    parts = cut_line(street, line) if usable and isinstance(line, LineString) else []
    if len(parts) < 2:
        raise InvalidGeometry("street_not_crossed", code=code)
    return parts


def join(rows: Sequence[Mapping[str, Any]]) -> LineString:
    """One line along streets, the way of the first; BadRequest tells why they can't be one."""
    joined = join_lines([line_of(row) for row in rows])
    if joined is None:
        raise BadRequest("join_apart")
    if len({row["one_way"] for row in rows}) > 1 or (rows[0]["one_way"] and any(joined.turned)):
        raise BadRequest("join_one_way")
    if len({level_and_tunnel(row["attributes"]) for row in rows}) > 1:
        raise BadRequest("join_levels")
    return joined.line


def line_of(row: Mapping[str, Any]) -> LineString:
    """The line of a stored street."""
    line = shapely.from_wkb(bytes(row["geom"]))
    assert isinstance(line, LineString)
    return line
