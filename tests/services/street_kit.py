"""Streets and exclusions on the small ground of `ground_kit`, and pieces seen without a track."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import shapely
from sqlalchemy import text

from geoservice.domain.crs import to_lonlat
from tests.services.ground_kit import EPSG, ORIGIN, lay_raster

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

DAY = date(2026, 6, 1)


def earth(shape: shapely.Geometry) -> bytes:
    """A shape in metres from the origin → WKB in lon/lat."""
    return shapely.to_wkb(to_lonlat(EPSG, shapely.transform(shape, lambda xy: xy + ORIGIN)))


def add_street(session, settings, code, line, *, street_class="residential", name="", **attributes) -> int:
    """Insert a street that runs through points in metres from the origin; return its id."""
    lay_raster(session, settings)
    return session.scalar(
        text(
            "INSERT INTO street (code, name, street_class, geom, attributes) VALUES (:code, :name, :class, "
            "ST_GeomFromWKB(:wkb, 4326), CAST(:attributes AS jsonb)) RETURNING id"
        ),
        {
            "code": code, "name": name or f"street {code}", "class": street_class,
            "wkb": earth(shapely.LineString(line)), "attributes": json.dumps(attributes),
        },
    )  # fmt: skip


def add_exclusion(session, code, polygon, *, kind="hill", valid=(None, None)) -> int:
    return session.scalar(
        text(
            "INSERT INTO exclusion (code, kind, geom, valid_from, valid_to) VALUES (:code, :kind, "
            "ST_Multi(ST_GeomFromWKB(:wkb, 4326)), :from_on, :to_on) RETURNING id"
        ),
        {"code": code, "kind": kind, "wkb": earth(polygon), "from_on": valid[0], "to_on": valid[1]},
    )


def see(
    session: Session, street_id: int, pieces: Iterable[int], day: date = DAY, *, device=1, period=1
) -> None:
    """Say that a device saw pieces of a street on a day."""
    words: dict[int, int] = {}
    for piece in pieces:
        words[piece // 64] = words.get(piece // 64, 0) | 1 << piece % 64
    for word, bits in words.items():
        session.execute(
            text(
                "INSERT INTO street_seen (day, device_id, street_id, word, period, pieces) VALUES (:day, :device, "
                ":street, :word, :period, :bits) ON CONFLICT (day, device_id, street_id, word, period) DO UPDATE "
                "SET pieces = street_seen.pieces | excluded.pieces"
            ),
            {
                "day": day, "device": device, "street": street_id, "word": word, "period": period,
                "bits": bits - (1 << 64) if bits >> 63 else bits,
            },
        )  # fmt: skip
    somebody_was_out(session, day, period)


def somebody_was_out(session: Session, day: date = DAY, period: int = 1) -> None:
    """Let a day have data, though nothing on this ground was seen."""
    session.execute(
        text(
            "INSERT INTO coverage_tile (day, period, tx, ty, bits) VALUES (:day, :period, 0, 0, "
            "CAST(repeat('0', 65535) || '1' AS bit(65536))) ON CONFLICT DO NOTHING"
        ),
        {"day": day, "period": period},
    )


def pieces_of(session: Session, table: str, owner: str) -> dict[int, dict[int, set[int]]]:
    """Owner → street → pieces, from zone_street or exclusion_street."""
    found: dict[int, dict[int, set[int]]] = {}
    for row in session.execute(text(f"SELECT {owner} AS owner, street_id, word, pieces FROM {table}")):
        bits = row.pieces % (1 << 64)
        numbers = {64 * row.word + bit for bit in range(64) if bits >> bit & 1}
        found.setdefault(row.owner, {}).setdefault(row.street_id, set()).update(numbers)
    return found
