"""Contracts as lists show them: with the names of people and ground; and what a ground's contracts were before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

_VALID = "({0}.valid_from IS NULL OR {0}.valid_from <= :on) AND ({0}.valid_to IS NULL OR {0}.valid_to > :on)"
# A zone has the name it had on the day, else the newest there is; one above a part of the city is named too.
_LISTED = f"""
    SELECT c.id, c.leader_id, l.code AS leader_code, l.name AS leader_name, c.role,
           CASE WHEN c.zone_id IS NOT NULL THEN 'zone' WHEN c.street_id IS NOT NULL THEN 'street' ELSE 'point' END AS ground,
           coalesce(c.zone_id, c.street_id, c.point_id) AS ground_id, coalesce(z.code, s.code, p.code, '') AS ground_code,
           coalesce(v.name, s.name, p.name, name_above(c.zone_id, :on), '') AS ground_name, c.valid_from, c.valid_to
    FROM contract c
    JOIN leader l ON l.id = c.leader_id
    LEFT JOIN zone z ON z.id = c.zone_id
    LEFT JOIN LATERAL (
        SELECT w.name FROM zone_version w WHERE w.zone_id = c.zone_id
        ORDER BY ({_VALID.format("w")}) DESC, w.valid_from DESC NULLS LAST LIMIT 1
    ) v ON true
    LEFT JOIN street s ON s.id = c.street_id
    LEFT JOIN point p ON p.id = c.point_id
"""
_WHEN = {
    "now": _VALID.format("c"),
    "coming": "c.valid_from > :on",
    "past": "c.valid_to <= :on",
    "all": "true",
}
WHEN = tuple(_WHEN)


@dataclass(frozen=True)
class ListedContract:
    """A contract with its names; valid from (None: since ever) until before `valid_to`."""

    id: int
    leader_id: int
    leader_code: str
    leader_name: str
    role: str
    ground: str
    ground_id: int
    ground_code: str
    ground_name: str
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True)
class ContractFilter:
    """Which contracts: as they stand on `on`, by role, kind of ground, words in names or codes, or a leader."""

    on: date
    when: str = "now"
    role: str | None = None
    ground: str | None = None
    wanted: str = ""
    leader_id: int | None = None


def list_contracts(
    session: Session, asked: ContractFilter, *, limit: int | None = None, first: int = 0
) -> tuple[list[ListedContract], int]:
    """Return a part of the contracts, by ground, role and days, and how many there are."""
    sql = f"""
        WITH listed AS ({_LISTED} WHERE {_WHEN[asked.when]}),
        fitting AS (
            SELECT * FROM listed WHERE (CAST(:role AS text) IS NULL OR role = :role)
            AND (CAST(:ground AS text) IS NULL OR ground = :ground)
            AND (CAST(:leader AS int) IS NULL OR leader_id = :leader)
            AND (:wanted = '' OR strpos(lower(concat_ws(' ', leader_code, leader_name, ground_code, ground_name)), lower(:wanted)) > 0)
        )
        SELECT fitting.*, count(*) OVER () AS total FROM fitting
        ORDER BY ground DESC, ground_code, role <> 'leader', role, valid_from NULLS FIRST, leader_name, id
        LIMIT :limit OFFSET :first
    """
    values = {
        "on": asked.on,
        "role": asked.role,
        "ground": asked.ground,
        "leader": asked.leader_id,
        "wanted": asked.wanted,
        "limit": limit,
        "first": first,
    }
    rows = session.execute(text(sql), values).all()
    return [_listed(row) for row in rows], (rows[0].total if rows else 0)


def one_contract(session: Session, contract_id: int, on: date) -> ListedContract | None:
    """Return one contract, which nobody else changes until we are done."""
    row = session.execute(
        text(f"{_LISTED} WHERE c.id = :id FOR UPDATE OF c"), {"id": contract_id, "on": on}
    ).one_or_none()
    return None if row is None else _listed(row)


def contracts_of_ground(session: Session, kind: str, ground_id: int, on: date) -> list[ListedContract]:
    """Return every contract there ever was of one zone, street or point, the newest first."""
    rows = session.execute(
        text(
            f"{_LISTED} WHERE c.{_COLUMN[kind]} = :ground ORDER BY c.valid_from DESC NULLS LAST, c.role, l.name, c.id"
        ),
        {"ground": ground_id, "on": on},
    )
    return [_listed(row) for row in rows]


_COLUMN = {"zone": "zone_id", "street": "street_id", "point": "point_id"}


@dataclass(frozen=True)
class ContractNote:
    """One change of one contract of a ground; each side: leader, role and days, None where there was or is none."""

    at: datetime
    by: str | None
    action: str
    batch_id: int | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def notes_of_ground(session: Session, kind: str, ground_id: int) -> list[ContractNote]:
    """Return what was changed in the contracts of one zone, street or point, the last change first."""
    column = _COLUMN[kind]
    sql = f"""
        WITH alive AS (SELECT c.id AS row_id, to_jsonb(c) AS row FROM contract c WHERE c.{column} = :ground),
        noted AS (
            SELECT n.* FROM row_change n WHERE n.noun = 'contract' AND n.row_id IN (
                SELECT row_id FROM alive UNION
                SELECT g.row_id FROM row_change g WHERE g.noun = 'contract' AND (g.before ->> '{column}')::int = :ground
            )
        )
        SELECT n.at, u.name AS by, n.action, n.batch_id, {_told("n.before")} AS before,
               CASE WHEN n.action <> 'delete' THEN {_told("coalesce(later.before, a.row)")} END AS after
        FROM noted n LEFT JOIN app_user u ON u.id = n.user_id LEFT JOIN alive a ON a.row_id = n.row_id
        LEFT JOIN LATERAL (
            SELECT m.before FROM noted m WHERE m.row_id = n.row_id AND m.id > n.id ORDER BY m.id LIMIT 1
        ) later ON true
        ORDER BY n.id DESC
    """
    return [ContractNote(*row) for row in session.execute(text(sql), {"ground": ground_id})]


def _told(row: str) -> str:
    return (
        f"CASE WHEN {row} IS NOT NULL THEN jsonb_build_object('leader', (SELECT l.name FROM leader l "
        f"WHERE l.id = ({row} ->> 'leader_id')::int), 'role', {row} ->> 'role', 'from', {row} ->> 'valid_from', "
        f"'until', {row} ->> 'valid_to') END"
    )


def _listed(row: Row[Any]) -> ListedContract:
    return ListedContract(*(getattr(row, name) for name in ListedContract.__dataclass_fields__))
