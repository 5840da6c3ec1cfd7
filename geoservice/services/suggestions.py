"""What is asked of `suggest`, what it answers, and that answer as JSON."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import shapely

from geoservice.domain.tracks import Mode
from geoservice.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from geoservice.domain.windows import Window

MOST_POSTS = 1000
MOST_MINUTES = 60_000.0
MOST_SECONDS = 600.0


@dataclass(frozen=True)
class Wanted:
    """Which gaps to close, on what budget: a number of posts, or minutes of which posts and detours both take.

    `zone_ids`: these zones and all below; None: everywhere. Raises BadRequest.
    """

    mode: Mode = Mode.FOOT
    posts: int | None = None
    minutes: float | None = None
    zone_ids: frozenset[int] | None = None
    time_limit_s: float = 10.0

    def __post_init__(self) -> None:
        if (self.posts is None) == (self.minutes is None):
            raise BadRequest("suggest_budget_needed")
        if self.posts is not None and not 1 <= self.posts <= MOST_POSTS:
            raise BadRequest("suggest_posts_bad", value=self.posts, most=MOST_POSTS)
        if self.minutes is not None and not 0 < self.minutes <= MOST_MINUTES:
            raise BadRequest("suggest_minutes_bad", value=self.minutes, most=round(MOST_MINUTES))
        if not 0 < self.time_limit_s <= MOST_SECONDS:
            raise BadRequest("suggest_seconds_bad", value=self.time_limit_s, most=round(MOST_SECONDS))

    def on(self, zone_ids: frozenset[int] | None) -> Wanted:
        """Return the same question about this ground."""
        return replace(self, zone_ids=zone_ids)

    @property
    def budget(self) -> float:
        """The budget in its own unit."""
        return float(self.minutes if self.posts is None else self.posts)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Closed:
    """What one suggested thing closes of a gap; `rank` counts the gaps from 1 by score."""

    rank: int
    zone_code: str
    area_m2: float
    share: float


@dataclass(frozen=True)
class Suggested:
    """Something to do: a `post` to stand at, or a `detour` to go; `street` None: on open ground that no street comes near.

    `geometry` is a Point or LineString in lon/lat. Area and weight are what it closes beyond the things before it in the
    list, so that they add up; `minutes` includes the way (`access_m`) from ground that is seen anyway, there and back.
    """

    kind: str
    geometry: shapely.Geometry
    street: str | None
    area_m2: float
    weight: float
    share: float
    minutes: float
    length_m: float
    access_m: float
    closes: tuple[Closed, ...]

    def why(self) -> tuple[str, dict[str, Any]]:
        """Return the code and values of its sentence."""
        kind = f"{self.kind}_open" if self.street is None else self.kind
        zones = list(dict.fromkeys(closed.zone_code for closed in self.closes))
        return f"suggest_{kind}", {
            "street": self.street,
            "lon": f"{shapely.get_coordinates(self.geometry)[0, 0]:.6f}",
            "lat": f"{shapely.get_coordinates(self.geometry)[0, 1]:.6f}",
            "length": round(self.length_m),
            "minutes": math.ceil(self.minutes),
            "area": round(self.area_m2),
            "zones": ", ".join(zones[:4]) + (" …" if len(zones) > 4 else ""),
            "share": f"{100 * self.share:.1f}",
        }


@dataclass(frozen=True)
class Suggestion:
    """The answer. Weights are sums of gap scores (`domain.ranking`); None of them is a rate of coverage.

    `bound`: no choice among the candidates closes more weight. `is_optimal`: proven, and counted cell by cell (`block_m`
    is the side of a cell); with larger blocks the bound still holds. `left_out_*`: gaps of lower score not looked at.
    """

    window: Window
    wanted: Wanted
    reach_m: float
    items: tuple[Suggested, ...]
    gap_count: int
    area_before_m2: float
    area_closed_m2: float
    weight_before: float
    weight_closed: float
    bound: float
    is_optimal: bool
    by_greedy: bool
    block_m: float
    candidate_count: int
    left_out_gaps: int
    left_out_weight: float
    left_out_candidates: int
    seconds: float

    @property
    def share_closed(self) -> float | None:
        """Closed over all weight before; None without gaps."""
        return self.weight_closed / self.weight_before if self.weight_before > 0 else None

    @property
    def minutes(self) -> float:
        """What all of it takes."""
        return sum(item.minutes for item in self.items)


def suggestion_json(
    found: Suggestion, say: Callable[[str, dict[str, Any]], str] | None = None
) -> dict[str, Any]:
    """Return the answer as JSON; `say` adds the sentence to each thing's code and values."""
    wanted = found.wanted
    return {
        "from": found.window.from_on.isoformat(),
        "to": found.window.to_on.isoformat(),
        "period": found.window.period.name.lower() if found.window.period else None,
        "mode": wanted.mode.name.lower(),
        "reach_m": found.reach_m,
        "posts": wanted.posts,
        "minutes": wanted.minutes,
        "gaps": found.gap_count,
        "area_before_m2": found.area_before_m2,
        "area_closed_m2": found.area_closed_m2,
        "weight_before": found.weight_before,
        "weight_closed": found.weight_closed,
        "weight_after": found.weight_before - found.weight_closed,
        "share_closed": found.share_closed,
        "bound": found.bound,
        "is_optimal": found.is_optimal,
        "by_greedy": found.by_greedy,
        "block_m": found.block_m,
        "candidates": found.candidate_count,
        "left_out": {
            "gaps": found.left_out_gaps,
            "weight": found.left_out_weight,
            "candidates": found.left_out_candidates,
        },
        "minutes_needed": round(found.minutes, 1),
        "seconds": round(found.seconds, 3),
        "items": [_item_json(rank, item, say) for rank, item in enumerate(found.items, 1)],
    }


def suggestion_geojson(
    found: Suggestion, say: Callable[[str, dict[str, Any]], str] | None = None
) -> dict[str, Any]:
    """Return the things to do as a GeoJSON FeatureCollection (RFC 7946)."""
    return items_geojson(suggestion_json(found, say)["items"])


def items_geojson(items: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return things to do, as `suggestion_json` has them, as a GeoJSON FeatureCollection (RFC 7946)."""
    features = []
    for item in items:
        properties = {name: value for name, value in item.items() if name != "geometry"}
        features.append({"type": "Feature", "geometry": item["geometry"], "properties": properties})
    return {"type": "FeatureCollection", "features": features}


def _item_json(
    rank: int, item: Suggested, say: Callable[[str, dict[str, Any]], str] | None
) -> dict[str, Any]:
    code, values = item.why()
    return {
        "rank": rank,
        "kind": item.kind,
        "street": item.street,
        "minutes": round(item.minutes, 1),
        "length_m": round(item.length_m, 1),
        "access_m": round(item.access_m),
        "area_m2": item.area_m2,
        "weight": item.weight,
        "share": item.share,
        "closes": [
            {"gap": each.rank, "zone": each.zone_code, "area_m2": each.area_m2, "share": each.share}
            for each in item.closes
        ],
        "why": {"code": code, "values": values, **({"sentence": say(code, values)} if say else {})},
        "geometry": json.loads(shapely.to_geojson(item.geometry)),
    }
