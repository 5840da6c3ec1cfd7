"""Stretches of street that nobody saw in a window: where, how long, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.domain.crs import to_lonlat
from geoservice.domain.pieces import cut_out
from geoservice.domain.ranking import stretch_score
from geoservice.domain.street_tally import find_stretches
from geoservice.domain.windows import Window
from geoservice.services.ground import read_grid
from geoservice.services.street_survey import survey
from geoservice.services.streets_loading import to_lines
from geoservice.store import street_coverage as store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.street_tally import Network, Stretches
    from geoservice.services.street_survey import Survey

NEVER = -1
# History is read backwards, further and further: most stretches were seen lately, and those are not asked for again.
_FIRST_DAYS = 30
_MOST_DAYS = 90


@dataclass(frozen=True)
class StretchRow:
    """A stretch of a street; `geometry` in lon/lat. `days_unseen` None: never seen within the history looked at.

    `zone_id` is the leaf that its middle piece lies in, None outside all zones.
    """

    street_id: int
    code: str
    name: str
    geometry: shapely.LineString
    length_m: float
    last_seen_on: date | None
    days_unseen: int | None
    zone_id: int | None
    score: float


def street_gaps(
    session: Session,
    settings: Settings,
    window: Window,
    *,
    zone_ids: Iterable[int] | None = None,
    limit: int | None = None,
) -> list[StretchRow]:
    """Return runs of unseen pieces, the highest score first; those in `zone_ids` and below are cut to these zones.

    A run was last seen on the latest day any of its pieces was. Without any data in the window nothing is a gap.
    """
    found = survey(session, window)
    if not found.has_data:
        return []
    network, unseen = found.network, found.ground.unseen
    runs = find_stretches(network, unseen if zone_ids is None else unseen & found.inside(zone_ids))
    last_seen = _last_seen(session, settings, window, network, runs)
    metres = (runs.end - runs.first) * network.piece_m[runs.street]
    days = [None if day == NEVER else window.to_on.toordinal() - day for day in last_seen.tolist()]
    score = np.array(
        [stretch_score(*pair, settings.history_days) for pair in zip(metres.tolist(), days, strict=True)]
    )
    best = np.lexsort((runs.first, -metres, -score))[:limit]
    runs, score = runs.take(best), score[best]
    street_ids = network.street_id[runs.street].tolist()
    named = {street.street_id: street for street in store.named_streets(session, sorted(set(street_ids)))}
    return [
        StretchRow(
            street_id=street_id,
            code=named[street_id].code,
            name=named[street_id].name,
            geometry=shape,
            length_m=float(metres[place]),
            last_seen_on=None if last_seen[place] == NEVER else date.fromordinal(int(last_seen[place])),
            days_unseen=days[place],
            zone_id=zone_id,
            score=float(points),
        )
        for street_id, shape, place, zone_id, points in zip(
            street_ids,
            _shapes(session, network, runs),
            best.tolist(),
            _zones(found, runs),
            score,
            strict=True,
        )
    ]


def _last_seen(
    session: Session, settings: Settings, window: Window, network: Network, runs: Stretches
) -> NDArray[np.int64]:
    """Return the ordinal of the day before the window on which each run (r,) was last seen; NEVER within the history."""
    last = np.full(len(runs.first), NEVER, np.int64)
    for past in _backwards(window, settings.history_days):
        waiting = np.flatnonzero(last == NEVER)
        if len(waiting) == 0:
            break
        open_runs = runs.take(waiting)
        bits = network.bits(open_runs.flags(int(network.first_piece[-1])))
        words = np.flatnonzero(bits)
        rows = store.seen_by_day(
            session,
            past,
            (
                network.street_id[network.street_of_word[words]].tolist(),
                network.word_of(words).tolist(),
                bits[words].view(np.int64).tolist(),
            ),
        )
        seen = np.full(int(network.first_piece[-1]), NEVER, np.int64)
        place = network.place(rows["street_id"], rows["word"])
        row, piece = network.piece_places(place, rows["pieces"].astype(np.int64).view(np.uint64))
        np.maximum.at(seen, piece, rows["day"].astype(np.int64)[row])
        last[waiting] = open_runs.greatest(seen)
    return last


def _backwards(window: Window, history_days: int) -> Iterator[Window]:
    """Yield the days before a window, the nearest first."""
    done, days = 0, _FIRST_DAYS
    while done < history_days:
        days = min(days, history_days - done)
        to_on = window.from_on - timedelta(days=done + 1)
        yield Window(to_on - timedelta(days=days - 1), to_on, window.period)
        done, days = done + days, min(2 * days, _MOST_DAYS)


def _zones(found: Survey, runs: Stretches) -> list[int | None]:
    """Return the leaf that the middle piece of each run lies in; of several the first by code."""
    network = found.network
    middle = (runs.first + runs.end - 1) // 2
    flags = np.zeros(int(network.first_piece[-1]), np.bool_)
    flags[middle] = True
    wanted = network.bits(flags)[found.leaves.place]
    row, piece = network.piece_places(found.leaves.place, found.leaves.bits & wanted)
    leaf = np.full(len(flags), len(found.zones), np.int64)
    np.minimum.at(leaf, piece, found.leaves.owner[row])
    ids = [zone.zone_id for zone in found.zones]
    return [ids[place] if place < len(ids) else None for place in leaf[middle].tolist()]


def _shapes(session: Session, network: Network, runs: Stretches) -> list[shapely.LineString]:
    """Cut the runs out of their streets."""
    streets, place = np.unique(runs.street, return_inverse=True)
    if len(streets) == 0:
        return []
    epsg = read_grid(session).metric_epsg
    ids = network.street_id[streets].tolist()
    count = network.piece_count[streets].astype(np.int32)
    ground = [(0, False)] * len(ids)
    lines = to_lines(epsg, ids, store.shapes_of(session, ids), count, ground)
    base = network.first_piece[runs.street]
    xy, index = cut_out(lines, place, runs.first - base, runs.end - base)
    cut = np.asarray(shapely.linestrings(to_lonlat(epsg, xy), indices=index), dtype=object)
    return list(cut.ravel())
