"""The ground somebody sees: what a leader contracted, what lies below a zone, and its shapes for display.

Shapes are read whole: neighbours share their borders only as long as nobody thins them one by one, and the maps thin all
of them together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely
from sqlalchemy import or_, select, text

from geoservice.store.base import statement
from geoservice.store.contracts import Contract
from geoservice.store.deputy_rows import absent_leaders

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.orm import Session

VALID = "daterange(valid_from, valid_to) @> cast(:on AS date)"


@dataclass(frozen=True)
class ContractedGround:
    """What one leader answers for on a day, as ids."""

    zone_ids: frozenset[int]
    point_ids: frozenset[int]
    street_ids: frozenset[int]


@dataclass(frozen=True)
class Level:
    """A level of the hierarchy and how many zones of it the session sees on a day."""

    code: str
    rank: int
    name_zh: str
    name_en: str
    zone_count: int


def contracted_ground(session: Session, leader_id: int, on: date) -> ContractedGround:
    """Return what a leader answers for on a day, in whatever role: by his contracts, or in place of somebody absent."""
    answering = {leader_id, *absent_leaders(session, leader_id, on)}
    rows = session.execute(
        select(Contract.zone_id, Contract.point_id, Contract.street_id).where(
            Contract.leader_id.in_(answering), *_valid(on)
        )
    ).all()
    return ContractedGround(
        zone_ids=frozenset(row.zone_id for row in rows if row.zone_id is not None),
        point_ids=frozenset(row.point_id for row in rows if row.point_id is not None),
        street_ids=frozenset(row.street_id for row in rows if row.street_id is not None),
    )


def subtree_ids(session: Session, zone_ids: frozenset[int], on: date) -> frozenset[int]:
    """Return these zones and every zone that lies below one of them on a day."""
    if not zone_ids:
        return frozenset()
    rows = session.execute(
        text(f"SELECT zone_id FROM zone_version WHERE path && cast(:ids AS int[]) AND {VALID}"),
        {"ids": sorted(zone_ids), "on": on},
    )
    return frozenset(zone_ids | {row.zone_id for row in rows})


def ids_above(session: Session, zone_id: int, on: date) -> frozenset[int]:
    """Return the zones that a zone lies in on a day."""
    path = session.scalar(
        text(f"SELECT path FROM zone_version WHERE zone_id = :id AND {VALID}"), {"id": zone_id, "on": on}
    )
    return frozenset(path or ()) - {zone_id}


def zone_shapes(session: Session, zone_ids: Collection[int], on: date) -> dict[int, BaseGeometry]:
    """Return the borders of these zones on a day."""
    rows = session.execute(
        text(
            f"SELECT zone_id, ST_AsBinary(geom) AS geom FROM zone_version WHERE zone_id = ANY (:ids) AND {VALID}"
        ),
        {"ids": sorted(zone_ids), "on": on},
    ).all()
    return dict(zip((row.zone_id for row in rows), _shapes(rows), strict=True))


def levels(session: Session, on: date) -> list[Level]:
    """Return the levels that hold a zone on a day, widest first."""
    rows = session.execute(
        text(
            "SELECT l.code, l.rank, l.name_zh, l.name_en, count(*) AS zone_count FROM zone_level l"
            f" JOIN zone z ON z.level = l.code JOIN zone_version v ON v.zone_id = z.id WHERE {VALID}"
            " GROUP BY l.code ORDER BY l.rank"
        ),
        {"on": on},
    )
    return [Level(*row) for row in rows]


def streets(
    session: Session, on_zone_ids: Collection[int], street_ids: Collection[int]
) -> list[tuple[Row[Any], BaseGeometry]]:
    """Return the streets in these zones and these very streets, with their lines."""
    rows = session.execute(
        text(
            "SELECT s.id, s.code, s.name, s.id = ANY (:streets) AS mine, ST_AsBinary(s.geom) AS geom FROM street s"
            " WHERE s.zone_id = ANY (:zones) OR s.id = ANY (:streets) ORDER BY mine DESC, s.code"
        ),
        {"zones": sorted(on_zone_ids), "streets": sorted(street_ids)},
    ).all()
    return list(zip(rows, _shapes(rows), strict=True))


def exclusions(
    session: Session, on_zone_ids: Collection[int], on: date
) -> list[tuple[Row[Any], BaseGeometry]]:
    """Return the exclusions on these zones, cut to their ground."""
    rows = session.execute(
        text(statement("exclusions_on_zones")), {"zones": sorted(on_zone_ids), "on": on}
    ).all()
    return list(zip(rows, _shapes(rows), strict=True))


def answering(session: Session, on: date, ground: ContractedGround) -> Sequence[Row[Any]]:
    """Return who contracted these zones, points or streets on a day: kind, code, name of it, role, leader."""
    return session.execute(
        text(statement("answering_for")),
        {
            "on": on,
            "zones": sorted(ground.zone_ids),
            "points": sorted(ground.point_ids),
            "streets": sorted(ground.street_ids),
        },
    ).all()


def contract_role_names(session: Session) -> dict[str, tuple[str, str]]:
    """Return each contract role's name in Chinese and English."""
    rows = session.execute(text("SELECT code, name_zh, name_en FROM contract_role"))
    return {row.code: (row.name_zh, row.name_en) for row in rows}


def category_names(session: Session) -> dict[str, tuple[str, str]]:
    """Return each point category's name in Chinese and English."""
    rows = session.execute(text("SELECT code, name_zh, name_en FROM point_category"))
    return {row.code: (row.name_zh, row.name_en) for row in rows}


def is_database_well(session: Session) -> bool:
    """Tell whether the database answers and has been migrated."""
    return session.scalar(text("SELECT to_regclass('app_user') IS NOT NULL")) is True


def _shapes(rows: Sequence[Row[Any]]) -> list[BaseGeometry]:
    return list(shapely.from_wkb([bytes(row.geom) for row in rows]))


def _valid(on: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        or_(Contract.valid_from.is_(None), Contract.valid_from <= on),
        or_(Contract.valid_to.is_(None), Contract.valid_to > on),
    )
