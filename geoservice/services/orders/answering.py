"""Receipt, reply and withdrawal of an order, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.domain.roles import Permission, may
from geoservice.errors import BadRequest, Conflict, NotAllowed, NotFound
from geoservice.store import audit, order_list, order_rows

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.accounts import Account
    from geoservice.store.order_list import OrderView
    from geoservice.store.orders import SupervisionOrder

LONGEST_REPLY, LONGEST_REASON = 2000, 400


def receipt(session: Session, settings: Settings, order_id: int, *, by: Account, now: datetime) -> OrderView:
    """Sign the receipt of an order; doing it again changes nothing, Conflict tells who else did."""
    row = _order(session, settings, order_id, by)
    if row.received_at is not None:
        if row.received_by != by.id:
            view = _view(session, order_id)
            raise Conflict(
                "order_received_already",
                name=view.receiver,
                number=row.number,
                at=_at(settings, row.received_at),
            )
        return _view(session, order_id)
    row.received_at, row.received_by = now, by.id
    session.flush()
    audit.record(session, by.id, "order.receipt", "order", row.number)
    return _view(session, order_id)


def reply(
    session: Session, settings: Settings, order_id: int, text: str, *, by: Account, now: datetime
) -> OrderView:
    """Reply to an order, which is a receipt too; the same words again change nothing, Conflict tells who else did."""
    words = text.replace("\r\n", "\n").strip()
    if not 1 <= len(words) <= LONGEST_REPLY:
        raise BadRequest("order_reply_needed", most=LONGEST_REPLY)
    row = _order(session, settings, order_id, by)
    if row.replied_at is not None:
        if (row.replied_by, row.reply) == (by.id, words):
            return _view(session, order_id)
        view = _view(session, order_id)
        raise Conflict(
            "order_replied_already", name=view.replier, number=row.number, at=_at(settings, row.replied_at)
        )
    row.reply, row.replied_at, row.replied_by = words, now, by.id
    if row.received_at is None:
        row.received_at, row.received_by = now, by.id
    session.flush()
    audit.record(session, by.id, "order.reply", "order", row.number)
    return _view(session, order_id)


def withdraw(
    session: Session, settings: Settings, order_id: int, reason: str, *, by: Account, now: datetime
) -> OrderView:
    """Withdraw an order with a reason; it keeps its number, and counts towards no other from now on."""
    why = " ".join(reason.split())
    if not 1 <= len(why) <= LONGEST_REASON:
        raise BadRequest("order_withdraw_reason", most=LONGEST_REASON)
    order_rows.lock_raising(session)  # what follows from orders is counted from the same
    row = order_rows.one_order(session, order_id)
    if row is None:
        raise NotFound("order_unknown")
    if not may(by.role, Permission.RUN_CASES):
        raise NotAllowed
    _refuse_withdrawn(settings, row)
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_why = now, by.id, why
    session.flush()
    audit.record(session, by.id, "order.withdraw", "order", row.number, {"reason": why})
    return _view(session, order_id)


def went_to(order: SupervisionOrder | OrderView, account: Account) -> bool:
    """Tell whether an order went to somebody: to his department, or to him by name."""
    return any(
        (account.department_id is not None and one.get("department_id") == account.department_id)
        or (account.leader_id is not None and one.get("leader_id") == account.leader_id)
        for one in order.recipients
    )


def _order(session: Session, settings: Settings, order_id: int, by: Account) -> SupervisionOrder:
    row = order_rows.one_order(session, order_id)
    if row is None:
        raise NotFound("order_unknown")
    if not went_to(row, by):
        raise NotAllowed("order_not_yours", number=row.number)
    _refuse_withdrawn(settings, row)
    return row


def _refuse_withdrawn(settings: Settings, row: SupervisionOrder) -> None:
    if row.withdrawn_at is not None:
        raise Conflict(
            "order_withdrawn", number=row.number, at=_at(settings, row.withdrawn_at), reason=row.withdrawn_why
        )


def _view(session: Session, order_id: int) -> OrderView:
    (view,) = order_list.views(session, [order_id])
    return view


def _at(settings: Settings, instant: datetime) -> str:
    return f"{instant.astimezone(settings.zone_info):%Y-%m-%d %H:%M}"
