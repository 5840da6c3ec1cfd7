"""What a map does not carry whole, in words: for legends and for paper alike."""

from geoservice.maps.text import MapText
from geoservice.maps.values import CityArea, LeaderArea, Shortened


def left_out(area: LeaderArea | CityArea, text: MapText) -> list[str]:
    """What the map does not carry whole, as plain text: of each kind how many are drawn, and of how many."""
    return [_first_of(one, text) for one in area.shortened] if isinstance(area, CityArea) else []


def _first_of(one: Shortened, text: MapText) -> str:
    kind = {"gaps": text.layer_gaps, "stretches": text.layer_stretches, "points": text.layer_points}[one.kind]
    drawn = text.write_count(one.drawn)
    if one.found is not None:
        return text.first_of.format(kind=kind, drawn=drawn, found=text.write_count(one.found))
    return (text.first if one.drawn else text.not_looked_for).format(kind=kind, drawn=drawn)
