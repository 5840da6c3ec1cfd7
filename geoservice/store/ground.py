"""The deployment's raster and the shapes that still lack a mask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely
from sqlalchemy import select, text

from geoservice.store.coverage import Deployment

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Grid:
    """The raster of this deployment: its metric CRS and the side of a cell."""

    metric_epsg: int
    cell_m: float


def read_deployment(session: Session) -> Deployment | None:
    """Return the deployment's row; None before the first data."""
    return session.scalar(select(Deployment))


def make_deployment(session: Session, metric_epsg: int, cell_m: float) -> None:
    """Fix the raster, unless somebody just did."""
    session.execute(
        text("INSERT INTO deployment (metric_epsg, cell_m) VALUES (:epsg, :cell) ON CONFLICT DO NOTHING"),
        {"epsg": metric_epsg, "cell": cell_m},
    )


def move_raster(session: Session, metric_epsg: int, cell_m: float) -> None:
    """Change the raster: every mask and bitmap made on the old one goes."""
    session.execute(text("TRUNCATE zone_mask, exclusion_mask, gap_report CASCADE"))
    session.execute(
        text("UPDATE deployment SET metric_epsg = :epsg, cell_m = :cell, fill_settings = NULL"),
        {"epsg": metric_epsg, "cell": cell_m},
    )


def without_mask(session: Session, kind: str, after: int, limit: int) -> list[tuple[int, Any]]:
    """Return (id, geometry in lon/lat) of zone versions or exclusions without a mask, in order of id from `after` on."""
    table, mask, owner = MASKED[kind]
    rows = session.execute(
        text(
            f"SELECT s.id, ST_AsBinary(s.geom) AS wkb FROM {table} s WHERE s.id > :after "
            f"AND NOT EXISTS (SELECT FROM {mask} m WHERE m.{owner} = s.id) ORDER BY s.id LIMIT :limit"
        ),
        {"after": after, "limit": limit},
    )
    return [(row.id, shapely.from_wkb(bytes(row.wkb))) for row in rows]


# kind of shape → its table, the table of its masks, and the column there that names it
MASKED = {
    "zone": ("zone_version", "zone_mask", "zone_version_id"),
    "exclusion": ("exclusion", "exclusion_mask", "exclusion_id"),
}
