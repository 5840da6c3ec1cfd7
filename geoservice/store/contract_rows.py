"""Writing contracts, and the leaders and ground they name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, text

from geoservice.store.bulk import in_chunks, run_in_chunks
from geoservice.store.contracts import ContractRole
from geoservice.store.people import Leader

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

GROUNDS = ("zone", "street", "point")
DEFAULT_ROLE = "leader"


@dataclass(frozen=True)
class ContractRow:
    """A contract: `ground` is zone, street or point; valid from (None: since ever) until before `valid_to`."""

    leader_id: int
    role: str
    ground: str
    ground_id: int
    valid_from: date | None
    valid_to: date | None

    @property
    def subject(self) -> tuple[int, str, str, int]:
        """What may be contracted only once at a time."""
        return self.leader_id, self.role, self.ground, self.ground_id


def roles(session: Session) -> list[ContractRole]:
    """Every role somebody may contract ground in."""
    return list(session.scalars(select(ContractRole).order_by(ContractRole.code)))


def leaders(session: Session) -> list[Leader]:
    """Every leader."""
    return list(session.scalars(select(Leader).order_by(Leader.code)))


def add_leaders(session: Session, named: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Add leaders by (code, name) → code → id."""
    sql = """
        INSERT INTO leader (code, name)
        SELECT code, name FROM unnest(CAST(:codes AS text[]), CAST(:names AS text[])) AS r(code, name)
        RETURNING code, id
    """
    columns = {"codes": [code for code, _ in named], "names": [name for _, name in named]}
    return {row.code: row.id for row in in_chunks(session, sql, columns)}


def zones_by_code(session: Session, codes: Sequence[str]) -> dict[str, list[tuple[str, int]]]:
    """Code → (level, id) of each zone that has it, the widest level first."""
    sql = """
        SELECT z.code, z.level, z.id FROM zone z JOIN zone_level l ON l.code = z.level
        WHERE z.code = ANY(CAST(:codes AS text[])) ORDER BY l.rank
    """
    found: dict[str, list[tuple[str, int]]] = {}
    for row in in_chunks(session, sql, {"codes": codes}):
        found.setdefault(row.code, []).append((row.level, row.id))
    return found


def stored_contracts(session: Session, leader_ids: Sequence[int]) -> list[tuple[int, ContractRow]]:
    """Every contract of some leaders with its id, the oldest first."""
    sql = """
        SELECT id, leader_id, role, valid_from, valid_to, coalesce(zone_id, street_id, point_id) AS ground_id,
               CASE WHEN zone_id IS NOT NULL THEN 'zone' WHEN street_id IS NOT NULL THEN 'street' ELSE 'point' END AS ground
        FROM contract WHERE leader_id = ANY(CAST(:leaders AS int[])) ORDER BY valid_from NULLS FIRST
    """
    return [
        (
            row.id,
            ContractRow(row.leader_id, row.role, row.ground, row.ground_id, row.valid_from, row.valid_to),
        )
        for row in in_chunks(session, sql, {"leaders": leader_ids})
    ]


def insert_contracts(session: Session, contracts: Sequence[ContractRow], batch_id: int) -> None:
    """Insert contracts."""
    sql = """
        INSERT INTO contract (leader_id, role, zone_id, street_id, point_id, valid_from, valid_to, batch_id)
        SELECT leader_id, role, CASE WHEN ground = 'zone' THEN ground_id END, CASE WHEN ground = 'street' THEN ground_id END,
               CASE WHEN ground = 'point' THEN ground_id END, valid_from, valid_to, :batch
        FROM unnest(CAST(:leader_id AS int[]), CAST(:role AS text[]), CAST(:ground AS text[]), CAST(:ground_id AS int[]),
                    CAST(:valid_from AS date[]), CAST(:valid_to AS date[]))
             AS r(leader_id, role, ground, ground_id, valid_from, valid_to)
    """
    names = ("leader_id", "role", "ground", "ground_id", "valid_from", "valid_to")
    run_in_chunks(
        session,
        sql,
        {name: [getattr(each, name) for each in contracts] for name in names},
        {"batch": batch_id},
    )


def end_contracts(session: Session, ends: Sequence[tuple[int, date | None]], batch_id: int) -> None:
    """Set when contracts end: (id, first day on which it no longer holds)."""
    sql = text(
        "UPDATE contract c SET valid_to = r.valid_to, batch_id = :batch "
        "FROM unnest(CAST(:ids AS int[]), CAST(:ends AS date[])) AS r(id, valid_to) WHERE c.id = r.id"
    )
    session.execute(
        sql, {"ids": [key for key, _ in ends], "ends": [end for _, end in ends], "batch": batch_id}
    )
