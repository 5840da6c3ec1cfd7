"""What the planning desk's forms ask for: a wish, a change, something wanted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from geoservice.errors import BadRequest
from geoservice.services.planning import Include, Wish
from geoservice.services.planning.street_wishes import StreetsWish
from geoservice.services.planning.values import MOST_SECONDS, MOST_STOPS
from geoservice.store import areas as ground
from geoservice.store import check_rows, team_rows
from geoservice.web.deployment import today
from geoservice.web.texts import current_locale

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session
    from werkzeug.datastructures import MultiDict

MOST_ZONES = 120
"""A level with more zones is no list to tick; codes can be typed all the same."""

PARTS = ("overdue", "due", "gaps", "wanted")
CHANGES = {
    "move": ("stop", "to", "at"),
    "add": ("stop", "to", "at"),
    "drop": ("stop",),
    "pin": ("stop",),
    "unpin": ("stop",),
    "lock": ("patrol",),
    "unlock": ("patrol",),
    "undo": (),
    "redo": (),
}
SECONDS = (5, 10, 30, 60, 120)
LONGEST_KEY = 200


@dataclass(frozen=True)
class Crew:
    """A team that a plan can send out."""

    code: str
    name: str
    mode: int
    hours: str
    has_depot: bool


@dataclass(frozen=True)
class Choices:
    """What a new plan can be made of: zones to tick, and the teams that go out at all."""

    zones: Sequence[tuple[str, str]]
    level: str
    teams: Sequence[Crew]


def choices(session: Session) -> Choices:
    """Return the zones of the finest level that is not too many, and the teams."""
    on = today()
    fitting = [level for level in ground.levels(session, on) if level.zone_count <= MOST_ZONES]
    level = fitting[-1] if fitting else None
    zones = check_rows.zone_borders(session, on, level=level.code) if level else []
    name = (level.name_zh if current_locale().startswith("zh") else level.name_en) if level else ""
    crews = [
        Crew(
            team.code,
            team.name,
            team.mode,
            f"{team.shift_from:%H:%M}–{team.shift_to:%H:%M}",
            team.depot is not None,
        )
        for team in team_rows.active_teams(session)
    ]
    return Choices([(zone.code, zone.name) for zone in zones], name, crews)


def first_form() -> dict[str, Any]:
    """Return what the form of a new plan says before anybody touched it."""
    tomorrow = (today() + timedelta(days=1)).isoformat()
    return {
        "from": tomorrow,
        "to": tomorrow,
        "zones": [],
        "codes": "",
        "teams": [],
        "include": list(PARTS),
        "most": "300",
        "keep": "soft",
        "seconds": "10",
        "name": "",
        "based_on": "",
        "seed": "1",
    }


def typed_form(form: MultiDict[str, str]) -> dict[str, Any]:
    """Return a form as somebody filled it in; what it does not hold is as at first."""
    if "from" not in form:
        return first_form()
    several = {name: form.getlist(name)[:2000] for name in ("zones", "teams", "include")}
    single = {
        name: form.get(name, "")[:2000]
        for name in ("from", "to", "codes", "most", "keep", "seconds", "name", "based_on", "seed")
    }
    return {**first_form(), **several, **single}


def wish_of(typed: Mapping[str, Any]) -> Wish:
    """Return what a form asks for; raises BadRequest for what can't be asked."""
    first = _day(typed["from"])
    codes = [*typed["zones"], *typed["codes"].replace("，", ",").replace("、", ",").replace(",", " ").split()]
    return Wish(
        from_on=first,
        to_on=_day(typed["to"]) if typed["to"] else first,
        zone_codes=tuple(dict.fromkeys(codes)),
        team_codes=tuple(dict.fromkeys(typed["teams"])),
        include=Include(**{part: part in typed["include"] for part in PARTS}),
        most_stops=_whole(typed["most"], "plan_stops_bad", MOST_STOPS),
        keep_zones=typed["keep"],
        seconds=_number(typed["seconds"], "plan_seconds_bad", round(MOST_SECONDS)),
        seed=_whole(typed["seed"] or "1", "plan_seed_bad", 2**31 - 1),
        name=typed["name"].strip()[:100],
        based_on_id=_whole(typed["based_on"], "plan_not_found_here", 2**31 - 1)
        if typed["based_on"]
        else None,
    )


def streets_wish_of(typed: Mapping[str, Any]) -> StreetsWish:
    """Return what a form asks for that wants every street of a zone walked; raises BadRequest."""
    wish = wish_of(typed)
    if len(wish.zone_codes) != 1:
        raise BadRequest("plan_streets_one_zone", number=len(wish.zone_codes))
    days = (wish.to_on - wish.from_on).days + 1
    return StreetsWish(
        wish.zone_codes[0], wish.from_on, days, wish.team_codes, seconds=wish.seconds, name=wish.name
    )


def change_of(form: Mapping[str, str]) -> tuple[dict[str, Any], int]:
    """Return a change and the version it was made upon; raises BadRequest."""
    do = form.get("do", "")
    if do not in CHANGES:
        raise BadRequest("plan_change_unknown", value=do[:20], known=", ".join(CHANGES))
    change: dict[str, Any] = {"do": do}
    for name in CHANGES[do]:
        if form.get(name):
            change[name] = form[name][:LONGEST_KEY]
    if "at" in change:
        change["at"] = _whole(change["at"], "plan_place_bad", MOST_STOPS)
    elif "at" in CHANGES[do] and form.get("place"):  # as people count
        change["at"] = max(_whole(form["place"], "plan_place_bad", MOST_STOPS), 1) - 1
    return change, version_of(form)


def version_of(form: Mapping[str, str]) -> int:
    """Return the version of the plan that somebody was looking at; raises BadRequest."""
    text = form.get("version", "")
    if not _is_whole(text):
        raise BadRequest("plan_version_missing")
    return int(text)


def kept_of(form: Mapping[str, str]) -> dict[str, Any]:
    """Return what a page was showing, for the address of the same page afterwards."""
    return {name: form[name][:LONGEST_KEY] for name in ("on", "open") if form.get(name)}


def wanted_of(form: Mapping[str, str]) -> dict[str, Any]:
    """Return what somebody wants in a plan, from tomorrow on or from the day the form names; raises BadRequest."""
    day = form.get("from_on", "")
    asked: dict[str, Any] = {
        "kind": form.get("kind", ""),
        "label": form.get("label", "").strip()[:LONGEST_KEY],
        "from_on": _day(day) if day else today() + timedelta(days=1),
    }
    for name in ("point_id", "street_id"):
        if form.get(name):
            asked[name] = _whole(form[name], "wanted_gone", 2**31 - 1)
    if form.get("lon") or form.get("lat"):
        lon, lat = (_number(form.get(name, ""), "wanted_off_earth", 180) for name in ("lon", "lat"))
        asked["lonlat"] = (lon, lat)
    return asked


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest("bad_day", day=text[:40]) from None


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 11


def _whole(text: str, code: str, most: int) -> int:
    if not _is_whole(text.strip()) or int(text) > most:
        raise BadRequest(code, value=text[:20], most=most)
    return int(text)


def _number(text: str, code: str, most: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or abs(number) > most:
        raise BadRequest(code, value=text[:20], most=most)
    return number
