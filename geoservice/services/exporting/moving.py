"""What moved and what people said, as files: tracks, routes, patrols, check-ins, and what an import refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geoservice.domain.windows import instant_of
from geoservice.errors import BadRequest, NotFound
from geoservice.formats.writing_values import Features, Kind
from geoservice.messages import sentence
from geoservice.services.exporting.ground import part_of
from geoservice.services.exporting.wording import (
    FINDINGS,
    MODES,
    PATROL_STATES,
    Field,
    columns_of,
    in_words,
    shapes_of,
)
from geoservice.store import export_rows as store
from geoservice.store import fixes as fix_store
from geoservice.store import import_history
from geoservice.store.copying import EPOCH_US

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.exporting.asking import Asked

TRACKS = {
    "name": Field("轨迹", "track"),
    "device": Field("设备", "device"),
    "day": Field("日期", "day", Kind.DAY),
    "mode": Field("方式", "mode"),
    "started_at": Field("开始时间", "started_at", Kind.INSTANT),
    "ended_at": Field("结束时间", "ended_at", Kind.INSTANT),
    "fix_count": Field("定位点数", "fix_count", Kind.INTEGER),
}
ROUTES = {
    "code": Field("编码", "code"),
    "name": Field("名称", "name"),
    "mode": Field("方式", "mode"),
    "stops": Field("站点数", "stops", Kind.INTEGER),
}
PATROLS = {
    "on_day": Field("日期", "day", Kind.DAY),
    "team_code": Field("班组编码", "team_code"),
    "team_name": Field("班组", "team"),
    "code": Field("路线编码", "route_code"),
    "name": Field("路线", "route"),
    "mode": Field("方式", "mode"),
    "status": Field("状态", "status"),
    "starts_at": Field("开始时间", "starts_at", Kind.INSTANT),
    "ends_at": Field("结束时间", "ends_at", Kind.INSTANT),
}
CHECK_INS = {
    "point_code": Field("点位编码", "point_code"),
    "point_name": Field("点位名称", "point_name"),
    "at": Field("签到时间", "time"),
    "member_code": Field("人员编码", "member_code"),
    "member_name": Field("人员姓名", "member_name"),
    "result": Field("结果", "result"),
    "note": Field("备注", "note"),
    "distance_m": Field("距点位米", "distance_m", Kind.REAL),
}
PROBLEMS = {
    "problem": Field("问题", "problem"),
    "file": Field("文件", "file"),
    "sheet": Field("工作表", "sheet"),
    "row": Field("行", "row", Kind.INTEGER),
    "column": Field("列", "column"),
    "value": Field("值", "value"),
}


def tracks(session: Session, settings: Settings, asked: Asked) -> Features:
    """What each device recorded on each day: a line a stretch without a long silence, with the time of every fix."""
    zone = settings.zone_info
    since, before = asked.window.instants(zone)
    codes = store.devices(session, asked.filters.device)
    if asked.filters.device is not None and not codes:
        raise NotFound("device_unknown", device=asked.filters.device)
    fixes = fix_store.load_fixes(session, list(codes), since, before)
    fixes = fixes[np.lexsort((fixes["recorded_us"], fixes["device_id"]))]
    times = fixes["recorded_us"].astype(np.int64) + EPOCH_US
    starts, counts = _stretches(fixes, times, settings, since.utcoffset())
    vertices = np.repeat(starts, counts) + _within(counts)
    places = np.column_stack((fixes["lon"], fixes["lat"])).astype(np.float64)[vertices]
    owner = np.repeat(np.arange(len(starts)), counts)
    shapes = (
        np.asarray(shapely.linestrings(places, indices=owner), dtype=object)
        if len(starts)
        else np.empty(0, object)
    )
    device = [codes[int(key)] for key in fixes["device_id"][starts]]
    began = [instant_of(int(at)) for at in times[starts]]
    days = [at.astimezone(zone).date() for at in began]
    values: dict[str, list[Any]] = {
        "name": [f"{code} {day}" for code, day in zip(device, days, strict=True)],
        "device": device,
        "day": days,
        "mode": in_words(asked, MODES, fixes["mode"][starts].tolist()),
        "started_at": began,
        "ended_at": [instant_of(int(at)) for at in times[starts + counts - 1]],
        "fix_count": counts.tolist(),
    }
    return Features(
        "tracks",
        f"{'轨迹' if asked.chinese else 'Tracks'} {asked.window.from_on} – {asked.window.to_on}",
        tuple(columns_of(asked, TRACKS, values)),
        shapes,
        "LineString",
        label=TRACKS["name"].header(asked),
        times=times[vertices],
    )


def _stretches(
    fixes: NDArray[np.void], times: NDArray[np.int64], settings: Settings, offset: Any
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each line begins and how many fixes it has: one device, one local day, no long silence, two fixes."""
    if not len(times):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    day = (times + int(offset.total_seconds() * 1e6)) // 86_400_000_000
    breaks = (
        (np.diff(fixes["device_id"]) != 0) | (np.diff(day) != 0) | (np.diff(times) > settings.max_gap_s * 1e6)
    )
    starts = np.concatenate(([0], np.flatnonzero(breaks) + 1))
    counts = np.diff(np.concatenate((starts, [len(times)])))
    lines = counts >= 2
    return starts[lines], counts[lines]


