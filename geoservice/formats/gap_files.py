"""Gaps and unseen stretches of streets as files: GeoJSON (RFC 7946) or GeoPackage, in lon/lat, whole or not at all."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyogrio.raw
import shapely

from geoservice.errors import InvalidFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

DRIVERS = {"geojson": "GeoJSON", "gpkg": "GPKG"}


class Gap(Protocol):
    """What a gap must have to be written."""

    @property
    def geometry(self) -> Any:  # noqa: D102
        ...

    @property
    def zone_code(self) -> str:  # noqa: D102
        ...

    @property
    def zone_name(self) -> str:  # noqa: D102
        ...

    @property
    def area_m2(self) -> float:  # noqa: D102
        ...

    @property
    def days_unseen(self) -> int | None:  # noqa: D102
        ...

    @property
    def last_seen_on(self) -> date | None:  # noqa: D102
        ...

    @property
    def point_count(self) -> int:  # noqa: D102
        ...

    @property
    def point_weight(self) -> float:  # noqa: D102
        ...

    @property
    def score(self) -> float:  # noqa: D102
        ...

    @property
    def leader(self) -> str | None:  # noqa: D102
        ...


def write_gaps(path: Path, kind: str, gaps: Sequence[Gap]) -> None:
    """Write gaps to `path` (kind: geojson or gpkg), replacing it only when all went well; raises InvalidFile."""
    columns: dict[str, np.ndarray[Any, Any]] = {
        "rank": np.arange(1, len(gaps) + 1),
        "zone_code": np.array([gap.zone_code for gap in gaps], dtype=object),
        "zone_name": np.array([gap.zone_name for gap in gaps], dtype=object),
        "area_m2": np.array([gap.area_m2 for gap in gaps], dtype=np.float64),
        **_since(gaps),
        "point_count": np.array([gap.point_count for gap in gaps], dtype=np.int64),
        "point_weight": np.array([gap.point_weight for gap in gaps], dtype=np.float64),
        "score": np.array([gap.score for gap in gaps], dtype=np.float64),
        "leader": np.array([gap.leader for gap in gaps], dtype=object),
    }
    shapes = [shapely.MultiPolygon(shapely.get_parts(gap.geometry)) for gap in gaps]
    _write(path, kind, "gaps", shapes, columns)


class Stretch(Protocol):
    """What an unseen stretch of street must have to be written."""

    @property
    def geometry(self) -> Any:  # noqa: D102
        ...

    @property
    def code(self) -> str:  # noqa: D102
        ...

    @property
    def name(self) -> str:  # noqa: D102
        ...

    @property
    def length_m(self) -> float:  # noqa: D102
        ...

    @property
    def days_unseen(self) -> int | None:  # noqa: D102
        ...

    @property
    def last_seen_on(self) -> date | None:  # noqa: D102
        ...

    @property
    def score(self) -> float:  # noqa: D102
        ...


def write_stretches(path: Path, kind: str, stretches: Sequence[Stretch]) -> None:
    """Write unseen stretches of streets as lines, as `write_gaps` does."""
    columns = {
        "rank": np.arange(1, len(stretches) + 1),
        "street_code": np.array([each.code for each in stretches], dtype=object),
        "street_name": np.array([each.name for each in stretches], dtype=object),
        "length_m": np.array([each.length_m for each in stretches], dtype=np.float64),
        **_since(stretches),
        "score": np.array([each.score for each in stretches], dtype=np.float64),
    }
    _write(path, kind, "unseen_streets", [each.geometry for each in stretches], columns)


def _since(unseen: Sequence[Gap] | Sequence[Stretch]) -> dict[str, np.ndarray[Any, Any]]:
    """Return since when: never seen has no number of days, and is told apart by a field of its own."""
    return {
        "days_unseen": np.array(
            [np.nan if each.days_unseen is None else each.days_unseen for each in unseen], dtype=np.float64
        ),
        "never_seen": np.array([each.last_seen_on is None for each in unseen], dtype=bool),
        "last_seen_on": np.array(
            [each.last_seen_on and each.last_seen_on.isoformat() for each in unseen], dtype=object
        ),
    }


def _write(path: Path, kind: str, layer: str, shapes: list[Any], columns: dict[str, Any]) -> None:
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".gaps-") as folder:
            written = Path(folder) / f"{layer}.{kind}"
            pyogrio.raw.write(
                str(written),
                shapely.to_wkb(np.array(shapes, dtype=object)),
                list(columns.values()),
                list(columns),
                driver=DRIVERS[kind],
                layer=layer,
                geometry_type="MultiPolygon" if layer == "gaps" else "LineString",
                crs="EPSG:4326",
                **({"RFC7946": "YES", "COORDINATE_PRECISION": "7"} if kind == "geojson" else {}),
            )
            written.replace(path)
    except OSError as error:
        raise InvalidFile("file_not_writable", file=str(path), reason=error.strerror or str(error)) from error
