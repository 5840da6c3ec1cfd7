"""`coverage unvisited`: the never-visited list."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.coverage.options import answer_json, fresh_report, window_json, window_options
from geoservice.services import ground
from geoservice.services import unvisited as service

if TYPE_CHECKING:
    from geoservice.cli import Context
    from geoservice.domain.windows import Window
    from geoservice.services.unvisited import Unvisited, ZonePeriod


@click.command()
@window_options
@click.option("--level", help="zones of one level only")
@click.option("--zone", "code", metavar="CODE", help="this zone and all below it")
@click.option(
    "--json", "as_json", is_flag=True, help="as JSON: every zone and part of the day, zeros included"
)
@click.pass_obj
def unvisited(context: Context, window: Window, level: str | None, code: str | None, as_json: bool) -> None:
    """List what nobody saw: zones by part of the day, streets, points, and gaps never seen."""
    with context.transaction() as session:
        ground.refresh_masks(session, context.settings)
        fresh_report(session, context.settings, window)
        found = service.unvisited(
            session, context.settings, window, now=datetime.now(UTC), level=level, code=code
        )
    if as_json:
        answer_json({"window": window_json(window), **_json(found)})
        return
    if not found.has_data:
        click.echo("no track in this window: nothing is known, which is not the same as 0 %", err=True)
    _print(found)


def _json(found: Unvisited) -> dict[str, Any]:
    return {
        "has_data": found.has_data,
        "zones": [
            {
                "code": row.code,
                "name": row.name,
                "level": row.level,
                "period": _period(row),
                "ground_m2": row.ground_m2,
                "covered_m2": row.covered_m2,
                "rate": row.rate,
                "never_visited": row.is_never,
                "leader": row.leader,
            }
            for row in found.zones
        ],
        "streets": [
            {"code": row.code, "name": row.name, "class": row.street_class, "length_m": row.length_m}
            for row in found.streets
        ],
        "points": [
            {
                "code": row.code,
                "name": row.name,
                "category": row.category,
                "lon": row.lon,
                "lat": row.lat,
                "last_visit_at": row.last_visit_at,
            }
            for row in found.points
        ],
        "gaps": [
            {
                "zone": gap.zone_code,
                "area_m2": gap.area_m2,
                "point_count": gap.point_count,
                "point_weight": gap.point_weight,
                "score": gap.score,
                "leader": gap.leader,
            }
            for gap in found.gaps
        ],
        "totals": {
            "zone_periods": len(found.zones),
            "zone_periods_never_visited": len(found.zones_never),
            "streets": len(found.streets),
            "points": len(found.points),
            "points_never_in_history": len(found.points_ever),
            "gaps": len(found.gaps),
        },
    }


def _print(found: Unvisited) -> None:
    for row in found.zones_never:
        click.echo(
            f"zone    {row.level:<10} {row.code:<16} {_period(row):<8} {row.name}  ({row.leader or '–'})"
        )
    for street in found.streets:
        click.echo(f"street  {street.code:<16} {street.length_m:8.0f} m  {street.name}")
    for point in found.points:
        last = point.last_visit_at.date().isoformat() if point.last_visit_at else "never"
        click.echo(f"point   {point.code:<16} {last:<10}  {point.name}")
    for gap in found.gaps:
        click.echo(
            f"gap     {gap.zone_code:<16} {gap.area_m2:8.0f} m²  {gap.zone_name}  ({gap.leader or '–'})"
        )
    click.echo(
        f"{len(found.zones_never)} of {len(found.zones)} zones × parts of the day, {len(found.streets)} streets, "
        f"{len(found.points)} points, {len(found.gaps)} gaps",
        err=True,
    )


def _period(row: ZonePeriod) -> str:
    return row.period.name.lower() if row.period else "all"
