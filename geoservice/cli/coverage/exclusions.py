"""`coverage exclusions`: what is excluded, by whom and why."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from geoservice.cli.coverage.options import DAY, answer_json
from geoservice.domain.windows import local_day
from geoservice.services import exclusions as service
from geoservice.services import ground

if TYPE_CHECKING:
    from geoservice.cli import Context
    from geoservice.store.exclusion_list import ListedExclusion


@click.command()
@click.option("--on", type=DAY, metavar="DAY", help="those valid on this day; every version when left out")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def exclusions(context: Context, on: datetime | None, as_json: bool) -> None:
    """List the ground that nobody has to see: who excluded it when and why, and its share of each zone."""
    day = on.date() if on else None
    today = local_day(datetime.now(UTC), context.settings.zone_info)
    with context.transaction() as session:
        ground.refresh_masks(session, context.settings)
        found = service.list_exclusions(session, day)
        shares = service.excluded_shares(session, day or today)
    if as_json:
        answer_json(
            {
                "on": day,
                "exclusions": [asdict(each) for each in found],
                "zones_on": day or today,
                "zones": [asdict(share) for share in shares],
            }
        )
        return
    for each in found:
        click.echo(
            f"{each.area_m2 / 10_000:10.2f} ha  {each.code:<16} {each.kind:<10} {_validity(each):<26} {each.name}"
            f"  ({each.reason or '–'}; {each.excluded_by or '–'}, {_when(context, each)})"
        )
    for share in shares:
        rate = "   –  " if share.share is None else f"{100 * share.share:5.1f}%"
        click.echo(f"{rate} of {share.level} {share.code} {share.name} is excluded")


def _validity(each: ListedExclusion) -> str:
    """The days of an exclusion; the second is the first on which it no longer holds."""
    return f"[{each.valid_from or '…'}, {each.valid_to or '…'})"


def _when(context: Context, each: ListedExclusion) -> str:
    if each.excluded_at is None:
        return "–"
    return f"{each.excluded_at.astimezone(context.settings.zone_info):%Y-%m-%d %H:%M}"
