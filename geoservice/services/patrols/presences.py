"""Who was where: what tracks, check-ins and words of a patrol say of the places it was to go to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.domain.actual import Presence, join_presences
from geoservice.domain.crs import to_metric
from geoservice.domain.travelled import near_spans
from geoservice.domain.visits import Spots, find_stays
from geoservice.domain.windows import microseconds_of
from geoservice.services.patrols.tracks import by_device

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geoservice.config import Settings
    from geoservice.domain.tracks import Segments
    from geoservice.store.patrol_facts import PointVisit
    from geoservice.store.patrol_rows import StopRow, StopWord

STREET_SHARE = 0.8
"""A street is done when so much of its length is credited."""

_BARE = frozenset({"gap", "place"})


@dataclass(frozen=True)
class Known:
    """What is known of one patrol: where it stayed and checked in, what it said, its track, and how much of streets it walked.

    `shares`: street id → share of its pieces credited; `streets`: street id → its line in metres.
    """

    visits: Sequence[PointVisit]
    check_ins: Sequence[PointVisit]
    words: Sequence[StopWord]
    segments: Segments | None
    shares: Mapping[int, float]
    streets: Mapping[int, BaseGeometry]


def place_of(stop: StopRow) -> str:
    """Return what two stops at the same place share."""
    if stop.point_id is not None:
        return point_place(stop.point_id)
    return f"street:{stop.street_id}" if stop.street_id is not None else f"stop:{stop.position}"


def point_place(point_id: int) -> str:
    """Return the place of a point."""
    return f"point:{point_id}"


def presences(settings: Settings, epsg: int, stops: Sequence[StopRow], known: Known) -> list[Presence]:
    """Return every presence of a patrol, joined where several tell of one, by arrival."""
    return join_presences(
        [
            *_at_points(known),
            *_at_bare_places(settings, epsg, stops, known.segments),
            *_on_streets(settings, stops, known),
            *_said(stops, known.words),
        ],
        settings.visit_join_s,
    )


def _at_points(known: Known) -> Iterable[Presence]:
    for visit in (*known.visits, *known.check_ins):
        yield Presence(
            point_place(visit.point_id), microseconds_of(visit.from_at), microseconds_of(visit.to_at),
            visit.dwell_s, seen=visit.dwell_s is not None, said=visit.dwell_s is None,
        )  # fmt: skip


def _at_bare_places(
    settings: Settings, epsg: int, stops: Sequence[StopRow], segments: Segments | None
) -> Iterable[Presence]:
    """Yield the stays of the cleaned track where nothing but a place is planned, by the rule for points."""
    bare = [stop for stop in stops if stop.kind in _BARE]
    if not bare or segments is None or not len(segments.start_us):
        return
    xy = to_metric(epsg, np.array([(stop.lon, stop.lat) for stop in bare], dtype=np.float64))
    spots = Spots(
        np.array([stop.position for stop in bare], np.int64),
        np.ascontiguousarray(xy[:, 0]),
        np.ascontiguousarray(xy[:, 1]),
        np.full(len(bare), settings.visit_radius_m),
        np.full(len(bare), settings.visit_dwell_s),
    )
    stays = find_stays(segments, spots, settings.visit_join_s)
    columns = (stays.point_id, stays.arrived_us, stays.left_us, stays.dwell_s)
    for position, arrived_us, left_us, dwell_s in zip(*(column.tolist() for column in columns), strict=True):
        yield Presence(f"stop:{position}", arrived_us, left_us, dwell_s, seen=True)


def _on_streets(settings: Settings, stops: Sequence[StopRow], known: Known) -> Iterable[Presence]:
    """Yield when somebody was on a street that is done; which pieces are, the facts of the day say, but not when.

    So the moments are those of the track near the street, and of several such times the longest: a street is also crossed.
    """
    if known.segments is None:
        return
    done = {stop.street_id for stop in stops if known.shares.get(stop.street_id or 0, 0.0) >= STREET_SHARE}
    for street_id in sorted(set(known.streets) & done):
        spans = [
            span
            for device in by_device(known.segments).values()
            for span in near_spans(
                _near(known.streets[street_id], device, settings.street_reach_m),
                device,
                settings.visit_join_s,
            )
        ]
        if spans:
            began_us, ended_us = max(spans, key=lambda span: span[1] - span[0])
            yield Presence(f"street:{street_id}", began_us, ended_us, (ended_us - began_us) / 1e6, seen=True)


def _near(street: BaseGeometry, segments: Segments, reach_m: float) -> NDArray[np.bool_]:
    """Return which segments (n,) have their middle within reach of a street."""
    middle = shapely.points((segments.ax + segments.bx) / 2, (segments.ay + segments.by) / 2)
    return np.asarray(shapely.dwithin(street, middle, reach_m))


def _said(stops: Sequence[StopRow], words: Iterable[StopWord]) -> Iterable[Presence]:
    places = {stop.position: place_of(stop) for stop in stops}
    for word in words:
        if word.outcome == "done" and word.position in places:
            at_us = microseconds_of(word.at)
            yield Presence(places[word.position], at_us, at_us, said=True)
