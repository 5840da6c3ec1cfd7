"""Rows that are edited by hand: as they are now, who changed them last, and what their scope lets be changed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geoservice.errors import GeoServiceError
from geoservice.store.point_rows import TYPES as POINT_TYPES
from geoservice.store.scope import EVERYTHING, scope_settings
from geoservice.store.street_rows import TYPES as STREET_TYPES
from geoservice.store.zone_versions import VALID_ON

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from geoservice.store.scope import Scope

# noun → its columns as they are edited
FIELDS = {"point": tuple(POINT_TYPES), "street": tuple(STREET_TYPES)}
# About a decimetre: borders that were drawn to touch are not taken to stand out.
STAND_OUT_DEGREES = 1e-6


@dataclass(frozen=True)
class EditedZone:
    """One version of a zone; `geom` is WKB."""

    version_id: int
    zone_id: int
    level: str
    code: str
    name: str
    parent_id: int | None
    geom: bytes
    valid_from: date | None
    valid_to: date | None
    attributes: dict[str, Any]
    row_version: int


_ZONE = (
    "v.id AS version_id, v.zone_id, z.level, z.code, v.name, v.parent_id, ST_AsBinary(v.geom) AS geom, v.valid_from, "
    "v.valid_to, v.attributes, v.row_version FROM zone_version v JOIN zone z ON z.id = v.zone_id"
)


def zones_on(session: Session, zone_ids: Sequence[int], day: date) -> dict[int, EditedZone]:
    """Zone id → its version of a day, for those that this session sees."""
    sql = f"SELECT {_ZONE} WHERE v.zone_id = ANY(:ids) AND {VALID_ON}"
    return {zone.zone_id: zone for zone in _zones(session, sql, {"ids": list(zone_ids), "day": day})}


def zone_history(session: Session, zone_ids: Sequence[int]) -> dict[int, list[EditedZone]]:
    """Zone id → all its versions, the oldest first."""
    found: dict[int, list[EditedZone]] = {zone_id: [] for zone_id in zone_ids}
    sql = f"SELECT {_ZONE} WHERE v.zone_id = ANY(:ids) ORDER BY v.valid_from NULLS FIRST"
    for zone in _zones(session, sql, {"ids": list(zone_ids)}):
        found[zone.zone_id].append(zone)
    return found


def children_of(session: Session, zone_ids: Sequence[int], day: date) -> list[str]:
    """Codes of the zones that belong to some zones on `day` or later."""
    sql = (
        "SELECT DISTINCT z.code FROM zone_version v JOIN zone z ON z.id = v.zone_id WHERE v.parent_id = ANY(:ids) "
        "AND (v.valid_to IS NULL OR v.valid_to > :day) ORDER BY z.code"
    )
    return list(session.scalars(text(sql), {"ids": list(zone_ids), "day": day}))


def zones_below(session: Session, zone_ids: Sequence[int], day: date) -> list[EditedZone]:
    """The zones that belong to some zones on `day`."""
    sql = f"SELECT {_ZONE} WHERE v.parent_id = ANY(:ids) AND {VALID_ON} ORDER BY z.code"
    return list(_zones(session, sql, {"ids": list(zone_ids), "day": day}))


def set_code(session: Session, zone: EditedZone, code: str) -> None:
    """Give a zone another code, noted like any change of the row that is valid now."""
    session.execute(
        text(
            "INSERT INTO row_change (user_id, noun, row_id, action, before) "
            "SELECT nullif(current_setting('app.user_id', true), '')::int, 'zone_version', v.id, 'update', "
            "jsonb_build_object('id', v.id, 'zone_id', v.zone_id, 'code', z.code, 'name', v.name, 'parent_id', v.parent_id, "
            "'geom', encode(ST_AsEWKB(v.geom), 'hex'), 'valid_from', v.valid_from, 'valid_to', v.valid_to, "
            "'attributes', v.attributes, 'batch_id', v.batch_id, 'path', v.path, 'row_version', v.row_version) "
            "FROM zone_version v JOIN zone z ON z.id = v.zone_id WHERE v.id = :id"
        ),
        {"id": zone.version_id},
    )
    session.execute(text("UPDATE zone SET code = :code WHERE id = :id"), {"code": code, "id": zone.zone_id})
    session.execute(
        text("UPDATE zone_version SET row_version = row_version + 1 WHERE id = :id"), {"id": zone.version_id}
    )


def read_row(session: Session, noun: str, row_id: int) -> dict[str, Any] | None:
    """A point or street as it is, with `id` and `row_version`, its `geom` as WKB; None: not there for this session."""
    columns = ", ".join(f"ST_AsBinary({name}) AS geom" if name == "geom" else name for name in FIELDS[noun])
    row = session.execute(
        text(f"SELECT id, {columns}, row_version FROM {noun} WHERE id = :id"), {"id": row_id}
    ).one_or_none()
    return None if row is None else {**row._mapping, "geom": bytes(row.geom)}


def code_owner(session: Session, noun: str, code: str) -> int | None:
    """The id of the point or street that has a code."""
    owner: int | None = session.scalar(text(f"SELECT id FROM {noun} WHERE code = :code"), {"code": code})
    return owner


def insert_row(session: Session, noun: str, values: Mapping[str, Any]) -> int:
    """Insert a point or street (`attributes` as JSON, `geom` as WKB) → its id."""
    names = FIELDS[noun]
    sql = f"INSERT INTO {noun} ({', '.join(names)}) VALUES ({', '.join(map(_bound, names))}) RETURNING id"
    return int(session.execute(text(sql), values).scalar_one())


def update_row(session: Session, noun: str, row_id: int, values: Mapping[str, Any]) -> int:
    """Set the columns of a point or street, which from now on are nobody's import → its new row version."""
    columns = ", ".join(f"{name} = {_bound(name)}" for name in values)
    sql = (
        f"UPDATE {noun} SET {columns}, batch_id = NULL, row_version = row_version + 1 WHERE id = :id "
        "RETURNING row_version"
    )
    return int(session.execute(text(sql), {**values, "id": row_id}).scalar_one())


