"""What points ask of patrols: opening hours, skills, and which points belong together or apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from geoservice.store.points import Point, PointGroup, PointGroupMember, PointRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class RuledPoint:
    """A point with what it asks for; `opening` as stored, None: always open."""

    id: int
    code: str
    name: str
    category: str
    opening: list[dict[str, Any]] | None
    skills: tuple[str, ...]


def ruled_points(session: Session, *, only_id: int | None = None) -> list[RuledPoint]:
    """Return the points in use that ask for something, by code, or one point whether it does or not."""
    query = select(Point, PointRule).outerjoin(PointRule, PointRule.point_id == Point.id)
    chosen = Point.active & PointRule.point_id.is_not(None) if only_id is None else Point.id == only_id
    return [
        RuledPoint(
            point.id, point.code, point.name, point.category,
            rule.opening if rule else None, tuple(rule.skills) if rule else (),
        )
        for point, rule in session.execute(query.where(chosen).order_by(Point.code))
    ]  # fmt: skip


def hold_point(session: Session, point_id: int) -> bool:
    """Wait until nobody else changes this point; False without it."""
    query = select(Point.id).where(Point.id == point_id).with_for_update()
    return session.scalar(query) is not None


def set_rules(
    session: Session, rules: Iterable[tuple[int, list[dict[str, Any]] | None, Sequence[str]]]
) -> None:
    """Let points (id, opening, skills) ask for this; one that asks for nothing has no rule."""
    told = list(rules)
    free = [point_id for point_id, opening, skills in told if opening is None and not skills]
    if free:
        session.execute(delete(PointRule).where(PointRule.point_id.in_(free)))
    rows = [
        {"point_id": point_id, "opening": opening, "skills": list(skills)}
        for point_id, opening, skills in told
        if opening is not None or skills
    ]
    if not rows:
        return
    statement = upsert(PointRule)
    taken = {name: statement.excluded[name] for name in ("opening", "skills")}
    session.execute(statement.on_conflict_do_update(index_elements=[PointRule.point_id], set_=taken), rows)


@dataclass(frozen=True)
class Group:
    """Points that belong together or apart; members as id, code and name."""

    id: int
    name: str
    kind: str
    members: tuple[tuple[int, str, str], ...]


def groups(session: Session) -> list[Group]:
    """Return every group with the members this session sees, by name."""
    members: dict[int, list[tuple[int, str, str]]] = {}
    query = (
        select(PointGroupMember.group_id, Point.id, Point.code, Point.name)
        .join(Point, Point.id == PointGroupMember.point_id)
        .order_by(Point.code)
    )
    for group_id, point_id, code, name in session.execute(query):
        members.setdefault(group_id, []).append((point_id, code, name))
    return [
        Group(row.id, row.name, row.kind, tuple(members.get(row.id, [])))
        for row in session.scalars(select(PointGroup).order_by(PointGroup.name, PointGroup.id))
    ]


def hold_group(session: Session, group_id: int) -> bool:
    """Wait until nobody else changes this group; False without it."""
    query = select(PointGroup.id).where(PointGroup.id == group_id).with_for_update()
    return session.scalar(query) is not None


def put_group(session: Session, group_id: int | None, name: str, kind: str) -> int:
    """Add a group or change one → its id."""
    if group_id is None:
        return session.execute(
            insert(PointGroup).values(name=name, kind=kind).returning(PointGroup.id)
        ).scalar_one()
    session.execute(update(PointGroup).where(PointGroup.id == group_id).values(name=name, kind=kind))
    return group_id


def set_members(session: Session, group_id: int, point_ids: Iterable[int]) -> None:
    """Let these points be the group's; members that this session doesn't see stay."""
    mine = PointGroupMember.point_id.in_(select(Point.id))
    session.execute(delete(PointGroupMember).where(PointGroupMember.group_id == group_id, mine))
    rows = [{"group_id": group_id, "point_id": point_id} for point_id in point_ids]
    if rows:
        session.execute(insert(PointGroupMember), rows)


def remove_group(session: Session, group_id: int) -> None:
    """Take a group away; its points stay."""
    session.execute(delete(PointGroup).where(PointGroup.id == group_id))


def find_points(session: Session, wanted: str, most: int) -> list[tuple[int, str, str]]:
    """Return id, code and name of points in use whose code begins with, or whose name holds, a text."""
    query = select(Point.id, Point.code, Point.name).where(Point.active)
    fits = Point.code.istartswith(wanted, autoescape=True) | Point.name.icontains(wanted, autoescape=True)
    rows = session.execute(query.where(fits).order_by(Point.code).limit(most))
    return [(row.id, row.code, row.name) for row in rows]