def _within(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, 2 … within each group."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


def routes(session: Session, settings: Settings, asked: Asked) -> Features:
    """The planned routes that have a line."""
    found = store.routes(session, part_of(session, asked))
    found["mode"] = in_words(asked, MODES, found["mode"])
    return _lines(asked, "routes", "路线" if asked.chinese else "Routes", ROUTES, found)


def patrols(session: Session, settings: Settings, asked: Asked) -> Features:
    """The patrols of the window's days, with the lines of their routes."""
    window = asked.window
    found = store.patrols(session, part_of(session, asked), window.from_on, window.to_on)
    found["mode"] = in_words(asked, MODES, found["mode"])
    found["status"] = in_words(asked, PATROL_STATES, found["status"])
    title = f"{'巡查' if asked.chinese else 'Patrols'} {window.from_on} – {window.to_on}"
    return _lines(asked, "patrols", title, PATROLS, found)


def check_ins(session: Session, settings: Settings, asked: Asked) -> Features:
    """The check-ins of the window, their times on the wall clock of the city."""
    window = asked.window
    found = store.check_ins(session, part_of(session, asked), *window.instants(settings.zone_info))
    found["result"] = in_words(asked, FINDINGS, found["has_findings"])
    found["at"] = [
        at.astimezone(settings.zone_info).replace(tzinfo=None).isoformat(" ") for at in found["at"]
    ]
    return Features(
        "check_ins",
        f"{'签到' if asked.chinese else 'Check-ins'} {window.from_on} – {window.to_on}",
        tuple(columns_of(asked, CHECK_INS, found)),
        shapes_of(found["geom"]),
        "Point",
        label=CHECK_INS["point_name"].header(asked),
    )


def problems(session: Session, settings: Settings, asked: Asked) -> Features:
    """What one import refused and repaired, each with its sentence."""
    if asked.filters.batch is None:
        raise BadRequest("batch_needed")
    batch = import_history.read_batch(session, asked.filters.batch)
    rows = [*batch.rejected, *batch.repaired]
    values: dict[str, list[Any]] = {
        "problem": [_sentence(row, asked.wanted.locale) for row in rows],
        **{name: [row.get(name) for row in rows] for name in ("file", "sheet", "row", "column", "value")},
    }
    title = f"导入 {batch.row.id} 的问题" if asked.chinese else f"Problems of import {batch.row.id}"
    return Features("import_problems", title, tuple(columns_of(asked, PROBLEMS, values)))


def _sentence(problem: dict[str, Any], locale: str) -> str:
    places = {
        name: problem[name]
        for name in ("file", "sheet", "row", "column", "value")
        if problem.get(name) is not None
    }
    return sentence(str(problem.get("code", "error")), {**places, **(problem.get("values") or {})}, locale)


def _lines(asked: Asked, name: str, title: str, fields: dict[str, Field], found: store.Columns) -> Features:
    return Features(
        name,
        title,
        tuple(columns_of(asked, fields, found)),
        shapes_of(found["geom"]),
        "LineString",
        label=fields["name"].header(asked),
    )
