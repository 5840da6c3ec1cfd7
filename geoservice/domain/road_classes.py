"""How fast each mode goes on each class of street, and where it may not go.

Classes are the values of OpenStreetMap's `highway`; what is closed to whom follows its wiki, "OSM tags for routing/Access
restrictions", for China. Speeds are those of a patrol that looks around: a walk of 1.2 m/s (Bohannon and Andrews, 2011, give 1.2 to
1.4 m/s for grown-ups), an e-bike below the 25 km/h of GB 17761, a car below its street's limit.
"""

from __future__ import annotations

from geoservice.domain.tracks import Mode

_ON_FOOT_ONLY = {"footway", "pedestrian", "steps", "corridor", "platform"}
_NO_WALKING = {"motorway", "motorway_link"}
_NO_EBIKES = _NO_WALKING | {"trunk", "trunk_link"}
_NO_CARS = _ON_FOOT_ONLY | {"cycleway", "path", "bridleway"}
_CAR_KMH = {
    "motorway": 80, "trunk": 60, "primary": 40, "secondary": 35, "tertiary": 30, "motorway_link": 40, "trunk_link": 40,
    "primary_link": 30, "secondary_link": 30, "tertiary_link": 25, "service": 12, "track": 12, "living_street": 12,
}  # fmt: skip
_OTHER_CAR_KMH = 20
_FOOT_MPS, _STEPS_MPS = 1.2, 0.6
_EBIKE_MPS, _EBIKE_SHARED_MPS = 4.5, 2.5


def speed_mps(mode: Mode, street_class: str) -> float:
    """Return how fast a patrol moves along a street of a class; 0 where its mode may not go."""
    if mode is Mode.FOOT:
        return 0.0 if street_class in _NO_WALKING else _STEPS_MPS if street_class == "steps" else _FOOT_MPS
    if mode is Mode.EBIKE:
        if street_class in _NO_EBIKES or street_class == "steps":
            return 0.0
        return _EBIKE_SHARED_MPS if street_class in _ON_FOOT_ONLY else _EBIKE_MPS
    return 0.0 if street_class in _NO_CARS else _CAR_KMH.get(street_class, _OTHER_CAR_KMH) / 3.6
