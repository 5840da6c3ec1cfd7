"""The orders that went to whoever is logged in: his list, one of them, its receipt and reply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from geoservice.domain.roles import Permission
from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services import orders as service
from geoservice.web import order_paper, order_words
from geoservice.web.deployment import current_settings, current_time
from geoservice.web.errors import status_of
from geoservice.web.identity import guard, own_transaction, the_account
from geoservice.web.texts import gettext
from geoservice.web.words import say

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from geoservice.services.orders import OrderView

my_orders = Blueprint("my_orders", __name__, url_prefix="/orders/mine")
guard(my_orders, Permission.HANDLE_CASES)

ORDER = "/<int(max=2147483647):order_id>"


@my_orders.get("/")
def show_orders() -> str:
    """List his orders, those he still has to answer first."""
    with own_transaction() as session:
        found = service.mine(session, the_account())
    return render_template("orders/mine.html", orders=found, now=current_time(), word=order_words)


@my_orders.get(ORDER)
def show_order(order_id: int) -> str:
    """Show one order with what is demanded, and where to sign and answer."""
    return _page(order_id)


@my_orders.get(f"{ORDER}/paper")
def show_paper(order_id: int) -> str:
    """Show an order as the page that is printed."""
    back, pdf = (url_for(f"my_orders.{view}", order_id=order_id) for view in ("show_order", "get_paper"))
    return order_paper.show_paper(_order(order_id), back, pdf)


@my_orders.get(f"{ORDER}/paper.pdf")
def get_paper(order_id: int) -> Response:
    """Send an order as PDF."""
    order = _order(order_id)
    return order_paper.send_papers([order], f"{order.number} {order_words.title_of(order.kind)}")


@my_orders.post(f"{ORDER}/receipt")
def sign(order_id: int) -> Response | tuple[str, int]:
    """Sign the receipt."""
    try:
        with own_transaction() as session:
            service.receipt(session, current_settings(), order_id, by=the_account(), now=current_time())
    except Conflict as error:
        return _page(order_id, say(error.code, error.values)), status_of(error)
    flash(gettext("The receipt is signed."), "good")
    return redirect(url_for("my_orders.show_order", order_id=order_id))


@my_orders.post(f"{ORDER}/reply")
def reply(order_id: int) -> Response | tuple[str, int]:
    """Reply; what can't be taken is said beside the form, with everything typed."""
    try:
        with own_transaction() as session:
            service.reply(
                session,
                current_settings(),
                order_id,
                request.form.get("reply", ""),
                by=the_account(),
                now=current_time(),
            )
    except (BadRequest, Conflict) as error:
        return _page(order_id, say(error.code, error.values)), status_of(error)
    flash(gettext("The reply is sent."), "good")
    return redirect(url_for("my_orders.show_order", order_id=order_id))


def _order(order_id: int) -> OrderView:
    """Return an order that went to him; raises NotFound for any other, seen or not."""
    with own_transaction() as session:
        order = service.read(session, order_id)
    if not service.went_to(order, the_account()):
        raise NotFound("order_unknown")
    return order


def _page(order_id: int, problem: str = "") -> str:
    return render_template(
        "orders/mine_one.html",
        order=_order(order_id),
        problem=problem,
        typed=request.form.get("reply", ""),
        longest=service.LONGEST_REPLY,
        now=current_time(),
        word=order_words,
    )
