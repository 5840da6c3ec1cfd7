"""`geoservice inspections`: draw samples, list and show what was found, cancel."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.answers import user_named
from geoservice.domain.sampling import LARGEST_SEED
from geoservice.services.inspections import drawing, handing, results
from geoservice.services.inspections.wishes import KINDS, read_wish
from geoservice.store import inspection_frame

if TYPE_CHECKING:
    from geoservice.cli import Context
    from geoservice.services.inspections.drawing import Preview
    from geoservice.services.inspections.results import InspectionView

LISTS = ("categories", "zones", "inspectors")


@click.group()
def inspections() -> None:
    """Inspections: random samples, open, covert, directed and fixed-point."""


@inspections.command("draw")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), default="random", show_default=True)
@click.option("--from", "from_on", default="", metavar="DAY", help="today by default")
@click.option("--to", "to_on", default="", metavar="DAY", help="the first day by default")
@click.option("--size", default="", metavar="N", help="points to draw; without it every point that fits")
@click.option(
    "--minimum", default="", metavar="N", help="at least so many of each stratum (category and zone)"
)
@click.option("--level", default="", help="of the zones that make strata")
@click.option("--seed", default="", metavar="N", help="chosen by chance and kept when it is not given")
@click.option(
    "--category", "categories", multiple=True, help="of points; all that have a checklist by default"
)
@click.option("--zone", "zones", multiple=True, metavar="CODE", help="only points within")
@click.option("--point", "points", multiple=True, metavar="CODE", help="in place of a sample")
@click.option("--inspector", "inspectors", multiple=True, metavar="LOGIN", help="everybody by default")
@click.option("--by-unseen", is_flag=True, help="never or long not inspected is likelier")
@click.option("--rest-days", is_flag=True, help="days of rest too")
@click.option(
    "--every-days", default="", metavar="N", help="a fixed-point inspection comes back after so many"
)
@click.option("--dry-run", is_flag=True, help="show what would be made, make nothing")
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def draw_command(context: Context, /, by: str | None, dry_run: bool, as_json: bool, **given: Any) -> None:
    """Draw points and give them to inspectors."""
    now = datetime.now(UTC)
    today = now.astimezone(context.settings.zone_info).date()
    given["seed"] = given["seed"] or str(secrets.randbelow(LARGEST_SEED))
    given["points"] = ",".join(given["points"])
    with context.transaction() as session:
        if not given["inspectors"]:
            given["inspectors"] = tuple(one.login for one in inspection_frame.inspectors(session))
        words = {name: str(value) if value else "" for name, value in given.items() if name not in LISTS}
        wish = read_wish(words, {name: given[name] for name in LISTS}, today=today)
        shown = drawing.preview(session, context.settings, wish, now=now)
        made = None
        if not dry_run:
            made = drawing.make(
                session, context.settings, wish, by=user_named(session, by), now=now, seen=shown.seen
            )
    _show_preview(shown, made, as_json=as_json)


@inspections.command("list")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def list_command(context: Context, as_json: bool) -> None:
    """List the inspections, the newest first."""
    with context.transaction() as session:
        found = results.list_inspections(session, context.settings, now=datetime.now(UTC))
    if as_json:
        click.echo(json.dumps([_row(view) for view in found], ensure_ascii=False))
        return
    for view in found:
        row, counts = view.row, view.counts
        score = "-" if counts.score is None else f"{counts.score:.1f}"
        click.echo(
            f"{row.id}\t{row.kind}\t{view.state}\t{row.from_on}\t{row.to_on}\t{counts.done}/{counts.tasks}\t{score}\t{row.name}"
        )


@inspections.command("show")
@click.argument("inspection_id", type=int)
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.option("--xlsx", type=click.Path(path_type=Path, dir_okay=False), help="write every result there")
@click.pass_obj
def show_command(context: Context, inspection_id: int, as_json: bool, xlsx: Path | None) -> None:
    """Show how far an inspection is and what was found."""
    now = datetime.now(UTC)
    with context.transaction() as session:
        found = results.read_inspection(session, context.settings, inspection_id, now=now)
        if xlsx is not None:
            results.export_inspection(session, context.settings, inspection_id, xlsx, context.locale, now=now)
    if as_json:
        answer = {
            **_row(found.view),
            "tasks": [asdict(one) for one in found.tasks],
            "items": [{**asdict(one), "rate": one.rate} for one in found.items],
            "zones": [{**asdict(one), "score": one.score} for one in found.zones],
        }
        click.echo(json.dumps(answer, ensure_ascii=False, default=str))
        return
    for task in found.tasks:
        score = "-" if task.score is None else f"{task.score:.1f}"
        state = "open" if task.done_at is None else "done"
        click.echo(f"{task.on_day}\t{task.inspector or '-'}\t{task.code}\t{state}\t{score}\t{task.name}")


@inspections.command("cancel")
@click.argument("inspection_id", type=int)
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.pass_obj
def cancel_command(context: Context, inspection_id: int, by: str | None) -> None:
    """Take back what is still to be done; what was found stays."""
    with context.transaction() as session:
        count = drawing.cancel(
            session, context.settings, inspection_id, by=user_named(session, by), now=datetime.now(UTC)
        )
    click.echo(f"{count} tasks taken back", err=True)


@inspections.command("hand-over")
@click.argument("inspection_id", type=int)
@click.option(
    "--to", "to_login", required=True, metavar="LOGIN", help="the inspector who has them from now on"
)
@click.option("--from", "from_login", metavar="LOGIN", help="only what this inspector still has to do")
@click.option("--point", "codes", multiple=True, metavar="CODE", help="only this point; may be repeated")
@click.option("--note", default="", help="why")
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.pass_obj
def hand_over_command(
    context: Context,
    /,
    inspection_id: int,
    to_login: str,
    codes: tuple[str, ...],
    **said: str | None,
) -> None:
    """Give what is still to be done to another inspector; who had it stays on record."""
    now = datetime.now(UTC)
    with context.transaction() as session:
        detail = results.read_inspection(session, context.settings, inspection_id, now=now)
        inspector_id = user_named(session, said["from_login"])
        chosen = [
            task.id
            for task in detail.tasks
            if task.done_at is None
            and (inspector_id is None or task.inspector_id == inspector_id)
            and (not codes or task.code in codes)
        ]
        passed = handing.hand_over(
            session,
            context.settings,
            inspection_id,
            chosen,
            to_login,
            by=user_named(session, said["by"]),
            now=now,
            note=said["note"] or "",
        )
    click.echo(f"{passed} tasks handed over", err=True)


def _show_preview(shown: Preview, made: int | None, *, as_json: bool) -> None:
    wish = shown.wish
    if as_json:
        answer = {
            "id": made,
            "seed": wish.seed,
            "frame_sha256": shown.frame_sha256,
            "frame_size": shown.frame_size,
            "without_checklist": shown.without_checklist,
            "strata": [asdict(one) for one in shown.strata],
            "tasks": [
                {"day": task.on_day.isoformat(), "inspector": task.inspector.login, "point": task.point.code}
                for task in shown.tasks
            ],
        }
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    for one in shown.strata:
        click.echo(f"{one.category}\t{one.zone_code or '-'}\t{one.drawn}/{one.size}\t{one.zone_name}")
    done = f"inspection {made}" if made else "nothing made"
    click.echo(f"{done}: {len(shown.tasks)} tasks, seed {wish.seed}, frame {shown.frame_sha256}", err=True)


def _row(view: InspectionView) -> dict[str, Any]:
    row, counts = view.row, view.counts
    return {
        "id": row.id,
        "name": row.name,
        "kind": row.kind,
        "state": view.state,
        "from": row.from_on.isoformat(),
        "to": row.to_on.isoformat(),
        "seed": row.seed,
        "frame_sha256": row.spec.get("frame_sha256"),
        **asdict(counts),
        "score": counts.score,
    }
