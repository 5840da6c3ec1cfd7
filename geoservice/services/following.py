"""Before anything is computed: what the settings ask for now, and what changed on the ground, is marked to be done again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from geoservice.services import ground, tracking
from geoservice.services.rules import limits_of, period_starts, reach_of
from geoservice.store import device_days, fill_settings, gap_rows

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.config import Settings

# All there is hangs on these; on reach hang the days of a mode, on the others streets or points alone.
_EVERYTHING = ("cell_m", "metric_epsg", "timezone", "limits", "periods")


def prepare(session: Session, settings: Settings) -> None:
    """Make the masks and cut the streets that are missing; mark what came live, and what is to be done again.

    Must run in a session that sees everything.
    """
    tracking.mark_days(session, settings, *device_days.take_arrivals(session))
    ground.refresh_masks(session, settings)
    follow_settings(session, settings)
    device_days.mark_changed_places(session)


def follow_settings(session: Session, settings: Settings) -> None:
    """Mark what hangs on the settings that changed since the last computation, and nothing else."""
    wanted = _wanted(session, settings)
    if wanted is None or fill_settings.read(session) == wanted:
        return
    device_days.stop_covering(session)
    before = fill_settings.read(session)
    if before is None or any(before.get(name) != wanted[name] for name in _EVERYTHING):
        device_days.mark_all(session)
        if before is not None and before.get("timezone") != wanted["timezone"]:
            device_days.count_days_anew(session, settings.timezone)
        gap_rows.mark_stale(session)
    else:
        _follow_some(session, before, wanted)
    fill_settings.remember(session, wanted)


def have_changed(session: Session, settings: Settings) -> bool:
    """Tell whether the settings ask for something else than what was computed last."""
    before = fill_settings.read(session)
    return before is not None and before != _wanted(session, settings)


def _follow_some(session: Session, before: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Follow settings that some device days, or some facts of them, hang on.

    What was not remembered yet, by an older version, was not computed yet either.
    """
    changed = {name for name in wanted if name in before and before[name] != wanted[name]}
    if "reach_m" in changed:
        reach, wider = before["reach_m"], wanted["reach_m"]
        device_days.mark_modes(session, [int(mode) for mode in wider if reach.get(mode) != wider[mode]])
        gap_rows.mark_stale(session)
    if changed & {"streets", "visits"}:
        device_days.mark_all_for_rematch(session)
    if "categories" in changed:
        known, asked = before["categories"], wanted["categories"]
        fill_settings.note_points(
            session, [code for code in {*known, *asked} if known.get(code) != asked.get(code)]
        )


def _wanted(session: Session, settings: Settings) -> dict[str, Any] | None:
    """Return what is computed by, as JSON gives it back; None before there is any ground."""
    found = fill_settings.raster(session)
    if found is None:
        return None
    periods = period_starts(settings)
    wanted = {
        "cell_m": found.cell_m,
        "metric_epsg": found.metric_epsg,
        "timezone": settings.timezone,
        "limits": vars(limits_of(settings)),
        "periods": [at.isoformat() for at in (periods.day, periods.evening, periods.night)],
        "reach_m": {str(int(mode)): metres for mode, metres in reach_of(settings).items()},
        "streets": [settings.street_piece_m, settings.street_reach_m, settings.street_heading_deg],
        "visits": [settings.visit_radius_m, settings.visit_dwell_s, settings.visit_join_s],
        "categories": fill_settings.categories(session),
    }
    plain: dict[str, Any] = json.loads(json.dumps(wanted))
    return plain
