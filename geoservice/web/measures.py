"""The dispatcher's other measures: streets by length, points by visit, and everything that was never visited."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request, send_file

from geoservice.domain.intervals import Due
from geoservice.domain.roles import Permission
from geoservice.errors import BadRequest, NotFound
from geoservice.formats.gap_files import write_stretches
from geoservice.services import city_map, layers, points, ranking, streets, unvisited
from geoservice.services.areas import SHOWN
from geoservice.services.gap_ranking import Part
from geoservice.services.point_counts import PointState, point_totals
from geoservice.store.kept import kept
from geoservice.web.asked_area import asked_level
from geoservice.web.city_page import addresses_of
from geoservice.web.deployment import current_settings, current_time, today
from geoservice.web.identity import guard, own_transaction
from geoservice.web.paging import PAGE_SIZE, Page, page_of
from geoservice.web.reader import the_reader
from geoservice.web.texts import current_locale
from geoservice.web.windows import PRESETS, chosen_window

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Response
    from sqlalchemy.orm import Session

    from geoservice.domain.windows import Window
    from geoservice.services.areas import Reader
    from geoservice.services.point_counts import PointCounts, PointRow
    from geoservice.services.unvisited import ZonePeriod

measures = Blueprint("measures", __name__, url_prefix="/dispatch")
guard(measures, Permission.SEE_CITY)

STRETCHES_LISTED = 200
FILE_TYPES = {"geojson": "application/geo+json", "gpkg": "application/geopackage+sqlite3"}
# What a dispatcher asks for first: what is late, then what falls due, then what was not visited at all.
URGENCY = (Due.OVERDUE, Due.NEVER, Due.TODAY, Due.TOMORROW, Due.OK)


@measures.get("/gaps")
def show_gaps() -> str:
    """List every blind spot of the scope by rank, page by page."""
    chosen, reader, settings = chosen_window(), the_reader(), current_settings()
    with own_transaction() as session:
        urgent = city_map.urgent_gaps(session, settings, chosen.window, reader)
        shown = page_of(range(urgent.found or 0))
        part = Part(PAGE_SIZE, shown.first)
        gaps = city_map.gaps_by_rank(session, settings, chosen.window, reader, part)
        places = {gap.id: gap.geometry.representative_point() for gap in gaps.shapes}
    return render_template(
        "dispatch/gaps.html",
        gaps=gaps,
        places=places,
        page=shown.number,
        pages=shown.pages,
        chosen=chosen,
        presets=PRESETS,
    )


@measures.get("/streets")
def show_streets() -> str:
    """Show how much of the streets was seen: by class and zone, and the most urgent stretches nobody saw."""
    chosen, locale, settings = chosen_window(), current_locale(), current_settings()
    with own_transaction() as session:
        found, ranked = kept(
            session, SHOWN, ("streets_measured", chosen.window, settings),
            lambda: (
                streets.street_coverage(session, settings, chosen.window),
                ranking.ranked_stretches(session, settings, chosen.window, limit=STRETCHES_LISTED),
            ),
        )  # fmt: skip
        levels, level = asked_level(session, today())
    zones = [zone for zone in found.zones if level and zone.level == level.code and zone.length_m > 0]
    zones.sort(key=lambda zone: (zone.rate is None, zone.rate or 0.0, zone.code))
    return render_template(
        "dispatch/streets.html",
        found=found,
        zones=zones[:PAGE_SIZE],
        zone_count=len(zones),
        ranked=ranked,
        explain=lambda one: ranking.explain(one, locale),
        levels=levels,
        level=level,
        addresses=addresses_of(chosen, level.code if level else ""),
        chosen=chosen,
        presets=PRESETS,
    )


@measures.get("/streets/unseen.<kind>")
def get_unseen_stretches(kind: str) -> Response:
    """Send the stretches nobody saw as a file for QGIS."""
    if kind not in FILE_TYPES:
        raise BadRequest("unknown_file_type", value=kind[:20], types=", ".join(FILE_TYPES))
    chosen = chosen_window()
    with own_transaction() as session:
        found = streets.street_gaps(session, current_settings(), chosen.window)
    if not found:
        raise NotFound("nothing_to_export")
    name = f"unseen-{chosen.window.from_on}-{chosen.window.to_on}.{kind}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write_stretches(path, kind, found)
        content = path.read_bytes()
    return send_file(BytesIO(content), mimetype=FILE_TYPES[kind], as_attachment=True, download_name=name)


@measures.get("/points")
def show_points() -> str:
    """List points by what is due, the most urgent first, with how they stand in the window."""
    chosen, reader, settings = chosen_window(), the_reader(), current_settings()
    due, state = request.args.get("due", "")[:20], request.args.get("state", "")[:20]
    wanted, page = request.args.get("q", "").strip()[:64], request.args.get("page", 1, type=int)
    with own_transaction() as session:
        listed = kept(
            session, SHOWN, ("points_listed", chosen.window, reader.key, settings, due, state, wanted, page),
            lambda: _list_points(session, chosen.window, reader, (due, state, wanted)),
        )  # fmt: skip
        level = asked_level(session, today())[1]
    return render_template(
        "dispatch/points.html",
        rows=listed.page.rows,
        totals=listed.totals,
        found=listed.found,
        names=listed.names,
        page=listed.page.number,
        pages=listed.page.pages,
        due=due,
        state=state,
        wanted=wanted,
        dues=[each.value for each in URGENCY],
        states=[each.value for each in PointState],
        addresses=addresses_of(chosen, level.code if level else ""),
        chosen=chosen,
        presets=PRESETS,
    )


@dataclass(frozen=True)
class _ListedPoints:
    """One page of points, how many were found, and the counts of all points, asked for or not."""

    page: Page[PointRow]
    found: int
    totals: PointCounts
    names: dict[str, str]


def _list_points(
    session: Session, window: Window, reader: Reader, asked: tuple[str, str, str]
) -> _ListedPoints:
    rows = points.point_rows(session, current_settings(), window, now=reader.now)
    names = layers.category_names(session, reader.locale)
    found = [row for row in rows if _fits(row, *asked, names)]
    found.sort(key=lambda row: (URGENCY.index(row.due), -(row.overdue_days or 0.0), row.code))
    return _ListedPoints(page_of(found), len(found), point_totals(rows), names)


def _fits(row: PointRow, due: str, state: str, wanted: str, names: dict[str, str]) -> bool:
    if (due and row.due != due) or (state and row.state != state):
        return False
    word = wanted.casefold()
    return word in row.name.casefold() or row.code.casefold().startswith(word) or word in names[row.category]


@measures.get("/unvisited")
def show_unvisited() -> str:
    """List what nobody saw: zones by part of the day, streets, points and blind spots never seen."""
    chosen = chosen_window()
    with own_transaction() as session:
        levels, level = asked_level(session, today())
        found = unvisited.unvisited(
            session,
            current_settings(),
            chosen.window,
            now=current_time(),
            level=level.code if level else None,
        )
    zones = _worst_first(found.zones)
    shown = page_of(zones)
    return render_template(
        "dispatch/unvisited.html",
        found=found,
        zones=shown.rows,
        periods=[row.period for row in zones[0]] if zones else [],
        page=shown.number,
        pages=shown.pages,
        levels=levels,
        level=level,
        most=PAGE_SIZE,
        chosen=chosen,
        presets=PRESETS,
    )


def _worst_first(rows: Iterable[ZonePeriod]) -> list[list[ZonePeriod]]:
    """Return each zone's rows, one a part of the day: those with most zeros first, then the least seen."""
    by_zone: dict[int, list[ZonePeriod]] = {}
    for row in rows:
        by_zone.setdefault(row.zone_id, []).append(row)
    return sorted(
        by_zone.values(),
        key=lambda parts: (-sum(part.is_never for part in parts), parts[0].rate or 0.0, parts[0].code),
    )
