"""`coverage show`: every zone by any measure."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.coverage.options import answer_json, fresh_report, window_json, window_options
from geoservice.services import coverage as service
from geoservice.services import ground

if TYPE_CHECKING:
    from geoservice.cli import Context
    from geoservice.domain.windows import Window


@click.command()
@window_options
@click.option("--level", help="zones of one level only")
@click.option("--zone", "code", metavar="CODE", help="this zone and all below it")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def show(
    context: Context,
    window: Window,
    level: str | None,
    code: str | None,
    as_json: bool,
) -> None:
    """Show every zone's coverage in the window, the worst first."""
    with context.transaction() as session:
        ground.refresh_masks(session, context.settings)
        grid = ground.read_grid(session)
        fresh_report(session, context.settings, window)
        rows = service.zone_coverage(session, context.settings, window, level=level, code=code)
        has_data, pending = service.has_data(session, window), service.has_pending(session)
    rows.sort(key=lambda row: (row.rate is None, row.rate or 0.0, row.code))
    answer = {
        "window": window_json(window),
        "reach_m": {
            "foot": context.settings.reach_foot_m,
            "ebike": context.settings.reach_ebike_m,
            "car": context.settings.reach_car_m,
        },
        "cell_m": grid.cell_m,
        "metric_epsg": grid.metric_epsg,
        "has_data": has_data,
        "pending": pending,
        "zones": [zone_json(row) for row in rows],
        "totals": asdict(service.totals(rows)),
    }
    if as_json:
        answer_json(answer)
        return
    if not has_data:
        click.echo("no track in this window: nothing is known, which is not the same as 0 %", err=True)
    if pending:
        click.echo("some tracks are not computed yet: run `coverage compute`", err=True)
    print_rows(rows)


def print_rows(rows: list[service.ZoneRow]) -> None:
    """Show rates as lines."""
    for row in rows:
        rate = "   –  " if row.rate is None else f"{100 * row.rate:5.1f}%"
        click.echo(f"{rate}  {row.level:<10} {row.code:<16} {row.name}  ({row.leader or '–'})")


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
