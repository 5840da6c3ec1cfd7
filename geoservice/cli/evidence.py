"""`geoservice evidence`: the originals of photos for a backup, and whether they are whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geoservice.services import evidence as service

if TYPE_CHECKING:
    from geoservice.cli import Context


@click.group()
def evidence() -> None:
    """Photos: the list of originals for backups, and whether they are whole."""


@evidence.command("manifest")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="a file instead of the screen"
)
@click.pass_obj
def print_manifest(context: Context, output: Path | None) -> None:
    """List every original with its SHA-256, as `sha256sum --check` reads it inside VAR_DIR."""
    with context.transaction() as session:
        lines = list(service.manifest(session, context.settings))
    if output is None:
        for line in lines:
            click.echo(line)
        return
    output.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
    click.echo(f"{len(lines)} originals are listed in {output}")


@evidence.command("verify")
@click.option("--json", "as_json", is_flag=True, help="for programs")
@click.pass_obj
def verify(context: Context, as_json: bool) -> None:
    """Read every original again; exit code 1 when one is missing or not as it came."""
    with context.transaction() as session:
        found = service.verify(session, context.settings)
    if as_json:
        click.echo(json.dumps({**vars(found), "good": found.is_good}))
    else:
        click.echo(
            f"{found.whole} originals are whole, {len(found.missing)} are missing, {len(found.changed)} were changed; "
            f"{found.unreferred} more belong to no photo"
        )
        for word, names in (("missing", found.missing), ("changed", found.changed)):
            for name in names:
                click.echo(f"{word} {name}")
    if not found.is_good:
        raise SystemExit(1)
