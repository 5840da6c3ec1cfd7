"""The measure "streets", and `coverage streets`: the stretches nobody saw, to a file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.coverage.area import shown_rate
from geoservice.cli.coverage.options import Asked, window_json, window_options, zones_asked
from geoservice.errors import NotFound
from geoservice.formats.gap_files import write_stretches
from geoservice.services import following, sighting
from geoservice.services import streets as service
from geoservice.services.coverage import has_data

if TYPE_CHECKING:
    from geoservice.cli import Context
    from geoservice.domain.windows import Window


def streets_answer(asked: Asked) -> dict[str, Any]:
    """Return how much of the streets was seen: by zone, street and class, the worst first."""
    zone_ids = zones_asked(asked)
    found = service.street_coverage(asked.session, asked.settings, asked.window, zone_ids=zone_ids)
    zones = [zone for zone in found.zones if asked.level is None or zone.level == asked.level]
    zones.sort(key=lambda zone: (zone.rate is None, zone.rate or 0.0, zone.code))
    return {
        "zones": [_plain(zone, "zone_id", "path") for zone in zones],
        "streets": [_plain(street, "street_id", "zone_ids") for street in found.streets],
        "classes": [_plain(row) for row in found.classes],
        "totals": asdict(found.totals),
        "refused_m": sighting.street_refusals(asked.session, asked.window),
    }


def print_streets(answer: dict[str, Any]) -> None:
    """Show zones, classes and what was refused as lines."""
    for row in [
        *answer["zones"],
        *({**row, "level": "class", "code": "", "name": row["street_class"]} for row in answer["classes"]),
    ]:
        click.echo(
            f"{shown_rate(row['rate'])}  {row['level']:<10} {row['code']:<16} {row['name']}  "
            f"{row['covered_m'] / 1000:.1f} of {(row['length_m'] - row['tunnel_m'] - row['excluded_m']) / 1000:.1f} km"
        )
    for reason, metres in sorted(answer["refused_m"].items()):
        click.echo(f"not credited: {reason} {metres / 1000:.1f} km")


def _plain(row: Any, *left_out: str) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if name not in left_out}


@click.command()
@window_options
@click.option("--zone", "code", metavar="CODE", help="stretches in this zone and all below it")
@click.option(
    "--format", "kind", type=click.Choice(["geojson", "gpkg"]), default="geojson", show_default=True
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="file to write"
)
@click.pass_obj
def streets(context: Context, window: Window, code: str | None, kind: str, output: Path) -> None:
    """Write the stretches of street that nobody saw to a file, the most urgent first."""
    with context.transaction() as session:
        following.prepare(session, context.settings)
        asked = Asked(session, context.settings, window, None, code)
        if not has_data(session, window):
            raise NotFound("window_without_data", **window_json(window))
        found = service.street_gaps(session, context.settings, window, zone_ids=zones_asked(asked))
    write_stretches(output, kind, found)
    click.echo(
        f"{len(found)} stretches, {sum(one.length_m for one in found) / 1000:.1f} km → {output}", err=True
    )
