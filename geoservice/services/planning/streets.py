"""Every street of a zone walked or driven along by one or several patrols, as a plan of the kind "streets".

In steps, so that no transaction stays open while it computes: ask, prepare, work out, keep.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geoservice.domain.arcs.ground import lay_out
from geoservice.domain.crs import to_metric
from geoservice.domain.tracks import Mode
from geoservice.errors import BadRequest, NotFound
from geoservice.services import accounts
from geoservice.services.ground import read_grid
from geoservice.services.grounds import zones_of_code
from geoservice.services.planning.content import content_of, idle_json
from geoservice.services.planning.crews import crews, days_of
from geoservice.services.planning.reading import read, the_plan
from geoservice.services.planning.street_timing import Going, Laid
from geoservice.services.planning.street_tours import compared, find_tours, patrols_of
from geoservice.services.planning.street_wishes import MOST_PATROLS, StreetsDraft, StreetsWish
from geoservice.services.road_network import lines_of, network_of
from geoservice.store import areas, audit, due_rows, road_rows
from geoservice.store import plan_rows as store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.planning.crews import Idle
    from geoservice.services.planning.values import PlanView

# Ways may lead around: streets are read this much beyond the zone and the depots, in degrees.
_MARGIN_DEG = 0.02
# Patrols that no team is named for.
_HOURS = (8.5 * 3600, 17.5 * 3600)

__all__ = [
    "MOST_PATROLS",
    "StreetsDraft",
    "StreetsWish",
    "ask_streets",
    "keep_streets",
    "plan_streets",
    "prepare_streets",
    "work_out_streets",
]


def plan_streets(
    session: Session, settings: Settings, wish: StreetsWish, *, by: int | None, now: datetime
) -> PlanView:
    """Ask for a plan of a zone's streets and make it at once; raises NotFound, BadRequest."""
    plan_id = ask_streets(session, wish, by=by, now=now).id
    draft = prepare_streets(session, settings, plan_id)
    keep_streets(session, draft, work_out_streets(draft), by=by, now=now)
    return read(session, plan_id)


def ask_streets(session: Session, wish: StreetsWish, *, by: int | None, now: datetime) -> PlanView:
    """Keep a wish as a plan of the kind "streets" in the state asked; the job "plan_streets" {"plan": id} then makes it.

    Raises NotFound for a zone or team that is not there.
    """
    zones_of_code(session, wish.from_on, wish.zone_code)
    known = {team.code for team in due_rows.teams(session, wish.team_codes, wish.from_on)}
    for code in wish.team_codes:
        if code not in known:
            raise NotFound("team_not_found", code=code)
    account = None if by is None else accounts.account_of(session, by)
    name = wish.name.strip()[:100] or f"{wish.zone_code} · {wish.from_on.isoformat()}"
    within = None if account is None else account.scope_zone_id
    kept = {**wish.as_json(), "name": name, "within": within}
    plan_id = store.add_plan(
        session, store.NewPlan(name, "streets", wish.from_on, wish.to_on, kept), by=by, now=now
    )
    audit.record(session, by, "plan.ask", "plan", str(plan_id), {"name": name})
    return read(session, plan_id)


def prepare_streets(session: Session, settings: Settings, plan_id: int) -> StreetsDraft:
    """Read all that a plan of streets is made from. Raises NotFound; BadRequest when teams go out in different ways."""
    wish = StreetsWish.from_json(the_plan(session, plan_id).wish)
    days = days_of(wish.from_on, wish.to_on)
    zone_ids = zones_of_code(session, wish.from_on, wish.zone_code)
    shapes = [*areas.zone_shapes(session, zone_ids, wish.from_on).values()]
    excluded = [
        shape for row, shape in areas.exclusions(session, zone_ids, wish.from_on) if row.kind != "water"
    ]
    ground = shapely.difference(shapely.union_all(shapes), shapely.union_all(excluded))
    mode, going, idle = _going(session, settings, wish, days)
    epsg = read_grid(session).metric_epsg
    rows = road_rows.roads_around(session, _box(ground, going))
    network = network_of(rows, lines_of(rows, epsg), mode)
    by_id = {row.street_id: row for row in rows}
    area = to_metric(epsg, np.array([ground], dtype=object))[0]
    used = [by_id[street] for street in network.roads.lines.street_id.tolist()]
    iso = tuple(day.isoformat() for day in days)
    return StreetsDraft(plan_id, wish, iso, network, used, epsg, area, going, idle)


