"""Orders of supervision: read by the desk and by those they went to, who sign their receipt and answer."""

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from geoservice.domain.orders import OrderKind
from geoservice.domain.roles import Permission, may
from geoservice.errors import NotFound
from geoservice.services import orders as service
from geoservice.services.orders import OrderFilters
from geoservice.web.api.answers import Answer, keyed_answer
from geoservice.web.api.models import (
    Asked,
    AskedById,
    Day,
    Given,
    Id,
    Keyed,
    LongId,
    LongText,
    Text,
    Told,
    tell,
)
from geoservice.web.api.operations import Ask, Operation, offer
from geoservice.web.deployment import current_settings, current_time
from geoservice.web.identity import the_account

if TYPE_CHECKING:
    from geoservice.services.orders import OrderView

TAG = "orders"
RUN, HANDLE = Permission.RUN_CASES, Permission.HANDLE_CASES
EITHER = (RUN, HANDLE)


class Recipient(Told):
    """Somebody, or an office, that an order went to; the name as it was then."""

    step: str = Field(
        examples=["department"], description="department, leader, or superior: of the ground around it"
    )
    name: str
    department_id: int | None
    leader_id: int | None


class Order(Told):
    """An order; `state` is new, received, replied or withdrawn."""

    id: int = Field(examples=[1])
    number: str = Field(examples=["督2026-0001"])
    kind: OrderKind
    state: Literal["new", "received", "replied", "withdrawn"]
    case_id: int | None
    case_number: str | None
    department_id: int | None
    department: str | None
    leader_id: int | None
    recipients: list[Recipient]
    raised_at: datetime = Field(description="when it fell due")
    reply_due_at: datetime | None
    received_at: datetime | None
    receiver: str | None
    replied_at: datetime | None
    replier: str | None
    reply: str
    withdrawn_at: datetime | None
    withdrawn_why: str


class OrderFull(Told):
    """An order with what its paper says."""

    order: Order
    why: dict[str, Any] = Field(description="a code and its values: by which rule it was raised")
    document: dict[str, Any] = Field(description="everything the page prints, as it was then")


class OrdersQuery(AskedById):
    """Which orders, the newest first."""

    kind: OrderKind | None = None
    state: Literal["open", "new", "received", "overdue", "replied", "withdrawn"] | None = None
    department_id: Id | None = None
    case_id: LongId | None = None
    from_on: Day | None = Field(None, alias="from", description="raised on this day or later")
    to_on: Day | None = Field(None, alias="to", description="raised on this day or before")
    q: Text | None = Field(None, description="a part of its number, or the beginning of its case's")


class OrderReply(Given):
    """What was done about it."""

    reply: LongText = Field(examples=["Cleared this morning."])


@offer(Operation("GET", "/orders", TAG, Keyed[Order], EITHER, query=OrdersQuery))
def list_orders(ask: Ask[OrdersQuery, None]) -> Answer:
    """List orders: those about the desk's ground, or those that went to one."""
    asked, account = ask.query, the_account()
    zone = current_settings().zone_info
    filters = OrderFilters(
        kind=asked.kind or "",
        state=asked.state or "",
        department_id=asked.department_id,
        case_id=asked.case_id,
        from_at=datetime.combine(asked.from_on, time(), zone) if asked.from_on else None,
        to_at=datetime.combine(asked.to_on + timedelta(days=1), time(), zone) if asked.to_on else None,
        text=asked.q or "",
        sent_to=None if _is_desk() else (account.department_id, account.leader_id),
    )
    page = service.find(ask.session, filters, now=current_time(), before=asked.after, limit=asked.limit)
    after = None if page.before is None else str(page.before)
    return keyed_answer(Keyed[Order](items=[_order(view) for view in page.orders], after=after))


@offer(Operation("GET", "/orders/{order_id}", TAG, OrderFull, EITHER, errors=(404,)))
def get_order(ask: Ask[Asked, None], order_id: int) -> Answer:
    """Return one order with what its paper says."""
    return Answer(_full(_find(ask, order_id)))


@offer(Operation("POST", "/orders/{order_id}/receipt", TAG, OrderFull, (HANDLE,), errors=(404, 409)))
def sign_order(ask: Ask[Asked, None], order_id: int) -> Answer:
    """Sign the receipt of an order that went to one; doing it again changes nothing."""
    _find(ask, order_id)
    by, now = the_account(), current_time()
    return Answer(_full(service.receipt(ask.session, current_settings(), order_id, by=by, now=now)))


@offer(
    Operation(
        "POST", "/orders/{order_id}/reply", TAG, OrderFull, (HANDLE,), body=OrderReply, errors=(404, 409)
    )
)
def reply_to_order(ask: Ask[Asked, OrderReply], order_id: int) -> Answer:
    """Reply to an order that went to one, which is a receipt too; the same words again change nothing."""
    _find(ask, order_id)
    by, now = the_account(), current_time()
    found = service.reply(ask.session, current_settings(), order_id, ask.body.reply, by=by, now=now)
    return Answer(_full(found))


def _is_desk() -> bool:
    return may(the_account().role, RUN)


def _find(ask: Ask[Any, Any], order_id: int) -> "OrderView":
    """Return an order; NotFound for one that went to others, whom the desk alone sees."""
    view = service.read(ask.session, order_id)
    if not _is_desk() and not service.went_to(view, the_account()):
        raise NotFound("order_unknown")
    return view


def _order(view: "OrderView") -> Order:
    recipients = [
        Recipient(
            step=each["step"],
            name=each["name"],
            department_id=each.get("department_id"),
            leader_id=each.get("leader_id"),
        )
        for each in view.recipients
    ]
    return tell(Order, view, recipients=recipients)


def _full(view: "OrderView") -> OrderFull:
    return tell(OrderFull, view, order=_order(view))
