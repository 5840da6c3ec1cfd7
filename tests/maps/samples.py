"""Small made-up grounds to draw: a block of square zones, a few gaps, streets and points."""

from datetime import UTC, date, datetime

from shapely import LineString, Polygon, box

from geoservice.maps.text import MapText
from geoservice.maps.values import (
    CityArea,
    ExclusionShape,
    GapShape,
    LeaderArea,
    PointShape,
    StreetShape,
    Totals,
    TrackShape,
    Window,
    ZoneShape,
)

WEST, SOUTH = 114.05, 22.53
CELL_LON, CELL_LAT = 0.0020, 0.0018
"""About 200 m × 200 m near Shenzhen."""

CATEGORIES = (
    "农贸市场",
    "老旧小区",
    "背街小巷",
    "公厕",
    "公园",
    "车站",
    "医院",
    "学校",
    "窗口单位",
    "广场",
    "工地",
    "商超",
)

WINDOW = Window(date(2025, 3, 1), date(2025, 3, 30))
COMPUTED_AT = datetime(2025, 3, 31, 1, 5, tzinfo=UTC)


def map_text(**changed: object) -> MapText:
    """Chinese words and plain number formats, as the web would fill them."""
    words: dict[str, object] = {
        "lang": "zh-CN",
        "title": "责任区地图",
        "map_label": "责任区覆盖地图",
        "layer_zones": "网格",
        "layer_gaps": "盲点",
        "layer_points": "点位",
        "layer_streets": "道路",
        "layer_exclusions": "不计入区域",
        "layer_tracks": "巡查轨迹",
        "layer_stretches": "未巡查路段",
        "layer_suggestions": "建议",
        "layer_ages": "距上次巡查",
        "legend": "图例",
        "coverage": "覆盖率",
        "no_data": "无数据",
        "gap": "盲点",
        "exclusion": "不计入",
        "point": "点位",
        "my_point": "包抓重点点位",
        "street": "道路",
        "my_street": "包抓重点路段",
        "stretch": "未巡查路段",
        "track": "巡查轨迹",
        "suggested_post": "建议驻点",
        "suggested_detour": "建议绕行",
        "code": "编码",
        "category": "类别",
        "area": "面积",
        "length": "长度",
        "covered": "已覆盖",
        "excluded": "不计入",
        "gap_count": "盲点数",
        "zone": "所在网格",
        "leader": "包抓领导",
        "nobody": "无人包抓",
        "others": "其他责任人",
        "days_unseen": "未巡查",
        "never": "从未巡查",
        "points_inside": "涉及点位",
        "state": "巡查状态",
        "visited_findings": "已巡查，有问题",
        "visited_clean": "已巡查，无问题",
        "probable": "可能已巡查",
        "not_visited": "未到点位",
        "last_visit": "上次到点",
        "longest_unvisited": "最长未到",
        "due": "下次到点",
        "due_ok": "未到期",
        "due_today": "今天到期",
        "due_tomorrow": "明天到期",
        "due_overdue": "已逾期",
        "due_never": "从未到点",
        "overdue_sign": "逾期或从未到点",
        "holding": "包抓情况",
        "held_by_one": "一位领导",
        "held_by_none": "无人负责",
        "held_by_two": "两位及以上领导",
        "window": "统计时段",
        "computed_at": "计算时间",
        "not_computed": "尚未计算",
        "first_of": "{kind}：前{drawn}处，共{found}处",
        "first": "{kind}：仅前{drawn}处",
        "not_looked_for": "{kind}：这些日期尚未计算",
        "zoom_in": "放大",
        "zoom_out": "缩小",
        "fit": "回到我的责任区",
        "full_screen": "全屏",
        "exit_full_screen": "退出全屏",
        "locate": "定位",
        "locate_failed": "无法获取位置",
        "my_position": "我的位置",
        "close": "关闭",
        "layers": "图层",
        "write_area": lambda m2: f"{m2:,.0f} m²" if m2 < 100_000 else f"{m2 / 1e6:.2f} km²",
        "write_length": lambda metres: f"{metres:,.0f} m",
        "write_percent": lambda share: f"{share:.0%}",
        "write_count": lambda count: f"{count:,}",
        "write_days": lambda days: f"{days} 天",
        "write_day": lambda day: day.isoformat(),
        "write_instant": lambda instant: instant.strftime("%Y-%m-%d %H:%M"),
    }
    return MapText(**{**words, **changed})  # type: ignore[arg-type]


