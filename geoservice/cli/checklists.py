"""`geoservice checklists`: what is looked at in points, by category and version."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.answers import carry_out, table_options, user_named
from geoservice.cli.imports import Day
from geoservice.errors import NotFound
from geoservice.services.inspections import checklists as service
from geoservice.services.inspections.sheets import SheetOptions, import_checklists
from geoservice.services.inspections.sheets_out import export_checklists, write_checklist_template

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.cli import Context
    from geoservice.services.inspections.checklists import ChecklistView


@click.group()
def checklists() -> None:
    """Checklists by category of point, in versions."""


@checklists.command("list")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def list_command(context: Context, as_json: bool) -> None:
    """List every version of every category, the newest first."""
    with context.transaction() as session:
        found = service.list_categories(session, _today(context))
    rows = [_row(version) for category in found for version in category.versions]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        since = row["valid_from"] or "-"
        click.echo(
            f"{row['id']}\t{row['category']}\t{row['version']}\t{row['state']}\t{since}\t{row['items']}\t{row['name']}"
        )


@checklists.command("show")
@click.argument("category")
@click.option("--version", type=int, help="the one in force by default")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def show_command(context: Context, category: str, version: int | None, as_json: bool) -> None:
    """Show the items of a category's checklist."""
    with context.transaction() as session:
        view = _version(session, category, version, _today(context))
    items = [{**vars(one.item), "evidence": one.item.evidence.value} for one in view.items]
    if as_json:
        click.echo(json.dumps({**_row(view), "items": items}, ensure_ascii=False))
        return
    for item in items:
        click.echo(
            f"{item['code']}\t{item['weight']:g}\t{item['evidence']}\t{item['case_kind'] or '-'}\t{item['title']}\t{item['standard']}"
        )


@checklists.command("import")
@table_options
@click.pass_obj
def import_command(context: Context, /, files: tuple[Path, ...], **given: Any) -> None:
    """Take checklists from workbooks or CSV as drafts; publish them with `checklists publish`."""
    options = SheetOptions(given["sheet"], given["encoding"])
    carry_out(context, given, lambda session, run: import_checklists(session, files, options, run))


@checklists.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--template", is_flag=True, help="the workbook to fill in, with examples")
@click.pass_obj
def export_command(context: Context, file: Path, template: bool) -> None:
    """Write the newest version of every category into a workbook (--lang zh_Hans_CN for Chinese headers)."""
    with context.transaction() as session:
        if template:
            write_checklist_template(session, file, context.locale)
        else:
            export_checklists(session, file, context.locale, _today(context))
    click.echo(f"{file} written", err=True)


@checklists.command("publish")
@click.argument("category")
@click.option("--from", "from_on", type=Day(), help="today by default")
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.pass_obj
def publish_command(context: Context, category: str, from_on: date | None, by: str | None) -> None:
    """Let the draft of a category hold from a day on; it stands still after that."""
    today = _today(context)
    with context.transaction() as session:
        found = _category(session, category, today)
        draft = found.one(service.DRAFT)
        if draft is None:
            raise NotFound("checklist_no_draft", category=category)
        service.publish(session, draft.id, from_on or today, by=user_named(session, by), on=today)
    click.echo(f"{category} version {draft.stored.version} holds from {from_on or today}", err=True)


def _today(context: Context) -> date:
    return datetime.now(UTC).astimezone(context.settings.zone_info).date()


def _category(session: Session, category: str, on: date) -> service.Category:
    found = service.list_categories(session, on)
    wanted = next((one for one in found if one.word.code == category), None)
    if wanted is None:
        known = ", ".join(one.word.code for one in found)
        raise NotFound("unknown_category", value=category[:40], categories=known)
    return wanted


def _version(session: Session, category: str, version: int | None, on: date) -> ChecklistView:
    found = _category(session, category, on)
    if version is None and (current := found.one(service.IN_FORCE)):
        return current
    wanted = next((one for one in found.versions if one.stored.version == version), None)
    if wanted is None:
        raise NotFound("checklist_unknown", id=f"{category} {version or ''}".strip())
    return wanted


def _row(view: ChecklistView) -> dict[str, Any]:
    stored = view.stored
    return {
        "id": stored.id,
        "category": stored.category.code,
        "version": stored.version,
        "name": stored.name,
        "state": view.state,
        "valid_from": stored.valid_from.isoformat() if stored.valid_from else None,
        "items": len(view.items),
        "weight": view.weight,
    }
