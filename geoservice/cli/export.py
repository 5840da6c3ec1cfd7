"""`export`: any list or layer to a file, the layers there are, and templates for imports."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoservice.errors import InvalidFile
from geoservice.formats.writing import format_named
from geoservice.services import exporting
from geoservice.services.exporting import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable

    from geoservice.cli import Context


class ExportGroup(click.Group):
    """`export LAYER …` beside `export layers` and `export template`: a layer is a command of its own."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, or the one that writes the layer of that name."""
        known = super().get_command(ctx, cmd_name)
        return known or _layer_command(exporting.layer_named(cmd_name).name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands, then the layers."""
        return [*super().list_commands(ctx), *exporting.LAYERS]


@click.group("export", cls=ExportGroup)
def export() -> None:
    """Write any list or layer to a file: `export LAYER -o FILE`."""


@export.command("layers")
@click.pass_obj
def layers(context: Context) -> None:
    """List the layers and the formats each can have."""
    for layer in exporting.LAYERS.values():
        when = "window" if layer.when == exporting.WINDOW else "day"
        formats = ",".join(exporting.formats_of(layer))
        click.echo(
            f"{layer.name:<16} {when:<7} {layer.geometry or 'table':<13} {formats:<46} {layer.title(context.locale)}"
        )


@export.command("template")
@click.argument("kind", type=click.Choice(list(exporting.TEMPLATES)))
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="file to write"
)
@click.pass_obj
def template(context: Context, kind: str, output: Path) -> None:
    """Write the Excel template for a kind of import."""

    def make(folder: Path) -> Path:
        with context.transaction() as session:
            return exporting.make_template(
                session, context.settings, kind, folder, context.locale, now=datetime.now(UTC)
            )

    _put(output, make)


def _layer_command(name: str) -> click.Command:
    def run(context: Context, output: Path, kind: str | None, crs: str, **filters: Any) -> None:
        named = {key.removesuffix("_"): value for key, value in filters.items() if value is not None}
        wanted = Wanted(
            name,
            format_named(kind or output.suffix.removeprefix(".") or "gpkg"),
            crs,
            exporting.filters_from(named),
            context.locale,
        )
        _put(output, lambda folder: _make(context, wanted, folder))

    command: Callable[..., None] = click.pass_obj(run)
    for option in reversed(_options()):
        command = option(command)
    return click.command(name, help=f"Write {exporting.LAYERS[name].en} to a file.")(command)


def _make(context: Context, wanted: Wanted, folder: Path) -> Path:
    with context.transaction() as session:
        return exporting.export(session, context.settings, wanted, folder, now=datetime.now(UTC))


def _options() -> list[Callable[..., Any]]:
    about = {
        "from": "first day of a window, YYYY-MM-DD",
        "to": "last day of a window",
        "period": "only this part of each day: day, evening or night",
        "level": "zones of one level",
        "zone": "what lies in the zone with this code",
        "on": "as of this day",
        "bbox": "west,south,east,north in degrees",
        "device": "tracks of one device",
        "batch": "problems of one import",
    }
    path = click.Path(dir_okay=False, path_type=Path)
    return [
        click.option("-o", "--output", type=path, required=True, help="file to write"),
        click.option(
            "--format",
            "kind",
            help="gpkg, geojson, shp (a zip), kml, csv, xlsx, gpx, parquet; else by the ending",
        ),
        click.option("--crs", default="4326", show_default=True, help="EPSG:n, or gcj02 for shifted places"),
        *(click.option(f"--{name}", f"{name}_", help=text) for name, text in about.items()),
    ]


def _put(output: Path, make: Callable[[Path], Path]) -> None:
    """Make a file beside its place, then rename it into it."""
    try:
        with tempfile.TemporaryDirectory(dir=output.parent, prefix=".export-") as folder:
            made = make(Path(folder))
            size = made.stat().st_size
            made.replace(output)
    except OSError as error:
        raise InvalidFile(
            "file_not_writable", file=str(output), reason=error.strerror or str(error)
        ) from error
    click.echo(f"{output}: {size:,} bytes", err=True)
