"""The deployment's raster and the shapes that still lack a mask on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely
from sqlalchemy import select, text

from geoservice.store.bulk import run_in_chunks
from geoservice.store.coverage import Deployment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Grid:
    """The raster of this deployment: its metric CRS and the side of a cell."""

    metric_epsg: int
    cell_m: float


@dataclass(frozen=True)
class Masked:
    """A kind of shape: its table, those of its masks and of its streets, and the column there that names it."""

    table: str
    mask: str
    streets: str
    owner: str


MASKED = {
    "zone": Masked("zone_version", "zone_mask", "zone_street", "zone_version_id"),
    "exclusion": Masked("exclusion", "exclusion_mask", "exclusion_street", "exclusion_id"),
}


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
    """Change the raster: every mask, bitmap and cut of a street made on the old one goes."""
    session.execute(
        text("TRUNCATE zone_mask, exclusion_mask, zone_street, exclusion_street, gap_report CASCADE")
    )
    for kind in MASKED.values():
        session.execute(
            text(
                f"UPDATE {kind.table} SET cell_count = NULL, streets_cut = false "
                "WHERE cell_count IS NOT NULL OR streets_cut"
            )
        )
    session.execute(text("UPDATE street SET length_m = NULL, piece_count = NULL WHERE length_m IS NOT NULL"))
    session.execute(
        text(
            "UPDATE deployment SET metric_epsg = :epsg, cell_m = :cell, fill_settings = fill_settings - 'cell_m'"
        ),
        {"epsg": metric_epsg, "cell": cell_m},
    )


def lock_masks(session: Session) -> None:
    """Until commit, nobody else makes masks; what the one before made is seen by the statements that follow."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('masks'))"))


def lacks_masks(session: Session) -> bool:
    """Tell whether any zone version or exclusion has no mask yet."""
    tests = (f"EXISTS (SELECT FROM {kind.table} WHERE cell_count IS NULL)" for kind in MASKED.values())
    return bool(session.scalar(text(f"SELECT {' OR '.join(tests)}")))


def without_mask(session: Session, kind: Masked, after: int, limit: int) -> list[tuple[int, Any]]:
    """Return (id, geometry in lon/lat) of shapes whose mask is to be made, in order of id from `after` on."""
    rows = session.execute(
        text(
            f"SELECT id, ST_AsBinary(geom) AS wkb FROM {kind.table} WHERE id > :after AND cell_count IS NULL "
            "ORDER BY id LIMIT :limit"
        ),
        {"after": after, "limit": limit},
    )
    return [(row.id, shapely.from_wkb(bytes(row.wkb))) for row in rows]


def drop_masks(session: Session, kind: Masked, ids: list[int]) -> None:
    """Delete what is left of the masks of shapes whose border changed."""
    session.execute(text(f"DELETE FROM {kind.mask} WHERE {kind.owner} = ANY(:ids)"), {"ids": ids})


def set_cell_counts(session: Session, kind: Masked, counts: Mapping[int, int]) -> None:
    """Say of shapes (id → cells) that their masks are made; one without a cell has 0 and isn't made again."""
    run_in_chunks(
        session,
        f"UPDATE {kind.table} s SET cell_count = r.cells "
        "FROM unnest(CAST(:ids AS int[]), CAST(:cells AS int[])) AS r(id, cells) WHERE s.id = r.id",
        {"ids": list(counts), "cells": list(counts.values())},
    )
