"""What commands about cases answer, and in whose name they act."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from geoservice.errors import NotFound
from geoservice.services import accounts
from geoservice.services.cases import Actor
from geoservice.store import batches

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.cli import Context
    from geoservice.services.cases import CaseDetail, CaseView, MoveView

BY = click.option(
    "--by", metavar="LOGIN", help="the account in whose name it is done; the system without one"
)
JSON = click.option("--json", "as_json", is_flag=True, help="JSON on stdout")


def actor_named(session: Session, login: str | None) -> Actor:
    """Return who acts under a login, the system without one; raises NotFound."""
    if login is None:
        return Actor.system()
    user_id = batches.user_id_of(session, login)
    account = None if user_id is None else accounts.account_of(session, user_id)
    if account is None:
        raise NotFound("user_not_found", login=login)
    return Actor.of(account)


def answer_json(answer: Any) -> None:
    """Write an answer as JSON; instants in ISO 8601."""
    click.echo(json.dumps(answer, ensure_ascii=False, default=_plain))


def case_json(view: CaseView) -> dict[str, Any]:
    """Return a case as JSON has it."""
    return asdict(view)


def detail_json(detail: CaseDetail) -> dict[str, Any]:
    """Return everything about a case as JSON has it."""
    return asdict(detail)


def show_case(view: CaseView, context: Context) -> None:
    """Write a case as one line."""
    to = view.department_name or view.leader_name or "-"
    due = _local(view.due_at, context) if view.due_at else "no deadline"
    again = f"  ×{view.recurrence + 1}" if view.recurrence else ""
    click.echo(f"{view.id}\t{view.number}\t{view.state}\t{view.kind}\t{view.title}\t{to}\t{due}{again}")


def show_detail(detail: CaseDetail, context: Context) -> None:
    """Write a case with its steps, clocks and what may be done with it."""
    show_case(detail.view, context)
    for step in detail.steps:
        who = step.name or "the system"
        click.echo(f"  {step.number:>3}  {_local(step.at, context)}  {step.action:<15} {who}  {step.note}")
    for clock in detail.clocks:
        state = "ended" if clock.ended_at else "stands still" if clock.paused_at else "runs"
        click.echo(
            f"  {clock.stage:<7} {clock.elapsed:.2f} of {clock.limit:g} {clock.clock} ({clock.share:.0%}), "
            f"due {_local(clock.due_at, context)}, {state}"
        )
    for request in detail.requests:
        click.echo(
            f"  {request.kind} asked for by {request.asked_name}: {request.decision or 'undecided'}  {request.reason}"
        )
    if detail.possible:
        click.echo("  possible: " + ", ".join(each.action for each in detail.possible), err=True)


def show_moves(moved: Sequence[MoveView], context: Context) -> None:
    """Say which deadlines moved."""
    for move in moved:
        old, new = _local(move.old_due_at, context), _local(move.new_due_at, context)
        click.echo(f"{move.number}\t{move.stage}\t{old} -> {new}\t{move.cause}")
    click.echo(f"{len(moved)} deadlines moved", err=True)


def _local(at: datetime, context: Context) -> str:
    return f"{at.astimezone(context.settings.zone_info):%Y-%m-%d %H:%M}"


def _plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
