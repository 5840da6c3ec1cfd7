"""`geoservice import`: zones, points, streets, tracks, contracts, exclusions and check-ins from files."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.answers import carry_out, repairs_option, run_options, taken_as
from geoservice.services import importing

if TYPE_CHECKING:
    from collections.abc import Callable

    from geoservice.cli import Context

COLUMN_HELP = "A column is a field of the file, @file (the file's name), or a template such as '{COL}-{ROW}'."


class Day(click.ParamType[Any]):
    """A day as 2026-01-31."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read it, or say how it is written."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day; write it as 2026-01-31", param, ctx)


class Pairs(click.ParamType[Any]):
    """ROLE=COLUMN,ROLE=COLUMN."""

    name = "ROLE=COLUMN,…"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, str]:
        """Read it, or say how it is written."""
        pairs = [pair.partition("=") for pair in str(value).split(",") if pair.strip()]
        if not pairs or any(not role.strip() or not column.strip() for role, _, column in pairs):
            self.fail(f"{value!r}: write it as device=VehicleNum,time=Stime", param, ctx)
        return {role.strip(): column.strip() for role, _, column in pairs}


FILES = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))


def geometry_options(command: Callable[..., None]) -> Callable[..., None]:
    """Options of every import of shapes."""
    for option in (
        click.option(
            "--crs", default="auto", metavar="auto|EPSG:n|gcj02|bd09", help="what the coordinates are in"
        ),
        click.option("--swapped", is_flag=True, help="latitude (northing) stands before longitude (easting)"),
        click.option("--encoding", default="auto", metavar="auto|NAME", help="of the texts"),
        click.option("--layer", help="layer of a GeoPackage or KML, sheet of a workbook, data set of a zip"),
        click.option("--lon", metavar="COLUMN", help="longitude or easting, in a table"),
        click.option("--lat", metavar="COLUMN", help="latitude or northing, in a table"),
        click.option("--wkt", metavar="COLUMN", help="geometry as WKT, in a table"),
    ):
        command = option(command)
    return command


