"""To which wider zone a zone belongs: by a code in the file, or by where it lies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import shapely

from geoservice.errors import BadRequest, Problem
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


def find_parents(session: Session, zones: Zones, parents: Parents, timing: Timing, report: Report) -> Zones:
    """Zones with their parents' ids; a row that names an unknown one is rejected."""
    wider = _wider_levels(session, parents)
    if parents.by_place:
        return _by_place(session, zones, wider, timing, report)
    if parents.column is None:
        return zones
    known: dict[str, int] = {}
    for level in reversed(wider):
        known |= zone_versions.current_codes(session, level, timing.day)
    codes = parents.column.codes(zones.rows)
    told = [codes[place] for place in zones.places]
    unknown = {code for code in told if code and code not in known}
    for index, code in enumerate(told):
        if code in unknown:
            report.rejected.append(
                zones.row(index).problem(
                    "unknown_parent",
                    parents.column.shown,
                    code,
                    levels=", ".join(wider) or "-",
                    known=", ".join(sorted(known)[:CODES_SHOWN]) or "-",
                )
            )
    found = replace(zones, parent_ids=[known.get(code) if code else None for code in told])
    return found.only([index for index, code in enumerate(told) if code not in unknown])


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


def _by_place(session: Session, zones: Zones, wider: list[str], timing: Timing, report: Report) -> Zones:
    """Give each zone the parent that contains its middle; those in none have none, and that is told."""
    level = next((each for each in wider if zone_versions.current_codes(session, each, timing.day)), None)
    if level is None:
        raise BadRequest("no_parent_level", level=", ".join(wider) or "-")
    middles = shapely.to_wkb(shapely.point_on_surface(zones.shapes))
    inside = zone_versions.containing(session, level, list(middles), timing.day)
    if len(inside) < len(zones):
        report.warnings.append(
            Problem("zones_in_no_parent", values={"count": len(zones) - len(inside), "level": level})
        )
    report.detected["parent_level"] = level
    return replace(zones, parent_ids=[inside.get(index) for index in range(len(zones))])
