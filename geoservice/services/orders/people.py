"""To whom an order goes: the department that handles, who answers for the ground, who answers above, and who stands in for them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from geoservice.domain.orders import Step
from geoservice.services import responsibility
from geoservice.store import deputy_rows, order_people
from geoservice.store.zones_of_day import zones_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.store.order_people import LeaderName
    from geoservice.store.zones_of_day import ZoneOn


class People:
    """Who is who on a day; what it takes to know is read when first asked for."""

    def __init__(self, session: Session, on: date) -> None:
        self._session, self._on = session, on

    @cached_property
    def departments(self) -> dict[int, str]:
        """Names by id."""
        return order_people.department_names(self._session)

    @cached_property
    def leaders(self) -> dict[int, LeaderName]:
        """Everybody who answers for ground."""
        return order_people.leader_names(self._session)

    @cached_property
    def zones(self) -> dict[int, ZoneOn]:
        """The zones of the day."""
        return {zone.zone_id: zone for zone in zones_on(self._session, self._on)}

    @cached_property
    def _answers(self) -> responsibility.Answers:
        return responsibility.answers(self._session, self._on)

    @cached_property
    def _stand_ins(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for one in deputy_rows.stand_ins_on(self._session, self._on):
            found.setdefault(one.leader_id, []).append(one.deputy_id)
        return found

    def city(self) -> str:
        """Return the name of the widest zone, "" where there is none."""
        return next((zone.name for zone in self.zones.values() if len(zone.path) == 1), "")

    def names_of(self, zone_id: int | None) -> list[str]:
        """Return the names of a zone and all above it, the widest first."""
        zone = self.zones.get(zone_id) if zone_id is not None else None
        return [self.zones[each].name for each in zone.path if each in self.zones] if zone else []

    def recipients(
        self,
        steps: Iterable[Step],
        *,
        department_id: int | None,
        leader_id: int | None,
        zone_id: int | None,
        handler: str = "",
    ) -> list[dict[str, Any]]:
        """Return to whom an order goes, each once, in the order of the steps; names as they are on the day."""
        found: list[dict[str, Any]] = []
        for step in sorted(steps, key=list(Step).index):
            if step is Step.DEPARTMENT:
                if department_id is not None:
                    name = self.departments.get(department_id, "")
                    found.append(
                        {"step": step, "department_id": department_id, "name": name, "person": handler}
                    )
                continue
            leaders = self._leaders_of(department_id, leader_id)
            wanted = leaders if step is Step.LEADER else self._above(zone_id, leaders)
            for one in wanted:
                found += [each for each in self._with_deputies(step, one) if each not in found]
        return _each_once(found)

    def _leaders_of(self, department_id: int | None, leader_id: int | None) -> list[int]:
        if leader_id is not None:
            return [leader_id]
        return [
            one.id
            for one in self.leaders.values()
            if department_id is not None and one.department_id == department_id
        ]

    def _above(self, zone_id: int | None, leaders: list[int]) -> list[int]:
        """Return who leads the nearest zone above with somebody else; without a place, the widest zones."""
        below = {*leaders, *(each for one in leaders for each in self._stand_ins.get(one, ()))}
        zone = self.zones.get(zone_id) if zone_id is not None else None
        paths = (
            [zone.path[:depth] for depth in range(len(zone.path), 0, -1)]
            if zone
            else [one.path for one in self.zones.values() if len(one.path) == 1]
        )
        for path in paths:
            found = [
                answer.leader_id
                for answer in self._answers.for_zone(path)
                if answer.role == "leader" and answer.leader_id not in below
            ]
            if found:
                return list(dict.fromkeys(found))
        return []

    def _with_deputies(self, step: Step, leader_id: int) -> Iterator[dict[str, Any]]:
        known = self.leaders.get(leader_id)
        if known is None:
            return
        yield {"step": step, "leader_id": leader_id, "name": known.name, "title": known.title}
        for deputy_id in self._stand_ins.get(leader_id, ()):
            deputy = self.leaders.get(deputy_id)
            if deputy is not None:
                yield {
                    "step": step,
                    "leader_id": deputy_id,
                    "name": deputy.name,
                    "title": deputy.title,
                    "stands_in_for": known.name,
                }


def _each_once(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    seen: set[tuple[Any, Any]] = set()
    kept = []
    for each in found:
        key = (each.get("department_id"), each.get("leader_id"))
        if key not in seen:
            kept.append(each)
        seen.add(key)
    return kept
