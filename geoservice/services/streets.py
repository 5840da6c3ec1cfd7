"""How much of the streets was seen in a window, by length: each street, class and zone; and the stretches nobody saw.

The denominator is the pieces less tunnels and less what is excluded. A rate is None when nothing at all was seen in the
window, or nothing is left to see; a street nobody walked while others were has 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geoservice.services.street_survey import survey
from geoservice.services.stretches import StretchRow, street_gaps
from geoservice.store import street_coverage as store

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.street_tally import Lengths
    from geoservice.domain.windows import Window
    from geoservice.services.street_survey import Survey

__all__ = [
    "ClassLength",
    "Length",
    "StreetCoverage",
    "StreetRow",
    "StretchRow",
    "ZoneStreets",
    "classes_by_length",
    "street_coverage",
    "street_gaps",
    "street_rows",
    "unions_by_length",
    "zones_by_length",
]


@dataclass(frozen=True)
class Length:
    """Metres of streets: covered + unseen + excluded + tunnel is the whole length."""

    length_m: float
    tunnel_m: float
    excluded_m: float
    covered_m: float
    rate: float | None


@dataclass(frozen=True)
class StreetRow(Length):
    """A street, or what of it lies in the zones asked for; `zone_ids`: the leaves its pieces lie in."""

    street_id: int
    code: str
    name: str
    street_class: str
    zone_ids: tuple[int, ...]


@dataclass(frozen=True)
class ZoneStreets(Length):
    """The streets of a zone: the union of those of the leaves at or below it, every piece once."""

    zone_id: int
    code: str
    name: str
    level: str
    path: tuple[int, ...]


@dataclass(frozen=True)
class ClassLength(Length):
    """The streets of a class."""

    street_class: str
    street_count: int


@dataclass(frozen=True)
class StreetCoverage:
    """One window's answer to everything: rows as the functions of this module return them, and their sum."""

    has_data: bool
    zones: list[ZoneStreets]
    streets: list[StreetRow]
    classes: list[ClassLength]
    totals: Length


def street_coverage(
    session: Session,
    settings: Settings,
    window: Window,
    *,
    zone_ids: Iterable[int] | None = None,
    street_ids: Collection[int] | None = None,
) -> StreetCoverage:
    """Measure streets in a window: all, or what lies in zones and below them, or some streets (as a whole).

    Zones are all that are valid on the window's last day, or those among `zone_ids`.
    """
    wanted = None if zone_ids is None else frozenset(zone_ids)
    found = survey(session, window)
    bits = _asked(found, wanted, street_ids)
    streets = _street_rows(session, found, bits)
    total = found.by_group(bits, np.zeros(len(found.network.street_id), np.int64), 1)
    return StreetCoverage(
        found.has_data,
        _zone_rows(found, wanted),
        streets,
        _class_rows(found, bits, streets),
        Length(**_length(total, 0, found.has_data)),
    )


def street_rows(
    session: Session,
    settings: Settings,
    window: Window,
    *,
    zone_ids: Iterable[int] | None = None,
    street_ids: Collection[int] | None = None,
) -> list[StreetRow]:
    """Return every street in order of id; with `zone_ids` what of it lies in these zones, with `street_ids` these whole."""
    found = survey(session, window)
    return _street_rows(session, found, _asked(found, zone_ids, street_ids))


def zones_by_length(
    session: Session, settings: Settings, window: Window, *, zone_ids: Iterable[int] | None = None
) -> list[ZoneStreets]:
    """Return every zone valid on the window's last day, or those among `zone_ids`: the widest level first, then by code."""
    return _zone_rows(survey(session, window), None if zone_ids is None else frozenset(zone_ids))


def classes_by_length(
    session: Session, settings: Settings, window: Window, *, zone_ids: Iterable[int] | None = None
) -> list[ClassLength]:
    """Return every class of streets by its name, of what lies in zones where `zone_ids` is given."""
    found = survey(session, window)
    bits = _asked(found, zone_ids, None)
    return _class_rows(found, bits, _street_rows(session, found, bits))


