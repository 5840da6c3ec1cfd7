"""What members said of the points they stopped at: some check in at each stop, some hardly ever, some points nobody reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain import tracks
from geoservice.domain.visits import Spots, find_stays
from geoservice.services.demo.plane import to_lonlat, to_plane

if TYPE_CHECKING:
    from geoservice.domain.visits import Stays
    from geoservice.services.demo.fixes import FixTable
    from geoservice.services.demo.people import Team
    from geoservice.services.demo.places import Place
    from geoservice.services.demo.plane import Floats

_LIMITS = tracks.Limits(max_speed_mps=41.7, max_gap_s=300.0, max_gap_m=1000.0, max_accuracy_m=100.0)
_RADIUS_M = {"park": 60.0, "station": 60.0, "hospital": 60.0, "old_compound": 60.0}
_JOIN_S = 300.0
_LOOKED_S, _PASSED_S = (
    120.0,
    45.0,
)  # who stays as long as the first came to look; shorter than the second: passed by
_REPORTS = {True: 0.8, False: 0.1}  # how likely somebody who came to look, or not, says so
_NEVER_REPORTED = 0.14
_TROUBLED = 0.06  # points where the same thing is found again and again
_FINDS = (0.1, 0.65)
_SAYS_WHERE = 0.9

FINDINGS = {
    "market": ("占道经营，已劝离", "地面积水、菜叶未清", "活禽区消杀记录缺失"),
    "old_compound": ("楼道堆放杂物", "飞线充电", "垃圾桶满溢未清运"),
    "back_lane": ("路面破损积水", "墙面小广告", "车辆堵塞通道"),
    "main_street": ("共享单车乱停放", "井盖松动", "店外经营占用人行道"),
    "public_toilet": ("洗手液缺失", "地面湿滑无提示", "异味较重，需加密保洁"),
    "park": ("座椅损坏", "草坪有白色垃圾", "健身器材松动"),
    "station": ("站牌污损", "候车亭灯箱不亮", "非机动车占用站台"),
    "hospital": ("门口机动车违停", "控烟标识脱落", "医废暂存间未上锁"),
    "school": ("放学时段门口拥堵", "校门口流动摊贩", "警示标志被遮挡"),
    "internet_cafe": ("未核对身份证", "安全出口堆物", "未张贴禁烟标识"),
    "window_office": ("服务台无人值守", "无障碍坡道被占", "意见箱损坏"),
    "restaurant": ("后厨三防设施不全", "餐厨垃圾未分类", "油烟净化器未开启"),
}
_WELL = ("", "", "", "正常", "已复查，无问题", "卫生良好")


@dataclass(frozen=True)
class Report:
    """One check-in; `place`, `team` and `member` count as in the city's lists. Without lon and lat the phone did not say."""

    place: int
    team: int
    member: int
    time_us: int
    has_findings: bool
    note: str
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class _Habits:
    """Arrays (p,): whether a point is ever reported of, and how likely something is found there."""

    reported: Floats
    finds: Floats


def report_visits(
    rng: np.random.Generator, places: list[Place], teams: list[Team], fixes: FixTable
) -> list[Report]:
    """Return the check-ins of everybody whose phone stayed at a point, oldest first."""
    count = len(places)
    habits = _Habits(
        np.where(rng.random(count) < _NEVER_REPORTED, 0.0, rng.uniform(0.6, 1.0, count)),
        np.where(rng.random(count) < _TROUBLED, _FINDS[1], _FINDS[0]),
    )
    crew = [(number, place) for number, team in enumerate(teams) for place in range(len(team.members))]
    stays = _stays(places, fixes)
    dice = rng.random((len(stays.device), 4))
    looked = stays.dwell_s >= _LOOKED_S
    likely = np.where(looked, _REPORTS[True], _REPORTS[False]) * habits.reported[stays.point_id]
    reports = []
    for index in np.flatnonzero(dice[:, 0] < likely).tolist():
        place = int(stays.point_id[index])
        team, member = crew[int(stays.device[index])]
        lasts = int(stays.left_us[index] - stays.arrived_us[index])
        at_us = int(stays.arrived_us[index]) + int(lasts * (0.3 + 0.6 * dice[index, 1]))
        has_findings = bool(dice[index, 2] < habits.finds[place])
        notes = FINDINGS[places[place].category] if has_findings else _WELL
        note = notes[int(rng.integers(len(notes)))]
        lon, lat = _where(rng, places[place]) if dice[index, 3] < _SAYS_WHERE else (None, None)
        reports.append(
            Report(place, team, member, at_us // 1_000_000 * 1_000_000, has_findings, note, lon, lat)
        )
    return sorted(reports, key=lambda report: (report.time_us, report.place, report.team, report.member))


def _stays(places: list[Place], fixes: FixTable) -> Stays:
    xy = to_plane(np.column_stack((fixes.lon, fixes.lat)))
    recorded = tracks.Fixes(
        fixes.device, fixes.time_us, np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1]),
        fixes.accuracy_m, fixes.mode.astype(np.int16),
    )  # fmt: skip
    keep, _ = tracks.accept_fixes(recorded, _LIMITS)
    segments, _ = tracks.join_fixes(recorded.take(keep), _LIMITS)
    at = np.array([place.at for place in places])
    spots = Spots(
        np.arange(len(places)), at[:, 0].copy(), at[:, 1].copy(),
        np.array([_RADIUS_M.get(place.category, 30.0) for place in places]), np.full(len(places), _PASSED_S),
    )  # fmt: skip
    return find_stays(segments, spots, _JOIN_S)


def _where(rng: np.random.Generator, place: Place) -> tuple[float, float]:
    """Return where the phone says it is: some metres from the point."""
    lon, lat = np.round(to_lonlat(np.array([place.at]) + rng.normal(0, 7, (1, 2))), 7)[0].tolist()
    return lon, lat
