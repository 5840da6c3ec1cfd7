"""The ground somebody sees: what a leader contracted, what lies below a zone, and its shapes for display."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select, text

from geoservice.store.contracts import Contract

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class ContractedGround:
    """What one leader answers for on a day, as ids."""

    zone_ids: frozenset[int]
    point_ids: frozenset[int]
    street_ids: frozenset[int]


def contracted_ground(session: Session, leader_id: int, on: date) -> ContractedGround:
    """Return what a leader contracted, in whatever role, that is valid on a day."""
    rows = session.execute(
        select(Contract.zone_id, Contract.point_id, Contract.street_id).where(
            Contract.leader_id == leader_id, *_valid(on)
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
        text(
            "SELECT zone_id FROM zone_version WHERE path && cast(:ids AS int[])"
            " AND daterange(valid_from, valid_to) @> cast(:on AS date)"
        ),
        {"ids": sorted(zone_ids), "on": on},
    )
    return frozenset(zone_ids | {row.zone_id for row in rows})


def is_database_well(session: Session) -> bool:
    """Tell whether the database answers and has been migrated."""
    return session.scalar(text("SELECT to_regclass('app_user') IS NOT NULL")) is True


def _valid(on: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        or_(Contract.valid_from.is_(None), Contract.valid_from <= on),
        or_(Contract.valid_to.is_(None), Contract.valid_to > on),
    )
