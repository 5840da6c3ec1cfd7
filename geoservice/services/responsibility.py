"""Who answers for each zone, street, point and place on a day, and why; and the ground where nobody or two do."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoservice.domain.contracts import KINDS, LEADER, find_breaks, nearest, with_deputies
from geoservice.errors import BadRequest, NotFound
from geoservice.store import deputy_rows, point_visits
from geoservice.store import responsibility_rows as store
from geoservice.store.zones_of_day import zones_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.domain.contracts import Break, Ground, Holding
    from geoservice.domain.windows import Window
    from geoservice.store.near_rows import Near
    from geoservice.store.responsibility_rows import IdleLeader
    from geoservice.store.zones_of_day import ZoneOn

    Place = tuple[float, float]


@dataclass(frozen=True)
class Answer:
    """Somebody who answers for ground in a role, through a contract of it (`direct`) or of a zone above it.

    The contract is his own, or that of the one he `stands_in_for`.
    """

    role: str
    leader_id: int
    name: str
    via_kind: str
    via_code: str
    via_name: str
    direct: bool
    stands_in_for: str = ""


@dataclass(frozen=True)
class Answered:
    """A zone, street or point on a day, the leaf zones it lies in (a zone: itself), and who answers for it.

    A street without a contract of its own is answered for by those of every zone it has a piece in.
    """

    kind: str
    ground_id: int
    code: str
    name: str
    zone_ids: tuple[int, ...]
    is_leaf: bool
    answers: tuple[Answer, ...]

    @property
    def leaders(self) -> tuple[Answer, ...]:
        """Those who answer as leaders, not in one of the other roles."""
        return tuple(answer for answer in self.answers if answer.role == LEADER)


@dataclass(frozen=True)
class ChainBreak:
    """Days on which a role on some ground is held by nobody between two people, or by two people at once."""

    kind: str
    ground_id: int
    code: str
    name: str
    role: str
    days: Break


@dataclass(frozen=True)
class Oddities:
    """What is wrong with the contracts of a window; all but `breaks` is as of its last day.

    `nobody`: leaf zones, streets and points without a leader by any way. `two`: ground that several leaders contract at
    once. `idle`: leaders who contract nothing.
    """

    nobody: tuple[Answered, ...]
    two: tuple[Answered, ...]
    idle: tuple[IdleLeader, ...]
    breaks: tuple[ChainBreak, ...]


class Answers:
    """Who answers for what on one day; made by `answers`, asked as often as one likes."""

    def __init__(self, holdings: Iterable[Holding]) -> None:
        found: dict[Ground, list[Holding]] = defaultdict(list)
        for holding in holdings:
            found[holding.ground].append(holding)
        self._holdings: Mapping[Ground, Sequence[Holding]] = found
        self._known: dict[tuple[Ground | None, tuple[int, ...]], tuple[Answer, ...]] = {}

    def for_zone(self, path: tuple[int, ...]) -> tuple[Answer, ...]:
        """Return who answers for a zone; `path` leads from the root down to it."""
        return self._answers(("zone", path[-1]), path)

    def for_street(self, street_id: int, zone_path: tuple[int, ...]) -> tuple[Answer, ...]:
        """Return who answers for what of a street lies in a zone; an empty path: in none."""
        return self._inside(("street", street_id), zone_path)

    def for_point(self, point_id: int, zone_path: tuple[int, ...]) -> tuple[Answer, ...]:
        """Return who answers for a point that stands in a zone; an empty path: in none."""
        return self._inside(("point", point_id), zone_path)

    def _inside(self, ground: Ground, zone_path: tuple[int, ...]) -> tuple[Answer, ...]:
        if ground in self._holdings:
            return self._answers(ground, zone_path)
        # What has no contract of its own is answered for as everything else in its zone.
        return self._answers(None, zone_path)

    def _answers(self, asked: Ground | None, path: tuple[int, ...]) -> tuple[Answer, ...]:
        if (asked, path) not in self._known:
            grounds = [("zone", zone_id) for zone_id in reversed(path)]
            if asked is not None and asked not in grounds:
                grounds.insert(0, asked)
            self._known[asked, path] = tuple(
                Answer(
                    role=holding.role,
                    leader_id=holding.leader_id,
                    name=holding.leader_name,
                    via_kind=holding.ground[0],
                    via_code=holding.code,
                    via_name=holding.name,
                    direct=holding.ground == asked,
                    stands_in_for=holding.stands_in_for,
                )
                for holding in nearest(grounds, self._holdings)
            )
        return self._known[asked, path]


def answers(session: Session, on: date) -> Answers:
    """Return who answers for what on a day, by the contracts and deputies of that day."""
    return Answers(with_deputies(store.holdings_on(session, on), deputy_rows.stand_ins_on(session, on)))


def answers_around(
    session: Session, on: date, *, zone_ids: Sequence[int], point_id: int | None, street_id: int | None
) -> Answers:
    """As `answers`, but only of some zones, a point and a street: one case need not read the contracts of a whole city."""
    held = store.holdings_on(session, on, of=(zone_ids, point_id, street_id))
    return Answers(with_deputies(held, deputy_rows.stand_ins_on(session, on)))


def who_answers(session: Session, on: date, *, kind: str, code: str) -> list[Answered]:
    """Return who answers for a zone, street or point on a day; several where zones of several levels share the code.

    Raises NotFound where there is none that day, BadRequest for an unknown kind.
    """
    found = resolve(session, on, kind=kind, code=code)
    if not found:
        raise NotFound("ground_unknown", kind=kind, code=code, day=on.isoformat())
    return found


def answered_around(session: Session, on: date, place: Place, near: Sequence[Near]) -> list[Answered]:
    """Return who answers for what lies `near` a place (in that order) and, last, for the leaf zone it lies on."""
    zones = zones_on(session, on)
    held = answers(session, on)
    path_of = {zone.zone_id: zone.path for zone in zones}
    found: list[Answered] = []
    for each in near:
        answer = _streets if each.kind == "street" else _points
        found += answer(session, on, held, path_of, each.code)
    zone_id = store.zone_at(session, on, *place)
    return found + [_zone_answered(zone, held) for zone in zones if zone.zone_id == zone_id]


def who_answers_at(session: Session, on: date, lon: float, lat: float) -> Answered | None:
    """Return the leaf zone on which a place lies on a day and who answers there; None outside all zones."""
    zone_id = store.zone_at(session, on, lon, lat)
    if zone_id is None:
        return None
    zone = next(zone for zone in zones_on(session, on) if zone.zone_id == zone_id)
    return _zone_answered(zone, answers(session, on))


def resolve(
    session: Session, on: date, *, kind: str | None = None, code: str | None = None
) -> list[Answered]:
    """Return who answers for every zone, active point and street on a day, or for those of a kind or code.

    Streets are placed by their pieces: `services.ground.refresh_masks` has to have run since they changed.
    """
    if kind is not None and kind not in KINDS:
        raise BadRequest("unknown_ground_kind", value=kind, kinds=", ".join(KINDS))
    zones = zones_on(session, on)
    held = answers(session, on)
    found: list[Answered] = []
    if kind in {None, "zone"}:
        found += [_zone_answered(zone, held) for zone in zones if code is None or zone.code == code]
    path_of = {zone.zone_id: zone.path for zone in zones}
    if kind in {None, "street"}:
        found += _streets(session, on, held, path_of, code)
    if kind in {None, "point"}:
        found += _points(session, on, held, path_of, code)
    return found


def _zone_answered(zone: ZoneOn, held: Answers) -> Answered:
    return Answered(
        "zone", zone.zone_id, zone.code, zone.name, (zone.zone_id,), zone.is_leaf, held.for_zone(zone.path)
    )


def _streets(
    session: Session,
    on: date,
    held: Answers,
    path_of: Mapping[int, tuple[int, ...]],
    code: str | None,
) -> list[Answered]:
    rows = store.streets(session, code)
    zones_of = store.zones_of_streets(session, on, None if code is None else [row.id for row in rows])
    found = []
    for row in rows:
        zone_ids = tuple(zone_id for zone_id in zones_of.get(row.id, ()) if zone_id in path_of)
        paths: Sequence[tuple[int, ...]] = [path_of[zone_id] for zone_id in zone_ids] or [()]
        # One answer a person and reason, however many zones the street crosses.
        people = dict.fromkeys(answer for path in paths for answer in held.for_street(row.id, path))
        in_order = sorted(people, key=lambda answer: (answer.role != LEADER, answer.role))
        found.append(Answered("street", row.id, row.code, row.name, zone_ids, True, tuple(in_order)))
    return found


def _points(
    session: Session, on: date, held: Answers, path_of: Mapping[int, tuple[int, ...]], code: str | None
) -> list[Answered]:
    zone_of = point_visits.zones_of_points(session, on)
    found = []
    for row in store.points(session, code):
        zone_id = zone_of.get(row.id)
        path = path_of.get(zone_id, ()) if zone_id is not None else ()
        found.append(
            Answered("point", row.id, row.code, row.name, path[-1:], True, held.for_point(row.id, path))
        )
    return found


def oddities(session: Session, window: Window, answered: Sequence[Answered] | None = None) -> Oddities:
    """Return the ground with nobody and with two leaders, the leaders with nothing, and the breaks of the window.

    `answered` is what was resolved for the window's last day, or a part of it; all of it when left out.
    """
    looked_at = resolve(session, window.to_on) if answered is None else answered
    return Oddities(
        nobody=nobody(looked_at),
        two=two_leaders(looked_at),
        idle=tuple(store.idle_leaders(session, window.to_on)),
        breaks=tuple(chain_breaks(session, window)),
    )


def nobody(answered: Iterable[Answered]) -> tuple[Answered, ...]:
    """Keep the leaf zones, streets and points that no leader answers for, be it through a zone above."""
    return tuple(each for each in answered if each.is_leaf and not each.leaders)


def two_leaders(answered: Iterable[Answered]) -> tuple[Answered, ...]:
    """Keep the ground that several leaders contract themselves; what they share through it is not listed again."""
    return tuple(
        each
        for each in answered
        if len([leader for leader in each.leaders if leader.direct and not leader.stands_in_for]) > 1
    )


def chain_breaks(session: Session, window: Window) -> list[ChainBreak]:
    """Return where, in the window, one role on one ground passes to another person with days left out or held twice."""
    return [
        ChainBreak(*chain.ground, chain.code, chain.name, chain.role, days)
        for chain in store.chains(session, window.to_on)
        for days in find_breaks(chain.terms, window.from_on, window.to_on)
    ]


def shapes_of(session: Session, answered: Iterable[Answered], on: date) -> dict[Ground, BaseGeometry]:
    """Return the geometry, in lon/lat, of some ground as it is on a day."""
    ids: dict[str, list[int]] = defaultdict(list)
    for each in answered:
        ids[each.kind].append(each.ground_id)
    return {
        (kind, ground_id): shape
        for kind, wanted in ids.items()
        for ground_id, shape in store.shapes(session, kind, wanted, on).items()
    }
