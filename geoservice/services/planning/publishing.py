"""Publishing a plan: its patrols become routes and patrols of their teams; what is under way is never touched."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import shapely

from geoservice.domain.tracks import Mode
from geoservice.errors import BadRequest, Conflict
from geoservice.services.planning.reading import to_be_changed
from geoservice.services.planning.values import Outcome
from geoservice.store import audit
from geoservice.store import plan_patrols as patrols
from geoservice.store import plan_rows as store
from geoservice.store.plan_patrols import NewPatrol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.store.plans import Plan

_PLACED = {"point": "point_id", "street": "street_id"}


def publish(
    session: Session, settings: Settings, plan_id: int, *, version: int, by: int | None, now: datetime
) -> Outcome:
    """Write the plan's patrols; of one published before, replace those that nobody has started.

    Raises Conflict when `version` is not the newest or another plan has a team at that time; BadRequest for a plan without
    a patrol, or with a stop that is no longer there.
    """
    plan, kept = to_be_changed(session, plan_id, version)
    wanted = [patrol for patrol in kept.content["patrols"] if patrol["stops"] or len(patrol["line"]) > 1]
    if not wanted:
        raise BadRequest("plan_empty")
    if any(patrol["team_id"] is None for patrol in wanted):
        raise BadRequest("plan_without_teams")
    _check_stops(session, wanted)
    before = {row.code: row for row in patrols.patrols_of(session, plan.id)}
    published, held, codes = [], [], set()
    for patrol in wanted:
        new = _new_patrol(settings, plan, patrol)
        codes.add(new.code)
        known = before.get(new.code)
        if known is not None and known.touched:
            held.append(patrol["key"])
            continue
        other = patrols.in_the_way(session, new)
        if other is not None:
            raise Conflict("plan_team_taken", team=patrol["team_name"], on=patrol["on"], plan=other.name)
        patrols.publish(session, new)
        published.append(patrol["key"])
    old = [row for code, row in before.items() if code not in codes and row.status == "published"]
    held += [row.code for row in before.values() if row.code not in codes and row.touched]
    patrols.cancel(session, [row.id for row in old if not row.touched])
    store.set_state(session, plan.id, state="published", published_number=version, published_at=now)
    done = Outcome(tuple(published), tuple(row.code for row in old if not row.touched), tuple(held))
    _record(session, "plan.publish", plan, done, by, version)
    return done


def withdraw(
    session: Session, settings: Settings, plan_id: int, *, version: int, by: int | None, now: datetime
) -> Outcome:
    """Take back the patrols that nobody has started. Raises Conflict, BadRequest for a plan that is not published."""
    plan, _ = to_be_changed(session, plan_id, version)
    if plan.state != "published":
        raise BadRequest("plan_not_published")
    rows = patrols.patrols_of(session, plan.id)
    taken = [row for row in rows if row.status == "published" and not row.touched]
    patrols.cancel(session, [row.id for row in taken])
    store.set_state(session, plan.id, state="withdrawn")
    done = Outcome(
        removed=tuple(row.code for row in taken), kept=tuple(row.code for row in rows if row.touched)
    )
    _record(session, "plan.withdraw", plan, done, by, version)
    return done


def _record(session: Session, action: str, plan: Plan, done: Outcome, by: int | None, version: int) -> None:
    detail = {
        "name": plan.name, "version": version, "published": len(done.published), "removed": len(done.removed),
        "kept": len(done.kept),
    }  # fmt: skip
    audit.record(session, by, action, "plan", str(plan.id), detail)


def _check_stops(session: Session, wanted: Sequence[Mapping[str, Any]]) -> None:
    """Raise BadRequest for a point or street that was removed since the plan was made."""
    for kind in _PLACED:
        labels = {
            stop["id"]: stop["label"] for patrol in wanted for stop in patrol["stops"] if stop["kind"] == kind
        }
        missing = patrols.gone(session, kind, list(labels))
        if missing:
            raise BadRequest("plan_stop_gone", stops=", ".join(sorted(labels[one] for one in missing)[:5]))


def _new_patrol(settings: Settings, plan: Plan, patrol: Mapping[str, Any]) -> NewPatrol:
    on = date.fromisoformat(patrol["on"])
    begins = seconds_at(patrol, "starts")
    ends = max(seconds_at(patrol, "ends"), begins + 60)
    return NewPatrol(
        code=f"P{plan.id}-{patrol['key'].replace('/', '-')}",
        name=f"{plan.name} · {patrol['team_name'] or patrol['team']}",
        mode=int(Mode[patrol["mode"].upper()]), line=_line(patrol["line"]), plan_id=plan.id, on_day=on,
        team_id=patrol["team_id"], starts_at=_instant(settings, on, begins), ends_at=_instant(settings, on, ends),
        stops=[_stop(stop, begins) for stop in patrol["stops"]],
    )  # fmt: skip


def _stop(stop: Mapping[str, Any], begins: float) -> dict[str, Any]:
    placed = {column: stop["id"] if stop["kind"] == kind else None for kind, column in _PLACED.items()}
    return {
        **placed, "lon": stop["lon"], "lat": stop["lat"], "service_minutes": stop["service_s"] / 60,
        "label": stop["label"], "weight": stop["weight"], "arrive_s": seconds_at(stop, "arrive") - begins,
        "leave_s": seconds_at(stop, "leave") - begins, "wanted_id": stop.get("wanted_id"),
    }  # fmt: skip


def seconds_at(kept: Mapping[str, Any], name: str) -> float:
    """Return a time of a plan's content as seconds since midnight: exact where it is kept, else from HH:MM."""
    exact = kept.get(f"{name}_s")
    if exact is not None:
        return float(exact)
    hours, minutes = kept[name].split(":")
    return int(hours) * 3600.0 + int(minutes) * 60


def _instant(settings: Settings, on: date, seconds: float) -> datetime:
    """Return the instant that a clock on the wall shows so many seconds after midnight."""
    wall = datetime.combine(on, time()) + timedelta(seconds=seconds)
    return wall.replace(tzinfo=settings.zone_info)


def _line(places: Sequence[Sequence[float]]) -> bytes | None:
    if len({tuple(place) for place in places}) < 2:
        return None
    wkb: bytes = shapely.to_wkb(shapely.LineString(places))
    return wkb
