"""Filters as SQL: the columns are ours, every value is bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

from geoservice.domain import filters

if TYPE_CHECKING:
    from geoservice.store.feature_sources import Source


class Conditions:
    """SQL conditions on a source, and the values that they bind."""

    def __init__(self, source: Source, **values: Any) -> None:
        self.source = source
        self.values: dict[str, Any] = dict(values)
        self.parts: list[str] = []

    def add(self, sql: str, **values: Any) -> None:
        """Demand one more condition."""
        self.parts.append(sql)
        self.values.update(values)

    def add_filter(self, found: filters.Filter) -> None:
        """Demand what a filter says."""
        self.parts.append(self._sql(found))

    def add_shape(self, shape: shapely.Geometry) -> None:
        """Demand that a feature shares a place with a shape in lon/lat."""
        self.parts.append(self._intersects(shape))

    @property
    def sql(self) -> str:
        """All conditions as one."""
        return " AND ".join(f"({part})" for part in self.parts) or "true"

    def _bind(self, value: Any) -> str:
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f"%({name})s"

    def _column(self, name: str) -> str:
        return self.source.columns[name][0]

    def _sql(self, found: filters.Filter) -> str:
        match found:
            case filters.Compare(name, sign, value):
                return f"{self._column(name)} {sign} {self._bind(value)}"
            case filters.Like(name, pattern):
                return f"{self._column(name)} LIKE {self._bind(pattern)}"
            case filters.Between(name, low, high):
                return f"{self._column(name)} BETWEEN {self._bind(low)} AND {self._bind(high)}"
            case filters.In(name, values):
                return f"{self._column(name)} IN ({', '.join(map(self._bind, values))})"
            case filters.IsNull(name):
                return f"{self._column(name)} IS NULL"
            case filters.Intersects(shape):
                return self._intersects(shape)
            case filters.Constant(value):
                return "true" if value else "false"
            case _:
                return self._joined(found)

    def _joined(self, found: filters.Filter) -> str:
        match found:
            case filters.Not(part):
                return f"NOT ({self._sql(part)})"
            case filters.All(parts):
                return " AND ".join(f"({self._sql(part)})" for part in parts)
            case filters.Some(parts):
                return " OR ".join(f"({self._sql(part)})" for part in parts)
            case _:
                raise AssertionError(found)

    def _intersects(self, shape: shapely.Geometry) -> str:
        """The boxes by themselves first: that is what the index answers."""
        column, place = self.source.shape, f"ST_GeomFromWKB({self._bind(shapely.to_wkb(shape))}, 4326)"
        return f"{column} && {place} AND ST_Intersects({column}, {place})"
