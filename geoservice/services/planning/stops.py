"""Stops and outings as a plan's content keeps them: all that a change by hand or another solution needs to know of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from geoservice.domain.planning.problem import Job, Rest, Shift

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geoservice.domain.planning.problem import Span

Pair = tuple[float, float]
TIMES_SEPARATOR = "#"


@dataclass(frozen=True)
class Stop:
    """Something to do once. `days` and `windows` (day → spans in which it may begin; absent: any time) by ISO date."""

    key: str
    kind: str
    id: int
    code: str
    label: str
    lon: float
    lat: float
    weight: float
    service_s: float
    why: tuple[str, Any]
    days: tuple[str, ...]
    windows: Mapping[str, tuple[Span, ...]]
    skills: tuple[str, ...] = ()
    zone_id: int | None = None
    wanted_id: int | None = None
    pinned: bool = False
    ends: tuple[float, float, float, float] | None = None

    @property
    def place(self) -> str:
        """The key of its place, or of where it begins: the same for all times that a point is visited."""
        return self.key.partition(TIMES_SEPARATOR)[0]

    @property
    def place_out(self) -> str:
        """The key of where one leaves it: a street at its end, anything else where one came."""
        return self.place if self.ends is None else f"{self.place}>"

    @property
    def places(self) -> dict[str, Pair]:
        """Its places by key."""
        if self.ends is None:
            return {self.place: (self.lon, self.lat)}
        return {self.place: self.ends[:2], self.place_out: self.ends[2:]}

    def as_json(self) -> dict[str, Any]:
        """Return the stop without its times."""
        return {
            "key": self.key, "kind": self.kind, "id": self.id, "wanted_id": self.wanted_id, "code": self.code,
            "label": self.label, "lon": self.lon, "lat": self.lat, "service_s": self.service_s, "weight": self.weight,
            "why": list(self.why), "pinned": self.pinned,
            "may": {
                "days": list(self.days), "windows": {day: [list(span) for span in spans] for day, spans in self.windows.items()},
                "skills": list(self.skills), "zone_id": self.zone_id, "ends": self.ends and list(self.ends),
            },
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Stop:
        """Return the stop that a patrol, or the list of what is left out, holds."""
        may = kept["may"]
        windows = {
            day: tuple((float(low), float(high)) for low, high in spans)
            for day, spans in may["windows"].items()
        }
        same = (
            "key",
            "kind",
            "id",
            "code",
            "label",
            "lon",
            "lat",
            "weight",
            "service_s",
            "wanted_id",
            "pinned",
        )
        return cls(
            **{name: kept[name] for name in same}, why=(kept["why"][0], kept["why"][1]), days=tuple(may["days"]),
            windows=windows, skills=tuple(may["skills"]), zone_id=may["zone_id"],
            ends=tuple(may["ends"]) if may.get("ends") else None,
        )  # fmt: skip

    def unpinned(self) -> Stop:
        """Return the stop free to go anywhere."""
        return replace(self, pinned=False)


@dataclass(frozen=True)
class Trip:
    """A team on a day as a plan keeps it, whether or not it goes anywhere."""

    key: str
    on: str
    team: str
    team_id: int
    team_name: str
    mode: int
    hours: Span
    start: Pair
    end: Pair
    rest: tuple[Span, float] | None
    skills: tuple[str, ...]
    zone_ids: tuple[int, ...] | None
    locked: bool = False

    @property
    def places(self) -> tuple[str, str]:
        """The keys of where it starts and ends."""
        return f"start:{self.team}", f"end:{self.team}"


def job_of(
    stop: Stop, days: Sequence[str], row_of: Mapping[str, int], *, pinned_to: str | None = None
) -> Job:
    """Return a stop as the solver's job; `days` of the plan, `row_of`: place → row of the costs."""
    number = {day: index for index, day in enumerate(days)}
    return Job(
        key=stop.key,
        place_in=row_of[stop.place],
        place_out=row_of[stop.place_out],
        service_s=stop.service_s,
        weight=stop.weight,
        days=frozenset(number[day] for day in stop.days if day in number),
        windows={number[day]: spans for day, spans in stop.windows.items() if day in number},
        skills=frozenset(stop.skills),
        zone_id=stop.zone_id,
        pinned_to=pinned_to,
    )


def shift_of(trip: Trip, days: Sequence[str], row_of: Mapping[str, int]) -> Shift:
    """Return a trip as the solver's shift."""
    start, end = trip.places
    return Shift(
        key=trip.key,
        team=trip.team,
        day=list(days).index(trip.on),
        mode=trip.mode,
        hours=trip.hours,
        start=row_of[start],
        end=row_of[end],
        skills=frozenset(trip.skills),
        zone_ids=None if trip.zone_ids is None else frozenset(trip.zone_ids),
        rest=None if trip.rest is None else Rest(trip.rest[0], trip.rest[1]),
    )


def trip_from_json(kept: Mapping[str, Any]) -> Trip:
    """Return the trip that a patrol of a plan's content is."""
    may = kept["may"]
    rest = may["rest"]
    return Trip(
        key=kept["key"], on=kept["on"], team=kept["team"], team_id=kept["team_id"], team_name=kept["team_name"],
        mode=int(may["mode"]), hours=(may["hours"][0], may["hours"][1]), start=(kept["start"][0], kept["start"][1]),
        end=(kept["end"][0], kept["end"][1]), rest=None if rest is None else ((rest[0][0], rest[0][1]), rest[1]),
        skills=tuple(may["skills"]), zone_ids=None if may["zone_ids"] is None else tuple(may["zone_ids"]),
        locked=kept["locked"],
    )  # fmt: skip


def ways_of(trip: Trip, stops: Sequence[Stop]) -> list[list[str]]:
    """Return the keys of the places on the way to each stop and home; the way from a street leads along it first."""
    at = [trip.places[0]]
    ways = []
    for stop in stops:
        ways.append([*at, stop.place])
        at = [stop.place] if stop.ends is None else [stop.place, stop.place_out]
    return [*ways, [*at, trip.places[1]]]


def clock(seconds: float) -> str:
    """Return seconds since midnight as HH:MM, rounded to the minute."""
    minutes = round(seconds / 60)
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def day_of(kept: str) -> date:
    """Return a day of a plan's content."""
    return date.fromisoformat(kept)
