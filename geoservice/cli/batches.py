"""`geoservice imports`: what was imported, what each import did, and taking one back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.answers import user_named
from geoservice.cli.coverage.options import answer_json
from geoservice.messages import sentence
from geoservice.services import undoing
from geoservice.store import import_history

if TYPE_CHECKING:
    from geoservice.cli import Context
    from geoservice.store.import_history import BatchRow

PROBLEMS_SHOWN = 40

AS_JSON = click.option("--json", "as_json", is_flag=True, help="as JSON")
BATCH = click.argument("batch_id", metavar="ID", type=int)


@click.group("imports")
def batches() -> None:
    """List imports, show one, or take one back."""


@batches.command("list")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="the newest only")
@AS_JSON
@click.pass_obj
def list_command(context: Context, limit: int, as_json: bool) -> None:
    """List imports, the newest first."""
    with context.transaction() as session:
        found = import_history.recent_batches(session, limit)
    if as_json:
        answer_json({"imports": [asdict(row) for row in found]})
        return
    for row in found:
        click.echo(_line(context, row))


@batches.command("show")
@BATCH
@AS_JSON
@click.pass_obj
def show_command(context: Context, batch_id: int, as_json: bool) -> None:
    """Show how an import was read, what it refused and what it repaired."""
    with context.transaction() as session:
        batch = import_history.read_batch(session, batch_id)
    if as_json:
        answer_json({**asdict(batch.row), "rejected": batch.rejected, "repaired": batch.repaired})
        return
    click.echo(_line(context, batch.row))
    for name, value in batch.row.detected.items():
        click.echo(f"  {name}: {value}")
    for title, problems in (("rejected", batch.rejected), ("repaired", batch.repaired)):
        for problem in problems[:PROBLEMS_SHOWN]:
            click.echo(f"  {title}: {_sentence(problem, context.locale)}")
        if len(problems) > PROBLEMS_SHOWN:
            click.echo(f"  … {len(problems) - PROBLEMS_SHOWN} more (--json lists them)")


@batches.command("undo")
@BATCH
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@AS_JSON
@click.pass_obj
def undo_command(context: Context, batch_id: int, by: str | None, as_json: bool) -> None:
    """Take an import back: what it touched becomes what it was, or nothing changes and the reason is told."""
    with context.transaction() as session:
        done = undoing.undo_batch(
            session, context.settings, batch_id, by=user_named(session, by), now=datetime.now(UTC)
        )
    if as_json:
        answer_json(asdict(done))
        return
    removed, restored = (
        ", ".join(f"{count} {noun}" for noun, count in counts.items()) or "nothing"
        for counts in (done.removed, done.restored)
    )
    click.echo(f"import {done.batch} ({done.kind}) undone: removed {removed}; put back {restored}")


def _line(context: Context, row: BatchRow) -> str:
    zone = context.settings.zone_info
    counts = (
        f"{row.new_count} new, {row.changed_count} changed, {row.unchanged_count} unchanged, "
        f"{row.removed_count} removed, {row.rejected_count} rejected"
    )
    files = ", ".join(file["name"] for file in row.files[:3]) + (" …" if len(row.files) > 3 else "")
    undone = f"  undone {row.undone_at.astimezone(zone):%Y-%m-%d %H:%M}" if row.undone_at else ""
    when = f"{row.created_at.astimezone(zone):%Y-%m-%d %H:%M}"
    return f"{row.id:>6}  {when}  {row.kind:<10}  {counts}  {files}  {row.created_by or '-'}{undone}"


def _sentence(problem: dict[str, Any], locale: str) -> str:
    place = {name: problem.get(name) for name in ("file", "row", "column", "value")}
    return sentence(problem["code"], {**problem.get("values", {}), **place}, locale)
