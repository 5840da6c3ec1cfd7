"""The measure "area": how much of each zone's ground was seen."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.coverage.options import fresh_report
from geoservice.services import as_of, ground
from geoservice.services import coverage as service

if TYPE_CHECKING:
    from geoservice.cli.coverage.options import Asked

RATE_UNKNOWN = "   –  "


def area_answer(asked: Asked) -> dict[str, Any]:
    """Return every zone's coverage, the worst first."""
    session, settings, window = asked.session, asked.settings, asked.window
    fresh_report(session, settings, window)
    rows = service.zone_coverage(session, settings, window, level=asked.level, code=asked.code)
    rows.sort(key=lambda row: (row.rate is None, row.rate or 0.0, row.code))
    grid = ground.read_grid(session)
    revision = as_of.revision(session, window)
    return {
        "reach_m": {
            "foot": settings.reach_foot_m,
            "ebike": settings.reach_ebike_m,
            "car": settings.reach_car_m,
        },
        "cell_m": grid.cell_m,
        "metric_epsg": grid.metric_epsg,
        "zones": [zone_json(row) for row in rows],
        "totals": asdict(service.totals(rows)),
        "revision": asdict(revision) if revision else None,
        "late": asdict(as_of.late(session, settings, window)),
    }


def print_area(answer: dict[str, Any]) -> None:
    """Show rates as lines."""
    for row in answer["zones"]:
        click.echo(
            f"{shown_rate(row['rate'])}  {row['level']:<10} {row['code']:<16} {row['name']}  ({row['leader'] or '–'})"
        )
    late = answer.get("late")
    if late and late["count"]:
        click.echo(
            f"{late['count']} tracks of these days arrived after they had ended, the last at {late['latest_received_at']}",
            err=True,
        )


def shown_rate(rate: float | None) -> str:
    """A rate, or a dash where none is known."""
    return RATE_UNKNOWN if rate is None else f"{100 * rate:5.1f}%"


def zone_json(row: service.ZoneRow) -> dict[str, Any]:
    """One zone of an answer."""
    return {
        "code": row.code,
        "name": row.name,
        "level": row.level,
        "area_m2": row.area_m2,
        "excluded_m2": row.excluded_m2,
        "covered_m2": row.covered_m2,
        "rate": row.rate,
        "gap_count": row.gap_count,
        "leader": row.leader,
        "others": [{"role": role, "name": name} for role, name in row.others],
    }