def zone(number: int, columns: int = 8, **changed: object) -> ZoneShape:
    """A square cell of a block that is `columns` wide; its rate grows with its place."""
    west = WEST + (number % columns) * CELL_LON
    south = SOUTH + (number // columns) * CELL_LAT
    values: dict[str, object] = {
        "id": 1000 + number,
        "code": f"440304001{number:05d}",
        "name": f"福田网格{number}",
        "level": "grid",
        "geometry": box(west, south, west + CELL_LON, south + CELL_LAT),
        "area_m2": 41_000.0,
        "covered_m2": 20_000.0,
        "excluded_m2": 0.0,
        "rate": (number * 37 % 101) / 100,
        "gap_count": number % 3,
        "leader": "王建国",
        "others": (("交警", "李强"), ("城管", "赵敏"), ("环卫", "孙丽")),
    }
    return ZoneShape(**{**values, **changed})  # type: ignore[arg-type]


def gap(rank: int, **changed: object) -> GapShape:
    """A slanted patch inside the block; the higher the rank number, the smaller."""
    west = WEST + (rank * 5 % 14) * CELL_LON / 2 + 0.0002
    south = SOUTH + (rank * 3 % 11) * CELL_LAT / 2 + 0.0002
    size = 0.0016 / (1 + rank / 6)
    values: dict[str, object] = {
        "id": 500 + rank,
        "rank": rank,
        "zone_code": "44030400100003",
        "zone_name": "福田网格3",
        "geometry": Polygon(
            [(west, south), (west + size, south + size / 5), (west + size * 0.8, south + size)]
        ),
        "area_m2": 9_000.0 / rank,
        "days_unseen": None if rank % 4 == 0 else rank * 3,
        "point_weight": 2.0,
        "point_count": rank % 3,
        "leader": "王建国",
        "others": (("城管", "赵敏"),),
    }
    return GapShape(**{**values, **changed})  # type: ignore[arg-type]


def point(number: int, spread: tuple[float, float] = (0.015, 0.012), **changed: object) -> PointShape:
    """A point somewhere in the block, of one of twelve categories."""
    kind = number % len(CATEGORIES)
    values: dict[str, object] = {
        "id": 9000 + number,
        "code": f"P{number:05d}",
        "name": f"{CATEGORIES[kind]}{number}号",
        "category": f"c{kind:02d}",
        "category_name": CATEGORIES[kind],
        "lon": WEST + (number * 0.6180339887 % 1) * spread[0],
        "lat": SOUTH + (number * 0.7548776662 % 1) * spread[1],
        "mine": number == 7,
    }
    return PointShape(**{**values, **changed})  # type: ignore[arg-type]


def street(number: int, **changed: object) -> StreetShape:
    """A street across the block, east–west or south–north by turns."""
    shift = number * 0.0017
    along = [(WEST, SOUTH + shift), (WEST + 0.008, SOUTH + shift + 0.0002), (WEST + 0.016, SOUTH + shift)]
    across = [(WEST + shift, SOUTH), (WEST + shift + 0.0003, SOUTH + 0.0126)]
    values: dict[str, object] = {
        "code": f"S{number}",
        "name": f"{'深南滨河福华红荔笋岗北环'[number % 6 * 2 :][:2]}路",
        "geometry": LineString(along if number % 2 else across),
        "mine": number == 3,
    }
    return StreetShape(**{**values, **changed})  # type: ignore[arg-type]


def totals() -> Totals:
    """Sums that fit the block roughly."""
    return Totals(area_m2=2.3e6, covered_m2=1.2e6, excluded_m2=4e4, rate=0.52, gap_count=12)


def leader_area(
    zone_count: int = 56, gap_count: int = 12, point_count: int = 60, **changed: object
) -> LeaderArea:
    """A leader's ground of a size to choose; `changed` replaces whole fields."""
    values: dict[str, object] = {
        "leader_name": "王建国",
        "on": date(2025, 3, 31),
        "window": WINDOW,
        "computed_at": COMPUTED_AT,
        "zones": tuple(zone(n, rate=None) if n == 20 else zone(n) for n in range(zone_count)),
        "gaps": tuple(gap(rank) for rank in range(1, gap_count + 1)),
        "points": tuple(point(n) for n in range(point_count)),
        "streets": tuple(street(n) for n in range(7)),
        "exclusions": (
            ExclusionShape(1, "水域", box(WEST + 0.0095, SOUTH + 0.0075, WEST + 0.0118, SOUTH + 0.0090)),
        ),
        "totals": totals(),
        "tracks": (
            TrackShape(
                1, "一队", LineString([(WEST, SOUTH), (WEST + 0.01, SOUTH + 0.006), (WEST + 0.016, SOUTH)])
            ),
        ),
    }
    return LeaderArea(**{**values, **changed})  # type: ignore[arg-type]


def city_area(zones: int = 300, columns: int = 20, gaps: int = 60, points: int = 0) -> CityArea:
    """A city of square cells with gaps spread over it."""
    cells = tuple(zone(n, columns) for n in range(zones))
    return CityArea(
        name="示范市",
        on=date(2025, 3, 31),
        window=WINDOW,
        computed_at=COMPUTED_AT,
        zones=cells,
        gaps=tuple(
            gap(rank, geometry=cells[rank * 131 % zones].geometry.buffer(-0.0003))
            for rank in range(1, gaps + 1)
        ),
        totals=totals(),
        points=tuple(point(n, (columns * CELL_LON, zones / columns * CELL_LAT)) for n in range(points)),
    )
