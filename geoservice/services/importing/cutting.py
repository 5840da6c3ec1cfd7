"""Cutting a zone into a grid of cells with codes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geoservice.domain.crs import to_lonlat, to_metric
from geoservice.domain.geometry import clean_polygon
from geoservice.domain.grid import cell_code, cut_cells
from geoservice.errors import BadRequest, Conflict, InvalidGeometry, NotFound
from geoservice.services import ground
from geoservice.services.importing.columns import Header
from geoservice.services.importing.flow import Report, Run, importing
from geoservice.services.importing.row_list import Rows
from geoservice.services.importing.rows import wkb_of
from geoservice.services.importing.versions import Timing
from geoservice.services.importing.zone_rows import Zones
from geoservice.services.importing.zones import Change, apply_zones, known_level
from geoservice.store import zone_versions

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.store.zone_versions import ListedZone, StoredZoneVersion

SMALLEST_CELL_M = 1.0
LARGEST_CELL_M = 100_000.0


@dataclass(frozen=True)
class CutOptions:
    """Which zone to cut, into cells of what size, on which level they are."""

    parent: str
    size_m: float
    parent_level: str | None = None
    level: str = "grid"


def cut_zone(session: Session, settings: Settings, options: CutOptions, run: Run) -> Report:
    """Cut a zone into cells; cut again, cells that are the same stay, and those beyond the last number end.

    NotFound or BadRequest for the parent, Conflict when a code belongs to a cell of another zone.
    """
    if not SMALLEST_CELL_M <= options.size_m <= LARGEST_CELL_M:
        raise BadRequest(
            "cell_size", size=options.size_m, least=int(SMALLEST_CELL_M), most=int(LARGEST_CELL_M)
        )
    timing = Timing(run.today(settings.zone_info))
    level = known_level(session, options.level)
    parent = find_zone(session, options.parent, options.parent_level, timing.today)
    _refuse_not_wider(session, parent.level, level)
    with importing(session, "zones", (), {"cut": asdict(options)}, run) as report:
        cells = _cells(session, settings, parent, options.size_m, timing)
        _refuse_taken(session, level, set(cells.codes), parent, timing)
        made = set(cells.codes)

        def is_gone(version: StoredZoneVersion) -> bool:
            return version.parent_id == parent.id and version.code not in made

        run.progress("writing", 0.3)
        apply_zones(session, [cells], Change(level, timing, is_gone), report)
        report.detected["metric_epsg"] = ground.read_grid(session).metric_epsg
        if not run.dry_run:
            run.progress("rasters", 0.6)
            ground.refresh_masks(session, settings)
    return report


def find_zone(session: Session, code: str, level: str | None, on: date) -> ListedZone:
    """The one zone with a code that is valid on a day; NotFound, or BadRequest when several levels have it."""
    found = zone_versions.listed_zones(session, on, level, code)
    if not found:
        raise NotFound("zone_not_found", zone=code, level=level or "-")
    if len(found) > 1:
        raise BadRequest("zone_on_several_levels", zone=code, levels=", ".join(zone.level for zone in found))
    return found[0]


def _refuse_not_wider(session: Session, parent_level: str, level: str) -> None:
    ranks = {each.code: each.rank for each in zone_versions.levels(session)}
    if ranks[parent_level] >= ranks[level]:
        wider = ", ".join(code for code, rank in ranks.items() if rank < ranks[level]) or "-"
        raise BadRequest("parent_level_not_wider", level=parent_level, levels=wider)


def _cells(session: Session, settings: Settings, parent: ListedZone, size_m: float, timing: Timing) -> Zones:
    """The cells as rows ready to be compared; their numbers run from north to south, in a row west to east."""
    border: Any = shapely.from_wkb(zone_versions.border(session, parent.id, timing.day))
    middle = border.representative_point()
    grid = ground.ensure_deployment(session, settings, middle.x, middle.y)
    cells = cut_cells(to_metric(grid.metric_epsg, border), size_m)
    shapes = to_lonlat(grid.metric_epsg, np.array([cell.polygon for cell in cells], dtype=object))
    codes, polygons = [], []
    for number, shape in enumerate(shapes, 1):
        try:
            polygon, _ = clean_polygon(shape)
        except (
            InvalidGeometry
        ):  # a sliver with no neighbour, too thin to have an area once it is turned into degrees
            continue
        codes.append(cell_code(parent.code, number, len(cells)))
        polygons.append(polygon)
    return Zones(
        rows=Rows(),
        header=Header((), ""),
        places=list(range(len(codes))),
        codes=codes,
        names=[f"{parent.name} {code.removeprefix(parent.code)}" for code in codes],
        shapes=np.array(polygons, dtype=object),
        borders=wkb_of(polygons),
        parent_ids=[parent.id] * len(codes),
    )


def _refuse_taken(session: Session, level: str, codes: set[str], parent: ListedZone, timing: Timing) -> None:
    for zone in zone_versions.listed_zones(session, timing.day, level):
        if zone.code in codes and zone.parent_code != parent.code:
            raise Conflict("cell_code_taken", zone=zone.code, level=level, parent=zone.parent_code or "-")
