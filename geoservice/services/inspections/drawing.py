"""From what is wanted to tasks: the frame, the sample, the days, and who goes where; looked at first, then made."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from geoservice.domain.sampling import Candidate, Sample, draw, seen_weight, share_out
from geoservice.domain.windows import local_day
from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services import workdays
from geoservice.services.seen import fingerprint
from geoservice.store import audit, checklist_rows, inspection_frame, inspection_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.inspections.wishes import Wish
    from geoservice.store.inspection_frame import Area, FramePoint, Inspector

MOST_TASKS = 5000
CODES_SHOWN = 8
DAY_S = 86400


@dataclass(frozen=True)
class StratumView:
    """How many points of a category in a zone may be drawn, how many are, and how many of those were never inspected."""

    category: str
    zone_code: str
    zone_name: str
    size: int
    drawn: int
    never: int


@dataclass(frozen=True)
class PlannedTask:
    """A point on a day for an inspector."""

    point: FramePoint
    on_day: date
    inspector: Inspector


@dataclass(frozen=True)
class Preview:
    """What would be made. `without_checklist`: category → points left out since nothing says what to look at."""

    wish: Wish
    strata: tuple[StratumView, ...]
    tasks: tuple[PlannedTask, ...]
    days: tuple[date, ...]
    frame_sha256: str
    frame_size: int
    without_checklist: dict[str, int]

    @property
    def points(self) -> int:
        """How many points are inspected."""
        return len({task.point.id for task in self.tasks})

    @property
    def seen(self) -> str:
        """What a form carries to say which preview it was made from."""
        return fingerprint([self.wish.as_json(), self.wish.from_on, self.wish.to_on, self.frame_sha256])


def level_of(areas: Sequence[Area], wanted: str) -> str:
    """The level wanted if there is one, else the widest with more than one zone, else the widest."""
    counts = Counter(area.level for area in areas)
    if wanted in counts:
        return wanted
    return next((level for level, count in counts.items() if count > 1), next(iter(counts), ""))


def preview(session: Session, settings: Settings, wish: Wish, *, now: datetime) -> Preview:
    """Return what would be made of a wish; BadRequest says why nothing can be."""
    on = local_day(now, settings.zone_info)
    people = _inspectors(session, wish)
    days = _days(session, settings, wish)
    points, without = _frame(session, wish, on)
    candidates = [
        Candidate(point.code, (point.category, point.zone_code), _weight(point, wish, now))
        for point in points
    ]
    sample = _sample(candidates, wish)
    drawn = set(sample.keys)
    chosen = [point for point in points if point.code in drawn]
    if not chosen:
        raise BadRequest("inspection_nothing_to_draw")
    tasks = _tasks(chosen, days, people, wish)
    return Preview(
        wish, _strata(points, drawn), tasks, days, sample.frame_sha256, sample.frame_size, dict(without)
    )


def make(
    session: Session,
    settings: Settings,
    wish: Wish,
    *,
    by: int | None,
    now: datetime,
    seen: str | None = None,
) -> int:
    """Make an inspection with its tasks → its id; Conflict when it is no longer what its preview showed (`seen`)."""
    made = preview(session, settings, wish, now=now)
    if seen is not None and seen != made.seen:
        raise Conflict("inspection_frame_changed")
    spec = {
        **wish.as_json(),
        "level": level_of(inspection_frame.areas(session, local_day(now, settings.zone_info)), wish.level),
        "frame_sha256": made.frame_sha256,
        "frame_size": made.frame_size,
        "strata": [vars(stratum) for stratum in made.strata],
        "without_checklist": made.without_checklist,
    }
    inspection_id = inspection_rows.add_inspection(
        session,
        {
            "name": wish.name,
            "kind": wish.kind,
            "from_on": wish.from_on,
            "to_on": wish.to_on,
            "seed": wish.seed,
            "spec": spec,
            "made_by": by,
            "made_at": now,
        },
        _rows(session, made),
    )
    detail = {"name": wish.name, "kind": wish.kind, "tasks": len(made.tasks), "seed": wish.seed}
    audit.record(
        session,
        by,
        "inspection.make",
        "inspection",
        str(inspection_id),
        {**detail, "frame": made.frame_sha256},
    )
    return inspection_id


def cancel(session: Session, settings: Settings, inspection_id: int, *, by: int | None, now: datetime) -> int:
    """Take back what is still to be done of an inspection; what was found stays. Return how many tasks that were."""
    found = inspection_rows.inspection_by_id(session, inspection_id, lock=True)
    if found is None:
        raise NotFound("inspection_unknown", id=inspection_id)
    if found.cancelled_at is not None:
        raise Conflict("inspection_cancelled", name=found.name)
    if found.to_on < local_day(now, settings.zone_info):
        raise Conflict("inspection_over", name=found.name, day=found.to_on.isoformat())
    found.cancelled_at = now
    session.flush()
    count = inspection_rows.open_tasks(session, inspection_id)
    audit.record(session, by, "inspection.cancel", "inspection", str(inspection_id), {"open": count})
    return count


def _inspectors(session: Session, wish: Wish) -> list[Inspector]:
    known = {one.login: one for one in inspection_frame.inspectors(session)}
    if not wish.inspectors:
        raise BadRequest("inspection_needs_inspectors")
    for login in wish.inspectors:
        if login not in known:
            raise BadRequest(
                "inspection_inspector_unknown", login=login[:64], logins=", ".join(sorted(known)) or "–"
            )
    return [known[login] for login in sorted(wish.inspectors)]


def _days(session: Session, settings: Settings, wish: Wish) -> tuple[date, ...]:
    span = [wish.from_on + timedelta(days=ahead) for ahead in range((wish.to_on - wish.from_on).days + 1)]
    if wish.rest_days:
        return tuple(span)
    calendar = workdays.calendar(session, settings)
    working = tuple(day for day in span if calendar.is_working(day))
    if not working:
        raise BadRequest(
            "inspection_no_working_day", from_on=wish.from_on.isoformat(), to_on=wish.to_on.isoformat()
        )
    return working


def _frame(session: Session, wish: Wish, on: date) -> tuple[list[FramePoint], Counter[str]]:
    """The points that may be drawn, and how many of each category no checklist is in force for on the first day."""
    areas = inspection_frame.areas(session, on)
    zones = {area.code: area.id for area in areas}
    categories = [word.code for word in checklist_rows.categories(session)]
    if missing := [code for code in wish.zones if code not in zones]:
        raise BadRequest("zones_not_there", codes=", ".join(missing[:CODES_SHOWN]))
    if unknown := next((code for code in wish.categories if code not in categories), None):
        raise BadRequest("unknown_category", value=unknown[:40], categories=", ".join(categories))
    wanted = [code for code in categories if not wish.categories or code in wish.categories]
    found = inspection_frame.frame(
        session,
        on,
        level_of(areas, wish.level),
        categories if wish.points else wanted,
        zone_ids=() if wish.points else [zones[code] for code in wish.zones],
        codes=wish.points,
    )
    ready = checklist_rows.in_force(session, wish.from_on)
    points = [point for point in found if point.category in ready]
    if wish.points:
        there = {point.code for point in points}
        if missing := [code for code in wish.points if code not in there]:
            raise BadRequest(
                "inspection_points_unknown", count=len(missing), codes=", ".join(missing[:CODES_SHOWN])
            )
    return points, Counter(point.category for point in found if point.category not in ready)


def _weight(point: FramePoint, wish: Wish, now: datetime) -> float:
    if not wish.by_unseen:
        return 1.0
    # Whole days, so that a preview and what is made of it a minute later have the same frame.
    days = None if point.last_at is None else float((now - point.last_at).total_seconds() // DAY_S)
    return seen_weight(days)


def _sample(candidates: Sequence[Candidate], wish: Wish) -> Sample:
    size = len(candidates) if wish.size is None or wish.points else wish.size
    return draw(candidates, size, wish.seed, minimum=wish.minimum)


def _strata(points: Sequence[FramePoint], drawn: set[str]) -> tuple[StratumView, ...]:
    strata: dict[tuple[str, str], list[FramePoint]] = {}
    for point in points:
        strata.setdefault((point.category, point.zone_code), []).append(point)
    return tuple(
        StratumView(
            category,
            zone_code,
            members[0].zone_name,
            len(members),
            sum(point.code in drawn for point in members),
            sum(point.code in drawn and point.last_at is None for point in members),
        )
        for (category, zone_code), members in sorted(strata.items())
    )


def _tasks(
    chosen: Sequence[FramePoint], days: Sequence[date], people: Sequence[Inspector], wish: Wish
) -> tuple[PlannedTask, ...]:
    if wish.kind == "fixed":
        tasks = _rounds(chosen, days[:: wish.every_days], people)
    else:
        slots = share_out([point.code for point in chosen], len(people), len(days), wish.seed)
        tasks = [
            PlannedTask(point, days[day], people[person])
            for point, (person, day) in zip(chosen, slots, strict=True)
        ]
    if len(tasks) > MOST_TASKS:
        raise BadRequest("inspection_too_many_tasks", count=len(tasks), most=MOST_TASKS)
    return tuple(sorted(tasks, key=lambda task: (task.on_day, task.inspector.login, task.point.code)))


def _rounds(
    chosen: Sequence[FramePoint], days: Sequence[date], people: Sequence[Inspector]
) -> list[PlannedTask]:
    """Every point on every day, by turns: even, and no point always in the same hands where several inspect."""
    pairs = [(day, point) for day in days for point in chosen]
    turn = math.lcm(len(chosen), len(people))
    return [
        PlannedTask(point, day, people[(place + place // turn) % len(people)])
        for place, (day, point) in enumerate(pairs)
    ]


def _rows(session: Session, made: Preview) -> list[dict[str, object]]:
    """The rows of tasks, each with the checklist of its day."""
    lists: dict[date, Mapping[str, int]] = {
        day: checklist_rows.in_force(session, day) for day in {task.on_day for task in made.tasks}
    }
    return [
        {
            "point_id": task.point.id,
            "on_day": task.on_day,
            "inspector_id": task.inspector.id,
            "checklist_id": lists[task.on_day][task.point.category],
        }
        for task in made.tasks
    ]
