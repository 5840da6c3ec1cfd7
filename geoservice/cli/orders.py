"""`geoservice orders`: orders of supervision on the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from geoservice.domain.orders import OrderKind
from geoservice.errors import NotFound
from geoservice.messages import sentence
from geoservice.services import orders as service
from geoservice.services.orders import OrderFilters

if TYPE_CHECKING:
    from geoservice.cli import Context
    from geoservice.services.orders import OrderView

STATES = ("open", "new", "received", "overdue", "replied", "withdrawn")


@click.group()
def orders() -> None:
    """Orders of supervision: raised by rules as deadlines pass."""


@orders.command("list")
@click.option("--kind", type=click.Choice([kind.value for kind in OrderKind]), help="of this kind only")
@click.option("--state", type=click.Choice(STATES), help="which stand so only")
@click.option("--number", default="", help="of an order or a case, or a part of it")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="how many, the newest first"
)
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def list_command(context: Context, kind: str | None, state: str | None, number: str, limit: int, as_json: bool) -> None:  # fmt: skip
    """List orders, the newest first."""
    filters = OrderFilters(kind=kind or "", state=state or "", text=number)
    with context.transaction() as session:
        page = service.find(session, filters, now=datetime.now(UTC), limit=limit)
    if as_json:
        click.echo(json.dumps([_as_json(order, context) for order in page.orders], ensure_ascii=False))
        return
    for order in page.orders:
        click.echo(_line(order, context))
    click.echo(f"{len(page.orders)} of {page.total}", err=True)


@orders.command("show")
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def show_command(context: Context, number: str, as_json: bool) -> None:
    """Show one order by its number, such as 督2026-0001."""
    with context.transaction() as session:
        page = service.find(session, OrderFilters(text=number), now=datetime.now(UTC), limit=1000)
    order = next((one for one in page.orders if one.number == number), None)
    if order is None:
        raise NotFound("order_unknown")
    known = _as_json(order, context)
    if as_json:
        click.echo(json.dumps(known, ensure_ascii=False))
        return
    for name, value in known.items():
        shown = json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value
        click.echo(f"{name}: {'' if shown is None else shown}")


@orders.command("raise")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def raise_command(context: Context, as_json: bool) -> None:
    """Raise what fell due by now, as the scheduler does every minute; doing it again changes nothing."""
    with context.transaction() as session:
        ids = service.raise_due(session, context.settings, now=datetime.now(UTC))
        raised = [service.read(session, order_id) for order_id in ids]
    if as_json:
        click.echo(json.dumps([_as_json(order, context) for order in raised], ensure_ascii=False))
        return
    for order in raised:
        click.echo(_line(order, context))
    click.echo(f"{len(raised)} raised", err=True)


@orders.command("rules")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def rules_command(context: Context, as_json: bool) -> None:
    """Show the rules by which orders fall due."""
    with context.transaction() as session:
        known = service.rules_in_words(list(service.current_rules(session).values()))
    if as_json:
        click.echo(json.dumps(known, ensure_ascii=False))
        return
    for rule in known:
        causes = [
            f"{name} {rule[name]}" for name in ("elapsed", "reworks", "repeats") if rule[name] is not None
        ]
        people = ", ".join(map(str, rule["recipients"]))  # type: ignore[call-overload]
        click.echo(f"{rule['kind']}\t{'on' if rule['active'] else 'off'}\t{' or '.join(causes)}\t→ {people}")


def _line(order: OrderView, context: Context) -> str:
    zone = context.settings.zone_info
    about = order.case_number or order.department or ""
    return f"{order.number}\t{order.kind}\t{order.raised_at.astimezone(zone):%Y-%m-%d %H:%M}\t{about}\t{order.state}\t{_why(order, context)}"


def _why(order: OrderView, context: Context) -> str:
    return sentence(order.why["code"], order.why.get("values"), context.locale)


def _as_json(order: OrderView, context: Context) -> dict[str, Any]:
    def iso(at: datetime | None) -> str | None:
        return at.isoformat() if at else None

    return {
        "number": order.number,
        "kind": order.kind,
        "state": order.state,
        "cause": order.cause,
        "why": _why(order, context),
        "case": order.case_number,
        "department": order.department,
        "recipients": order.recipients,
        "raised_at": iso(order.raised_at),
        "reply_due_at": iso(order.reply_due_at),
        "received_at": iso(order.received_at),
        "replied_at": iso(order.replied_at),
        "reply": order.reply,
        "withdrawn_at": iso(order.withdrawn_at),
        "withdrawn_why": order.withdrawn_why,
    }
