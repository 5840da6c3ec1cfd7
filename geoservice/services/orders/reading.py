"""Orders as lists and pages show them; whoever asks sees what row-level security shows him."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoservice.errors import NotFound
from geoservice.store import order_list

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.services.accounts import Account
    from geoservice.store.order_list import OrderFilters, OrderView

PAGE = 50
MOST_OWN = 200


@dataclass(frozen=True)
class OrderPage:
    """Some orders, the newest first; `before` is the key of the next ones, None: these were the last."""

    orders: tuple[OrderView, ...]
    before: int | None
    counts: dict[str, int]

    @property
    def total(self) -> int:
        """How many there are on all pages."""
        return sum(self.counts.values())


def find(
    session: Session,
    filters: OrderFilters,
    *,
    now: datetime,
    before: int | None = None,
    limit: int = PAGE,
) -> OrderPage:
    """Return a page of orders."""
    found = order_list.find_orders(session, filters, now, before=before, limit=limit + 1)
    shown = found[:limit]
    following = shown[-1].id if len(found) > limit else None
    return OrderPage(tuple(shown), following, order_list.count_orders(session, filters, now))


def read(session: Session, order_id: int) -> OrderView:
    """Return one order; raises NotFound."""
    for view in order_list.views(session, [order_id]):
        return view
    raise NotFound("order_unknown")


def of_case(session: Session, case_id: int) -> list[OrderView]:
    """Return the orders about a case, the first first."""
    return order_list.of_case(session, case_id)


def mine(session: Session, account: Account, *, open_only: bool = False) -> list[OrderView]:
    """Return the orders that went to somebody, those he still has to answer first."""
    return order_list.sent_to(
        session, account.department_id, account.leader_id, open_only=open_only, limit=MOST_OWN
    )
