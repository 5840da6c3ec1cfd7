"""Words about patrols planned and actual, for pages, cards of the map and the replay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.domain.actual import ON_TIME_S, Outcome
from geoservice.maps.patrols import PatrolText
from geoservice.web import words
from geoservice.web.texts import gettext
from geoservice.web.way_words import word_of_reason

if TYPE_CHECKING:
    from geoservice.services.patrols import ExtraView, PatrolView, StopView

LOOKS = ("done", "disorder", "missed", "skipped", "open", "unknown", "extra")


def look_of(stop: StopView) -> str:
    """Return which sign a stop has: its outcome, and apart what was done out of order."""
    return "disorder" if stop.outcome is Outcome.DONE and not stop.in_order else stop.outcome.value


def word_of_look(look: str) -> str:
    """Return what a sign says."""
    return {
        "done": gettext("done"),
        "disorder": gettext("done, out of order"),
        "missed": gettext("missed"),
        "skipped": gettext("skipped"),
        "open": gettext("not reached yet"),
        "unknown": gettext("nothing heard"),
        "extra": gettext("visited, not planned"),
    }[look]


def word_of_kind(kind: str) -> str:
    """Return what a stop is."""
    return {
        "point": gettext("Point"),
        "street": gettext("Street"),
        "gap": gettext("Blind spot"),
        "place": gettext("Place"),
    }[kind]


def word_of_evidence(stop: StopView | ExtraView) -> str:
    """Return who tells that somebody was there."""
    if stop.seen and stop.said:
        return gettext("track and check-in")
    if stop.seen:
        return gettext("track only")
    return gettext("check-in only") if stop.said else ""


def write_spent(seconds: float) -> str:
    """Write a time that passed: minutes, from an hour on hours and minutes."""
    minutes = round(seconds / 60)
    if minutes < 60:
        return gettext("%(number)s min", number=words.write_count(minutes))
    return gettext(
        "%(hours)s h %(minutes)s min", hours=words.write_count(minutes // 60), minutes=minutes % 60
    )


def write_late(seconds: float) -> str:
    """Write how late or early somebody came."""
    if abs(seconds) < 60:
        return gettext("on the minute")
    spent = write_spent(abs(seconds))
    return gettext("%(time)s late", time=spent) if seconds > 0 else gettext("%(time)s early", time=spent)


def class_of_late(seconds: float) -> str:
    """Return how a lateness is shown; nothing for what is on time."""
    if abs(seconds) <= ON_TIME_S:
        return ""
    return "is-late" if seconds > 0 else "is-early"


def state_of(view: PatrolView) -> str:
    """Return how a patrol stands, in words."""
    if view.status == "cancelled":
        return gettext("cancelled")
    if not view.over:
        return gettext("under way") if view.heard else gettext("planned")
    return gettext("over") if view.heard else gettext("nothing heard")


def title_of(stop: StopView) -> str:
    """Return what a stop is called; a bare place without a name by what it is."""
    return stop.label or word_of_kind(stop.kind)


def facts_of(stop: StopView) -> tuple[tuple[str, str], ...]:
    """Return what the card of a stop says, as rows."""
    planned, came = stop.planned_arrive_at, stop.arrived_at
    return (
        (gettext("Code"), stop.code),
        (gettext("Planned"), words.write_clock(planned) if planned else ""),
        (gettext("Arrived"), words.write_clock(came) if came else ""),
        (gettext("Against the plan"), "" if stop.late_s is None else write_late(stop.late_s)),
        (gettext("Stayed"), "" if stop.dwell_s is None else write_spent(stop.dwell_s)),
        (gettext("Walked"), "" if stop.share is None else words.write_percent(stop.share)),
        (gettext("Known from"), word_of_evidence(stop)),
        (gettext("Reason"), word_of_reason(stop.reason) if stop.reason else ""),
        (gettext("Note"), stop.note),
    )


def facts_of_extra(extra: ExtraView) -> tuple[tuple[str, str], ...]:
    """Return what the card of an unplanned visit says, as rows."""
    return (
        (gettext("Code"), extra.code),
        (gettext("Arrived"), words.write_clock(extra.arrived_at)),
        (gettext("Stayed"), "" if extra.dwell_s is None else write_spent(extra.dwell_s)),
        (gettext("Known from"), word_of_evidence(extra)),
    )


def patrol_text() -> PatrolText:
    """Return the words of the map of one patrol."""
    return PatrolText(
        planned=gettext("Planned way"),
        gone=gettext("Way gone"),
        stops=gettext("Stops"),
        looks=tuple((look, word_of_look(look)) for look in LOOKS),
    )


TOOLS = {
    "look_of": look_of,
    "word_of_look": word_of_look,
    "word_of_kind": word_of_kind,
    "word_of_evidence": word_of_evidence,
    "word_of_reason": word_of_reason,
    "write_spent": write_spent,
    "write_late": write_late,
    "class_of_late": class_of_late,
    "state_of": state_of,
    "title_of": title_of,
}
"""What the templates about patrols call."""
