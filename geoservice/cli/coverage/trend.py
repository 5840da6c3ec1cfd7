"""`coverage trend`: how zones go from day to day, week to week or month to month."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, get_args

import click

from geoservice.cli.coverage.options import answer_json, window_json, window_options
from geoservice.services import coverage as service
from geoservice.services import ground, points, streets, trends

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from geoservice.cli import Context
    from geoservice.domain.windows import Window


@click.command()
@window_options
@click.option(
    "--by",
    "step",
    type=click.Choice(get_args(trends.Step)),
    default="day",
    show_default=True,
    help="how long each step is",
)
@click.option("--level", help="zones of one level only")
@click.option("--zone", "code", metavar="CODE", help="this zone and all below it")
@click.option(
    "--measure", type=click.Choice(["area", "streets", "points"]), default="area", show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def trend(context: Context, /, window: Window, **asked: Any) -> None:
    """Show zones step by step through the window; each step counts by itself, with the borders of its last day."""
    with context.transaction() as session:
        ground.refresh_masks(session, context.settings)
        zones = service.zone_coverage(
            session, context.settings, window, level=asked["level"], code=asked["code"]
        )
        rows = _MEASURES[asked["measure"]](
            session, context, window, asked["step"], [row.zone_id for row in zones]
        )
    steps: dict[int, list[dict[str, Any]]] = {row.zone_id: [] for row in zones}
    for zone_id, step in rows:
        steps[zone_id].append(step)
    if asked["as_json"]:
        named = [
            {"code": row.code, "name": row.name, "level": row.level, "steps": steps[row.zone_id]}
            for row in zones
        ]
        by = {"by": asked["step"], "measure": asked["measure"]}
        answer_json({"window": window_json(window), **by, "zones": named})
        return
    for row in zones:
        rates = " ".join(_shown(step["rate"]) for step in steps[row.zone_id])
        click.echo(f"{row.level:<10} {row.code:<16} {rates}  {row.name}")


def _shown(rate: float | None) -> str:
    return "    –" if rate is None else f"{100 * rate:4.0f}%"


Steps = list[tuple[int, dict[str, Any]]]


def _areas(
    session: Session, context: Context, window: Window, step: trends.Step, zones: Sequence[int]
) -> Steps:
    found = trends.zone_trend(session, context.settings, window, step=step, zone_ids=zones)
    return [
        (
            point.zone_id,
            {
                "from": point.first_on, "to": point.last_on, "area_m2": point.area_m2,
                "covered_m2": point.covered_m2, "rate": point.rate,
            },
        )
        for point in found
    ]  # fmt: skip


def _streets(
    session: Session, context: Context, window: Window, step: trends.Step, zones: Sequence[int]
) -> Steps:
    return [
        (
            row.zone_id,
            {
                "from": bucket.from_on, "to": bucket.to_on,
                "length_m": row.length_m - row.tunnel_m - row.excluded_m, "covered_m": row.covered_m, "rate": row.rate,
            },
        )
        for bucket in trends.buckets_of(window, step)
        for row in streets.zones_by_length(session, context.settings, bucket, zone_ids=zones)
    ]  # fmt: skip


def _points(
    session: Session, context: Context, window: Window, step: trends.Step, zones: Sequence[int]
) -> Steps:
    return [
        (
            row.zone_id,
            {
                "from": bucket.from_on, "to": bucket.to_on,
                "points": row.total, "visited": row.visited, "rate": row.rate,
            },
        )
        for bucket in trends.buckets_of(window, step)
        for row in points.zone_points(session, context.settings, bucket, now=datetime.now(UTC), zone_ids=zones)
    ]  # fmt: skip


_MEASURES = {"area": _areas, "streets": _streets, "points": _points}
