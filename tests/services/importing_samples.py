"""Files that tests import, and what a database holds before and after."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geoservice.store.schema import metadata

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # noon of 2 March in Shanghai
WEST, SOUTH, STEP = 114.05, 22.52, 0.005


def square(column: int, row: int = 0, size: float = 1.0) -> list[list[list[float]]]:
    """Rings of a square that stands `column` and `row` steps from the corner of the sample district."""
    west, south, side = WEST + column * STEP, SOUTH + row * STEP, size * STEP
    ring = [
        [west, south],
        [west + side, south],
        [west + side, south + side],
        [west, south + side],
        [west, south],
    ]
    return [ring]


def polygon(rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": rings}


def point(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


def line(*places: tuple[float, float]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [list(place) for place in places]}


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def geojson(path: Path, *features: dict[str, Any]) -> Path:
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False), "utf-8"
    )
    return path


def cells(path: Path, count: int, **more: Any) -> Path:
    """A row of `count` square cells with codes C01, C02 …; `more` are properties of all."""
    return geojson(
        path,
        *(
            feature(polygon(square(n)), code=f"C{n + 1:02d}", name=f"网格{n + 1}", **more)
            for n in range(count)
        ),
    )


def table(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def counts(session: Session) -> dict[str, int]:
    """How many rows every table holds."""
    return {
        name: session.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
        for name in sorted(metadata.tables)
    }


def rows(session: Session, sql: str, **values: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.execute(text(sql), values)]
