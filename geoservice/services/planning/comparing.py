"""Two plans side by side: ways, hours, what is served, how fair, and what the coverage kernel expects of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

from geoservice.domain.tracks import Mode
from geoservice.errors import BadRequest
from geoservice.services.coverage import totals
from geoservice.services.planning.reading import read
from geoservice.services.planning.values import Comparison, Moved, Side
from geoservice.services.plans import coverage_of_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.planning.values import PlanView


def compare(session: Session, settings: Settings, one_id: int, other_id: int) -> Comparison:
    """Compare two plans in the versions that count; raises NotFound, BadRequest for one without a solution."""
    one, other = read(session, one_id), read(session, other_id)
    for plan in (one, other):
        if not plan.content:
            raise BadRequest("plan_not_ready", plan=plan.id)
    return Comparison(
        _side(session, settings, one), _side(session, settings, other), _moved(one.content, other.content)
    )


def _side(session: Session, settings: Settings, plan: PlanView) -> Side:
    sums = plan.content["totals"]
    covered_m2, rate = _expected(session, settings, plan)
    return Side(
        id=plan.id, name=plan.name, version=plan.version, stops=sums["stops"], unserved=sums["unserved"],
        weight_served=sums["weight_served"], weight=sums["weight"], metres=sums["metres"],
        hours=_hours(plan.content), longest_s=sums["longest_s"], mean_s=sums["mean_s"], fairness=sums["fairness"],
        covered_m2=covered_m2, rate=rate,
    )  # fmt: skip


def _hours(content: Mapping[str, Any]) -> float:
    """Return what all patrols take: on the way, at stops and waiting."""
    spent = sum(patrol[name] for patrol in content["patrols"] for name in ("travel_s", "service_s", "wait_s"))
    return float(spent) / 3600


def _expected(session: Session, settings: Settings, plan: PlanView) -> tuple[float, float | None]:
    """Return the ground that patrols on the plan's lines would see, m², and its share of the session's ground."""
    walked = [
        (shapely.LineString(patrol["line"]), int(Mode[patrol["mode"].upper()]))
        for patrol in plan.content["patrols"]
        if len(patrol["line"]) > 1
    ]
    if not walked:
        return 0.0, 0.0
    rows = coverage_of_lines(
        session, settings, [line for line, _ in walked], [mode for _, mode in walked], plan.from_on
    )
    found = totals(rows)
    return found.covered_m2, found.rate


def _moved(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[Moved, ...]:
    here, there = _teams(one), _teams(other)
    labels = {**_labels(other), **_labels(one)}
    return tuple(
        Moved(key, labels[key], here.get(key), there.get(key))
        for key in sorted(labels)
        if here.get(key) != there.get(key)
    )


def _teams(content: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    return {
        stop["key"]: (patrol["team"], patrol["on"])
        for patrol in content["patrols"]
        for stop in patrol["stops"]
    }


def _labels(content: Mapping[str, Any]) -> dict[str, str]:
    stops = [stop for patrol in content["patrols"] for stop in patrol["stops"]]
    return {stop["key"]: stop["label"] or stop["code"] for stop in [*stops, *content["unserved"]]}
