"""What was seen and told of in ninety days: at check-ins of the last month, before that on the desk, by leaders and citizens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from geoservice.domain.windows import instant_of
from geoservice.services.cases import Actor, NewCase
from geoservice.services.demo.check_ins import FINDINGS
from geoservice.store import check_in_rows
from geoservice.store.check_in_rows import CheckInRow

if TYPE_CHECKING:
    from datetime import date, tzinfo

    import numpy as np
    from sqlalchemy.orm import Session

    from geoservice.services.demo.check_ins import Report
    from geoservice.services.demo.city import DemoCity
    from geoservice.services.demo.rows import Ids

DAYS, DAYS_OF_CHECK_INS = 90, 30
CASES_A_DAY = 0.5
_SOURCES = ("desk", "leader", "citizen")
# The kind of case that each finding of `check_ins.FINDINGS` is, in its order.
_KINDS = {
    "market": ("stall", "rubbish", "food"),
    "old_compound": ("fire", "wires", "rubbish"),
    "back_lane": ("facility", "ad", "parking"),
    "main_street": ("parking", "manhole", "stall"),
    "public_toilet": ("facility", "order", "rubbish"),
    "park": ("facility", "rubbish", "facility"),
    "station": ("facility", "facility", "parking"),
    "hospital": ("parking", "smoking", "service"),
    "school": ("order", "stall", "propaganda"),
    "internet_cafe": ("minors", "fire", "smoking"),
    "window_office": ("service", "order", "facility"),
    "restaurant": ("food", "rubbish", "food"),
}


def found_things(
    session: Session, city: DemoCity, ids: Ids, rng: np.random.Generator, today: date, zone: tzinfo
) -> list[tuple[NewCase, Actor]]:
    """Return what becomes a case, each with who told of it, the oldest first."""
    seen = [each for each in city.reports if each.has_findings]
    most = min(int(CASES_A_DAY * DAYS_OF_CHECK_INS), len(seen))
    found = [
        _of_check_in(session, city, ids, seen[number])
        for number in rng.choice(len(seen), most, replace=False).tolist()
    ]
    for back in range(DAYS, DAYS_OF_CHECK_INS, -1):
        if rng.random() < CASES_A_DAY:
            minute = int(rng.integers(8 * 60, 18 * 60))
            local = datetime.combine(today - timedelta(days=back), time(minute // 60, minute % 60), zone)
            found.append((_of_somebody(city, ids, rng, local), Actor.system()))
    return sorted(found, key=lambda each: str(each[0].at and each[0].at.astimezone(UTC)))


def _of_check_in(session: Session, city: DemoCity, ids: Ids, report: Report) -> tuple[NewCase, Actor]:
    category = city.places[report.place].category
    member_id = ids.members[report.team][report.member]
    at = instant_of(report.time_us)
    new = _new_case(city, ids, report.place, FINDINGS[category].index(report.note), at)
    (stored,) = check_in_rows.stored_like(
        session, [CheckInRow(ids.points[report.place], at, member_id, has_findings=True)]
    ).values()
    return replace(new, source="patrol", check_in_id=stored[0]), replace(Actor.system(), member_id=member_id)


def _of_somebody(city: DemoCity, ids: Ids, rng: np.random.Generator, at: datetime) -> NewCase:
    place = int(rng.integers(len(city.places)))
    finding = int(rng.integers(len(FINDINGS[city.places[place].category])))
    return replace(
        _new_case(city, ids, place, finding, at), source=_SOURCES[int(rng.integers(len(_SOURCES)))]
    )


def _new_case(city: DemoCity, ids: Ids, number: int, finding: int, at: datetime) -> NewCase:
    place, shape = city.places[number], city.place_shapes[number]
    return NewCase(
        kind=_KINDS[place.category][finding],
        title=f"{place.name}：{FINDINGS[place.category][finding]}",
        description="",
        lon=round(shape.x, 7),
        lat=round(shape.y, 7),
        address=place.address,
        point_id=ids.points[number],
        at=at,
    )
