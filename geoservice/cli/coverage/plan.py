"""`coverage plan`: what planned patrols would cover."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from geoservice.cli.coverage.area import print_area, zone_json
from geoservice.cli.coverage.options import DAY, answer_json
from geoservice.services import coverage as service
from geoservice.services import ground, plans

if TYPE_CHECKING:
    from datetime import datetime

    from geoservice.cli import Context


@click.command()
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
        answer = {"date": on.date().isoformat(), "zones": [zone_json(row) for row in rows]}
        answer_json({**answer, "totals": asdict(service.totals(rows))})
        return
    print_area({"zones": [zone_json(row) for row in rows]})
