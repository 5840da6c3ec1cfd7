"""Fixes as they are read one by one → a checked TrackTable."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from geoservice.errors import InvalidFile, Problem
from geoservice.formats.tables import TrackTable, first_problems

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

NOWHERE_DEGREES = 1e-6
COLUMNS = ("row", "device", "time", "lon", "lat", "accuracy_m", "speed_mps", "heading_deg", "mode")


@dataclass
class Fixes:
    """A growing list of fixes of one file; the columns are lists of equal length."""

    file: str
    most: int
    device: list[str] = field(default_factory=list)
    time: list[int] = field(default_factory=list)
    lon: list[float] = field(default_factory=list)
    lat: list[float] = field(default_factory=list)
    accuracy_m: list[float] = field(default_factory=list)
    speed_mps: list[float] = field(default_factory=list)
    heading_deg: list[float] = field(default_factory=list)
    mode: list[str | None] = field(default_factory=list)
    row: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def add(self, row: int, device: str, time: int, lon: float, lat: float, **more: Any) -> None:
        """Take one fix; `more` may hold accuracy_m, speed_mps, heading_deg (floats) and mode."""
        if len(self.time) >= self.most:
            raise InvalidFile("too_many_features", count=len(self.time) + 1, most=self.most)
        self.row.append(row)
        self.device.append(device)
        self.time.append(time)
        self.lon.append(lon)
        self.lat.append(lat)
        self.accuracy_m.append(more.get("accuracy_m", np.nan))
        self.speed_mps.append(more.get("speed_mps", np.nan))
        self.heading_deg.append(more.get("heading_deg", np.nan))
        self.mode.append(more.get("mode"))

    def extend(self, columns: Mapping[str, list[Any]]) -> None:
        """Take many fixes at once: columns of equal length by their names here; those left out are unknown."""
        count = len(columns["time"])
        if len(self.time) + count > self.most:
            raise InvalidFile("too_many_features", count=len(self.time) + count, most=self.most)
        for name in COLUMNS:
            getattr(self, name).extend(columns.get(name) or [None if name == "mode" else np.nan] * count)

    def refuse(self, row: int, code: str, column: str | None = None, value: Any = None) -> None:
        """Note a fix that can't be taken."""
        shown = None if value is None else str(value)[:80]
        self.problems.append(Problem(code, file=self.file, row=row, column=column, value=shown))

    def table(self) -> TrackTable:
        """All fixes on Earth and off Null Island; the others become problems. InvalidFile when the file holds none."""
        lon, lat = np.array(self.lon, dtype=np.float64), np.array(self.lat, dtype=np.float64)
        with np.errstate(invalid="ignore"):
            outside = ~((np.abs(lon) <= 180) & (np.abs(lat) <= 90))
            nowhere = (np.abs(lon) < NOWHERE_DEGREES) & (np.abs(lat) < NOWHERE_DEGREES)
        for code, faulty in (("fix_out_of_range", outside), ("fix_at_null_island", nowhere)):
            for index in np.flatnonzero(faulty):
                self.refuse(self.row[index], code, value=f"{self.lon[index]} {self.lat[index]}")
        kept = ~(outside | nowhere)
        if not len(lon) and not self.problems:
            raise InvalidFile("no_fixes")
        return TrackTable(
            file=self.file,
            device=np.array(self.device, dtype=object)[kept],
            time=np.array(self.time, dtype=np.int64)[kept],
            lon=lon[kept],
            lat=lat[kept],
            accuracy_m=_measured(self.accuracy_m)[kept],
            speed_mps=_measured(self.speed_mps)[kept],
            heading_deg=_measured(self.heading_deg)[kept],
            mode=np.array(self.mode, dtype=object)[kept],
            row_numbers=np.array(self.row, dtype=np.int64)[kept],
            problems=first_problems(sorted(self.problems, key=lambda problem: problem.row or 0)),
        )


def _measured(column: list[float]) -> NDArray[np.float32]:
    """A column of measurements; what is negative or absurd is unknown."""
    values = np.array(column, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        values[~((values >= 0) & (values < 1e7))] = np.nan
    return values.astype(np.float32)
