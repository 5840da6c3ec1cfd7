"""From any place and day: the people who answer, by role, and through what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoservice.domain.contracts import LEADER
from geoservice.errors import BadRequest
from geoservice.services import responsibility
from geoservice.store import near_rows, role_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.responsibility import Answer, Answered
    from geoservice.store.people import Leader

MOST_NEAR = 5
"""How many points, and how many streets, are looked at around a place."""


@dataclass(frozen=True)
class Person:
    """Somebody who answers in a role, and why: through which contract (`via`), and for whom he stands in."""

    role: str
    leader_id: int
    code: str
    name: str
    title: str
    phone: str
    via_kind: str
    via_code: str
    via_name: str
    direct: bool
    stands_in_for: str


@dataclass(frozen=True)
class Ground:
    """What was asked for, or lies at the place asked for: `distance_m` is None for the zone the place lies on."""

    kind: str
    code: str
    name: str
    distance_m: float | None
    people: tuple[Person, ...]


@dataclass(frozen=True)
class Who:
    """Everybody who answers, the leaders first, each role as its nearest ground says; and the ground itself."""

    on: date
    people: tuple[Person, ...]
    grounds: tuple[Ground, ...]


def who_is_here(session: Session, settings: Settings, on: date, place: tuple[float, float]) -> Who:
    """Return who answers at a place (lon, lat) on a day: for the points and streets it is at, and for its zone.

    At a point is who is within `visit_radius_m` of it, at a street within `street_reach_m`. Raises BadRequest off the earth.
    """
    lon, lat = place
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise BadRequest("place_off_earth", field="lon, lat", value=f"{lon}, {lat}")
    near = [
        *near_rows.things_near(session, "point", place, settings.visit_radius_m, most=MOST_NEAR),
        *near_rows.things_near(session, "street", place, settings.street_reach_m, most=MOST_NEAR),
    ]
    answered = responsibility.answered_around(session, on, place, near)
    distances = {(each.kind, each.code): each.distance_m for each in near}
    return _who(session, on, answered, [distances.get((each.kind, each.code)) for each in answered])


def who_answers_for(session: Session, on: date, *, kind: str, code: str) -> Who:
    """Return who answers for a zone, street or point on a day; NotFound without it, BadRequest for an unknown kind."""
    answered = responsibility.who_answers(session, on, kind=kind, code=code)
    return _who(session, on, answered, [None] * len(answered))


def _who(session: Session, on: date, answered: Sequence[Answered], distances: Sequence[float | None]) -> Who:
    ids = {answer.leader_id for each in answered for answer in each.answers}
    leaders = role_rows.leaders_by_ids(session, ids)
    grounds = tuple(
        Ground(
            each.kind,
            each.code,
            each.name,
            distance,
            tuple(_person(answer, leaders[answer.leader_id]) for answer in each.answers),
        )
        for each, distance in zip(answered, distances, strict=True)
    )
    return Who(on, _once(person for ground in grounds for person in ground.people), grounds)


def _once(people: Iterable[Person]) -> tuple[Person, ...]:
    """Return everybody once a role, through the first that made him answer."""
    found: dict[tuple[str, int], Person] = {}
    for person in people:
        found.setdefault((person.role, person.leader_id), person)
    return tuple(sorted(found.values(), key=lambda person: (person.role != LEADER, person.role)))


def _person(answer: Answer, leader: Leader) -> Person:
    return Person(
        role=answer.role,
        leader_id=answer.leader_id,
        code=leader.code,
        name=answer.name,
        title=leader.title,
        phone=leader.phone,
        via_kind=answer.via_kind,
        via_code=answer.via_code,
        via_name=answer.via_name,
        direct=answer.direct,
        stands_in_for=answer.stands_in_for,
    )
