"""The measures "points" and "interval": what became of the inspection points, and how long they went unvisited."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.coverage.area import shown_rate
from geoservice.cli.coverage.options import zones_asked
from geoservice.services import points as service
from geoservice.store.zones_of_day import zones_on

if TYPE_CHECKING:
    from geoservice.cli.coverage.options import Asked
    from geoservice.services.point_counts import PointCounts, PointRow

STATES = ("visited_findings", "visited_clean", "probable", "not_visited", "unknown")
DUE = ("overdue", "due_today", "due_tomorrow", "never")


def points_answer(asked: Asked) -> dict[str, Any]:
    """Return the four states of points: by zone, each point, and in all."""
    return _answer(asked, _states, _state_of_point, key=lambda counts: counts.rate)


def interval_answer(asked: Asked) -> dict[str, Any]:
    """Return how points kept their required interval: by zone, each point, and in all."""
    return _answer(asked, _intervals, _interval_of_point, key=lambda counts: counts.compliance_rate)


def print_points(answer: dict[str, Any]) -> None:
    """Show the visited share of each zone's points as lines."""
    for row in answer["zones"]:
        states = ", ".join(f"{row[state]} {state}" for state in STATES if row[state])
        click.echo(f"{shown_rate(row['rate'])}  {row['level']:<10} {row['code']:<16} {row['name']}  {states}")


def print_interval(answer: dict[str, Any]) -> None:
    """Show each zone's share of points that kept their interval, then what is overdue."""
    for row in answer["zones"]:
        due = ", ".join(f"{row[due]} {due}" for due in DUE if row[due])
        click.echo(
            f"{shown_rate(row['rate'])}  {row['level']:<10} {row['code']:<16} {row['name']}  "
            f"{row['kept']} of {row['judged']} kept; {due}"
        )
    for row in answer["points"]:
        if row["due"] == "overdue":
            click.echo(f"overdue {row['overdue_days']:.1f} d: {row['code']} {row['name']}")


def _answer(asked: Asked, of_counts: Any, of_point: Any, *, key: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    wanted = zones_asked(asked)
    rows = service.point_rows(asked.session, asked.settings, asked.window, now=now, zone_ids=wanted)
    zones = service.rows_by_zone(zones_on(asked.session, asked.window.to_on), rows)
    shown = [
        zone
        for zone in zones
        if (wanted is None or zone.zone_id in wanted) and (asked.level is None or zone.level == asked.level)
    ]
    shown.sort(key=lambda zone: (key(zone) is None, key(zone) or 0.0, zone.code))
    named = [{"code": zone.code, "name": zone.name, "level": zone.level, **of_counts(zone)} for zone in shown]
    names = {zone.zone_id: zone.code for zone in zones}
    return {
        "zones": named,
        "points": [
            {
                "code": row.code,
                "name": row.name,
                "category": row.category,
                "zone": names.get(row.zone_id or 0),
                **of_point(row),
            }
            for row in rows
        ],
        "totals": of_counts(service.point_totals(rows)),
    }


def _states(counts: PointCounts) -> dict[str, Any]:
    return {
        "total": counts.total,
        **{state: getattr(counts, state) for state in STATES},
        "visited": counts.visited,
        "rate": counts.rate,
    }


def _intervals(counts: PointCounts) -> dict[str, Any]:
    return {
        "total": counts.total,
        "kept": counts.kept,
        "judged": counts.judged,
        "rate": counts.compliance_rate,
        **{due: getattr(counts, due) for due in DUE},
        "longest_unvisited_days": counts.longest_unvisited_days,
    }


def _state_of_point(row: PointRow) -> dict[str, Any]:
    names = ("state", "visit_count", "check_in_count", "finding_count", "last_visit_at", "lon", "lat")
    return {name: getattr(row, name) for name in names}


def _interval_of_point(row: PointRow) -> dict[str, Any]:
    names = (
        "required_interval_days",
        "longest_unvisited_days",
        "compliant",
        "last_visit_at",
        "due",
        "due_on",
        "overdue_days",
    )
    return {name: getattr(row, name) for name in names}