def column(name: str, text: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """An option that names a column."""
    return click.option(name, metavar="COLUMN", help=text)


@click.group("import")
def imports() -> None:
    """Take in files. Nothing is written when an import fails, or with --dry-run."""


@imports.command("zones", epilog=COLUMN_HELP)
@FILES
@click.option(
    "--level", required=True, help="which level they are on: city, district, street, community, grid …"
)
@column("--code", "of the code, unique on its level")
@column("--name", "of the name")
@column("--parent-code", "of the code of the zone they belong to")
@click.option(
    "--parent-level", help="the level of that zone; by default the next wider one that has the code"
)
@click.option("--parent-by-place", is_flag=True, help="they belong to the zone that contains their middle")
@click.option(
    "--valid-from", type=Day(), help="the day from which this holds; by default: new ones ever, changes today"
)
@click.option("--full", is_flag=True, help="the files are the whole level: what they lack ends")
@click.option("--correct", is_flag=True, help="what is stored was wrong all along: change it in place")
@geometry_options
@repairs_option
@run_options
@click.pass_obj
def zones(context: Context, /, **given: Any) -> None:
    """Import zones from layers of polygons."""
    options = taken_as(importing.ZoneOptions, given)
    carry_out(
        context,
        given,
        lambda session, run: importing.import_zones(session, context.settings, _input(given), options, run),
    )


@imports.command("points", epilog=COLUMN_HELP)
@FILES
@column("--code", "of the code; without one it is made from name, address and place")
@column("--name", "of the name")
@column("--category", "of the category: its code, or its name in Chinese or English")
@click.option("--category-value", metavar="CODE", help="one category for all")
@column("--address", "of the address")
@column("--interval", "of the days between two visits")
@column("--minutes", "of the minutes a visit takes")
@column("--weight", "of the weight")
@geometry_options
@run_options
@click.pass_obj
def points(context: Context, /, **given: Any) -> None:
    """Import inspection points from layers or tables."""
    options = taken_as(importing.PointOptions, given)
    carry_out(
        context,
        given,
        lambda session, run: importing.import_points(session, context.settings, _input(given), options, run),
    )


@imports.command("streets", epilog=COLUMN_HELP)
@FILES
@column("--code", "of the code; without one it is made from name and place")
@column("--name", "of the name")
@click.option("--class", "street_class", metavar="COLUMN", help="of the class")
@click.option("--oneway", "one_way", metavar="COLUMN", help="of whether traffic goes one way (yes, no, -1)")
@geometry_options
@run_options
@click.pass_obj
def streets(context: Context, /, **given: Any) -> None:
    """Import streets from layers of lines or from .osm.pbf extracts."""
    options = taken_as(importing.StreetOptions, given)
    carry_out(
        context,
        given,
        lambda session, run: importing.import_streets(session, context.settings, _input(given), options, run),
    )


@imports.command("tracks")
@FILES
@click.option("--device", help="whose they are, whatever the files say")
@click.option(
    "--mode", type=click.Choice(["foot", "ebike", "car"]), default="foot", help="where the files don't say"
)
@click.option(
    "--columns", type=Pairs(), help="columns of tables: device=…,time=…,lon=…,lat=…,accuracy=…,speed=…"
)
@click.option("--timezone", help="of times without a zone; the deployment's by default")
@click.option(
    "--crs", default="auto", metavar="auto|EPSG:4326|gcj02|bd09", help="what the coordinates are in"
)
@run_options
@click.pass_obj
def tracks(context: Context, /, **given: Any) -> None:
    """Import tracks from GPX, GeoLife .plt, GeoJSON or tables, or from whole folders of them."""
    options = taken_as(importing.TrackOptions, given)
    carry_out(
        context,
        given,
        lambda session, run: importing.import_tracks(
            session, context.settings, list(given["files"]), options, run
        ),
    )


@imports.command("contracts", epilog=COLUMN_HELP)
@FILES
@column("--leader", "of the leader's code or name")
@column("--leader-name", "of the leader's name, beside one of codes")
@column("--kind", "of the kind of ground: zone, street, point; 片区, 路段, 点位")
@click.option("--kind-value", type=click.Choice(["zone", "street", "point"]), help="one kind for all")
@column("--code", "of the code of the zone, street or point")
@column("--level-field", "of the zone's level, where a code is used on several")
@click.option("--level", "level_value", help="one level for all zones")
@column("--role", "of the role, as code or name; leader by default")
@click.option("--from", "from_on", metavar="COLUMN", help="of the first day; blank is ever")
@click.option("--to", "to_on", metavar="COLUMN", help="of the last day, which is included; blank is open")
@click.option(
    "--known-leaders-only", is_flag=True, help="reject leaders that are not known, instead of adding them"
)
@click.option("--sheet", help="of a workbook; the first by default")
@click.option("--encoding", default="auto", metavar="auto|NAME", help="of the texts")
@run_options
@click.pass_obj
def contracts(context: Context, /, **given: Any) -> None:
    """Import who answers for which ground, from tables.

    Without a column of roles, columns that are called like roles (交警, 城管 …) name the people of each role.
    """
    given["level"] = given.pop("level_field")
    options = taken_as(importing.ContractOptions, given)
    carry_out(
        context,
        given,
        lambda session, run: importing.import_contracts(session, tuple(given["files"]), options, run),
    )


@imports.command("exclusions", epilog=COLUMN_HELP)
@FILES
@column("--code", "of the code; without one it is made from name and place")
@column("--kind", "of the kind: water, compound, hill …")
@click.option("--kind-value", metavar="KIND", help="one kind for all")
@column("--name", "of the name")
@column("--reason", "of the reason")
@click.option("--reason-value", metavar="TEXT", help="one reason for all")
@click.option(
    "--valid-from", type=Day(), help="the day from which this holds; by default: new ones ever, changes today"
)
@click.option("--full", is_flag=True, help="the files are all exclusions: what they lack ends")
@click.option("--correct", is_flag=True, help="what is stored was wrong all along: change it in place")
@geometry_options
@repairs_option
@run_options
@click.pass_obj
def exclusions(context: Context, /, **given: Any) -> None:
    """Import ground that no patrol can or must see, from layers of polygons."""
    options = taken_as(importing.ExclusionOptions, given)
    carry_out(
        context,
        given,
        lambda session, run: importing.import_exclusions(
            session, context.settings, _input(given), options, run
        ),
    )


@imports.command("check-ins", epilog=COLUMN_HELP)
@FILES
@column("--point", "of the point's code")
@column("--time", "of the time; without an offset it is local time")
@column("--member", "of the member's code or name")
@column("--result", "of the result: findings or clean, 有问题 or 无问题")
@column("--note", "of the note")
@click.option("--timezone", help="of times without an offset; the deployment's by default")
@click.option("--sheet", help="of a workbook; the first by default")
@click.option("--encoding", default="auto", metavar="auto|NAME", help="of the texts")
@run_options
@click.pass_obj
def check_ins(context: Context, /, **given: Any) -> None:
    """Import who was at which point when, and what he found, from tables."""
    options = taken_as(importing.CheckInOptions, given)
    carry_out(
        context,
        given,
        lambda session, run: importing.import_check_ins(
            session, context.settings, tuple(given["files"]), options, run
        ),
    )


def _input(given: dict[str, Any]) -> importing.Input:
    return taken_as(importing.Input, {**given, "paths": tuple(given["files"])})
