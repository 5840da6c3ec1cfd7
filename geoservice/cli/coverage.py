"""`geoservice coverage`: compute it, show it, and write the gaps to a file."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoservice.domain.windows import Window
from geoservice.errors import NotFound
from geoservice.formats.gap_files import write_gaps
from geoservice.jobs.cover import cover_window
from geoservice.services import coverage as service
from geoservice.services import gap_reports, ground, plans

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from geoservice.cli import Context
    from geoservice.config import Settings

DAY = click.DateTime(formats=["%Y-%m-%d"])


def _window(from_on: datetime, to_on: datetime) -> Window:
    return Window(from_on.date(), to_on.date())


def window_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --from and --to, both days included."""
    command = click.option(
        "--to", "to_on", type=DAY, required=True, metavar="DAY", help="last day, YYYY-MM-DD"
    )(command)
    return click.option(
        "--from", "from_on", type=DAY, required=True, metavar="DAY", help="first day, YYYY-MM-DD"
    )(command)


@click.group()
def coverage() -> None:
    """Compute and show what patrols saw, and what they never saw."""


@coverage.command()
@window_options
@click.option("--json", "as_json", is_flag=True, help="the counts as JSON")
@click.pass_obj
def compute(context: Context, from_on: datetime, to_on: datetime, as_json: bool) -> None:
    """Turn the fixes of the window that wait for it into coverage, and find the gaps."""
    window = _window(from_on, to_on)
    started = time.monotonic()
    counts = cover_window(context.transaction, context.settings, window.from_on, window.to_on, progress=_say)
    with context.transaction() as session:
        counts["gaps"] = _fresh_report(session, context.settings, window)
    answer = {"window": _dates(window), **counts, "seconds": round(time.monotonic() - started, 3)}
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    click.echo(
        f"{counts['fixes']} fixes, {counts['segments']} segments on {counts['days']} days; "
        f"{counts['tiles']} tiles merged, {counts['rebuilt']} rebuilt; {answer['seconds']} s"
    )
    for reason, count in sorted(counts["refused"].items()):
        click.echo(f"refused: {reason} {count}")


@coverage.command()
@window_options
@click.option("--level", help="zones of one level only")
@click.option("--zone", "code", metavar="CODE", help="this zone and all below it")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def show(
    context: Context, from_on: datetime, to_on: datetime, level: str | None, code: str | None, as_json: bool
) -> None:
    """Show every zone's coverage in the window, the worst first."""
    window = _window(from_on, to_on)
    with context.transaction() as session:
        ground.refresh_masks(session, context.settings)
        grid = ground.read_grid(session)
        _fresh_report(session, context.settings, window)
        rows = service.zone_coverage(session, context.settings, window, level=level, code=code)
        has_data, pending = service.has_data(session, window), service.has_pending(session)
    rows.sort(key=lambda row: (row.rate is None, row.rate or 0.0, row.code))
    answer = {
        "window": _dates(window),
        "reach_m": {
            "foot": context.settings.reach_foot_m,
            "ebike": context.settings.reach_ebike_m,
            "car": context.settings.reach_car_m,
        },
        "cell_m": grid.cell_m,
        "metric_epsg": grid.metric_epsg,
        "has_data": has_data,
        "pending": pending,
        "zones": [_zone(row) for row in rows],
        "totals": asdict(service.totals(rows)),
    }
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    if not has_data:
        click.echo("no track in this window: nothing is known, which is not the same as 0 %", err=True)
    if pending:
        click.echo("some tracks are not computed yet: run `coverage compute`", err=True)
    _print_rows(rows)


def _print_rows(rows: list[service.ZoneRow]) -> None:
    for row in rows:
        rate = "   –  " if row.rate is None else f"{100 * row.rate:5.1f}%"
        click.echo(f"{rate}  {row.level:<10} {row.code:<16} {row.name}  ({row.leader or '–'})")


@coverage.command()
@click.option("--date", "on", type=DAY, required=True, metavar="DAY", help="the planned day, YYYY-MM-DD")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def plan(context: Context, on: datetime, as_json: bool) -> None:
    """Show what the patrols planned for a day would cover if they were walked as planned."""
    with context.transaction() as session:
        ground.refresh_masks(session, context.settings)
        rows = plans.planned_coverage(session, context.settings, on.date())
    rows.sort(key=lambda row: (row.rate or 0.0, row.code))
    if as_json:
        answer = {"date": on.date().isoformat(), "zones": [_zone(row) for row in rows]}
        click.echo(json.dumps({**answer, "totals": asdict(service.totals(rows))}, ensure_ascii=False))
        return
    _print_rows(rows)


@coverage.command()
@window_options
@click.option("--zone", "code", metavar="CODE", help="gaps of this zone and all below it")
@click.option(
    "--format", "kind", type=click.Choice(["geojson", "gpkg"]), default="geojson", show_default=True
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="file to write"
)
@click.pass_obj
def gaps(
    context: Context, from_on: datetime, to_on: datetime, code: str | None, kind: str, output: Path
) -> None:
    """Write the window's gaps to a file, largest first."""
    window = _window(from_on, to_on)
    with context.transaction() as session:
        ground.refresh_masks(session, context.settings)
        _fresh_report(session, context.settings, window)
        zone_ids = None
        if code is not None:
            zone_ids = [
                row.zone_id for row in service.zone_coverage(session, context.settings, window, code=code)
            ]
        found = service.zone_gaps(session, context.settings, window, zone_ids=zone_ids)
        if not service.has_data(session, window):
            raise NotFound("window_without_data", **_dates(window))
    write_gaps(output, kind, found)
    click.echo(f"{len(found)} gaps → {output}", err=True)


def _fresh_report(session: Session, settings: Settings, window: Window) -> int | None:
    if gap_reports.is_ready(session, window):
        return None
    return gap_reports.build(
        session, settings, window, now=datetime.now(UTC), progress=lambda percent: _say(percent, "gaps")
    )


def _say(percent: int, stage: str) -> None:
    """Show progress where somebody watches."""
    if sys.stderr.isatty():
        click.echo(f"\r{stage} {percent:3d}%  ", nl=percent == 100, err=True)


def _dates(window: Window) -> dict[str, str]:
    return {"from": window.from_on.isoformat(), "to": window.to_on.isoformat()}


def _zone(row: service.ZoneRow) -> dict[str, Any]:
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
