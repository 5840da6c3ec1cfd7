"""`coverage rank`: the gaps by urgency, each with one line that says why it stands there."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
import shapely

from geoservice.cli.coverage.options import answer_json, fresh_report, window_json, window_options
from geoservice.errors import NotFound
from geoservice.services import coverage as measured
from geoservice.services import following, suggest
from geoservice.services import ranking as service

if TYPE_CHECKING:
    from geoservice.cli import Context
    from geoservice.domain.windows import Window
    from geoservice.services.coverage import GapRow
    from geoservice.services.ranking import RankedGap, RankedStretch
    from geoservice.services.streets import StretchRow


@click.command()
@window_options
@click.option("--zone", metavar="CODE", help="only this zone and all below it")
@click.option("--leader", metavar="CODE", help="only the ground this leader contracted")
@click.option("--streets", is_flag=True, help="unseen stretches of streets instead of gaps")
@click.option(
    "--first", type=click.IntRange(1), default=50, show_default=True, help="how many, from the most urgent"
)
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def rank(context: Context, /, window: Window, streets: bool, first: int, **given: Any) -> None:
    """Rank gaps by size × weight of the points inside × days unseen: of the city, a zone or a leader."""
    if given["zone"] and given["leader"]:
        raise click.UsageError("--zone and --leader can't be combined")
    with context.transaction() as session:
        following.prepare(session, context.settings)
        if not measured.has_data(session, window):
            raise NotFound("window_without_data", **window_json(window))
        zone_ids = suggest.ground_of(session, window.to_on, zone=given["zone"], leader=given["leader"])
        found: list[RankedStretch] | list[RankedGap]
        if streets:
            found = service.ranked_stretches(
                session, context.settings, window, zone_ids=zone_ids, limit=first
            )
        else:
            fresh_report(session, context.settings, window)
            found = service.ranked_gaps(session, context.settings, window, zone_ids=zone_ids, limit=first)
    rows = [_row(one, service.explain(one, context.locale)) for one in found]
    if given["as_json"]:
        answer_json({"window": window_json(window), "ranked": rows})
        return
    for row in rows:
        people = "、".join(one["name"] for one in row["answers"] if one["role"] == "leader")
        click.echo(f"{row['rank']:3d}. {row['code']} {row['name']}: {row['why']}  ({people or '–'})")


def _row(ranked: RankedGap | RankedStretch, why: str) -> dict[str, Any]:
    return {
        "rank": ranked.rank,
        "score": ranked.score,
        **(_gap(ranked) if isinstance(ranked, service.RankedGap) else _stretch(ranked)),
        "why": why,
        "answers": [asdict(answer) for answer in ranked.answers],
    }


def _gap(ranked: RankedGap) -> dict[str, Any]:
    gap = ranked.gap
    inside = {"point_count": gap.point_count, "point_weight": gap.point_weight}
    return {
        "code": gap.zone_code, "name": gap.zone_name, "area_m2": gap.area_m2, **inside, **_since(gap)
    }  # fmt: skip


def _stretch(ranked: RankedStretch) -> dict[str, Any]:
    stretch = ranked.stretch
    return {"code": stretch.code, "name": stretch.name, "length_m": stretch.length_m, **_since(stretch)}


def _since(unseen: GapRow | StretchRow) -> dict[str, Any]:
    place = shapely.point_on_surface(unseen.geometry)
    return {
        "days_unseen": unseen.days_unseen,
        "last_seen_on": unseen.last_seen_on,
        "lon": round(shapely.get_x(place), 7),
        "lat": round(shapely.get_y(place), 7),
    }
