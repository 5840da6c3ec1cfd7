"""What the stored bits and facts were computed by: kept with the deployment, to be held against the settings of today."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geoservice.store.ground import Grid

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session


def read(session: Session) -> dict[str, Any] | None:
    """Return what was computed by last; None before anything was."""
    found: dict[str, Any] | None = session.scalar(text("SELECT fill_settings FROM deployment"))
    return found


def remember(session: Session, settings: dict[str, Any]) -> None:
    """Keep what is computed by from now on."""
    session.execute(
        text("UPDATE deployment SET fill_settings = CAST(:settings AS jsonb)"),
        {"settings": json.dumps(settings)},
    )


def raster(session: Session) -> Grid | None:
    """Return the raster in use; None before there is any ground."""
    row = session.execute(text("SELECT metric_epsg, cell_m FROM deployment")).one_or_none()
    return None if row is None else Grid(row.metric_epsg, row.cell_m)


def categories(session: Session) -> dict[str, list[float | None]]:
    """Return each category of points that does not leave radius and dwell of a visit to the settings: code → both."""
    rows = session.execute(
        text(
            "SELECT code, visit_radius_m AS radius, visit_dwell_s AS dwell FROM point_category "
            "WHERE visit_radius_m IS NOT NULL OR visit_dwell_s IS NOT NULL ORDER BY code"
        )
    )
    return {row.code: [row.radius, row.dwell] for row in rows}


def note_points(session: Session, codes: Collection[str]) -> None:
    """Note the tiles around the points of some categories as changed."""
    session.execute(
        text(
            "INSERT INTO place_change (tile) SELECT DISTINCT tile FROM point p CROSS JOIN LATERAL tiles_around(p.geom) AS tile "
            "WHERE p.category = ANY(:codes) ORDER BY tile"
        ),
        {"codes": list(codes)},
    )
