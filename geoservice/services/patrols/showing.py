"""One stop and one unplanned visit as they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.domain.actual import Outcome
from geoservice.domain.windows import instant_of, microseconds_of
from geoservice.services.patrols.presences import point_place
from geoservice.services.patrols.values import ExtraView, StopView

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from geoservice.domain.actual import Followed, Presence
    from geoservice.services.patrols.presences import Known
    from geoservice.store.patrol_facts import PointVisit
    from geoservice.store.patrol_rows import StopRow, StopWord


def stop_view(stop: StopRow, followed: Followed, known: Known) -> StopView:
    """Return a planned stop with what became of it, and what the patrol said of it."""
    presence, planned = followed.presence, followed.stop
    word = _last_word(stop, followed, known)
    check_in = _check_in_at(stop, presence, known)
    return StopView(
        position=stop.position,
        kind=stop.kind,
        point_id=stop.point_id,
        street_id=stop.street_id,
        wanted_id=stop.wanted_id,
        code=stop.code,
        label=stop.label,
        lon=stop.lon,
        lat=stop.lat,
        planned_arrive_at=_instant(planned.arrive_us),
        planned_leave_at=_instant(planned.leave_us),
        outcome=followed.outcome,
        in_order=followed.in_order,
        arrived_at=_instant(presence.from_us if presence else None),
        left_at=_instant(presence.to_us if presence else None),
        dwell_s=presence.dwell_s if presence else None,
        late_s=followed.late_s,
        on_time=None if followed.late_s is None else followed.is_on_time,
        seen=bool(presence and presence.seen),
        said=bool(presence and presence.said),
        times_there=followed.presence_count,
        share=known.shares.get(stop.street_id) if stop.street_id else None,
        reason=word.reason if word else None,
        has_findings=bool((word and word.has_findings) or (check_in and check_in.has_findings)),
        note=(word.note if word else "") or (check_in.note if check_in else ""),
    )


def _last_word(stop: StopRow, followed: Followed, known: Known) -> StopWord | None:
    """Return what the patrol said last of a stop; that it skipped one where it was all the same is not held against it."""
    wanted = "done" if followed.outcome is Outcome.DONE else "skipped"
    mine = [word for word in known.words if word.position == stop.position and word.outcome == wanted]
    return mine[-1] if mine else None


def _check_in_at(stop: StopRow, presence: Presence | None, known: Known) -> PointVisit | None:
    if presence is None or not presence.said:
        return None
    inside = (
        one
        for one in known.check_ins
        if one.point_id == stop.point_id
        and presence.from_us <= microseconds_of(one.from_at) <= presence.to_us
    )
    return next(inside, None)


def extra_views(known: Known, beside: Sequence[Presence]) -> tuple[ExtraView, ...]:
    """Return the presences at points that nobody planned."""
    points = {point_place(one.point_id): one for one in (*known.visits, *known.check_ins)}
    return tuple(
        ExtraView(
            point.point_id, point.code, point.name, point.lon, point.lat,
            instant_of(one.from_us), instant_of(one.to_us), one.dwell_s, one.seen, one.said,
        )
        for one in beside
        if (point := points.get(one.place)) is not None
    )  # fmt: skip


def _instant(time_us: int | None) -> datetime | None:
    return None if time_us is None else instant_of(time_us)
