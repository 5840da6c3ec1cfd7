"""Where the demo teams start, when they work and what they keep to; when some points are open: what plans are made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.services.demo.people import CAR, EBIKE, FOOT
from geoservice.services.demo.plane import on_earth

if TYPE_CHECKING:
    from shapely import Point

    from geoservice.services.demo.ground import Ground
    from geoservice.services.demo.people import Team
    from geoservice.services.demo.places import Place
    from geoservice.services.demo.roads import Roads

SKILL = "食品安全"  # who may look behind a kitchen's door
_SKILLED_TEAMS = (6, 7, 8, 9, 11)
_ENDS_ELSEWHERE = 8  # the team that hands its bicycles in at another's post
_APART_M = 900.0  # how far from the middle of their common ground the two cars stand
_HOURS = {
    FOOT: (time(8), time(17), (time(11, 30), time(13, 30), 60.0)),
    EBIKE: (time(8, 30), time(17, 30), (time(12), time(13, 30), 45.0)),
    CAR: (time(7, 30), time(16, 30), (time(11, 30), time(13), 45.0)),
}
# category → opening hours, and how many of its points have them: one in so many
_OPEN = {
    "market": ("06:00-11:30,14:00-19:00", 1),
    "school": ("1-5 07:30-17:00", 2),
    "window_office": ("1-5 09:00-12:00,13:30-17:30", 1),
    "internet_cafe": ("10:00-24:00", 2),
    "restaurant": ("10:00-14:00,16:30-21:30", 3),
}
_KITCHEN, _SKILL_EVERY = "restaurant", 6
_GROUP_CATEGORIES = (("together", "station", 2, "公交枢纽同查"), ("apart", "hospital", 2, "医院交叉检查"))


@dataclass(frozen=True)
class Post:
    """Where and when a team works; places in lon/lat, `streets` are the numbers of the streets (街道) it keeps to."""

    depot: Point
    end_depot: Point | None
    shift: tuple[time, time]
    rest: tuple[time, time, float]
    skills: tuple[str, ...]
    streets: tuple[int, ...]


@dataclass(frozen=True)
class Rule:
    """What a point asks for, by its place in the city's list."""

    place: int
    opening: str | None
    skills: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """Points together or apart, by their places in the city's list."""

    name: str
    kind: str
    places: tuple[int, ...]


def post_teams(ground: Ground, roads: Roads, teams: list[Team]) -> list[Post]:
    """Return each team's post: a crossing in the middle of its streets."""
    depots = [_crossing(ground, roads, number, team) for number, team in enumerate(teams)]
    posts = []
    for number, team in enumerate(teams):
        starts, ends, rest = _HOURS[team.mode]
        posts.append(
            Post(
                depot=depots[number],
                end_depot=depots[number + 1] if number == _ENDS_ELSEWHERE else None,
                shift=(starts, ends),
                rest=rest,
                skills=(SKILL,) if number in _SKILLED_TEAMS else (),
                streets=() if team.mode == CAR else team.streets,
            )
        )
    return posts


def rule_places(places: list[Place]) -> list[Rule]:
    """Return what the points ask for that ask for anything."""
    rules = []
    counted: dict[str, int] = {}
    for number, place in enumerate(places):
        turn = counted[place.category] = counted.get(place.category, -1) + 1
        opening, every = _OPEN.get(place.category, (None, 1))
        skills = (SKILL,) if place.category == _KITCHEN and turn % _SKILL_EVERY == 0 else ()
        hours = opening if turn % every == 0 else None
        if hours or skills:
            rules.append(Rule(number, hours, skills))
    return rules


def group_places(places: list[Place]) -> list[Group]:
    """Return the groups: of each kind, the points of one category that are nearest to one another."""
    groups = []
    for kind, category, count, name in _GROUP_CATEGORIES:
        mine = np.array([number for number, place in enumerate(places) if place.category == category])
        at = np.array([places[number].at for number in mine])
        far = np.hypot(*(at[:, None, :] - at[None, :, :]).transpose(2, 0, 1))
        np.fill_diagonal(far, np.inf)
        first = int(np.argmin(far.min(axis=1)))
        chosen = [first, *np.argsort(far[first])[: count - 1].tolist()]
        groups.append(Group(name, kind, tuple(sorted(int(mine[index]) for index in chosen))))
    return groups


def _crossing(ground: Ground, roads: Roads, number: int, team: Team) -> Point:
    """Return the node nearest to the middle of a team's ground, on Earth."""
    mine = [cell.shape for cell in ground.cells if cell.street in team.streets]
    middle = shapely.union_all(mine).centroid
    aside = (_APART_M if number % 2 else -_APART_M) if team.mode == CAR else 0.0
    nodes = roads.network.nodes
    nearest = int(np.argmin(np.hypot(nodes[:, 0] - middle.x - aside, nodes[:, 1] - middle.y)))
    return on_earth(shapely.Point(nodes[nearest]))
