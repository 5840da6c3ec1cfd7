"""Departments, teams with their members and devices, and the leaders with what they answer for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.services.demo.names import STREETS, NameMaker

if TYPE_CHECKING:
    from geoservice.services.demo.ground import Ground
    from geoservice.services.demo.places import Place
    from geoservice.services.demo.roads import Roads

FOOT, EBIKE, CAR = 1, 2, 3

DEPARTMENTS = (
    "区城市管理执法局", "区公安交警大队", "区市场监督管理局", "区环境卫生服务中心",
    *(f"{name}街道办事处" for name in STREETS),
    "区委办公室", "区教育局", "区卫生健康局", "区文化和旅游局", "区住房和建设局", "区园林绿化中心",
)  # fmt: skip

# name, department, mode, the streets it walks (by number)
_TEAMS = (
    ("书院巡查队", 5, FOOT, (1,)), ("文澜巡查队", 6, FOOT, (2,)), ("南渡巡查队", 9, FOOT, (5,)),
    ("镜月巡查队", 10, FOOT, (6,)), ("石埠巡查队", 8, FOOT, (4,)), ("柳浪巡查队", 7, FOOT, (3,)),
    ("城管电动车一队", 0, EBIKE, (0, 1)), ("城管电动车二队", 0, EBIKE, (2, 3)),
    ("环卫电动车一队", 3, EBIKE, (4, 5)), ("环卫电动车二队", 3, EBIKE, (6, 7)),
    ("交警车巡组", 1, CAR, (0, 1, 2, 3, 4, 5, 6, 7)), ("城管车巡组", 0, CAR, (0, 1, 2, 3, 4, 5, 6, 7)),
)  # fmt: skip

FIVE_ROLES = ("traffic_police", "urban_management", "market_regulation", "sanitation", "community_cadre")
_CADRE = FIVE_ROLES.index("community_cadre")
_FIRST_STREET_OFFICE = 4  # in DEPARTMENTS: the offices follow one another as the streets do
# department, title, the role of 一街五管 this leader holds besides (or none)
_LEADERS = (
    (13, "局长", None), (4, "主任", None), (1, "大队长", 0), (5, "主任", None), (0, "局长", 1), (2, "局长", 2),
    (6, "主任", None), (7, "主任", None), (3, "主任", 3), (1, "副大队长", 0), (8, "主任", None), (0, "副局长", 1),
    (9, "主任", None), (10, "主任", None), (14, "局长", None), (2, "副局长", 2), (15, "局长", None), (3, "副主任", 3),
    (16, "局长", None), (17, "主任", None), (11, "主任", None), (12, "主任", None), (12, "副主任", None),
    (13, "副局长", None), (14, "副局长", None),
)  # fmt: skip

_NOBODYS_COMMUNITIES = (1, 17, 38)
_SHARED_OUT_COMMUNITIES = (12, 25, 30)  # contracted cell by cell
_LEADERS_OF_TWO = 13
_LEADERS_OF_ONE = 8
_KEY_CATEGORIES = ("market", "station", "hospital", "school", "old_compound", "park")


@dataclass(frozen=True)
class Member:
    """A patrol member and the device he carries."""

    name: str
    phone: str
    device: str


@dataclass(frozen=True)
class Team:
    """Who goes out together, how, and where."""

    name: str
    department: int
    mode: int
    streets: tuple[int, ...]
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Leader:
    """Somebody who answers for ground."""

    name: str
    title: str
    phone: str
    department: int


@dataclass(frozen=True)
class Contract:
    """One leader's word for one piece of ground (`kind`: community, cell, road or point, by number)."""

    leader: int
    role: str
    kind: str
    number: int


@dataclass
class _Ledger:
    contracts: list[Contract] = field(default_factory=list)
    areas: dict[int, list[int]] = field(default_factory=dict)  # leader → his cells

    def sign(self, leader: int, kind: str, number: int, role: str = "leader") -> None:
        self.contracts.append(Contract(leader, role, kind, number))


def hire_teams(rng: np.random.Generator) -> list[Team]:
    """Return the twelve teams."""
    namer = NameMaker(rng)
    teams = []
    for number, (name, department, mode, streets) in enumerate(_TEAMS, 1):
        size = 3 if mode == CAR else 4
        members = tuple(
            Member(namer.person(), namer.phone(), f"demo-{number:02d}-{place}")
            for place in range(1, size + 1)
        )
        teams.append(Team(name, department, mode, streets, members))
    return teams


