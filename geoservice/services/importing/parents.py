"""To which wider zone a zone belongs: by a code in the file, or by where it lies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import shapely

from geoservice.errors import BadRequest, Problem
from geoservice.messages import LOCALES
from geoservice.store import zone_versions

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.services.importing.columns import Column
    from geoservice.services.importing.flow import Report
    from geoservice.services.importing.versions import Timing
    from geoservice.services.importing.zone_rows import Zones

CODES_SHOWN = 5


@dataclass(frozen=True)
class Parents:
    """How the file tells parents: `column` holds codes of `level` (None: the next wider level that has the code)."""

    of_level: str
    level: str | None
    column: Column | None
    by_place: bool = False


class ParentFinder:
    """Gives zones their parents' ids, part by part of a file; a row that names an unknown one is rejected.

    `asks`: it asks the database for every part.
    """

    def __init__(self, session: Session, parents: Parents, timing: Timing, report: Report) -> None:
        self.asks = parents.by_place
        self._session, self._column, self._day, self._report = session, parents.column, timing.day, report
        self._wider = _wider_levels(session, parents)
        self._names = _named(session, self._wider)
        self._known: dict[str, int] = {}
        self._level = ""
        self._without = 0
        if parents.by_place:
            self._level = self._nearest()
            report.detected["parent_level"] = self._level
        elif parents.column is not None:
            for level in reversed(self._wider):
                self._known |= zone_versions.current_codes(session, level, timing.day)

    def find(self, zones: Zones) -> Zones:
        """Zones with their parents, less those whose parent is not known."""
        if self.asks:
            return self._by_place(zones)
        return zones if self._column is None else self._by_code(zones, self._column)

    def tell(self) -> None:
        """Once all zones have theirs: say how many stand in none."""
        if self._without:
            values = {"count": self._without, "level": _named(self._session, [self._level])}
            self._report.warnings.append(Problem("zones_in_no_parent", values=values))

    def _by_code(self, zones: Zones, column: Column) -> Zones:
        codes = column.codes(zones.rows)
        told = [codes[place] for place in zones.places]
        unknown = {code for code in told if code and code not in self._known}
        for index, code in enumerate(told):
            if code in unknown:
                self._report.rejected.append(
                    zones.row(index).problem(
                        "unknown_parent",
                        column.shown,
                        code,
                        levels=self._names,
                        known=", ".join(sorted(self._known)[:CODES_SHOWN]) or "-",
                    )
                )
        found = replace(zones, parent_ids=[self._known.get(code) if code else None for code in told])
        return found.only([index for index, code in enumerate(told) if code not in unknown])

    def _nearest(self) -> str:
        """The nearest wider level that has zones."""
        for level in self._wider:
            if zone_versions.current_codes(self._session, level, self._day):
                return level
        raise BadRequest("no_parent_level", level=self._names)

    def _by_place(self, zones: Zones) -> Zones:
        """Each zone with the parent that contains its middle; those in none have none."""
        middles = shapely.to_wkb(shapely.point_on_surface(zones.shapes))
        inside = zone_versions.containing(self._session, self._level, list(middles), self._day)
        self._without += len(zones) - len(inside)
        return replace(zones, parent_ids=[inside.get(index) for index in range(len(zones))])


def _wider_levels(session: Session, parents: Parents) -> list[str]:
    """The levels a parent may be of, the nearest first."""
    levels = zone_versions.levels(session)
    ranks = {level.code: level.rank for level in levels}
    wider = [level.code for level in reversed(levels) if level.rank < ranks[parents.of_level]]
    if parents.level is None:
        return wider
    if parents.level not in wider:
        raise BadRequest(
            "parent_level_not_wider", level=parents.level, levels=", ".join(reversed(wider)) or "-"
        )
    return [parents.level]


def _named(session: Session, codes: list[str]) -> dict[str, str]:
    """Levels as a value of a sentence: by name, in every language."""
    levels = {level.code: level for level in zone_versions.levels(session)}
    chinese = "、".join(levels[code].name_zh for code in codes)
    english = ", ".join(levels[code].name_en for code in codes)
    return dict(zip(LOCALES, (chinese or "-", english or "-"), strict=True))