def work_out_streets(
    draft: StreetsDraft, progress: Callable[[int, str], None] = lambda _percent, _stage: None
) -> dict[str, Any]:
    """Return the plan's content; needs no database. Raises NotFound for a zone without streets for the mode.

    What no way joins to the other streets, or leads away from but not back to, is left out with that reason.
    """
    progress(5, "planning_streets")
    ground = lay_out(draft.network, draft.area) if len(draft.network.tail) else None
    if ground is None or not ground.arcs.required.any():
        raise NotFound("streets_none", zone=draft.wish.zone_code)
    laid = Laid(draft.network, draft.rows, ground, draft.epsg)
    progress(20, "planning_routes")
    tours = find_tours(laid, draft)
    progress(90, "planning_lines")
    patrols, unserved = patrols_of(laid, draft, tours)
    content = content_of(
        draft.days, patrols, unserved, [idle_json(one) for one in draft.idle], approximate=False
    )
    content["totals"] |= compared(laid, tours)
    return content


def keep_streets(
    session: Session, draft: StreetsDraft, content: dict[str, Any], *, by: int | None, now: datetime
) -> int:
    """Keep the content as the plan's newest version; return its number."""
    store.plan_of(session, draft.plan_id, lock=True)
    number = store.keep_version(session, draft.plan_id, content, {"do": "solve"}, by=by, now=now)
    store.set_state(session, draft.plan_id, state="ready")
    return number


def _going(
    session: Session, settings: Settings, wish: StreetsWish, days: Sequence[date]
) -> tuple[Mode, tuple[Going, ...], tuple[Idle, ...]]:
    """Return how and who goes, day by day, and who stays."""
    if not wish.team_codes:
        mode = Mode[(wish.mode or "foot").upper()]
        names = [f"#{number + 1}" for number in range(wish.patrols or 1)]
        return mode, tuple(
            Going(f"{day}/{name}", day.isoformat(), name, None, name, mode, _HOURS, None, None, None)
            for day in days
            for name in names
        ), ()  # fmt: skip
    found = crews(session, settings, days, wish.team_codes)
    modes = {outing.team.mode for outing in found.outings}
    if len(modes) > 1 and not wish.mode:
        raise BadRequest(
            "streets_modes_differ", modes=", ".join(sorted(Mode(one).name.lower() for one in modes))
        )
    mode = Mode[wish.mode.upper()] if wish.mode else Mode(min(modes, default=Mode.FOOT))
    return mode, tuple(
        Going(
            one.key, one.on.isoformat(), one.team.code, one.team.id, one.team.name, mode, one.hours, one.rest,
            one.depot, one.team.end_depot or one.depot, one.team.skills,
        )
        for one in found.outings
    ), found.idle  # fmt: skip


def _box(ground: shapely.Geometry, going: Sequence[Going]) -> road_rows.Box:
    west, south, east, north = shapely.bounds(ground).tolist()
    depots = [place for one in going for place in (one.depot, one.home) if place is not None]
    return (
        min([west, *(lon for lon, _ in depots)]) - _MARGIN_DEG, min([south, *(lat for _, lat in depots)]) - _MARGIN_DEG,
        max([east, *(lon for lon, _ in depots)]) + _MARGIN_DEG, max([north, *(lat for _, lat in depots)]) + _MARGIN_DEG,
    )  # fmt: skip
