"""Changing a plan by hand: every change is a new version, timed at once from the costs that the plan keeps."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from geoservice.errors import BadRequest, NotFound
from geoservice.services.planning.content import totals_of, unserved_of
from geoservice.services.planning.reading import read, to_be_changed
from geoservice.services.planning.stops import Stop
from geoservice.services.planning.timing import Clockwork
from geoservice.store import audit
from geoservice.store import plan_rows as store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.planning.values import PlanView


def change(  # noqa: PLR0913 - what, of which version, by whom
    session: Session,
    settings: Settings,
    plan_id: int,
    change: Mapping[str, Any],
    *,
    version: int,
    by: int | None,
    now: datetime,
) -> PlanView:
    """Change a plan and return its new version; raises Conflict when `version` is not the newest, BadRequest, NotFound.

    Changes: {"do": "move", "stop": key, "to": patrol key, "at": index}, {"do": "drop", "stop": key}, {"do": "add", "stop": key
    of an unserved, "to", "at"}, {"do": "pin" | "unpin", "stop": key}, {"do": "lock" | "unlock", "patrol": key}. `at` counts
    the patrol's stops without the moved one, from 0; without it: the place that costs least. What is moved or added is pinned.
    """
    plan, kept = to_be_changed(session, plan_id, version)
    do = str(change.get("do"))
    if do not in _DEEDS:
        raise BadRequest("plan_change_unknown", value=do[:40], known=", ".join(_DEEDS))
    if plan.kind != "points" and do in _ABOUT_STOPS:
        raise BadRequest("plan_kind_fixed")
    board = _Board(session, plan.id, deepcopy(kept.content))
    _DEEDS[do](board, change)
    said = {name: change[name] for name in ("do", "stop", "to", "at", "patrol") if name in change}
    store.keep_version(session, plan.id, board.content, said, by=by, now=now)
    audit.record(session, by, "plan.change", "plan", str(plan.id), said)
    return read(session, plan.id)


def undo(session: Session, plan_id: int, *, version: int, by: int | None, now: datetime) -> PlanView:
    """Go back to the version before; raises Conflict when `version` is not the newest, BadRequest at the first."""
    plan, kept = to_be_changed(session, plan_id, version)
    if kept.after == 0:
        raise BadRequest("plan_nothing_to_undo")
    store.set_state(session, plan.id, version_number=kept.after)
    audit.record(session, by, "plan.undo", "plan", str(plan.id), {"version": kept.after})
    return read(session, plan.id)


def redo(session: Session, plan_id: int, *, version: int, by: int | None, now: datetime) -> PlanView:
    """Go forward again to the version undone last; a change in between leaves nothing to go to: BadRequest."""
    plan, _ = to_be_changed(session, plan_id, version)
    number = store.version_after(session, plan.id, version)
    if number is None:
        raise BadRequest("plan_nothing_to_redo")
    store.set_state(session, plan.id, version_number=number)
    audit.record(session, by, "plan.redo", "plan", str(plan.id), {"version": number})
    return read(session, plan.id)


class _Board:
    """A plan's content while it is changed."""

    def __init__(self, session: Session, plan_id: int, content: dict[str, Any]) -> None:
        self.content = content
        self._session = session
        self._plan_id = plan_id

    def patrol(self, key: object) -> dict[str, Any]:
        """Return a patrol; raises NotFound."""
        for patrol in self.content["patrols"]:
            if patrol["key"] == key:
                return dict(patrol)
        raise NotFound("plan_patrol_not_found", patrol=str(key)[:80])

    def holder(self, key: object) -> dict[str, Any]:
        """Return the patrol that has a stop; raises NotFound."""
        for patrol in self.content["patrols"]:
            if any(stop["key"] == key for stop in patrol["stops"]):
                return dict(patrol)
        raise NotFound("plan_stop_not_found", stop=str(key)[:80])

    def move(self, change: Mapping[str, Any]) -> None:
        """Take a stop out of its patrol and put it into another, or elsewhere into the same."""
        source = self.holder(change.get("stop"))
        stop = _stop_in(source["stops"], change["stop"])
        target = self.patrol(change.get("to"))
        _check_free(source, target)
        clockwork = Clockwork(self._session, self._plan_id, self.content["days"])
        left = [Stop.from_json(kept) for kept in source["stops"] if kept["key"] != stop.key]
        if target["key"] == source["key"]:
            target = {**target, "stops": [kept for kept in target["stops"] if kept["key"] != stop.key]}
            stops = _inserted(target, stop, _place(clockwork, target, stop, change))
            self._put(clockwork.again(source, stops))
            return
        pinned = Stop.from_json({**stop.as_json(), "pinned": True})
        stops = _inserted(target, pinned, _place(clockwork, target, pinned, change))
        self._put(clockwork.again(target, stops))
        self._put(clockwork.again(source, left))

    def drop(self, change: Mapping[str, Any]) -> None:
        """Take a stop out of its patrol; it is left out by hand from now on."""
        source = self.holder(change.get("stop"))
        _check_free(source)
        stop = _stop_in(source["stops"], change["stop"])
        left = [Stop.from_json(kept) for kept in source["stops"] if kept["key"] != stop.key]
        clockwork = Clockwork(self._session, self._plan_id, self.content["days"])
        self.content["unserved"].append(unserved_of(stop, None))
        self._put(clockwork.again(source, left))

    def add(self, change: Mapping[str, Any]) -> None:
        """Put a stop that was left out into a patrol."""
        stop = _stop_in(self.content["unserved"], change.get("stop"))
        target = self.patrol(change.get("to"))
        _check_free(target)
        pinned = Stop.from_json({**stop.as_json(), "pinned": True})
        clockwork = Clockwork(self._session, self._plan_id, self.content["days"])
        stops = _inserted(target, pinned, _place(clockwork, target, pinned, change))
        self.content["unserved"] = [one for one in self.content["unserved"] if one["key"] != stop.key]
        self._put(clockwork.again(target, stops))

    def pin(self, change: Mapping[str, Any]) -> None:
        """Let a stop stay with its patrol, or let it go again, when the plan is solved again."""
        patrol = self.holder(change.get("stop"))
        stops = [
            {**stop, "pinned": change["do"] == "pin"} if stop["key"] == change["stop"] else stop
            for stop in patrol["stops"]
        ]
        self._put({**patrol, "stops": stops})

    def lock(self, change: Mapping[str, Any]) -> None:
        """Let a patrol stay as it is, or let it be changed again."""
        self._put({**self.patrol(change.get("patrol")), "locked": change["do"] == "lock"})

    def _put(self, patrol: Mapping[str, Any]) -> None:
        self.content["patrols"] = [
            patrol if one["key"] == patrol["key"] else one for one in self.content["patrols"]
        ]
        unserved = sorted(self.content["unserved"], key=lambda one: (-one["weight"], one["code"], one["key"]))
        self.content["unserved"] = unserved
        sums = totals_of(self.content["patrols"], unserved)
        self.content["totals"] = {**self.content["totals"], **sums}


