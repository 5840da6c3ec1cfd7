"""Names of the ground and of people, to be searched, and what is said of those that were found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

GROUND_TABLES = ("zone", "zone_version", "street", "point")
"""What the names of the ground hang on; see `table_changes.stamp_of`."""
_VALID = "(v.valid_from IS NULL OR v.valid_from <= :on) AND (v.valid_to IS NULL OR v.valid_to > :on)"


@dataclass(frozen=True)
class Named:
    """Something with a name and a code; `beside` says where it lies or what it is."""

    id: int
    name: str
    code: str
    beside: str = ""


_NAMES = {
    "zone": f"SELECT z.id, v.name, z.code FROM zone_version v JOIN zone z ON z.id = v.zone_id WHERE {_VALID} ORDER BY z.id",
    "street": "SELECT id, name, code FROM street ORDER BY id",
    "point": "SELECT id, name, code FROM point WHERE active ORDER BY id",
}
_SEEN = {
    "zone": f"SELECT v.zone_id FROM zone_version v WHERE {_VALID}",
    "street": "SELECT id FROM street",
    "point": "SELECT id FROM point WHERE active",
}
_DETAILS = {
    "zone": (
        "SELECT z.id, v.name, z.code, concat_ws(' · ', CASE WHEN :locale = 'en' THEN l.name_en ELSE l.name_zh END, "
        "(SELECT p.name FROM zone_version p WHERE p.zone_id = v.parent_id AND (p.valid_from IS NULL OR p.valid_from <= :on) "
        "AND (p.valid_to IS NULL OR p.valid_to > :on))) AS beside FROM zone_version v JOIN zone z ON z.id = v.zone_id "
        f"JOIN zone_level l ON l.code = z.level WHERE z.id = ANY(:ids) AND {_VALID}"
    ),
    "street": (
        "SELECT s.id, s.name, s.code, coalesce(v.name, '') AS beside FROM street s LEFT JOIN zone_version v "
        f"ON v.zone_id = s.zone_id AND {_VALID} WHERE s.id = ANY(:ids)"
    ),
    "point": (
        "SELECT p.id, p.name, p.code, concat_ws(' · ', CASE WHEN :locale = 'en' THEN c.name_en ELSE c.name_zh END, v.name) AS beside "
        f"FROM point p JOIN point_category c ON c.code = p.category LEFT JOIN zone_version v ON v.zone_id = p.zone_id AND {_VALID} "
        "WHERE p.id = ANY(:ids) AND p.active"
    ),
}
GROUND_KINDS = tuple(_NAMES)


def names(session: Session, kind: str, on: date) -> list[tuple[int, str, str]]:
    """Return (id, name, code) of every zone, street or point of a day that this session sees."""
    return [(row.id, row.name, row.code) for row in session.execute(text(_NAMES[kind]), {"on": on})]


def seen_ids(session: Session, kind: str, on: date) -> set[int]:
    """Return the ids of the zones, streets or points that this session sees."""
    return set(session.scalars(text(_SEEN[kind]), {"on": on}))


def ground(session: Session, kind: str, ids: Sequence[int], on: date, locale: str) -> list[Named]:
    """Return zones, streets or points, those that this session sees, in the order of `ids`."""
    values = {"ids": list(ids), "on": on, "locale": locale}
    rows = {row.id: Named(**row._mapping) for row in session.execute(text(_DETAILS[kind]), values)}
    return [rows[one] for one in ids if one in rows]


def leaders(session: Session, on: date, *, everybody: bool) -> list[Named]:
    """Return who may be found as a leader: `everybody`, or those with a contract of the day that this session sees."""
    rows = session.execute(
        text(
            "SELECT l.id, l.name, l.code, l.title AS beside FROM leader l WHERE :everybody OR EXISTS (SELECT FROM contract v "
            f"WHERE v.leader_id = l.id AND {_VALID}) ORDER BY l.id"
        ),
        {"on": on, "everybody": everybody},
    )
    return [Named(**row._mapping) for row in rows]


def patrols(session: Session, from_on: date, to_on: date) -> list[tuple[date, str, Named]]:
    """Return (day, team's name, patrol by its route) of some days, the last first; none that is a draft or was cancelled."""
    rows = session.execute(
        text(
            "SELECT p.on_day, t.name AS team, p.id, r.name, r.code FROM patrol p JOIN team t ON t.id = p.team_id "
            "JOIN route r ON r.id = p.route_id WHERE p.on_day BETWEEN :from_on AND :to_on "
            "AND p.status IN ('published', 'under_way', 'done') ORDER BY p.on_day DESC, p.id"
        ),
        {"from_on": from_on, "to_on": to_on},
    )
    return [(row.on_day, row.team, Named(row.id, row.name or row.code, row.code)) for row in rows]
