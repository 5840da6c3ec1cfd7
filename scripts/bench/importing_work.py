"""The files that everybody imports: cells with irregular borders as a GeoPackage, points as a GeoPackage and a CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyogrio.raw
import shapely

if TYPE_CHECKING:
    from pathlib import Path

SEED = 20260601
WEST, SOUTH = 113.8, 22.45
CELL_DEGREES = 0.001
CELLS_A_ROW = 400
FEWEST_VERTICES, MOST_VERTICES = 5, 30
KINDS = ("住宅", "商业", "工业", "绿地", "学校")
KEY = ("code", "name")
CATEGORIES = ("market", "public_toilet", "park", "school", "other")


def write_polygons(path: Path, count: int) -> Path:
    """A row-wise grid of `count` cells of about 100 m, 5 to 30 vertices each, with a code, a name and three attributes."""
    rng = np.random.default_rng(SEED)
    vertices = rng.integers(FEWEST_VERTICES, MOST_VERTICES + 1, count)
    cell = np.repeat(np.arange(count), vertices)
    turn = np.arange(vertices.sum()) - np.repeat(np.cumsum(vertices) - vertices, vertices)
    angle = 2 * np.pi * turn / vertices[cell]
    radius = CELL_DEGREES * rng.uniform(0.35, 0.5, len(cell))
    x = WEST + CELL_DEGREES * (cell % CELLS_A_ROW + 0.5) + radius * np.cos(angle)
    y = SOUTH + CELL_DEGREES * (cell // CELLS_A_ROW + 0.5) + radius * np.sin(angle)
    shapes = shapely.polygons(shapely.linearrings(np.column_stack([x, y]), indices=cell))
    number = np.arange(count)
    columns = {
        "code": np.array([f"440304{n:08d}" for n in number], dtype=object),
        "name": np.array([f"网格 {n}" for n in number], dtype=object),
        "kind": np.array(KINDS, dtype=object)[number % len(KINDS)],
        "households": rng.integers(0, 2000, count),
        "built_m2": rng.uniform(0, 9000, count).round(1),
    }
    return _write(path, shapes, "Polygon", columns)


def write_points(path: Path, count: int) -> Path:
    """`count` points over the same ground, with a code, a name, a category, an address and three attributes."""
    x, y, columns = _points(count)
    return _write(path, shapely.points(x, y), "Point", columns)


def write_points_csv(path: Path, count: int) -> Path:
    """The same points as a CSV."""
    x, y, columns = _points(count)
    rows = zip(x.tolist(), y.tolist(), *(column.tolist() for column in columns.values()), strict=True)
    with path.open("w", encoding="utf-8") as stream:
        stream.write(",".join(["lon", "lat", *columns]) + "\n")
        stream.writelines(",".join(map(str, row)) + "\n" for row in rows)
    return path


def _points(count: int) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    rng = np.random.default_rng(SEED + 1)
    x = (WEST + rng.uniform(0, CELL_DEGREES * CELLS_A_ROW, count)).round(7)
    y = (SOUTH + rng.uniform(0, CELL_DEGREES * CELLS_A_ROW * 0.625, count)).round(7)
    number = np.arange(count)
    columns = {
        "code": np.array([f"P{n:07d}" for n in number], dtype=object),
        "name": np.array([f"点位 {n}" for n in number], dtype=object),
        "category": np.array(CATEGORIES, dtype=object)[number % len(CATEGORIES)],
        "address": np.array([f"景田路 {n % 997} 号" for n in number], dtype=object),
        "owner": np.array([f"单位 {n % 5000}" for n in number], dtype=object),
        "floors": rng.integers(1, 40, count),
        "area_m2": rng.uniform(10, 900, count).round(1),
    }
    return x, y, columns


def _write(path: Path, shapes: np.ndarray, kind: str, columns: dict[str, np.ndarray]) -> Path:
    pyogrio.raw.write(
        path,
        shapely.to_wkb(shapes),
        list(columns.values()),
        list(columns),
        layer=path.stem,
        driver="GPKG",
        geometry_type=kind,
        crs="EPSG:4326",
    )
    return path