def unions_by_length(
    session: Session,
    settings: Settings,
    window: Window,
    grounds: Mapping[int, tuple[Collection[int], Collection[int]]],
) -> dict[int, Length]:
    """Measure any ground: key → (zone ids, street ids), the union of the pieces in these zones and on these streets."""
    found = survey(session, window)
    one = np.zeros(len(found.network.street_id), np.int64)
    return {
        key: Length(
            **_length(
                found.by_group(found.inside(zones) | found.pieces_of_streets(streets), one, 1),
                0,
                found.has_data,
            )
        )
        for key, (zones, streets) in grounds.items()
    }


def _asked(
    found: Survey, zone_ids: Iterable[int] | None, street_ids: Collection[int] | None
) -> NDArray[np.uint64]:
    bits = found.network.whole
    if zone_ids is not None:
        bits = bits & found.inside(zone_ids)
    return bits if street_ids is None else bits & found.pieces_of_streets(street_ids)


def _street_rows(session: Session, found: Survey, bits: NDArray[np.uint64]) -> list[StreetRow]:
    """Return the streets that have a piece among `bits`."""
    network = found.network
    lengths = found.by_group(bits, np.arange(len(network.street_id)), len(network.street_id))
    named = {
        street.street_id: street
        for street in store.named_streets(session, network.street_id[lengths.length_m > 0].tolist())
    }
    zones = _leaves_of_streets(found, bits)
    return [
        StreetRow(
            **_length(lengths, place, found.has_data),
            street_id=street_id,
            code=named[street_id].code,
            name=named[street_id].name,
            street_class=named[street_id].street_class,
            zone_ids=zones.get(place, ()),
        )
        for place, street_id in enumerate(network.street_id.tolist())
        if street_id in named
    ]


def _leaves_of_streets(found: Survey, bits: NDArray[np.uint64]) -> dict[int, tuple[int, ...]]:
    """Place of a street → ids of the leaves that its pieces among `bits` lie in."""
    mine = np.flatnonzero(found.leaves.bits & bits[found.leaves.place])
    street = found.network.street_of_word[found.leaves.place[mine]]
    pairs = np.unique(np.column_stack((street, found.leaves.owner[mine])), axis=0)
    zones: dict[int, tuple[int, ...]] = {}
    for place, owner in pairs.tolist():
        zones[place] = (*zones.get(place, ()), found.zones[owner].zone_id)
    return zones


def _zone_rows(found: Survey, wanted: frozenset[int] | None) -> list[ZoneStreets]:
    chosen = [place for place, zone in enumerate(found.zones) if wanted is None or zone.zone_id in wanted]
    lengths = found.by_zone(chosen)
    return [
        ZoneStreets(
            **_length(lengths, group, found.has_data),
            zone_id=found.zones[place].zone_id,
            code=found.zones[place].code,
            name=found.zones[place].name,
            level=found.zones[place].level,
            path=found.zones[place].path,
        )
        for group, place in enumerate(chosen)
    ]


def _class_rows(found: Survey, bits: NDArray[np.uint64], streets: Sequence[StreetRow]) -> list[ClassLength]:
    names = sorted({street.street_class for street in streets})
    number = {name: place for place, name in enumerate(names)}
    # Streets without a piece among `bits` add nothing, whatever class they are counted in.
    group = np.zeros(len(found.network.street_id), np.int64)
    places = np.searchsorted(found.network.street_id, [street.street_id for street in streets])
    group[places] = [number[street.street_class] for street in streets]
    lengths = found.by_group(bits, group, len(names))
    counts = np.bincount(group[places], minlength=len(names))
    return [
        ClassLength(
            **_length(lengths, place, found.has_data), street_class=name, street_count=int(counts[place])
        )
        for place, name in enumerate(names)
    ]


def _length(lengths: Lengths, place: int, measured: bool) -> dict[str, Any]:
    asked, covered = float(lengths.asked_m[place]), float(lengths.covered_m[place])
    return {
        "length_m": float(lengths.length_m[place]),
        "tunnel_m": float(lengths.tunnel_m[place]),
        "excluded_m": float(lengths.excluded_m[place]),
        "covered_m": covered,
        "rate": covered / asked if measured and asked > 0 else None,
    }
