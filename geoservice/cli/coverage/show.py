"""`coverage show`: every zone by any measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.coverage.area import area_answer, print_area
from geoservice.cli.coverage.options import Asked, answer_json, window_json, window_options
from geoservice.cli.coverage.points import interval_answer, points_answer, print_interval, print_points
from geoservice.cli.coverage.streets import print_streets, streets_answer
from geoservice.services import coverage as service
from geoservice.services import following, sighting
from geoservice.store import device_days

if TYPE_CHECKING:
    from geoservice.cli import Context
    from geoservice.domain.windows import Window

MEASURES = {
    "area": (area_answer, print_area),
    "streets": (streets_answer, print_streets),
    "points": (points_answer, print_points),
    "interval": (interval_answer, print_interval),
}
# What names a zone in every measure; the rest of a row is the measure's own.
NAMES = ("code", "name", "level")


@click.command()
@window_options
@click.option(
    "--measure",
    type=click.Choice([*MEASURES, "all"]),
    default="area",
    show_default=True,
    help="ground, streets by length, points by visit, points by interval",
)
@click.option("--level", help="zones of one level only")
@click.option("--zone", "code", metavar="CODE", help="this zone and all below it")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def show(context: Context, /, window: Window, measure: str, as_json: bool, **place: str | None) -> None:
    """Show every zone in the window by one measure or by all, the worst first."""
    chosen = list(MEASURES) if measure == "all" else [measure]
    with context.transaction() as session:
        following.prepare(session, context.settings)
        asked = Asked(session, context.settings, window, place["level"], place["code"])
        answers = {name: MEASURES[name][0](asked) for name in chosen}
        known = {
            "has_data": service.has_data(session, window),
            "pending": device_days.is_waiting(session),
            "refused": sighting.refusals(session, window),
        }
    answer = {"window": window_json(window), "measure": measure, **known, **_joined(answers)}
    if as_json:
        answer_json(answer)
        return
    if not known["has_data"]:
        click.echo("no track in this window: nothing is known, which is not the same as 0 %", err=True)
    if known["pending"]:
        click.echo("some tracks are not computed yet: run `coverage compute`", err=True)
    for name in chosen:
        if len(chosen) > 1:
            click.echo(f"— {name} —")
        MEASURES[name][1](answers[name])


def _joined(answers: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return one measure's answer as it is; of several one list of zones, the other measures each an object in the row."""
    if len(answers) == 1:
        return next(iter(answers.values()))
    area = answers["area"]
    others = {name: answer for name, answer in answers.items() if name != "area"}
    by_zone = {
        name: {(zone["level"], zone["code"]): _without_names(zone) for zone in answer["zones"]}
        for name, answer in others.items()
    }
    zones = [
        {**zone, **{name: rows.get((zone["level"], zone["code"])) for name, rows in by_zone.items()}}
        for zone in area["zones"]
    ]
    lists = {
        name: value
        for answer in others.values()
        for name, value in answer.items()
        if name not in {"zones", "totals"}
    }
    totals = {**area["totals"], **{name: answer["totals"] for name, answer in others.items()}}
    return {**area, **lists, "zones": zones, "totals": totals}


def _without_names(zone: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in zone.items() if name not in NAMES}
