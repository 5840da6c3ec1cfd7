"""`geoservice cases`: report, list, show and act on cases; their kinds, working hours and deadlines."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.case_answers import (
    BY,
    JSON,
    actor_named,
    answer_json,
    case_json,
    detail_json,
    show_case,
    show_detail,
    show_moves,
)
from geoservice.domain.cases import REQUESTS, Action, State
from geoservice.domain.clocks import Clock
from geoservice.errors import BadRequest
from geoservice.services import cases as service
from geoservice.services.cases import MOST_URGENT, NEWEST, SOURCES, CaseFilters, NewCase

if TYPE_CHECKING:
    from uuid import UUID

    from geoservice.cli import Context

CASE_ID = click.argument("case_id", metavar="ID", type=click.IntRange(1, 2**63 - 1))
_SPAN = re.compile(r"(\d\d?):(\d\d)-(\d\d?):(\d\d)")


@click.group()
def cases() -> None:
    """Cases of the closed loop, from the report to the end."""


@cases.command("report")
@click.argument("kind")
@click.argument("title")
@click.option(
    "--at", "place", nargs=2, type=float, required=True, metavar="LON LAT", help="where it is, WGS 84"
)
@click.option("--description", default="", help="more words")
@click.option("--address", default="", help="where it is, in words")
@click.option("--source", type=click.Choice(SOURCES), default="desk", show_default=True)
@click.option("--point", "point_id", type=int, help="id of the point it is at")
@click.option("--street", "street_id", type=int, help="id of the street it is on")
@click.option(
    "--uuid", "client_uuid", type=click.UUID, help="sent again under the same name it is the same case"
)
@BY
@JSON
@click.pass_obj
def report_command(
    context: Context,
    /,
    kind: str,
    title: str,
    place: tuple[float, float],
    by: str | None,
    as_json: bool,
    **more: Any,
) -> None:
    """Report something; says what lies near, in case it was reported already."""
    now = datetime.now(UTC)
    new = NewCase(kind, title, lon=place[0], lat=place[1], **more)
    with context.transaction() as session:
        near = service.nearby(session, new, now=now)
        made = service.report(session, context.settings, new, by=actor_named(session, by), now=now)
    others = [case for case in near if case.id != made.id]
    if as_json:
        answer_json({"case": case_json(made), "near": [case.id for case in others]})
        return
    show_case(made, context)
    for other in others:
        click.echo(
            f"! {other.number} of the same kind is near: join them with `cases act {made.id} join --into {other.id}`",
            err=True,
        )


@cases.command("list")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([each.value for each in State]),
    help="may be repeated",
)
@click.option("--kind", "kinds", multiple=True, help="may be repeated")
@click.option("--department", "department_id", type=int, help="id of the department that handles them")
@click.option("--overdue", is_flag=True, help="only those whose clock has run out")
@click.option(
    "--asked",
    multiple=True,
    type=click.Choice(["any", *REQUESTS]),
    help="only those about which such a request waits for a decision; may be repeated",
)
@click.option("--text", default="", help="the beginning of a number, or a word in title or address")
@click.option("--order", type=click.Choice([NEWEST, MOST_URGENT]), default=NEWEST, show_default=True)
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@click.option("--after", help="go on where a page ended")
@JSON
@click.pass_obj
def list_command(
    context: Context, /, overdue: bool, limit: int, after: str | None, as_json: bool, **asked: Any
) -> None:
    """List cases, a page at a time."""
    asked["states"] = frozenset(map(State, asked["states"]))
    asked["asked"] = frozenset(REQUESTS if "any" in asked["asked"] else asked["asked"])
    filters = CaseFilters(**asked, overdue_at=datetime.now(UTC) if overdue else None)
    with context.transaction() as session:
        page = service.find(session, context.settings, filters, after=after, limit=limit)
        counted = service.counts(session, filters) if as_json else {}
    if as_json:
        answer_json(
            {"cases": [case_json(case) for case in page.cases], "after": page.after, "counts": counted}
        )
        return
    for case in page.cases:
        show_case(case, context)
    if page.after:
        click.echo(f"more: --after {page.after}", err=True)


@cases.command("show")
@CASE_ID
@BY
@JSON
@click.pass_obj
def show_command(context: Context, case_id: int, by: str | None, as_json: bool) -> None:
    """Show a case with its steps and clocks, and what --by may do with it."""
    with context.transaction() as session:
        actor = actor_named(session, by)
        detail = service.read(session, context.settings, case_id, by=actor, now=datetime.now(UTC))
    if as_json:
        answer_json(detail_json(detail))
    else:
        show_detail(detail, context)


@cases.command("act")
@CASE_ID
@click.argument("action", type=click.Choice([each.value for each in Action if each is not Action.REPORT]))
@click.option("--note", help="why, or what was done")
@click.option("--department", "department_id", type=int, help="assign: id of the department")
@click.option("--leader", "leader_id", type=int, help="assign: id of the leader")
@click.option("--into", "into_id", type=int, help="join: id of the other case")
@click.option("--limit", type=float, help="postpone: how much more, as the clock counts")
@click.option("--until", metavar="YYYY-MM-DD", help="suspend: the day on which the clock goes on")
@click.option("--version", "row_version", type=int, help="refuse if somebody acted since this row version")
@click.option(
    "--uuid", "client_uuid", type=click.UUID, help="sent again under the same name it is taken once"
)
@BY
@JSON
@click.pass_obj
def act_command(
    context: Context,
    /,
    case_id: int,
    action: str,
    by: str | None,
    row_version: int | None,
    client_uuid: UUID | None,
    **given: Any,
) -> None:
    """Take one step of a case."""
    as_json = given.pop("as_json")
    with context.transaction() as session:
        view = service.act(
            session,
            context.settings,
            case_id,
            action,
            {name: value for name, value in given.items() if value is not None},
            by=actor_named(session, by),
            now=datetime.now(UTC),
            row_version=row_version,
            client_uuid=client_uuid,
        )
    if as_json:
        answer_json(case_json(view))
    else:
        show_case(view, context)


@cases.command("kinds")
@click.option("--set", "code", metavar="CODE", help="change this kind by the options that follow")
@click.option("--clock", type=click.Choice([each.value for each in Clock]))
@click.option("--handle", "handle_limit", type=float, help="how much handling may take, as the clock counts")
@click.option("--open", "open_limit", type=float, help="working hours until it is assigned or rejected")
@click.option("--verify", "verify_limit", type=float, help="working hours until a reply is looked at")
@click.option("--department", "department_id", type=int, help="id of the department that handles them all")
@click.option("--role", help="code of the role that handles them on its ground")
@click.option("--photo/--no-photo", "photo_needed", default=None, help="whether a reply needs a photo")
@click.option("--active/--not-active", "active", default=None, help="whether it can be reported")
@BY
@JSON
@click.pass_obj
def kinds_command(
    context: Context, /, code: str | None, by: str | None, as_json: bool, **changes: Any
) -> None:
    """List the kinds of case, or change one."""
    wanted = {name: value for name, value in changes.items() if value is not None}
    with context.transaction() as session:
        if code is not None:
            service.set_kind(session, code, wanted, by=actor_named(session, by).account_id)
        found = service.list_kinds(session, active_only=False)
    if as_json:
        answer_json([asdict(kind) for kind in found])
        return
    for kind in found:
        to = f"department {kind.department_id}" if kind.department_id else kind.role or "-"
        click.echo(
            f"{kind.code}\t{kind.name_zh}\t{kind.handle_limit:g} {kind.clock}\t{to}"
            + ("" if kind.active else "\tnot active")
        )


@cases.command("recount")
@click.option("--shifts", metavar="HH:MM-HH:MM,…", help="set the working hours of a day first")
@BY
@JSON
@click.pass_obj
def recount_command(context: Context, shifts: str | None, by: str | None, as_json: bool) -> None:
    """Count every running deadline again, and say which moved."""
    with context.transaction() as session:
        actor, now = actor_named(session, by), datetime.now(UTC)
        if shifts is None:
            moved = service.recount_deadlines(session, context.settings, by=actor, now=now)
        else:
            moved = service.put_shifts(session, context.settings, _spans(shifts), by=actor, now=now)
    if as_json:
        answer_json([asdict(move) for move in moved])
    else:
        show_moves(moved, context)


def _spans(told: str) -> tuple[tuple[int, int], ...]:
    spans = []
    for part in told.split(","):
        found = _SPAN.fullmatch(part.strip())
        if found is None:
            raise BadRequest("shifts_wrong")
        hours = [int(number) for number in found.groups()]
        spans.append((hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]))
    return tuple(spans)
