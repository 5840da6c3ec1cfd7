"""What a window shows, as files: coverage, blind spots, unseen stretches, points, leaders, and what nobody visited."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geoservice.formats.writing_values import Features, Kind
from geoservice.services import coverage, points, streets
from geoservice.services import leaders as leader_service
from geoservice.services import unvisited as unvisited_service
from geoservice.services.exporting.wording import (
    DUES,
    PERIODS,
    POINT_STATES,
    ROW_KINDS,
    Field,
    chosen_words,
    columns_of,
    in_words,
)
from geoservice.services.grounds import zones_of_code
from geoservice.store import areas
from geoservice.store import export_rows as store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.exporting.asking import Asked

    Read = Callable[[Any], Any]

CODE, NAME = Field("编码", "code"), Field("名称", "name")
LEADER = Field("包抓领导", "leader")
DAYS_UNSEEN = Field("未巡天数", "days_unseen", Kind.INTEGER)
NEVER_SEEN = Field("从未巡到", "never_seen", Kind.FLAG)
LAST_SEEN_ON = Field("最近巡到", "last_seen_on", Kind.DAY)
SCORE = Field("评分", "score", Kind.REAL)
RATE = Field("覆盖率", "rate", Kind.REAL)
LEVEL = Field("层级", "level")
RANK = Field("排名", "rank", Kind.INTEGER)


def zone_coverage(session: Session, settings: Settings, asked: Asked) -> Features:
    """Every zone with its coverage in the window."""
    filters, window = asked.filters, asked.window
    rows = coverage.zone_coverage(session, settings, window, level=filters.level, code=filters.zone)
    borders = areas.zone_shapes(session, [row.zone_id for row in rows], window.to_on)
    levels = chosen_words(store.words_of(session, "zone_level"))
    fields: dict[str, tuple[Field, Read]] = {
        "code": (CODE, lambda row: row.code),
        "name": (NAME, lambda row: row.name),
        "level": (LEVEL, lambda row: in_words(asked, levels, [row.level])[0]),
        "rate": (RATE, lambda row: row.rate),
        "covered_m2": (Field("已覆盖平方米", "covered_m2", Kind.REAL), lambda row: row.covered_m2),
        "area_m2": (Field("面积平方米", "area_m2", Kind.REAL), lambda row: row.area_m2),
        "excluded_m2": (Field("除外平方米", "excluded_m2", Kind.REAL), lambda row: row.excluded_m2),
        "gap_count": (Field("盲点数", "gap_count", Kind.INTEGER), lambda row: row.gap_count),
        "leader": (LEADER, lambda row: row.leader),
    }
    shapes = [borders[row.zone_id] for row in rows]
    return _layer(asked, "coverage", ("覆盖率", "Coverage"), fields, (rows, shapes), "MultiPolygon")


def gaps(session: Session, settings: Settings, asked: Asked) -> Features:
    """The blind spots of the window, the most urgent first."""
    rows = coverage.zone_gaps(session, settings, asked.window, zone_ids=_zones(session, asked))
    ranks = count(1)
    fields: dict[str, tuple[Field, Read]] = {
        "rank": (RANK, lambda _: next(ranks)),
        "zone_code": (Field("网格编码", "zone_code"), lambda row: row.zone_code),
        "zone_name": (Field("网格名称", "zone_name"), lambda row: row.zone_name),
        "area_m2": (Field("面积平方米", "area_m2", Kind.REAL), lambda row: row.area_m2),
        **_since(),
        "point_count": (Field("点位数", "point_count", Kind.INTEGER), lambda row: row.point_count),
        "point_weight": (Field("点位权重", "point_weight", Kind.REAL), lambda row: row.point_weight),
        "score": (SCORE, lambda row: row.score),
        "leader": (LEADER, lambda row: row.leader),
    }
    shapes = [shapely.MultiPolygon(shapely.get_parts(row.geometry)) for row in rows]
    return _layer(asked, "gaps", ("盲点", "Blind spots"), fields, (rows, shapes), "MultiPolygon")


def stretches(session: Session, settings: Settings, asked: Asked) -> Features:
    """The stretches of street that nobody saw, the most urgent first."""
    rows = streets.street_gaps(session, settings, asked.window, zone_ids=_zones(session, asked))
    ranks = count(1)
    fields: dict[str, tuple[Field, Read]] = {
        "rank": (RANK, lambda _: next(ranks)),
        "street_code": (Field("道路编码", "street_code"), lambda row: row.code),
        "street_name": (Field("道路名称", "street_name"), lambda row: row.name),
        "length_m": (Field("长度米", "length_m", Kind.REAL), lambda row: row.length_m),
        **_since(),
        "score": (SCORE, lambda row: row.score),
    }
    shapes = [row.geometry for row in rows]
    titles = ("未巡路段", "Unseen stretches")
    return _layer(asked, "stretches", titles, fields, (rows, shapes), "LineString")


def point_states(session: Session, settings: Settings, asked: Asked) -> Features:
    """Every point with what became of it in the window."""
    rows = points.point_rows(session, settings, asked.window, now=asked.now, zone_ids=_zones(session, asked))
    categories = chosen_words(store.words_of(session, "point_category"))
    fields: dict[str, tuple[Field, Read]] = {
        "code": (CODE, lambda row: row.code),
        "name": (NAME, lambda row: row.name),
        "category": (Field("类别", "category"), lambda row: in_words(asked, categories, [row.category])[0]),
        "state": (Field("状态", "state"), lambda row: in_words(asked, POINT_STATES, [row.state.value])[0]),
        "visit_count": (Field("到访次数", "visit_count", Kind.INTEGER), lambda row: row.visit_count),
        "check_in_count": (Field("签到次数", "check_in_count", Kind.INTEGER), lambda row: row.check_in_count),
        "finding_count": (
            Field("发现问题次数", "finding_count", Kind.INTEGER),
            lambda row: row.finding_count,
        ),
        "last_visit_at": (Field("最近到访", "last_visit_at", Kind.INSTANT), lambda row: row.last_visit_at),
        "due": (Field("到期情况", "due"), lambda row: in_words(asked, DUES, [row.due.value])[0]),
        "due_on": (Field("到期日", "due_on", Kind.DAY), lambda row: row.due_on),
        "overdue_days": (Field("超期天数", "overdue_days", Kind.REAL), lambda row: row.overdue_days),
        "interval": (
            Field("应巡间隔天数", "interval_days", Kind.REAL),
            lambda row: row.required_interval_days,
        ),
    }
    shapes = [shapely.Point(row.lon, row.lat) for row in rows]
    return _layer(asked, "point_states", ("点位到访", "Visits of points"), fields, (rows, shapes), "Point")


def leaders(session: Session, settings: Settings, asked: Asked) -> Features:
    """The leaders by the coverage of their own ground, the best first."""
    rows = leader_service.leader_rows(session, settings, asked.window)
    fields: dict[str, tuple[Field, Read]] = {
        "rank": (RANK, lambda row: row.rank),
        "code": (Field("领导编码", "leader_code"), lambda row: row.code),
        "name": (Field("领导姓名", "leader_name"), lambda row: row.name),
        "zone_count": (Field("包抓片区数", "zone_count", Kind.INTEGER), lambda row: row.zone_count),
        "rate": (RATE, lambda row: row.rate),
        "covered_m2": (Field("已覆盖平方米", "covered_m2", Kind.REAL), lambda row: row.covered_m2),
        "area_m2": (Field("面积平方米", "area_m2", Kind.REAL), lambda row: row.area_m2),
        "excluded_m2": (Field("除外平方米", "excluded_m2", Kind.REAL), lambda row: row.excluded_m2),
        "street_rate": (Field("道路覆盖率", "street_rate", Kind.REAL), lambda row: row.street_rate),
        "street_m": (Field("道路长度米", "street_length_m", Kind.REAL), lambda row: row.street_length_m),
        "points": (Field("点位数", "points", Kind.INTEGER), lambda row: row.points),
        "visited": (Field("已到访点位", "points_visited", Kind.INTEGER), lambda row: row.visited),
        "gap_score": (Field("盲点评分", "gap_score", Kind.REAL), lambda row: row.gap_score),
    }
    return _layer(asked, "leaders", ("领导", "Leaders"), fields, (rows, None), None)


def unvisited(session: Session, settings: Settings, asked: Asked) -> Features:
    """Everything that nobody saw in the window, as places to go to: zones by part of the day, streets, points, gaps."""
    filters, window = asked.filters, asked.window
    found = unvisited_service.unvisited(
        session, settings, window, now=asked.now, level=filters.level, code=filters.zone
    )
    never = found.zones_never
    borders = areas.zone_shapes(session, {row.zone_id for row in never}, window.to_on)
    middles = store.street_middles(session, [row.street_id for row in found.streets])
    rows: list[tuple[str, Any]] = [
        *(("zone", row) for row in never),
        *(("street", row) for row in found.streets),
        *(("point", row) for row in found.points),
        *(("gap", row) for row in found.gaps),
    ]
    places: dict[str, Read] = {
        "zone": lambda row: shapely.point_on_surface(borders[row.zone_id]),
        "street": lambda row: shapely.from_wkb(middles[row.street_id]),
        "point": lambda row: shapely.Point(row.lon, row.lat),
        "gap": lambda row: shapely.point_on_surface(row.geometry),
    }
    fields: dict[str, tuple[Field, Read]] = {
        "kind": (Field("类型", "kind"), lambda pair: in_words(asked, ROW_KINDS, [pair[0]])[0]),
        "code": (CODE, lambda pair: pair[1].zone_code if pair[0] == "gap" else pair[1].code),
        "name": (NAME, lambda pair: pair[1].zone_name if pair[0] == "gap" else pair[1].name),
        "period": (Field("时段", "period"), lambda pair: _period(asked, pair)),
        "area_m2": (Field("面积平方米", "area_m2", Kind.REAL), lambda pair: _area(*pair)),
        "length_m": (
            Field("长度米", "length_m", Kind.REAL),
            lambda pair: pair[1].length_m if pair[0] == "street" else None,
        ),
        "last_visit_at": (
            Field("最近到访", "last_visit_at", Kind.INSTANT),
            lambda pair: pair[1].last_visit_at if pair[0] == "point" else None,
        ),
        "leader": (LEADER, lambda pair: getattr(pair[1], "leader", None)),
    }
    shapes = [places[kind](row) for kind, row in rows]
    return _layer(asked, "unvisited", ("从未到访", "Never visited"), fields, (rows, shapes), "Point")


def _since() -> Mapping[str, tuple[Field, Read]]:
    """Since when: what was never seen has no number of days, and is told apart by a field of its own."""
    return {
        "days_unseen": (DAYS_UNSEEN, lambda row: row.days_unseen),
        "never_seen": (NEVER_SEEN, lambda row: row.last_seen_on is None),
        "last_seen_on": (LAST_SEEN_ON, lambda row: row.last_seen_on),
    }


def _period(asked: Asked, pair: tuple[str, Any]) -> str | None:
    return str(in_words(asked, PERIODS, [pair[1].period])[0]) if pair[0] == "zone" else None


def _area(kind: str, row: Any) -> float | None:
    if kind == "zone":
        return float(row.ground_m2)
    return float(row.area_m2) if kind == "gap" else None


def _zones(session: Session, asked: Asked) -> frozenset[int] | None:
    zone = asked.filters.zone
    return None if zone is None else zones_of_code(session, asked.window.to_on, zone)


def _layer(
    asked: Asked,
    name: str,
    titles: tuple[str, str],
    fields: Mapping[str, tuple[Field, Read]],
    found: tuple[Sequence[Any], Iterable[Any] | None],
    geometry: str | None,
) -> Features:
    rows, shapes = found
    values = {key: [read(row) for row in rows] for key, (_, read) in fields.items()}
    headers = {key: field for key, (field, _) in fields.items()}
    label = next((key for key in ("name", "zone_name", "street_name") if key in headers), None)
    window = asked.window
    period = f" {PERIODS[window.period][0 if asked.chinese else 1]}" if window.period else ""
    return Features(
        name,
        f"{titles[0] if asked.chinese else titles[1]} {window.from_on} – {window.to_on}{period}",
        tuple(columns_of(asked, headers, values)),
        None if shapes is None else _array(shapes),
        geometry,
        label=headers[label].header(asked) if label and geometry else None,
    )


def _array(shapes: Iterable[Any]) -> NDArray[np.object_]:
    known = list(shapes)
    array = np.empty(len(known), dtype=object)
    array[:] = known
    return array
