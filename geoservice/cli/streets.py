"""`geoservice streets`: how well the streets hang together."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from geoservice.cli.coverage.options import answer_json
from geoservice.domain.tracks import Mode
from geoservice.services.road_network import as_geojson, report_network

if TYPE_CHECKING:
    from geoservice.cli import Context
    from geoservice.services.road_network import NetworkReport

SHOWN = 20


@click.group("streets")
def streets() -> None:
    """The streets as a network."""


@streets.command("network")
@click.option(
    "--mode", type=click.Choice([mode.name.lower() for mode in Mode]), default="foot", show_default=True
)
@click.option(
    "--near",
    type=click.FloatRange(0, 100),
    default=10.0,
    show_default=True,
    help="metres: an end so near another street was meant to meet it",
)
@click.option("--geojson", is_flag=True, help="the loose ends as a map, on stdout")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout")
@click.pass_obj
def network(context: Context, mode: str, near: float, geojson: bool, as_json: bool) -> None:
    """Report parts that no way joins, ends that stop short of a street, and dead ends.

    Planning goes over these streets: what is not joined here can't be reached there.
    """
    with context.transaction() as session:
        report = report_network(session, Mode[mode.upper()], near)
    if geojson:
        answer_json(as_geojson(report))
    elif as_json:
        answer_json(asdict(report))
    else:
        _tell(report)


def _tell(report: NetworkReport) -> None:
    total = report.length_m
    click.echo(
        f"{report.street_count} streets for {report.mode}: {total / 1000:.1f} km, {report.node_count} junctions and ends, {report.edge_count} stretches"
    )
    joined = report.components_m[0] if report.components_m else 0.0
    share = f"{100 * joined / total:.1f} %" if total else "none"
    click.echo(
        f"{len(report.components_m)} parts; the longest holds {joined / 1000:.1f} km of {total / 1000:.1f} km ({share})"
    )
    click.echo(f"{len(report.near_misses)} ends stop short of a street, {len(report.dead_ends)} dead ends")
    for one in report.near_misses[:SHOWN]:
        click.echo(
            f"  {one.lon:.6f} {one.lat:.6f}  {one.street_code} {one.street_name}: {one.gap_m:.2f} m short of {one.other_code}"
        )
    if len(report.near_misses) > SHOWN:
        click.echo(f"  … {len(report.near_misses) - SHOWN} more: --json or --geojson")
