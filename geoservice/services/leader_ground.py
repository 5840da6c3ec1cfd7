"""One leader's ground as somebody else may see it: what both of them may."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from geoservice.domain.roles import Permission, Role, may
from geoservice.errors import NotAllowed, NotFound
from geoservice.services import accounts
from geoservice.store import areas, people
from geoservice.store.scope import Scope

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.services.accounts import Account
    from geoservice.store.people import Leader


def scope_of_leader(session: Session, leader_id: int, on: date, within: Scope) -> Scope:
    """Return what a leader answers for on a day, as far as `within` shows it; `session` must see everything.

    His key streets and points lie anywhere, so only who sees the whole city sees those.
    """
    ground = areas.contracted_ground(session, leader_id, on)
    zone_ids = areas.subtree_ids(session, ground.zone_ids, on)
    own = Scope(zone_ids=zone_ids, leader_id=leader_id)
    if not within.everything:
        return replace(own, zone_ids=zone_ids & within.zone_ids, leader_id=None)
    return replace(own, point_ids=ground.point_ids, street_ids=ground.street_ids)


def scope_for(session: Session, account: Account, leader_id: int, on: date) -> Scope:
    """Return under which scope an account looks at a leader's ground: at his own, or at any of his city's.

    Raises NotAllowed for another's ground without the city; NotFound where nothing of it is his to see.
    """
    scope = accounts.scope_of(session, account, on)
    if account.role is Role.LEADER and account.leader_id != leader_id:
        raise NotAllowed
    if account.role is not Role.LEADER:
        if not may(account.role, Permission.SEE_CITY):
            raise NotAllowed
        scope = scope_of_leader(session, leader_id, on, scope)
    if not (scope.zone_ids or scope.point_ids or scope.street_ids):
        raise NotFound("leader_without_ground", leader=_name(session, leader_id), on=on.isoformat())
    return scope


def leaders_with_ground(session: Session, within: Scope, on: date) -> list[Leader]:
    """Return the leaders of whose ground `within` shows something, by code; `session` must see everything."""
    found = []
    for leader in sorted(people.all_leaders(session), key=lambda one: one.code):
        scope = scope_of_leader(session, leader.id, on, within)
        if scope.zone_ids or scope.point_ids or scope.street_ids:
            found.append(leader)
    return found


def _name(session: Session, leader_id: int) -> str:
    leader = people.leader_by_id(session, leader_id)
    return leader.code if leader else "?"
