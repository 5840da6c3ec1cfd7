"""A leader asks for a patrol of a blind spot or a point; a dispatcher plans it or says why not; tracks tell when it was seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import numpy as np
import shapely

from geoservice.domain.coverage import bits_at, rasterize
from geoservice.domain.crs import to_metric
from geoservice.domain.windows import Period, Window, local_day
from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.formats.text import text_fault
from geoservice.services import planning
from geoservice.services.coverage import zone_gaps
from geoservice.services.ground import read_grid
from geoservice.store import audit, bitmaps, wanted_rows
from geoservice.store import request_rows as store
from geoservice.store.patrol_requests import PatrolRequest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.coverage import GapRow
    from geoservice.store.ground import Grid

LONGEST_NOTE = 500
SEEN_SHARE = 0.8
"""A blind spot that was asked for counts as seen once so much of its ground was."""
LISTED_FOR = timedelta(days=90)
MOST_LISTED = 100
_NEAR = 1e-4
"""Degrees, some ten metres: the border of a blind spot follows cells, its place on a map is rounded."""


@dataclass(frozen=True)
class Step:
    """What was done about a request: asked, wanted (in the next plan), declined or seen; `who` None: the tracks did it."""

    step: str
    by: int | None
    who: str | None
    at: datetime
    note: str


@dataclass(frozen=True)
class Request:
    """A request as it stands. `state`: asked, wanted, planned (in `patrol_id`, on `planned_on`), declined or seen.

    `days_unseen` of a blind spot as it was asked for; None: never seen, or a point.
    """

    id: int
    kind: str
    state: str
    point_id: int | None
    code: str
    label: str
    area_m2: float | None
    days_unseen: int | None
    asked_at: datetime
    asked_by: str
    patrol_id: int | None
    planned_on: date | None
    team: str | None
    planned_at: datetime | None
    lon: float
    lat: float
    steps: tuple[Step, ...]

    @property
    def answered_at(self) -> datetime | None:
        """Since when it stands as it does; None while nobody has answered."""
        if self.state == "asked":
            return None
        last = self.steps[-1].at
        return max(last, self.planned_at) if self.state == "planned" and self.planned_at else last

    @property
    def answer(self) -> str:
        """The words that came with what was done last."""
        return "" if self.steps[-1].step == "asked" else self.steps[-1].note


def ask_for_gap(  # noqa: PLR0913 - which, of which days, who asks when, with which words
    session: Session,
    settings: Settings,
    window: Window,
    *,
    lonlat: tuple[float, float],
    note: str,
    by: int,
    now: datetime,
) -> tuple[int, bool]:
    """Ask for a patrol of the blind spot at a place; return the request's id and whether it is new.

    Asked again while nobody was there it is the same one. NotFound where the session sees no blind spot of these days.
    """
    words = _checked(note)
    store.lock_asking(session)
    known = store.open_at(session, *lonlat)
    if known is not None:
        return _ask_again(session, known, words, by, now)
    gap = _gap_at(session, settings, window, lonlat)
    today = local_day(now, settings.zone_info)
    request = PatrolRequest(
        kind="gap", zone_id=gap.zone_id, label=gap.zone_name, area_m2=gap.area_m2, days_unseen=gap.days_unseen,
        period=None if window.period is None else int(window.period),
        # What was seen before the window's end is no part of the blind spot; what came after it may have been.
        since_on=today if window.to_on >= today else today + timedelta(days=1), asked_by=by, asked_at=now,
    )  # fmt: skip
    return _add(session, request, cast("BaseGeometry", gap.geometry), words, now)


def ask_for_point(
    session: Session, settings: Settings, *, point_id: int, note: str, by: int, now: datetime
) -> tuple[int, bool]:
    """Ask for a patrol of a point; return the request's id and whether it is new. NotFound for one the session does not see."""
    words = _checked(note)
    store.lock_asking(session)
    point = store.point_seen(session, point_id)
    if point is None:
        raise NotFound("request_point_gone")
    known = store.open_for_point(session, point_id)
    if known is not None:
        return _ask_again(session, known, words, by, now)
    request = PatrolRequest(
        kind="point", point_id=point_id, zone_id=point.zone_id, label=point.name or point.code,
        since_on=local_day(now, settings.zone_info), asked_by=by, asked_at=now,
    )  # fmt: skip
    return _add(session, request, None, words, now)


def put_in_plan(session: Session, request_id: int, *, from_on: date, by: int, now: datetime) -> None:
    """Want it in a plan from a day on; a second time changes nothing. Conflict where it was declined or seen."""
    request = _to_answer(session, request_id)
    if request.state == "wanted" and store.is_wish_open(session, request.wanted_id):
        return
    lonlat = None if request.kind == "point" else store.place_of(session, request_id)
    request.wanted_id = planning.want(
        session, kind=request.kind, from_on=from_on, by=by, now=now, point_id=request.point_id, lonlat=lonlat,
        label=request.label,
    )  # fmt: skip
    _answer(session, request, "wanted", by=by, now=now)


def decline(session: Session, request_id: int, reason: str, *, by: int, now: datetime) -> None:
    """Say why no patrol will come. BadRequest without a reason; Conflict where it is in a plan, declined or seen."""
    words = _checked(reason)
    if not words:
        raise BadRequest("request_reason_missing")
    request = _to_answer(session, request_id)
    if request.state == "wanted" and store.is_wish_open(session, request.wanted_id):
        raise Conflict("request_in_plan")
    _answer(session, request, "declined", by=by, now=now, note=words)


