"""Who stands in for whom: reading it for a day, listing it, writing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, text
from sqlalchemy.orm import aliased

from geoservice.domain.contracts import StandIn
from geoservice.store.cases import Deputy
from geoservice.store.people import Leader

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class DeputyRow:
    """A deputy from a day until before `valid_to`."""

    id: int
    leader_id: int
    leader_code: str
    leader_name: str
    deputy_id: int
    deputy_code: str
    deputy_name: str
    valid_from: date
    valid_to: date
    reason: str


def stand_ins_on(session: Session, on: date) -> list[StandIn]:
    """Return who stands in for whom on a day."""
    rows = session.execute(
        text(
            "SELECT d.leader_id, d.deputy_id, l.name FROM deputy d JOIN leader l ON l.id = d.deputy_id "
            "WHERE d.valid_from <= :on AND d.valid_to > :on ORDER BY d.leader_id, l.name, d.id"
        ),
        {"on": on},
    )
    return [StandIn(*row) for row in rows]


def absent_leaders(session: Session, deputy_id: int, on: date) -> frozenset[int]:
    """Return those whom somebody stands in for on a day, also through others who do so."""
    rows = session.scalars(
        text(
            "WITH RECURSIVE absent AS ("
            "  SELECT d.leader_id FROM deputy d WHERE d.deputy_id = :deputy AND d.valid_from <= :on AND d.valid_to > :on"
            "  UNION SELECT d.leader_id FROM deputy d JOIN absent a ON d.deputy_id = a.leader_id"
            "  WHERE d.valid_from <= :on AND d.valid_to > :on"
            ") SELECT leader_id FROM absent WHERE leader_id <> :deputy"
        ),
        {"deputy": deputy_id, "on": on},
    )
    return frozenset(rows)


def list_deputies(session: Session, *, ending_after: date | None = None) -> list[DeputyRow]:
    """Return the deputies, those that begin last first; only those that are not over before a day."""
    absent, deputy = aliased(Leader), aliased(Leader)
    query = (
        select(Deputy, absent.code, absent.name, deputy.code, deputy.name)
        .join(absent, absent.id == Deputy.leader_id)
        .join(deputy, deputy.id == Deputy.deputy_id)
        .order_by(Deputy.valid_from.desc(), absent.name, Deputy.id)
    )
    if ending_after is not None:
        query = query.where(Deputy.valid_to > ending_after)
    return [
        DeputyRow(
            id=row.id,
            leader_id=row.leader_id,
            leader_code=leader_code,
            leader_name=leader_name,
            deputy_id=row.deputy_id,
            deputy_code=deputy_code,
            deputy_name=deputy_name,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            reason=row.reason,
        )
        for row, leader_code, leader_name, deputy_code, deputy_name in session.execute(query)
    ]


def deputy_by_id(session: Session, row_id: int) -> Deputy | None:
    """Return one row, which nobody else changes until we are done."""
    return session.get(Deputy, row_id, with_for_update=True, populate_existing=True)


def overlapping(
    session: Session, leader_id: int, deputy_id: int, from_on: date, until: date
) -> Deputy | None:
    """Return a row of the same two people that shares a day with [from_on, until)."""
    return session.scalar(
        select(Deputy)
        .where(Deputy.leader_id == leader_id, Deputy.deputy_id == deputy_id)
        .where(Deputy.valid_from < until, Deputy.valid_to > from_on)
        .limit(1)
    )


def add_deputy(session: Session, row: Deputy) -> int:
    """Add a row → its id."""
    session.add(row)
    session.flush()
    return row.id


def remove_deputy(session: Session, row: Deputy) -> None:
    """Take a row back as if it had never been."""
    session.delete(row)
    session.flush()
