"""`coverage gaps`: blind spots to a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from geoservice.cli.coverage.options import fresh_report, window_json, window_options
from geoservice.errors import NotFound
from geoservice.formats.gap_files import write_gaps
from geoservice.services import coverage as service
from geoservice.services import ground
from geoservice.services.grounds import zones_of_code

if TYPE_CHECKING:
    from geoservice.cli import Context
    from geoservice.domain.windows import Window


@click.command()
@window_options
@click.option("--zone", "code", metavar="CODE", help="gaps of this zone and all below it")
@click.option(
    "--format", "kind", type=click.Choice(["geojson", "gpkg"]), default="geojson", show_default=True
)
@click.option(
    "--rank",
    type=click.Choice(["score", "area"]),
    default="score",
    show_default=True,
    help="which gap comes first: size × weight of the points inside × days unseen, or size alone",
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="file to write"
)
@click.pass_obj
def gaps(
    context: Context,
    window: Window,
    code: str | None,
    kind: str,
    rank: str,
    output: Path,
) -> None:
    """Write the window's gaps to a file, the most urgent first."""
    with context.transaction() as session:
        ground.refresh_masks(session, context.settings)
        fresh_report(session, context.settings, window)
        zone_ids = None if code is None else zones_of_code(session, window.to_on, code)
        found = service.zone_gaps(session, context.settings, window, zone_ids=zone_ids)
        if not service.has_data(session, window):
            raise NotFound("window_without_data", **window_json(window))
    if rank == "area":
        found.sort(key=lambda gap: (-gap.area_m2, gap.zone_code))
    write_gaps(output, kind, found)
    click.echo(f"{len(found)} gaps → {output}", err=True)
