"""Every layer that can be taken away: what it is called, who may have it, what it holds and what it depends on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoservice.domain.roles import Permission
from geoservice.errors import NotFound
from geoservice.services.exporting import ground, measures, moving

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.formats.writing_values import Features
    from geoservice.services.exporting.asking import Asked

    Read = Callable[[Session, Settings, Asked], Features]

GROUND, WINDOW = "ground", "window"


@dataclass(frozen=True)
class Layer:
    """One layer. `geometry` None: a table.

    `when`: whether it is told as of a day (`ground`) or for a window of days. `whole_city`: its rows belong to no piece of
    ground, so only who sees the whole city may have them. `needs`: what a role must hold; None: whoever sees any ground.
    """

    name: str
    zh: str
    en: str
    read: Read
    geometry: str | None
    when: str = GROUND
    whole_city: bool = False
    needs: Permission | None = None

    def title(self, locale: str) -> str:
        """What the reader calls it."""
        return self.en if locale == "en" else self.zh


LAYERS: dict[str, Layer] = {
    layer.name: layer
    for layer in (
        Layer("zones", "网格", "Zones", ground.zones, "MultiPolygon"),
        Layer("points", "点位", "Points", ground.points, "Point"),
        Layer("streets", "道路", "Streets", ground.streets, "LineString"),
        Layer("exclusions", "除外区域", "Exclusions", ground.exclusions, "MultiPolygon"),
        Layer("contracts", "包抓责任", "Contracts", ground.contracts, None),
        Layer("coverage", "覆盖率", "Coverage by zone", measures.zone_coverage, "MultiPolygon", WINDOW),
        Layer("gaps", "盲点", "Blind spots", measures.gaps, "MultiPolygon", WINDOW),
        Layer("stretches", "未巡路段", "Unseen stretches", measures.stretches, "LineString", WINDOW),
        Layer("point_states", "点位到访", "Visits of points", measures.point_states, "Point", WINDOW),
        Layer("unvisited", "从未到访", "Never visited", measures.unvisited, "Point", WINDOW),
        Layer("leaders", "领导", "Leaders", measures.leaders, None, WINDOW, needs=Permission.SEE_CITY),
        Layer("check_ins", "签到", "Check-ins", moving.check_ins, "Point", WINDOW),
        Layer("tracks", "轨迹", "Tracks", moving.tracks, "LineString", WINDOW, True, Permission.SEE_CITY),
        Layer("routes", "路线", "Routes", moving.routes, "LineString", GROUND, True, Permission.SEE_CITY),
        Layer("patrols", "巡查", "Patrols", moving.patrols, "LineString", WINDOW, True, Permission.SEE_CITY),
        Layer("import_problems", "导入问题", "Problems of an import", moving.problems, None, GROUND, True, Permission.IMPORT),
    )
}  # fmt: skip


def layer_named(name: str) -> Layer:
    """Return a layer; NotFound that lists those there are."""
    if name not in LAYERS:
        raise NotFound("export_layer_unknown", layer=name[:40], layers=", ".join(LAYERS))
    return LAYERS[name]


def layers_for(permissions: frozenset[Permission], *, everything: bool) -> list[Layer]:
    """Return the layers that somebody with these permissions may have."""
    return [layer for layer in LAYERS.values() if may_have(layer, permissions, everything=everything)]


def may_have(layer: Layer, permissions: frozenset[Permission], *, everything: bool) -> bool:
    """Tell whether somebody who sees everything, or not, may have a layer."""
    return (layer.needs is None or layer.needs in permissions) and (everything or not layer.whole_city)