def listed(session: Session, *, now: datetime, waiting_only: bool = False) -> list[Request]:
    """Return the requests of the session's ground: those that wait first; what is closed for as long as `LISTED_FOR`."""
    rows = store.listed(session, since=now - LISTED_FOR, most=MOST_LISTED, waiting_only=waiting_only)
    steps = store.steps_of(session, [row.id for row in rows])
    return [
        Request(
            **row._mapping,
            steps=tuple(Step(one.step, one.by, one.who, one.at, one.note) for one in steps[row.id]),
        )
        for row in rows
    ]


def answers(requests: Iterable[Request], asker_id: int, since: datetime) -> list[Request]:
    """Return those of somebody's own requests that were answered after an instant, the newest first."""
    own = [one for one in requests if any(step.step == "asked" and step.by == asker_id for step in one.steps)]
    new = [(one.answered_at, one) for one in own if one.answered_at is not None and one.answered_at > since]
    return [one for _, one in sorted(new, key=lambda pair: pair[0], reverse=True)]


def count_waiting(session: Session) -> int:
    """Count the requests of the session's ground that nobody has answered."""
    return store.count_waiting(session)


def settle(session: Session, settings: Settings, *, now: datetime) -> list[int]:
    """Note what was seen meanwhile: a patrol did the stop, somebody was at the point, or most of the ground was covered."""
    seen = set(store.done_elsewhere(session, probable=settings.probable_visits_count))
    today = local_day(now, settings.zone_info)
    waiting = [
        (row, ground)
        for row, ground in store.open_grounds(session)
        if row.id not in seen and row.since_on <= today
    ]
    if waiting:
        grid = read_grid(session)
        for row, ground in waiting:
            window = Window(row.since_on, today, None if row.period is None else Period(row.period))
            if _share_seen(session, grid, ground, window) >= SEEN_SHARE:
                seen.add(row.id)
    if seen:
        store.set_seen(session, seen)
    for request_id in sorted(seen):
        store.add_step(session, request_id, "seen", by=None, at=now)
    return sorted(seen)


def _checked(note: str) -> str:
    words = note.strip()
    if len(words) > LONGEST_NOTE:
        raise BadRequest("request_note_long", most=LONGEST_NOTE)
    if text_fault(words):
        raise BadRequest("unreadable_text")
    return words


def _gap_at(session: Session, settings: Settings, window: Window, lonlat: tuple[float, float]) -> GapRow:
    lon, lat = lonlat
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise BadRequest("wanted_off_earth")
    zone_id = wanted_rows.zone_at(session, lon, lat, window.to_on)
    gaps = zone_gaps(session, settings, window, zone_ids=[zone_id]) if zone_id is not None else []
    place = shapely.Point(lon, lat)
    near = [(shapely.distance(gap.geometry, place), gap) for gap in gaps]
    distance, gap = min(near, key=lambda one: one[0], default=(np.inf, None))
    if gap is None or distance > _NEAR:
        raise NotFound("request_gap_gone")
    return gap


def _ask_again(
    session: Session, request: PatrolRequest, note: str, by: int, now: datetime
) -> tuple[int, bool]:
    """Let another leader join whoever asked first; a repeated click is nothing new."""
    if not store.has_asked(session, request.id, by):
        store.add_step(session, request.id, "asked", by=by, at=now, note=note)
    return request.id, False


def _add(
    session: Session, request: PatrolRequest, ground: BaseGeometry | None, note: str, now: datetime
) -> tuple[int, bool]:
    added = store.add(session, request, ground)
    store.add_step(session, added.id, "asked", by=added.asked_by, at=now, note=note)
    audit.record(
        session, added.asked_by, "patrol_request.ask", "patrol_request", str(added.id),
        {"kind": added.kind, "label": added.label},
    )  # fmt: skip
    return added.id, True


def _to_answer(session: Session, request_id: int) -> PatrolRequest:
    request = store.locked(session, request_id)
    if request is None:
        raise NotFound("request_gone")
    if request.state not in store.OPEN:
        raise Conflict("request_answered")
    return request


def _answer(
    session: Session, request: PatrolRequest, step: str, *, by: int, now: datetime, note: str = ""
) -> None:
    request.state = step
    store.add_step(session, request.id, step, by=by, at=now, note=note)
    audit.record(
        session, by, f"patrol_request.{step}", "patrol_request", str(request.id), {"label": request.label}
    )


def _share_seen(session: Session, grid: Grid, ground: BaseGeometry, window: Window) -> float:
    """Return which share of some ground's cells was seen in a window."""
    metric = to_metric(grid.metric_epsg, np.array([ground], dtype=object))[0]
    tiles = rasterize(metric, 0, grid.cell_m)
    if len(tiles) == 0:
        return 0.0
    seen = bitmaps.seen_in(session, window, np.column_stack((tiles.tx, tiles.ty)).astype(np.int64))
    both = np.bitwise_count(tiles.bits & bits_at(seen, 0, tiles.tx, tiles.ty)).sum(dtype=np.int64)
    return float(both) / tiles.count()
