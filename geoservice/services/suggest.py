"""What to do about the gaps: the fewest posts or short detours that close most of their weight within a budget."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.domain.coverage import Tiles, no_tiles, rasterize
from geoservice.domain.covering_location import Choice, Problem, choose_sites, reduce_problem
from geoservice.domain.crs import to_metric
from geoservice.domain.ranking import gap_score
from geoservice.domain.unseen import Unseen, in_blocks, lay_out, seen_from
from geoservice.errors import NotFound
from geoservice.services.coverage import has_data, zone_gaps
from geoservice.services.ground import read_grid
from geoservice.services.rules import reach_of
from geoservice.services.suggest_candidates import Candidate, find_candidates
from geoservice.services.suggestions import Closed, Suggested, Suggestion, Wanted
from geoservice.store import areas, contract_rows, people

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from numpy.typing import NDArray
    from scipy import sparse
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.windows import Window
    from geoservice.services.coverage import GapRow
    from geoservice.store.ground import Grid

# Gaps are looked at in the order of their score until they have so many cells (10 km² at 5 m) ...
_MOST_CELLS = 400_000
# ... from the places that close most for their cost.
_MOST_CANDIDATES = 3000
# What the solver can take: so many demands once those that are seen alike are one, seen so often before. Beyond that cells
# are joined in blocks; below it blocks would make the problem harder, since cells seen alike are the best blocks there are.
_MOST_DEMANDS = 30_000
_MOST_SIGHTS = 4_000_000
_BLOCK_SIDES = (1, 2, 4, 8, 16)


@dataclass(frozen=True)
class _Ground:
    """The gaps looked at, best score first, their cells, and the weight of each cell."""

    gaps: list[GapRow]
    unseen: Unseen
    weight: NDArray[np.float64]
    cell_m2: float


@dataclass(frozen=True)
class _Answer:
    """Which candidates, in order, and how good that is."""

    chosen: list[int]
    choice: Choice
    side: int


def suggest(
    session: Session,
    settings: Settings,
    window: Window,
    wanted: Wanted,
    progress: Callable[[int, str], None] = lambda _percent, _stage: None,
) -> Suggestion:
    """Return what closes most weighted gap within the budget; raises NotFound for a window without data.

    A gap weighs its score, spread evenly over its cells, so closing half of a gap closes half its weight. What a thing
    closes is filled by the same kernel as a patrol's track: exactly the cells that would be seen.
    """
    began = time.monotonic()
    if not has_data(session, window):
        raise NotFound(
            "window_without_data", **{"from": window.from_on.isoformat(), "to": window.to_on.isoformat()}
        )
    progress(0, "gaps")
    grid = read_grid(session)
    reach_m = reach_of(settings)[wanted.mode]
    gaps, scores = _by_score(settings, zone_gaps(session, settings, window, zone_ids=wanted.zone_ids))
    ground = _lay_out(grid, gaps, scores)
    progress(20, "candidates")
    candidates = find_candidates(session, settings, window, wanted, ground.gaps, ground.unseen)
    progress(35, "seeing")
    candidates, seen, dropped = _worth_most(candidates, ground, wanted, reach_m, grid.cell_m)
    progress(50, "solving")
    answer = _solve(candidates, seen, ground, wanted)
    progress(95, "solving")
    items = _items(candidates, seen, ground, answer.chosen, sum(scores))
    return Suggestion(
        window=window,
        wanted=wanted,
        reach_m=reach_m,
        items=items,
        gap_count=len(gaps),
        area_before_m2=sum(gap.area_m2 for gap in gaps),
        area_closed_m2=sum(item.area_m2 for item in items),
        weight_before=sum(scores),
        weight_closed=(closed := sum(item.weight for item in items)),
        bound=max(answer.choice.bound, closed),
        is_optimal=answer.choice.is_optimal and answer.side == 1,
        by_greedy=answer.choice.by_greedy,
        block_m=answer.side * grid.cell_m,
        candidate_count=len(candidates),
        left_out_gaps=len(gaps) - len(ground.gaps),
        left_out_weight=sum(scores[len(ground.gaps) :]),
        left_out_candidates=dropped,
        seconds=time.monotonic() - began,
    )


def ground_of(
    session: Session, on: date, *, zone: str | None = None, leader: str | None = None
) -> frozenset[int] | None:
    """Return the zones of a code, or what a leader contracted on a day; None where neither is named. Raises NotFound."""
    if leader is not None:
        found = people.leader_by_code(session, leader)
        if found is None:
            raise NotFound("leader_unknown", leader=leader)
        mine = areas.contracted_ground(session, found.id, on).zone_ids
        if not mine:
            raise NotFound("leader_without_zones", leader=leader, on=on.isoformat())
        return mine
    if zone is None:
        return None
    named = contract_rows.zones_by_code(session, [zone])
    if not named:
        raise NotFound("zone_unknown", code=zone)
    return frozenset(zone_id for _, zone_id in named[zone])


def _by_score(settings: Settings, gaps: Sequence[GapRow]) -> tuple[list[GapRow], list[float]]:
    scored = [
        (gap_score(gap.area_m2, gap.point_weight, gap.days_unseen, settings.history_days), gap)
        for gap in gaps
    ]
    scored.sort(key=lambda pair: (-pair[0], pair[1].zone_code, *shapely.bounds(pair[1].geometry)))
    return [gap for _, gap in scored], [score for score, _ in scored]


def _lay_out(grid: Grid, gaps: list[GapRow], scores: list[float]) -> _Ground:
    cell_m2 = grid.cell_m**2
    cells = np.cumsum([gap.area_m2 for gap in gaps]) / cell_m2
    gaps = gaps[: max(1, int(np.searchsorted(cells, _MOST_CELLS, side="right")))]
    shapes = to_metric(grid.metric_epsg, np.array([gap.geometry for gap in gaps], dtype=object))
    tiles = [rasterize(shape, number, grid.cell_m) for number, shape in enumerate(shapes)]
    unseen = lay_out(_joined(tiles))
    of_gap = np.array([score * cell_m2 / gap.area_m2 for gap, score in zip(gaps, scores, strict=False)])
    return _Ground(gaps, unseen, of_gap[unseen.gap] if len(gaps) else np.empty(0), cell_m2)


def _joined(tiles: Sequence[Tiles]) -> Tiles:
    if not tiles:
        return no_tiles()
    columns = ((each.slot, each.tx, each.ty, each.bits) for each in tiles)
    return Tiles(*(np.concatenate(column) for column in zip(*columns, strict=True)))


def _worth_most(
    candidates: list[Candidate], ground: _Ground, wanted: Wanted, reach_m: float, cell_m: float
) -> tuple[list[Candidate], sparse.csr_array, int]:
    """Return the candidates that close most for their cost, what each sees, and how many useful ones were dropped."""
    seen = seen_from([each.xy for each in candidates], ground.unseen, reach_m, cell_m)
    gain = seen @ ground.weight / _costs(candidates, wanted)
    useful = np.flatnonzero(gain > 0)
    kept = np.sort(useful[np.argsort(-gain[useful], kind="stable")[:_MOST_CANDIDATES]])
    return [candidates[number] for number in kept], seen[kept], len(useful) - len(kept)


def _costs(candidates: Sequence[Candidate], wanted: Wanted) -> NDArray[np.float64]:
    return np.array([1.0 if wanted.posts is not None else each.minutes for each in candidates])


def _solve(candidates: list[Candidate], seen: sparse.csr_array, ground: _Ground, wanted: Wanted) -> _Answer:
    """Choose candidates; cells are joined in blocks as large as it takes for the solver to be done in time."""
    costs = _costs(candidates, wanted)
    for side in _BLOCK_SIDES:
        coverage, weight = (
            (seen, ground.weight) if side == 1 else in_blocks(seen, ground.unseen, ground.weight, side)
        )
        if coverage.nnz > _MOST_SIGHTS and side != _BLOCK_SIDES[-1]:
            continue
        small, sites = reduce_problem(Problem(weight, coverage, costs, wanted.budget))
        if small.coverage.shape[1] <= _MOST_DEMANDS:
            break
    choice = choose_sites(small, wanted.time_limit_s)
    return _Answer(sites[choice.sites].tolist(), choice, side)


def _items(
    candidates: list[Candidate],
    seen: sparse.csr_array,
    ground: _Ground,
    chosen: list[int],
    total: float,
) -> tuple[Suggested, ...]:
    """Return the chosen ones, what closes most first; each is given the cells that none before it closes."""
    is_open = np.ones(len(ground.weight), dtype=bool)
    left, items = list(chosen), []
    while left:
        gains = seen[left] @ (ground.weight * is_open)
        best = left.pop(int(np.argmax(gains)))
        cells = seen[[best]].indices
        cells = cells[is_open[cells]]
        is_open[cells] = False
        if len(cells):
            items.append(_item(candidates[best], cells, ground, total))
    return tuple(items)


def _item(candidate: Candidate, cells: NDArray[np.intp], ground: _Ground, total: float) -> Suggested:
    weight = float(ground.weight[cells].sum())
    counts = np.bincount(ground.unseen.gap[cells])
    return Suggested(
        kind=candidate.kind,
        geometry=candidate.geometry,
        street=candidate.street,
        area_m2=len(cells) * ground.cell_m2,
        weight=weight,
        share=weight / total,
        minutes=candidate.minutes,
        length_m=candidate.length_m,
        access_m=candidate.access_m,
        closes=tuple(
            Closed(
                number + 1,
                ground.gaps[number].zone_code,
                float(counts[number] * ground.cell_m2),
                float(counts[number] * ground.cell_m2 / ground.gaps[number].area_m2),
            )
            for number in np.flatnonzero(counts).tolist()
        ),
    )
