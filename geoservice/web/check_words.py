"""The findings of the checks as a reader sees them, in lists and on maps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import shapely
from flask_babel import format_decimal

from geoservice.maps import checks as drawing
from geoservice.web import words
from geoservice.web.map_text import map_text
from geoservice.web.texts import gettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geoservice.maps.text import MapText
    from geoservice.services.ground_checks.findings import Finding
    from geoservice.services.ground_checks.snapping import SnappedZone

SMALL_M2, SMALL_M = 100.0, 10.0
CODES_SHOWN = 6


@dataclass(frozen=True)
class ShownFault:
    """A row of a list: its number, what is wrong and with what, how much, and what the map shows of it."""

    number: int
    kind: str
    sentence: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    more: int
    size: str
    can_snap: bool
    fly_to: str
    on_map: drawing.Fault | None


def fault_of(finding: Finding, place: int) -> ShownFault:
    """Write a finding for the list and the map."""
    named = [
        (code, name if name != code else "") for code, name in zip(finding.codes, finding.names, strict=True)
    ]
    kind, size = _kind_words()[finding.kind], _size(finding)
    facts = ((gettext("Size"), size), (gettext("Codes"), " · ".join(finding.codes[:CODES_SHOWN])))
    on_map = None if finding.geometry is None else drawing.Fault(place, kind, facts, finding.geometry)
    return ShownFault(
        place,
        kind,
        words.say(finding.kind, finding.values),
        tuple(code for code, _ in named[:CODES_SHOWN]),
        tuple(name for _, name in named[:CODES_SHOWN]),
        max(len(named) - CODES_SHOWN, 0),
        size,
        finding.can_snap,
        _fly_to(finding, place),
        on_map,
    )


def faults_of_snap(zones: Sequence[SnappedZone], first: int) -> list[drawing.Fault]:
    """Write, for the map, the ground that each zone would win or lose."""
    return [
        drawing.Fault(
            number,
            zone.name,
            (
                (gettext("Code"), zone.code),
                (gettext("Change"), precise_area(zone.change_m2, signed=True)),
                (gettext("Moves at most"), precise_length(zone.farthest_m)),
            ),
            shapely.symmetric_difference(zone.before, zone.after),
        )
        for number, zone in enumerate(zones, start=first)
    ]


def head_words() -> dict[str, str]:
    """Return the heading of each list."""
    return {
        "hierarchy": gettext("Hierarchy"),
        "topology": gettext("Gaps and overlaps"),
        "duplicates": gettext("Entered twice"),
        "codes": gettext("Codes"),
    }


def map_words() -> MapText:
    """Return the words of the map of faults."""
    title = gettext("Map of what was found")
    return replace(
        map_text(title, fit=gettext("Show everything found")),
        map_label=title,
        layer_gaps=gettext("What was found"),
        layer_stretches=gettext("Points close together"),
        gap=gettext("What was found"),
        stretch=gettext("Points close together"),
        zone=gettext("Zone concerned"),
    )


def precise_area(area_m2: float, *, signed: bool = False) -> str:
    """Write an area, small ones with a decimal: a sliver of 0.4 m² is something."""
    sign = ("+" if area_m2 > 0 else "−" if area_m2 < 0 else "") if signed else ""
    size = abs(area_m2)
    if size >= SMALL_M2:
        return sign + words.write_area(size)
    return sign + gettext("%(number)s m²", number=format_decimal(size, "#,##0.0"))


def square_metres(area_m2: float) -> str:
    """Write an area in square metres however large, so that before and after can be told apart."""
    return gettext("%(number)s m²", number=format_decimal(area_m2, "#,##0"))


def precise_length(metres: float) -> str:
    """Write a length, short ones with two decimals."""
    if metres >= SMALL_M:
        return words.write_length(metres)
    return gettext("%(number)s m", number=number(metres))


def number(value: float) -> str:
    """Write a number with at most two decimals."""
    return str(format_decimal(value, "#,##0.##"))


def _size(finding: Finding) -> str:
    if finding.distance_m is not None:
        return precise_length(finding.distance_m)
    if finding.area_m2 is None:
        return ""
    size = precise_area(finding.area_m2)
    return size if finding.share is None else f"{size} · {words.write_percent(finding.share)}"


def _fly_to(finding: Finding, place: int) -> str:
    if finding.geometry is not None:
        return f"stretch:{place}" if shapely.get_dimensions(finding.geometry) == 1 else f"gap:{place}"
    return f"zone:{finding.zone_ids[0]}" if finding.zone_ids else ""


def _kind_words() -> dict[str, str]:
    return {
        "outside_parent": gettext("Outside its parent"),
        "no_parent": gettext("No parent"),
        "code_not_below_parent": gettext("Code against its parent"),
        "same_name": gettext("Same name"),
        "overlap": gettext("Overlap"),
        "gap": gettext("Gap"),
        "same_point": gettext("Same point twice"),
        "codes_alike": gettext("Codes alike"),
        "code_not_digits": gettext("Not only digits"),
        "code_wrong_length": gettext("Wrong length"),
    }