def name_leaders(rng: np.random.Generator) -> list[Leader]:
    """Return the 25 leaders."""
    namer = NameMaker(rng)
    return [Leader(namer.person(), title, namer.phone(), department) for department, title, _ in _LEADERS]


def sign_contracts(ground: Ground, roads: Roads, places: list[Place]) -> list[Contract]:
    """Let every leader contract an area, a key street and a key point; some ground stays nobody's, some is two's."""
    ledger = _Ledger()
    _contract_areas(ledger, ground)
    streets = _contract_streets(ledger, ground, roads)
    points = _contract_points(ledger, places)
    grounds = [("road", number, roads.streets[number].cell) for number in streets]
    grounds += [("point", number, places[number].cell) for number in points]
    for kind, number, cell in grounds:
        for role, leader in enumerate(_holders(ground.cells[cell].street)):
            ledger.sign(leader, kind, number, FIVE_ROLES[role])
    return ledger.contracts


def _holders(street: int) -> list[int]:
    """Return who holds the five roles on key ground: the bureaus' two leaders share the streets, the cadre is of the street itself."""
    found = []
    for role in range(len(FIVE_ROLES)):
        if role == _CADRE:
            office = _FIRST_STREET_OFFICE + street
            found.append(next(n for n, (department, _, _) in enumerate(_LEADERS) if department == office))
        else:
            two = [n for n, (_, _, held) in enumerate(_LEADERS) if held == role]
            found.append(two[street * len(two) // len(STREETS)])
    return found


def _contract_areas(ledger: _Ledger, ground: Ground) -> None:
    cells_of: dict[int, list[int]] = {}
    for number, each in enumerate(ground.cells):
        cells_of.setdefault(each.community, []).append(number)
    whole = [c for c in cells_of if c not in _NOBODYS_COMMUNITIES + _SHARED_OUT_COMMUNITIES]
    grants = [whole[2 * n : 2 * n + 2] for n in range(_LEADERS_OF_TWO)]
    grants += [[community] for community in whole[2 * _LEADERS_OF_TWO :][:_LEADERS_OF_ONE]]
    grants[11].append(grants[12][0])  # two people each believe that this is theirs
    grants[7].append(grants[8][0])
    for leader, communities in enumerate(grants):
        for community in communities:
            ledger.sign(leader, "community", community)
        ledger.areas[leader] = [cell for community in communities for cell in cells_of[community]]
    loose = [cell for community in _SHARED_OUT_COMMUNITIES for cell in cells_of[community]]
    cell_leaders = range(len(grants), len(_LEADERS))
    size = (len(loose) - 3) // len(cell_leaders)  # three cells are forgotten
    for turn, leader in enumerate(cell_leaders):
        overlap = int(turn < len(cell_leaders) - 1)  # one cell is two neighbours'
        mine = loose[turn * size : turn * size + size + overlap]
        for cell in mine:
            ledger.sign(leader, "cell", cell)
        ledger.areas[leader] = mine


def _contract_streets(ledger: _Ledger, ground: Ground, roads: Roads) -> list[int]:
    middles = shapely.line_interpolate_point([road.line for road in roads.streets], 0.5, normalized=True)
    worth = np.array(
        [
            {"primary": 3.0, "secondary": 2.0, "tertiary": 0.8}.get(road.street_class, 0)
            * min(road.line.length, 700)
            for road in roads.streets
        ]
    )
    chosen: list[int] = []
    for leader, cells in ledger.areas.items():
        area = shapely.union_all([ground.cells[cell].shape for cell in cells])
        merit = worth - 3 * np.minimum(shapely.distance(area, middles), 1e4)
        merit[chosen] = -np.inf
        street = int(np.argmax(merit))
        chosen.append(street)
        ledger.sign(leader, "road", street)
    return chosen


def _contract_points(ledger: _Ledger, places: list[Place]) -> list[int]:
    chosen: list[int] = []
    for leader, cells in ledger.areas.items():
        here = [n for n, place in enumerate(places) if place.cell in cells and n not in chosen]
        ranked = [n for category in _KEY_CATEGORIES for n in here if places[n].category == category]
        point = ranked[0] if ranked else here[0]
        chosen.append(point)
        ledger.sign(leader, "point", point)
    return chosen
