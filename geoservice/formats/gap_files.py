"""Gaps as files: GeoJSON (RFC 7946) or GeoPackage, in lon/lat, whole or not at all."""

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
        # Never seen: no number of days, told apart by its own field.
        "days_unseen": np.array(
            [np.nan if gap.days_unseen is None else gap.days_unseen for gap in gaps], dtype=np.float64
        ),
        "never_seen": np.array([gap.last_seen_on is None for gap in gaps], dtype=bool),
        "last_seen_on": np.array(
            [gap.last_seen_on and gap.last_seen_on.isoformat() for gap in gaps], dtype=object
        ),
        "point_count": np.array([gap.point_count for gap in gaps], dtype=np.int64),
        "point_weight": np.array([gap.point_weight for gap in gaps], dtype=np.float64),
        "score": np.array([gap.score for gap in gaps], dtype=np.float64),
        "leader": np.array([gap.leader for gap in gaps], dtype=object),
    }
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".gaps-") as folder:
            written = Path(folder) / f"gaps.{kind}"
            pyogrio.raw.write(
                str(written),
                shapely.to_wkb(
                    np.array(
                        [shapely.MultiPolygon(shapely.get_parts(gap.geometry)) for gap in gaps], dtype=object
                    )
                ),
                list(columns.values()),
                list(columns),
                driver=DRIVERS[kind],
                layer="gaps",
                geometry_type="MultiPolygon",
                crs="EPSG:4326",
                **({"RFC7946": "YES", "COORDINATE_PRECISION": "7"} if kind == "geojson" else {}),
            )
            written.replace(path)
    except OSError as error:
        raise InvalidFile("file_not_writable", file=str(path), reason=error.strerror or str(error)) from error
