"""A plan as its page shows it: the days and teams in order with their signs, the stop that is open, what was left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from geoservice.errors import BadRequest
from geoservice.maps.plans import Sign, sign_of
from geoservice.web import plan_words as words
from geoservice.web.texts import gettext
from geoservice.web.words import write_count, write_length

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geoservice.services.planning import PlanView

ALL_DAYS = "all"
TOTALS = (
    "stops",
    "unserved",
    "weight",
    "weight_served",
    "metres",
    "travel_s",
    "service_s",
    "longest_s",
    "mean_s",
)


@dataclass(frozen=True)
class Missed:
    """A change that was refused, kept so that it can be repeated: its words, its fields, and why."""

    sentence: str
    told: str
    fields: Mapping[str, str]
    again: bool


@dataclass(frozen=True)
class OpenStop:
    """The stop whose panel is open: where it is (None: left out), and its place in the patrol from 0."""

    stop: Mapping[str, Any]
    patrol: Mapping[str, Any] | None
    at: int


@dataclass(frozen=True)
class Board:
    """A plan's page. `on`: the day that is shown, or ALL_DAYS."""

    view: PlanView
    on: str
    signs: Mapping[str, Sign]
    opened: OpenStop | None = None
    missed: Missed | None = None
    totals: Mapping[str, Any] = field(default_factory=dict)

    @property
    def content(self) -> Mapping[str, Any]:
        """Return the plan itself."""
        return self.view.content

    @property
    def days(self) -> list[str]:
        """Return every day of the plan."""
        return list(self.content.get("days", ()))

    @property
    def days_shown(self) -> list[str]:
        """Return the days whose timetables are shown."""
        return self.days if self.on == ALL_DAYS else [self.on]

    @property
    def patrols(self) -> list[dict[str, Any]]:
        """Return all patrols, by day and team."""
        return sorted(self.content.get("patrols", ()), key=lambda one: (one["on"], one["team"]))

    @property
    def unserved(self) -> list[dict[str, Any]]:
        """Return what was left out, the weightiest first."""
        return sorted(
            self.content.get("unserved", ()),
            key=lambda one: (-one.get("weight", 0), one.get("code", ""), one["key"]),
        )

    @property
    def idle(self) -> list[dict[str, Any]]:
        """Return the teams that stay at home on the days shown."""
        return [one for one in self.content.get("idle", ()) if one["on"] in self.days_shown]

    @property
    def can_change(self) -> bool:
        """Tell whether stops may be moved: patrols that follow all streets have no order but their own."""
        return self.view.kind == "points" and self.view.version == self.view.newest and bool(self.content)

    def patrols_on(self, day: str) -> list[dict[str, Any]]:
        """Return the patrols of one day by team."""
        return [one for one in self.patrols if one["on"] == day]


def board_of(view: PlanView, *, on: str = "", stop: str = "", missed: Missed | None = None) -> Board:
    """Return the page of a plan; raises BadRequest for a day that the plan does not have."""
    days = list(view.content.get("days", ()))
    if on and on != ALL_DAYS and on not in days:
        raise BadRequest("plan_day_unknown", value=on[:20], days=", ".join(days))
    shown = on or (days[0] if days else "")
    return Board(
        view=view,
        on=shown,
        signs=signs_of(view.content),
        opened=_open_stop(view.content, stop) if stop else None,
        missed=missed,
        totals=dict.fromkeys(TOTALS, 0) | {"fairness": None} | dict(view.content.get("totals", {})),
    )


def signs_of(content: Mapping[str, Any]) -> dict[str, Sign]:
    """Return each team's sign, in order of code, so that it stays the same on every day and after every change."""
    teams = {one["team"] for part in ("patrols", "idle") for one in content.get(part, ())}
    return {team: sign_of(position) for position, team in enumerate(sorted(teams))}


def names_of(content: Mapping[str, Any]) -> dict[str, str]:
    """Return what stops and patrols are called, by key."""
    names = {one["key"]: stop_name(one) for one in content.get("unserved", ())}
    for patrol in content.get("patrols", ()):
        names[patrol["key"]] = f"{patrol['team_name'] or patrol['team']} · {patrol['on']}"
        names |= {stop["key"]: stop_name(stop) for stop in patrol["stops"]}
    return names


def stop_name(stop: Mapping[str, Any]) -> str:
    """Return what a stop is called: its label, else its code, else what it is."""
    return str(stop.get("label") or stop.get("code") or words.word_of_kind(stop["kind"]))


def stop_facts(stop: Mapping[str, Any], patrol: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return what the card of a stop says."""
    return (
        (gettext("Team"), f"{patrol['team_name'] or patrol['team']} · {patrol['on']}"),
        (gettext("Arrives"), stop["arrive"]),
        (gettext("Begins"), stop["begin"] if stop["begin"] != stop["arrive"] else ""),
        (gettext("Leaves"), stop["leave"]),
        (gettext("Why"), words.why(stop.get("why", ()))),
        (gettext("Way to it"), write_length(stop.get("metres", 0))),
    )


def patrol_facts(patrol: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return what the card of a patrol says."""
    return (
        (gettext("Day"), patrol["on"]),
        (gettext("Hours"), f"{patrol['starts']} – {patrol['ends']}"),
        (gettext("Stops"), write_count(len(patrol["stops"]))),
        (gettext("Way"), write_length(patrol["metres"])),
        (gettext("On the way"), words.write_hours(patrol["travel_s"])),
        (gettext("At stops"), words.write_hours(patrol["service_s"])),
    )


def _open_stop(content: Mapping[str, Any], key: str) -> OpenStop | None:
    for patrol in content.get("patrols", ()):
        for at, stop in enumerate(patrol["stops"]):
            if stop["key"] == key:
                return OpenStop(stop, patrol, at)
    return next((OpenStop(one, None, 0) for one in content.get("unserved", ()) if one["key"] == key), None)
