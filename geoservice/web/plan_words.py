"""What the planning desk calls things: states, reasons and what would help, why a stop is there, changes, hours."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from flask_babel import format_decimal

from geoservice.services.written import M2_PER_HECTARE
from geoservice.web import words
from geoservice.web.texts import gettext, ngettext

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geoservice.services.planning.values import Outcome

S_PER_MINUTE, S_PER_HOUR = 60, 3600
LATE = frozenset({"overdue", "never"})


_MISSING = {
    "depot": lambda: gettext("The teams that could go have no place to start from: set their depots."),
    "pin": lambda: gettext(
        "It is pinned to a team that does not go out then: unpin it, or choose that team and day."
    ),
    "zone": lambda: gettext(
        "It lies outside the zones of every team chosen: choose more teams, or let teams leave their zones."
    ),
    "day": lambda: gettext(
        "It may not be done on a day when a team works: choose more days, or look at the work calendar."
    ),
}


def word_of_state(state: str) -> str:
    """Return how a plan stands."""
    return {
        "asked": gettext("being worked out"),
        "ready": gettext("draft"),
        "failed": gettext("failed"),
        "published": gettext("published"),
        "withdrawn": gettext("withdrawn"),
    }.get(state, state)


def word_of_kind(kind: str) -> str:
    """Return what a stop is."""
    return {
        "point": gettext("Point"),
        "gap": gettext("Blind spot"),
        "street": gettext("Street"),
        "place": gettext("Place"),
    }.get(kind, kind)


def word_of_mode(mode: str | int) -> str:
    """Return how a team moves."""
    names = ("foot", "ebike", "car")
    return words.word_of_mode(mode if mode in names else names[int(mode) - 1])


def word_of_reason(code: str) -> str:
    """Return why something is left out, in short."""
    return {
        "no_time": gettext("No time left"),
        "no_window": gettext("Not open during any shift"),
        "no_skill": gettext("No team has the skill"),
        "unreachable": gettext("Can't be reached"),
        "no_team": gettext("No team may go there"),
        "together": gettext("Not possible together with its group"),
        "apart": gettext("Every team meets what it must not meet"),
        "dropped": gettext("Left out by hand"),
    }.get(code, gettext("Left out"))


def help_of_reason(code: str, values: Mapping[str, Any]) -> str:
    """Return what would get something into the plan."""
    if code == "no_time" and values.get("minutes"):
        return gettext(
            "%(minutes)s min more would do in the shift of %(team)s: lengthen it, or leave out something of less weight there.",
            minutes=write_number(float(values["minutes"])),
            team=str(values.get("shift", "")).rpartition("/")[2],
        )
    if code == "no_team" and values.get("missing") in _MISSING:
        return _MISSING[values["missing"]]()
    skills = values.get("skills") or values.get("skill") or ""
    named = ", ".join(skills) if isinstance(skills, list | tuple) else str(skills)
    return {
        "no_time": gettext(
            "Add a team or a day, lengthen a shift, or leave out something of less weight; or put it into a patrol by hand."
        ),
        "no_window": gettext("Change the opening hours of the point, or the shift of a team."),
        "no_skill": gettext(
            "Give a team what it asks for (%(skills)s), or take it off the point.", skills=named
        )
        if named
        else gettext("Give a team the skill it asks for, or take it off the point."),
        "unreachable": gettext(
            "Look whether its place is right and whether streets lead there; or send a faster team, or one that starts closer."
        ),
        "no_team": gettext(
            "Choose more teams or days, let teams leave their zones, or look at the work calendar of the day."
        ),
        "together": gettext("Take it out of its group, or give one team time for the whole group."),
        "apart": gettext("Add a team, or take it out of the group that must not meet."),
        "dropped": gettext("Put it back with “Move to…”, or leave it for another day."),
    }.get(code, gettext("Put it into a patrol by hand, or work the plan out again."))


def word_of_idle(reason: str) -> str:
    """Return why a team stays at home."""
    return words.say(f"idle_{reason}", {})


def why(reason: Sequence[Any]) -> str:
    """Return why a stop is in the plan: a code with its value."""
    code, value = (*reason, None, None)[:2]
    if code == "overdue":
        return gettext("overdue by %(time)s", time=words.write_part_days(float(value or 0)))
    if code == "never":
        return gettext("never visited")
    if code == "due":
        return gettext("due on %(day)s", day=value) if value else gettext("due")
    if code == "gap":
        return gettext("blind spot, %(area)s", area=words.write_area(float(value or 0) * M2_PER_HECTARE))
    if code == "wanted":
        return gettext("wanted")
    if code == "street":
        return gettext("street to walk, %(length)s", length=words.write_length(float(value or 0)))
    return ""


def is_late(reason: Sequence[Any]) -> bool:
    """Tell whether a stop is there because somebody should have been there before."""
    return bool(reason) and reason[0] in LATE


def write_hours(seconds: float) -> str:
    """Write a time as hours and minutes."""
    minutes = round(seconds / S_PER_MINUTE)
    if minutes < S_PER_MINUTE:
        return gettext("%(number)s min", number=format_decimal(minutes, "#,##0"))
    return gettext("%(hours)s h %(minutes)s min", hours=minutes // 60, minutes=f"{minutes % 60:02d}")


def write_number(number: float) -> str:
    """Write a number with one decimal at most."""
    return str(format_decimal(number, "#,##0.#"))


def write_fairness(fairness: float | None) -> str:
    """Write how much longer the longest patrol is than the mean."""
    return "–" if fairness is None else str(format_decimal(fairness, "0.00"))


def write_weekday(day: str) -> str:
    """Write a day of a plan with its weekday."""
    names = (
        gettext("Mon"),
        gettext("Tue"),
        gettext("Wed"),
        gettext("Thu"),
        gettext("Fri"),
        gettext("Sat"),
        gettext("Sun"),
    )
    parsed = date.fromisoformat(day)
    return f"{words.write_day(parsed)} {names[parsed.weekday()]}"


def write_span(from_on: date, to_on: date) -> str:
    """Write the days of a plan."""
    one = words.write_day(from_on)
    return one if from_on == to_on else f"{one} – {words.write_day(to_on)}"


def count_stops(number: int) -> str:
    """Write how many stops."""
    return ngettext("%(num)s stop", "%(num)s stops", number)


def word_of_change(change: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return a change in words; `names` of stops and patrols by key."""
    stop = names.get(str(change.get("stop", "")), gettext("a stop"))
    goal = names.get(str(change.get("to", "")), "")
    patrol = names.get(str(change.get("patrol", "")), gettext("a patrol"))
    return {
        "move": gettext("move %(stop)s to %(team)s", stop=stop, team=goal),
        "add": gettext("put %(stop)s into %(team)s", stop=stop, team=goal),
        "drop": gettext("leave out %(stop)s", stop=stop),
        "pin": gettext("pin %(stop)s", stop=stop),
        "unpin": gettext("unpin %(stop)s", stop=stop),
        "lock": gettext("lock %(patrol)s", patrol=patrol),
        "unlock": gettext("unlock %(patrol)s", patrol=patrol),
        "undo": gettext("undo"),
        "redo": gettext("redo"),
        "resolve": gettext("work out the rest again"),
        "publish": gettext("publish"),
        "withdraw": gettext("withdraw"),
    }.get(str(change.get("do", "")), gettext("a change"))


def words_of_sending(done: Outcome) -> list[tuple[str, str]]:
    """Return what became of patrols that were published or taken back, each sentence with how its note is shown."""
    told = []
    if number := len(done.published):
        told.append(
            (ngettext("%(num)s patrol is published.", "%(num)s patrols are published.", number), "message")
        )
    if number := len(done.removed):
        told.append(
            (
                ngettext("%(num)s patrol was taken back.", "%(num)s patrols were taken back.", number),
                "message",
            )
        )
    if number := len(done.kept):
        told.append(
            (
                ngettext(
                    "%(num)s patrol is under way or done and stays as it is.",
                    "%(num)s patrols are under way or done and stay as they are.",
                    number,
                ),
                "warn",
            )
        )
    return told