_ABOUT_STOPS = ("move", "drop", "add")
_DEEDS: dict[str, Callable[[_Board, Mapping[str, Any]], None]] = {
    "move": _Board.move,
    "drop": _Board.drop,
    "add": _Board.add,
    "pin": _Board.pin,
    "unpin": _Board.pin,
    "lock": _Board.lock,
    "unlock": _Board.lock,
}


def _stop_in(kept: list[dict[str, Any]], key: object) -> Stop:
    for one in kept:
        if one["key"] == key:
            return Stop.from_json(one)
    raise NotFound("plan_stop_not_found", stop=str(key)[:80])


def _check_free(*patrols: Mapping[str, Any]) -> None:
    for patrol in patrols:
        if patrol["locked"]:
            raise BadRequest("plan_patrol_locked", team=patrol["team_name"], on=patrol["on"])


def _place(clockwork: Clockwork, target: Mapping[str, Any], stop: Stop, change: Mapping[str, Any]) -> int:
    """Return where a stop goes: as asked, or where it costs least."""
    at = change.get("at")
    if at is None:
        return clockwork.best_place(target, stop)
    if not isinstance(at, int) or isinstance(at, bool) or at < 0:
        raise BadRequest("plan_change_unknown", value=str(at)[:40], known="at ≥ 0")
    return at


def _inserted(target: Mapping[str, Any], stop: Stop, at: int) -> list[Stop]:
    stops: list[Stop] = [Stop.from_json(kept) for kept in target["stops"]]
    return [*stops[:at], stop, *stops[at:]]
