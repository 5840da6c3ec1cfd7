"""Signs for paper: points by state and lateness, told apart by form as on the page, and numbered badges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.drawing import Areas, Lines, Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geoservice.domain.drawing import Item
    from geoservice.maps.values import PointShape

WHITE, LATE, MISSED, MINE = "#ffffff", "#c2331c", "#3d4a50", "#6b2fa0"
CLEAN, FINDINGS, PROBABLE = "#14735a", "#8a4b00", "#3a4d9b"
RADIUS_MM = 1.25


def point_signs(points: Sequence[tuple[PointShape, BaseGeometry]]) -> Iterator[Item]:
    """Each point at its place on the paper; those that are late on top."""
    for point, place in sorted(points, key=lambda pair: pair[0].due in {"overdue", "never"}):
        x, y = float(place.x), float(place.y)  # type: ignore[attr-defined]
        if point.mine:
            yield Areas(((_round(x, y, RADIUS_MM * 1.6),),), WHITE, MINE, 0.35)
        if point.due in {"overdue", "never"}:
            yield from _late(x, y)
        else:
            yield from _STATES.get(point.state or "", _missed)(x, y)


def badge(x: float, y: float, text: str, colour: str) -> Iterator[Item]:
    """A number on a disc."""
    yield Areas(((_round(x, y, 1.9),),), colour, WHITE, 0.25)
    yield Words(x, y + 0.85, text, 2.4, WHITE, "middle")


def _clean(x: float, y: float) -> Iterator[Item]:
    yield Areas(((_round(x, y),),), CLEAN, WHITE, 0.15)
    yield Lines((_at(x, y, (-0.6, 0.05), (-0.15, 0.5), (0.65, -0.5)),), WHITE, 0.25)


def _findings(x: float, y: float) -> Iterator[Item]:
    yield Areas(((_round(x, y),),), WHITE, FINDINGS, 0.3)
    yield Areas(((_round(x, y, 0.5),),), FINDINGS)


def _probable(x: float, y: float) -> Iterator[Item]:
    yield Areas(((_round(x, y),),), WHITE, PROBABLE, 0.3)
    half = np.linspace(np.pi / 2, 3 * np.pi / 2, 13)
    yield Areas(((np.column_stack([x + RADIUS_MM * np.cos(half), y + RADIUS_MM * np.sin(half)]),),), PROBABLE)


def _missed(x: float, y: float) -> Iterator[Item]:
    yield Areas(((_round(x, y),),), WHITE, MISSED, 0.3)


def _late(x: float, y: float) -> Iterator[Item]:
    yield Areas(((_at(x, y, (0, -1.7), (1.7, 1.3), (-1.7, 1.3)),),), LATE, WHITE, 0.2)
    yield Lines((_at(x, y, (0, -0.7), (0, 0.35)), _at(x, y, (0, 0.75), (0, 0.95))), WHITE, 0.35)


_STATES = {
    "visited_clean": _clean,
    "visited_findings": _findings,
    "probable": _probable,
    "not_visited": _missed,
}


def _round(x: float, y: float, radius: float = RADIUS_MM) -> NDArray[np.float64]:
    turn = np.linspace(0, 2 * np.pi, 25)[:-1]
    return np.column_stack([x + radius * np.cos(turn), y + radius * np.sin(turn)])


def _at(x: float, y: float, *corners: tuple[float, float]) -> NDArray[np.float64]:
    return np.array([(x + right, y + down) for right, down in corners], dtype=np.float64)