def delete_row(session: Session, noun: str, row_id: int) -> None:
    """Delete a point or street."""
    session.execute(text(f"DELETE FROM {noun} WHERE id = :id"), {"id": row_id})


def last_change(session: Session, noun: str, row_ids: Sequence[int]) -> tuple[str | None, datetime] | None:
    """Who last changed any of some rows, by hand or by an import, and when; None: nobody since they came."""
    with whole_city(session):
        row = session.execute(
            text(
                "SELECT u.name, c.at FROM row_change c LEFT JOIN app_user u ON u.id = c.user_id "
                "WHERE c.noun = :noun AND c.row_id = ANY(:ids) ORDER BY c.id DESC LIMIT 1"
            ),
            {"noun": noun, "ids": list(row_ids)},
        ).one_or_none()
    return None if row is None else (row.name, row.at)


def last_change_of_zone(session: Session, zone_id: int) -> tuple[str | None, datetime] | None:
    """Who last changed a zone, whichever of its versions, and when."""
    with whole_city(session):
        row = session.execute(
            text(
                "SELECT u.name, c.at FROM row_change c LEFT JOIN app_user u ON u.id = c.user_id "
                "WHERE c.noun = 'zone_version' AND ((c.before ->> 'zone_id')::integer = :id "
                "OR c.row_id IN (SELECT id FROM zone_version WHERE zone_id = :id)) ORDER BY c.id DESC LIMIT 1"
            ),
            {"id": zone_id},
        ).one_or_none()
    return None if row is None else (row.name, row.at)


def lies_in_sight(session: Session, geom: bytes, day: date, *, touching: bool = False) -> bool:
    """Tell whether a shape lies within the zones that this session sees; `touching`: whether it meets any of them."""
    within = (
        "EXISTS (SELECT FROM zone_version v WHERE v.geom && s.geom AND ST_Intersects(v.geom, s.geom) "
        f"AND {VALID_ON})"
        if touching
        else "coalesce((SELECT ST_CoveredBy(s.geom, ST_Buffer(ST_Union(v.geom), :more)) FROM zone_version v "
        f"WHERE v.geom && s.geom AND {VALID_ON}), false)"
    )
    sql = f"SELECT {within} FROM (SELECT ST_GeomFromWKB(:geom, 4326) AS geom) s"
    return bool(session.scalar(text(sql), {"geom": geom, "day": day, "more": STAND_OUT_DEGREES}))


def sees_everything(session: Session) -> bool:
    """Tell whether this session sees the whole city."""
    scope: Scope | None = session.info.get("scope")
    return scope is None or scope.everything


@contextmanager
def whole_city(session: Session) -> Iterator[None]:
    """See the whole city for a while: what follows a change (paths, places, masks) reaches beyond the ground of whoever
    made it. Only for what was checked before against his own scope.
    """
    scope: Scope | None = session.info.get("scope")
    if sees_everything(session) or scope is None:
        yield
        return
    _see(session, EVERYTHING)
    try:
        yield
    except GeoServiceError:  # a refusal leaves a transaction that can go on, unlike an error of the database
        _see(session, scope)
        raise
    _see(session, scope)


def _see(session: Session, scope: Scope) -> None:
    asked = scope_settings(scope)
    settings = ", ".join(f"set_config('app.{name}', :{name}, true)" for name in asked)
    session.execute(text(f"SELECT {settings}"), asked)


def _zones(session: Session, sql: str, asked: Mapping[str, Any]) -> Iterator[EditedZone]:
    for row in session.execute(text(sql), asked).mappings():
        yield EditedZone(**{**row, "geom": bytes(row["geom"])})


def _bound(name: str) -> str:
    if name == "geom":
        return "ST_GeomFromWKB(:geom, 4326)"
    return "CAST(:attributes AS jsonb)" if name == "attributes" else f":{name}"
