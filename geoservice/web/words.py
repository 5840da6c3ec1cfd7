"""Words and numbers as the reader writes them: traffic lights, roles, states, codes as sentences; measures from `measure_words`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geoservice.domain.roles import Role
from geoservice.domain.windows import Period
from geoservice.messages import sentence
from geoservice.messages.lights import LIGHT_WORDS
from geoservice.web.measure_words import (
    write_area,
    write_clock,
    write_count,
    write_day,
    write_days,
    write_instant,
    write_length,
    write_minutes,
    write_mu,
    write_part_days,
    write_percent,
)
from geoservice.web.texts import current_locale, gettext

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "say",
    "sentence_of_problem",
    "word_of_budget",
    "word_of_detected",
    "word_of_due",
    "word_of_import",
    "word_of_job",
    "word_of_job_state",
    "word_of_layer",
    "word_of_light",
    "word_of_mode",
    "word_of_patrol_state",
    "word_of_period",
    "word_of_point_state",
    "word_of_role",
    "word_of_stage",
    "word_of_step",
    "words_of_bands",
    "write_area",
    "write_clock",
    "write_count",
    "write_day",
    "write_days",
    "write_instant",
    "write_length",
    "write_minutes",
    "write_mu",
    "write_part_days",
    "write_percent",
]


def word_of_light(light: str) -> str:
    """Return what a traffic light says."""
    return gettext(LIGHT_WORDS[light])


def word_of_role(role: Role | str) -> str:
    """Return a role as the reader calls it."""
    return {
        Role.ADMINISTRATOR: gettext("Administrator"),
        Role.DISPATCHER: gettext("Dispatcher"),
        Role.GIS: gettext("GIS staff"),
        Role.LEADER: gettext("Leader"),
        Role.MEMBER: gettext("Patrol member"),
        Role.INSPECTOR: gettext("Inspector"),
        Role.HANDLER: gettext("Case handler"),
    }[Role(role)]


def word_of_job(kind: str) -> str:
    """Return what a kind of job does."""
    return {
        "cover": gettext("Compute coverage"),
        "gap_report": gettext("Find blind spots"),
        "suggest": gettext("Suggest what to do"),
        "export": gettext("Write a file"),
        "look_at_import": gettext("Look at files"),
        "check_import": gettext("Dry run of an import"),
        "apply_import": gettext("Import"),
        "undo_import": gettext("Undo an import"),
        "solve_plan": gettext("Work out a plan"),
        "plan_streets": gettext("Work out a plan of streets"),
        "make_report": gettext("Make a report"),
        "send_digest": gettext("Send a digest"),
        "sheets": gettext("Sheets of all leaders"),
        "usual_hours": gettext("Work out what is usual by the hour"),
    }.get(kind, kind)


def word_of_job_state(state: str) -> str:
    """Return how a job stands."""
    return {
        "queued": gettext("waiting"),
        "running": gettext("running"),
        "done": gettext("done"),
        "failed": gettext("failed"),
        "cancelled": gettext("cancelled"),
    }.get(state, state)


def word_of_stage(stage: str) -> str:
    """Return what a running job is doing just now."""
    return {
        "preparing": gettext("preparing"),
        "writing_file": gettext("writing the file"),
        "covering": gettext("filling in tracks"),
        "gaps": gettext("finding blind spots"),
        "candidates": gettext("looking for places to stand and ways to go"),
        "seeing": gettext("measuring what each would see"),
        "solving": gettext("choosing the best"),
        "reading": gettext("reading files"),
        "looking": gettext("finding out what it is"),
        "writing": gettext("comparing and writing"),
        "comparing": gettext("noting what would change"),
        "keeping": gettext("putting it into lists"),
        "rasters": gettext("drawing masks and streets anew"),
        "undoing": gettext("putting things back"),
        "planning_costs": gettext("finding ways on the streets"),
        "planning_routes": gettext("looking for the best patrols"),
        "planning_lines": gettext("drawing the ways"),
        "measuring": gettext("measuring"),
        "sheets": gettext("drawing sheets"),
        "done": gettext("done"),
    }.get(stage, stage)


def word_of_import(kind: str) -> str:
    """Return what an import brought in."""
    return {
        "zones": gettext("Zones"),
        "points": gettext("Points"),
        "streets": gettext("Streets"),
        "tracks": gettext("Tracks"),
        "contracts": gettext("Contracts"),
        "exclusions": gettext("Exclusions"),
        "check_ins": gettext("Check-ins"),
    }.get(kind, kind)


def word_of_detected(key: str) -> str:
    """Return what was found out about a file."""
    return {
        "encoding": gettext("Encoding"),
        "crs": gettext("Coordinate system"),
        "layer": gettext("Layer"),
        "guessed": gettext("Columns guessed"),
        "parent_level": gettext("Level above"),
        "leaders_made": gettext("Leaders made"),
    }.get(key, key)


def word_of_point_state(state: str) -> str:
    """Return how a point stands in a window."""
    return {
        "visited_findings": gettext("Visited, with findings"),
        "visited_clean": gettext("Visited, nothing found"),
        "probable": gettext("Probably visited"),
        "not_visited": gettext("Not visited"),
    }.get(state, gettext("No data"))


def word_of_due(due: str) -> str:
    """Return when a point must be visited next."""
    return {
        "ok": gettext("Not due yet"),
        "due_today": gettext("Due today"),
        "due_tomorrow": gettext("Due tomorrow"),
        "overdue": gettext("Overdue"),
        "never": gettext("Never visited"),
    }[due]


def word_of_period(period: int | None) -> str:
    """Return a part of the day as the reader calls it; None: all of it."""
    names = {
        Period.DAY: gettext("Daytime"),
        Period.EVENING: gettext("Evening"),
        Period.NIGHT: gettext("Night"),
    }
    return names[Period(period)] if period else gettext("Whole day")


def word_of_layer(layer: str) -> str:
    """Return what a map shows upon its zones."""
    return {
        "gaps": gettext("Blind spots"),
        "streets": gettext("Unseen stretches"),
        "points": gettext("Points"),
        "ages": gettext("Last seen"),
    }[layer]


def words_of_bands(days: Sequence[int]) -> tuple[str, ...]:
    """Return what each band of days since ground was last seen is called, then what was never seen."""
    names, newest = [], 0
    for oldest in days:
        names.append(_word_of_band(newest, oldest))
        newest = oldest
    return (*names, gettext("never seen within %(days)s", days=write_days(newest)))


def _word_of_band(newest: int, oldest: int) -> str:
    if oldest == 1:
        return gettext("seen on the last day")
    if newest <= 1:
        return gettext("seen within %(days)s", days=write_days(oldest))
    return gettext("seen %(newest)s to %(days)s ago", newest=newest, days=write_days(oldest))


def word_of_step(step: str) -> str:
    """Return by what a trend goes."""
    return {"day": gettext("by day"), "week": gettext("by week"), "month": gettext("by month")}[step]


def word_of_budget(budget: str) -> str:
    """Return what a budget of `suggest` counts."""
    return {"posts": gettext("posts"), "minutes": gettext("minutes")}[budget]


def word_of_mode(mode: str) -> str:
    """Return how a patrol moves."""
    return {"foot": gettext("On foot"), "ebike": gettext("By e-bike"), "car": gettext("By car")}[mode]


def word_of_patrol_state(status: str) -> str:
    """Return how a patrol stands."""
    return {
        "published": gettext("planned"),
        "under_way": gettext("under way"),
        "done": gettext("done"),
        "cancelled": gettext("cancelled"),
    }.get(status, status)


def sentence_of_problem(problem: dict[str, Any]) -> str:
    """Return the sentence of a stored problem, its file, row, column and value filled in."""
    places = {
        key: problem[key]
        for key in ("file", "sheet", "row", "column", "value")
        if problem.get(key) is not None
    }
    return sentence(
        str(problem.get("code", "error")), {**places, **(problem.get("values") or {})}, current_locale()
    )


def say(code: str, values: dict[str, Any]) -> str:
    """Return the sentence of a code in the reader's language."""
    return sentence(code, values, current_locale())
