"""`geoservice zones`: list them, cut them into cells, add levels."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.answers import carry_out, run_options, taken_as
from geoservice.cli.imports import Day
from geoservice.services.importing.cutting import CutOptions, cut_zone
from geoservice.services.levels import add_level, list_levels, list_zones

if TYPE_CHECKING:
    from datetime import date

    from geoservice.cli import Context


@click.group()
def zones() -> None:
    """List zones and levels; cut a zone into cells."""


@zones.command("list")
@click.option("--level", help="only this level")
@click.option("--on", type=Day(), help="as of this day; today by default")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def list_command(context: Context, level: str | None, on: date | None, as_json: bool) -> None:
    """List the zones, the widest level first."""
    day = on or datetime.now(UTC).astimezone(context.settings.zone_info).date()
    with context.transaction() as session:
        rows = [asdict(zone) for zone in list_zones(session, day, level)]
    if as_json:
        click.echo(
            json.dumps(
                [
                    {**row, "valid_from": _day(row["valid_from"]), "valid_to": _day(row["valid_to"])}
                    for row in rows
                ],
                ensure_ascii=False,
            )
        )
        return
    for row in rows:
        click.echo("\t".join(str(row[name] or "-") for name in ("level", "code", "name", "parent_code")))


@zones.command("cut")
@click.option("--parent", required=True, metavar="CODE", help="the zone to cut")
@click.option("--parent-level", help="its level, where several have the code")
@click.option("--size", "size_m", type=float, required=True, help="side of a cell, metres")
@click.option("--level", default="grid", show_default=True, help="the level of the cells")
@run_options
@click.pass_obj
def cut_command(context: Context, /, **given: Any) -> None:
    """Cut a zone into a grid of cells with codes."""
    options = taken_as(CutOptions, given)
    carry_out(context, given, lambda session, run: cut_zone(session, context.settings, options, run))


@zones.group("levels", invoke_without_command=True)
@click.pass_context
def levels(ctx: click.Context) -> None:
    """List the levels, the widest first, or add one."""
    if ctx.invoked_subcommand is None:
        with ctx.obj.transaction() as session:
            for level in list_levels(session):
                click.echo(f"{level.rank}\t{level.code}\t{level.name_zh}\t{level.name_en}")


@levels.command("add")
@click.argument("code")
@click.argument("rank", type=int)
@click.argument("name_zh")
@click.argument("name_en")
@click.pass_obj
def add_level_command(context: Context, code: str, rank: int, name_zh: str, name_en: str) -> None:
    """Add a level; rank 1 is the widest, and no two share one."""
    with context.transaction() as session:
        add_level(session, code, rank, (name_zh, name_en))
    click.echo(f"level {code} added", err=True)


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None
