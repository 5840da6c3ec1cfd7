"""What was seen and told of in ninety days: at check-ins of the last month, and by the desk and leaders all the time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from geoservice.domain.windows import instant_of
from geoservice.services.cases import Actor, NewCase
from geoservice.services.demo.check_ins import FINDINGS
from geoservice.services.demo.courses import Course, usual_course
from geoservice.services.demo.logins import LEADERS
from geoservice.store import check_in_rows
from geoservice.store.check_in_rows import CheckInRow

if TYPE_CHECKING:
    from datetime import date, tzinfo

    import numpy as np
    from sqlalchemy.orm import Session

    from geoservice.services.demo.check_ins import Report
    from geoservice.services.demo.city import DemoCity
    from geoservice.services.demo.crew import Crew
    from geoservice.services.demo.rows import Ids

DAYS, DAYS_OF_CHECK_INS = 90, 30
_CASES_A_DAY = 0.36
_BY_LEADERS = 0.35
_AGAIN = 0.28  # how often it is what was found at that point before
_TWIN_EVERY, _TWIN_DEG = 8, 2e-4
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


@dataclass(frozen=True)
class Told:
    """Somebody tells of something: what, who, with or without a photo, what becomes of it, and who tells of it again soon."""

    new: NewCase
    by: Actor
    at: datetime
    photo: bool
    course: Course
    twin: Told | None = None


@dataclass
class Finder:
    """Finds what is told of in the demo city."""

    session: Session
    city: DemoCity
    ids: Ids
    crew: Crew
    rng: np.random.Generator
    zone: tzinfo
    _usual: list[tuple[int, int]] = field(default_factory=list)

    def told(self, today: date) -> list[Told]:
        """Return what is told of at check-ins and by people of the city, in no order."""
        found = self._of_check_ins(self._seen())
        for back in range(DAYS, 0, -1):
            if self.rng.random() < _CASES_A_DAY * (1.0 if back > DAYS_OF_CHECK_INS else 0.4):
                minute = int(self.rng.integers(8 * 60, 18 * 60))
                at = datetime.combine(
                    today - timedelta(days=back), time(minute // 60, minute % 60), self.zone
                )
                found.append(self._of_somebody(at, len(found)))
        return found

    def new_case(self, place: int, kind: str, words: str) -> NewCase:
        """Return a case at a point of the city, by its place in the list."""
        here, shape = self.city.places[place], self.city.place_shapes[place]
        return NewCase(
            kind=kind, title=f"{here.name}：{words}", description="", lon=round(shape.x, 7), lat=round(shape.y, 7),
            address=here.address, point_id=self.ids.points[place],
        )  # fmt: skip

    def places_of(self, leader: int, category: str = "") -> list[int]:
        """Return the points on the communities that a leader answers for."""
        mine = {
            each.number for each in self.city.contracts
            if (each.leader, each.kind, each.role) == (leader, "community", "leader")
        }  # fmt: skip
        cells = {number for number, cell in enumerate(self.city.ground.cells) if cell.community in mine}
        return [
            number
            for number, place in enumerate(self.city.places)
            if place.cell in cells and category in {"", place.category}
        ]

    def _seen(self) -> list[Report]:
        seen = [each for each in self.city.reports if each.has_findings]
        most = min(int(_CASES_A_DAY * DAYS_OF_CHECK_INS), len(seen))
        return [seen[number] for number in self.rng.choice(len(seen), most, replace=False).tolist()]

    def _of_check_ins(self, reports: list[Report]) -> list[Told]:
        rows = [
            CheckInRow(
                self.ids.points[each.place], instant_of(each.time_us), self.ids.members[each.team][each.member], has_findings=True
            )
            for each in reports
        ]  # fmt: skip
        stored = check_in_rows.stored_like(self.session, rows)
        found = []
        for report, row in zip(reports, rows, strict=True):
            category = self.city.places[report.place].category
            kind = _KINDS[category][FINDINGS[category].index(report.note)]
            check_in_id, *_ = stored[row.point_id, row.at, row.member_id]
            new = self.new_case(report.place, kind, report.note)
            new = replace(new, source="patrol", check_in_id=check_in_id, at=row.at)
            by = replace(Actor.system(), member_id=row.member_id)
            found.append(Told(new, by, row.at, photo=True, course=usual_course(self.rng)))
        return found

    def _of_somebody(self, at: datetime, turn: int) -> Told:
        by, source, places = self._whose()
        place = places[int(self.rng.integers(len(places)))]
        finding = int(self.rng.integers(len(FINDINGS[self.city.places[place].category])))
        if source == "desk" and self._usual and self.rng.random() < _AGAIN:
            place, finding = self._usual[int(self.rng.integers(len(self._usual)))]
        elif source == "desk" and len(self._usual) < len(LEADERS) + 1:
            self._usual.append((place, finding))
        category = self.city.places[place].category
        new = self.new_case(place, _KINDS[category][finding], FINDINGS[category][finding])
        new = replace(new, source=source, at=at)
        course, twin = usual_course(self.rng), None
        if turn % _TWIN_EVERY == 0:
            later = at + timedelta(minutes=int(self.rng.integers(15, 40)))
            again = replace(new, source="desk", lon=round(new.lon + _TWIN_DEG, 7), at=later, point_id=None)
            twin = Told(again, self.crew.dispatcher, later, False, course)
            course = Course(pace=0.6)
        return Told(new, by, at, bool(self.rng.random() < 0.5), course, twin)

    def _whose(self) -> tuple[Actor, str, list[int]]:
        if self.rng.random() < _BY_LEADERS:
            number = int(self.rng.integers(len(LEADERS)))
            return self.crew.leaders[number], "leader", self.places_of(LEADERS[number])
        return self.crew.dispatcher, "desk", list(range(len(self.city.places)))
