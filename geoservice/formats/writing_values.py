"""What is written: typed columns, shapes, and the coordinates they are in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from pyproj import CRS

from geoservice.domain.crs import to_metric
from geoservice.domain.shifts import wgs84_to_gcj02
from geoservice.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

WGS84, CGCS2000, MERCATOR = "EPSG:4326", "EPSG:4490", "EPSG:3857"
GCJ02 = "GCJ-02"
GAUSS_KRUGER = range(4513, 4555)  # CGCS2000 3-degree zones, with and without the zone in the easting
# No authority has a code for it: a datum of its own keeps programs from taking it for WGS 84.
GCJ02_WKT = (
    'GEOGCS["GCJ-02 (shifted, not WGS 84)",DATUM["GCJ-02",SPHEROID["Krassowsky 1940",6378245,298.3]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AXIS["Longitude",EAST],AXIS["Latitude",NORTH]]'
)
LONLAT_DECIMALS, METRE_DECIMALS = 7, 3


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    INTEGER = "integer"
    REAL = "real"
    FLAG = "flag"
    DAY = "day"
    INSTANT = "instant"


ARROW: dict[Kind, pa.DataType] = {
    Kind.TEXT: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.REAL: pa.float64(),
    Kind.FLAG: pa.bool_(),
    Kind.DAY: pa.date32(),
    Kind.INSTANT: pa.timestamp("us", tz="UTC"),
}


@dataclass(frozen=True)
class Column:
    """One column: its header as the reader reads it, and its values as Arrow holds its kind."""

    header: str
    kind: Kind
    values: pa.Array


@dataclass(frozen=True)
class Target:
    """The coordinates of a file: "EPSG:n", or "GCJ-02"."""

    code: str = WGS84

    @property
    def is_wgs84(self) -> bool:
        """Longitude and latitude as GPS has them."""
        return self.code == WGS84

    @property
    def is_shifted(self) -> bool:
        """Moved by some hundred metres, as Chinese web maps are."""
        return self.code == GCJ02

    @property
    def is_lonlat(self) -> bool:
        """Degrees, not metres."""
        return self.code in {WGS84, CGCS2000, GCJ02}

    @property
    def decimals(self) -> int:
        """How many decimals are worth writing: a centimetre in degrees, a millimetre in metres."""
        return LONLAT_DECIMALS if self.is_lonlat else METRE_DECIMALS

    @property
    def definition(self) -> str:
        """What GDAL and PROJ understand."""
        return GCJ02_WKT if self.is_shifted else self.code

    @property
    def crs(self) -> CRS:
        """The coordinate system itself; longitude first where degrees are written."""
        return CRS.from_user_input("OGC:CRS84" if self.is_wgs84 else self.definition)

    def move(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        """Shapes in WGS 84 → shapes in these coordinates, easting or longitude first."""
        if self.code in {WGS84, CGCS2000}:  # they differ by centimetres: a no-op, as PROJ has it
            return shapes
        if self.is_shifted:
            return np.asarray(shapely.transform(shapes, wgs84_to_gcj02))
        return np.asarray(to_metric(int(self.code.removeprefix("EPSG:")), shapes))


def target_named(word: str, metric_epsg: int | None = None) -> Target:
    """Return the coordinates of "4490", "EPSG:4547", "gcj02" …; BadRequest for what is not offered."""
    folded = word.strip().upper().removeprefix("EPSG:")
    if folded in {"GCJ02", "GCJ-02"}:
        return Target(GCJ02)
    if not folded.isdecimal() or len(folded) > 6:
        raise BadRequest("export_crs_unknown", crs=word[:40])
    code = f"EPSG:{int(folded)}"
    if code not in {WGS84, CGCS2000, MERCATOR, f"EPSG:{metric_epsg}"} and int(folded) not in GAUSS_KRUGER:
        raise BadRequest("export_crs_unknown", crs=word[:40])
    return Target(code)


@dataclass(frozen=True)
class Features:
    """The rows of one layer, ready to be written.

    `name` is ASCII; `shapes` are in WGS 84, lon/lat, all of the kind `geometry`; None: a table. `notes` are sentences
    that belong into the file. `label`: the header of the column that names a row. `times`: µs since 1970 of every
    vertex, in the order of the shapes, where they are tracks.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    shapes: NDArray[np.object_] | None = None
    geometry: str | None = None
    target: Target = Target()
    notes: tuple[str, ...] = ()
    label: str | None = None
    times: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.columns[0].values) if self.columns else 0

    @property
    def placed(self) -> NDArray[np.object_]:
        """The shapes in the coordinates of the file."""
        assert self.shapes is not None
        return self.target.move(self.shapes)

    @property
    def description(self) -> str:
        """Title and notes as one text."""
        return " ".join((self.title, *self.notes))


def column(header: str, kind: Kind, values: Sequence[Any]) -> Column:
    """Python values, None where there is none, as a column."""
    if kind is Kind.REAL:
        values = [None if value is None or value != value else value for value in values]
    return Column(header, kind, pa.array(values, ARROW[kind], from_pandas=False))


def as_text(values: pa.Array, kind: Kind) -> pa.Array:
    """Days and instants as ISO text, for formats that have no such types; anything else as it is."""
    if kind is Kind.DAY:
        return pc.strftime(values, "%Y-%m-%d")
    if kind is Kind.INSTANT:
        # Whole seconds: what a person or a spreadsheet reads.
        return pc.strftime(pc.cast(values, pa.timestamp("s", tz="UTC"), safe=False), "%Y-%m-%dT%H:%M:%SZ")
    return values
