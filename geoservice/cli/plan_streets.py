"""`geoservice plan streets`: every street of a zone, by one or several patrols."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.answers import user_named
from geoservice.cli.coverage.options import answer_json, say
from geoservice.cli.imports import Day
from geoservice.domain.tracks import Mode
from geoservice.errors import GeoServiceError
from geoservice.messages import sentence
from geoservice.services import planning
from geoservice.services.planning.reading import read
from geoservice.services.planning.streets import (
    MOST_PATROLS,
    StreetsWish,
    ask_streets,
    keep_streets,
    prepare_streets,
    work_out_streets,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geoservice.cli import Context


@click.command("streets")
@click.option("--zone", metavar="CODE", required=True, help="the zone, with all below it")
@click.option("--on", "from_on", type=Day(), help="the first day (default: tomorrow)")
@click.option("--days", type=click.IntRange(1), default=1, show_default=True, help="so many days")
@click.option("--teams", metavar="A,B", default="", help="the teams that go")
@click.option(
    "--patrols", type=click.IntRange(0, MOST_PATROLS), default=0, help="so many patrols, without teams"
)
@click.option(
    "--mode", type=click.Choice([mode.name.lower() for mode in Mode]), default=None,
    help="how they go (default: as the teams do; on foot without teams)",
)  # fmt: skip
@click.option("--seconds", type=float, default=20.0, show_default=True, help="what the search may take")
@click.option("--name", default="", help="what the plan is called")
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.option(
    "--geojson", type=click.Path(dir_okay=False, path_type=Path), help="write the ways to this file"
)
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def streets(context: Context, /, geojson: Path | None, as_json: bool, **given: Any) -> None:
    """Plan patrols along every street of a zone: each once, and as little way besides as can be."""
    now = datetime.now(UTC)
    wish = StreetsWish(
        zone_code=given["zone"],
        from_on=given["from_on"] or now.astimezone(context.settings.zone_info).date() + timedelta(days=1),
        days=given["days"],
        team_codes=tuple(code.strip() for code in given["teams"].split(",") if code.strip()),
        **{name: given[name] for name in ("patrols", "seconds", "name")},
        mode=given["mode"] or "",
    )
    with context.transaction() as session:
        by = user_named(session, given["by"])
        plan_id = ask_streets(session, wish, by=by, now=now).id
    _make(context, plan_id, by)
    with context.transaction() as session:
        view = read(session, plan_id)
    if geojson is not None:
        geojson.write_text(json.dumps(as_geojson(view.content), ensure_ascii=False), encoding="utf-8")
    if as_json:
        answer_json(asdict(view))
        return
    click.echo(f"plan {view.id} “{view.name}”")
    _tell(view.content, context.locale)


def _make(context: Context, plan_id: int, by: int | None) -> None:
    """Make a plan in this process; no transaction stays open while it computes."""
    try:
        with context.transaction() as session:
            draft = prepare_streets(session, context.settings, plan_id)
        content = work_out_streets(draft, say)
    except GeoServiceError:
        with context.transaction() as session:
            planning.failed(session, plan_id)
        raise
    with context.transaction() as session:
        keep_streets(session, draft, content, by=by, now=datetime.now(UTC))


def as_geojson(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the patrols' ways as a GeoJSON FeatureCollection of lines."""
    names = ("key", "on", "team", "mode", "starts", "ends", "metres")
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": patrol["line"]},
            "properties": {name: patrol[name] for name in names} | {"stops": len(patrol["stops"])},
        }
        for patrol in content["patrols"]
        if len(patrol["line"]) > 1
    ]
    return {"type": "FeatureCollection", "features": features}


def _tell(content: Mapping[str, Any], locale: str) -> None:
    for patrol in content["patrols"]:
        click.echo(
            f"{patrol['on']} {patrol['team']:<8} {patrol['mode']:<5} {patrol['starts']}–{patrol['ends']}  "
            f"{len(patrol['stops'])} streets, {patrol['metres'] / 1000:.1f} km"
        )
        for number, stop in enumerate(patrol["stops"], 1):
            click.echo(
                f"  {number:3d}. {stop['begin']}–{stop['leave']}  {stop['length_m']:7.0f} m  {stop['label']}"
            )
    for one in content["unserved"]:
        click.echo(
            f"- {one['code']} {one['label']}: {sentence('unserved_' + one['reason'], one['values'], locale)}"
        )
    sums = content["totals"]
    proof = "no way is shorter" if sums["proven"] and len(content["patrols"]) == 1 else "one patrol alone"
    click.echo(
        f"{sums['streets_m'] / 1000:.1f} km of streets on {sums['tours_m'] / 1000:.1f} km of ways; {proof}: "
        f"{sums['least_m'] / 1000:.1f} km, nothing below {sums['bound_m'] / 1000:.1f} km ({sums['ratio']:.3f} of it); "
        f"longest {sums['longest_over_mean']:.2f} of the mean"
    )
