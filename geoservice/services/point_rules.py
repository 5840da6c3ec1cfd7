"""What points ask of patrols: when they are open, what one must be able to do, and which belong together or apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geoservice.domain.opening import opening_from_rows, parse_opening
from geoservice.errors import BadRequest, NotFound
from geoservice.services import told
from geoservice.services.seen import check_seen, fingerprint
from geoservice.store import audit, point_rows, rule_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from geoservice.store.rule_rows import Group, RuledPoint

KINDS = ("together", "apart")
LEAST_MEMBERS, MOST_MEMBERS = 2, 50


@dataclass(frozen=True)
class PointRules:
    """A point with its rules as people write them; `seen` says which state of them this is."""

    id: int
    code: str
    name: str
    category: str
    opening: str
    skills: tuple[str, ...]
    seen: str


@dataclass(frozen=True)
class GroupView:
    """A group; `seen` says which state of it this is."""

    id: int
    name: str
    kind: str
    members: tuple[tuple[int, str, str], ...]  # id, code, name
    seen: str


def ruled_points(session: Session) -> list[PointRules]:
    """Return the points that ask for something, by code."""
    return [_view(point) for point in rule_rows.ruled_points(session)]


def read_rules(session: Session, point_id: int) -> PointRules:
    """Return what one point asks for; NotFound without it."""
    found = rule_rows.ruled_points(session, only_id=point_id)
    if not found:
        raise NotFound("point_not_there", point=point_id)
    return _view(found[0])


def change_rules(
    session: Session, point_id: int, words: Mapping[str, str], *, by: int | None, seen: str | None = None
) -> PointRules:
    """Let a point ask for what is told (`opening`, `skills`); the other stays. Conflict when it changed since it was `seen`."""
    if not rule_rows.hold_point(session, point_id):
        raise NotFound("point_not_there", point=point_id)
    before = read_rules(session, point_id)
    check_seen(seen, (before.opening, before.skills), before.name)
    opening = parse_opening(words.get("opening", before.opening))
    skills = told.read_words(words["skills"], "skills") if "skills" in words else before.skills
    rule_rows.set_rules(session, [(point_id, opening.rows if opening else None, skills)])
    after = read_rules(session, point_id)
    if after != before:
        detail = {"code": after.code, "opening": after.opening, "skills": list(after.skills)}
        audit.record(session, by, "point_rule.change", "point", str(point_id), detail)
    return after


def list_groups(session: Session) -> list[GroupView]:
    """Return every group, by name."""
    return [_group_view(group) for group in rule_rows.groups(session)]


def put_group(
    session: Session,
    group_id: int | None,
    words: Mapping[str, str],
    *,
    by: int | None,
    seen: str | None = None,
) -> int:
    """Make or change a group (`name`, `kind`, `members` as codes) → its id; Conflict when it changed since it was `seen`."""
    name = told.read_name(words.get("name", ""), "name")
    kind = words.get("kind", "")
    if kind not in KINDS:
        raise BadRequest("group_kind_unknown", value=kind[:20], kinds=", ".join(KINDS))
    if group_id is not None:
        check_seen(seen, _told_of(_held(session, group_id)), name)
    members = _members(session, told.read_codes(words.get("members", "")))
    made = rule_rows.put_group(session, group_id, name, kind)
    rule_rows.set_members(session, made, members)
    action = "point_group.add" if group_id is None else "point_group.change"
    audit.record(
        session, by, action, "point_group", str(made), {"name": name, "kind": kind, "points": len(members)}
    )
    return made


def remove_group(session: Session, group_id: int, *, by: int | None) -> None:
    """Take a group away; NotFound without it."""
    group = _held(session, group_id)
    rule_rows.remove_group(session, group_id)
    audit.record(session, by, "point_group.remove", "point_group", str(group_id), {"name": group.name})


def _held(session: Session, group_id: int) -> Group:
    held = rule_rows.hold_group(session, group_id)
    group = next((group for group in rule_rows.groups(session) if group.id == group_id), None)
    if not held or group is None:
        raise NotFound("group_not_there", group=group_id)
    return group


def _members(session: Session, codes: Sequence[str]) -> list[int]:
    if not LEAST_MEMBERS <= len(codes) <= MOST_MEMBERS:
        raise BadRequest("group_size", count=len(codes), least=LEAST_MEMBERS, most=MOST_MEMBERS)
    found = point_rows.point_ids(session, codes)
    if missing := [code for code in codes if code not in found]:
        raise BadRequest("points_not_there", codes=_few(missing))
    return list(found.values())


def _few(codes: Iterable[str]) -> str:
    return ", ".join(list(codes)[:5])


def _view(point: RuledPoint) -> PointRules:
    opening = opening_from_rows(point.opening)
    text = str(opening) if opening else ""
    seen = fingerprint((text, point.skills))
    return PointRules(point.id, point.code, point.name, point.category, text, point.skills, seen)


def _told_of(group: Group) -> dict[str, Any]:
    return {"name": group.name, "kind": group.kind, "members": [code for _, code, _ in group.members]}


def _group_view(group: Group) -> GroupView:
    return GroupView(group.id, group.name, group.kind, group.members, fingerprint(_told_of(group)))
