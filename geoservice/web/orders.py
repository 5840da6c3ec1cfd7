"""Orders of supervision: the list, one of them, the page that is printed, and the rules that raise them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from geoservice.domain.orders import OrderKind, Step
from geoservice.domain.roles import Permission
from geoservice.errors import BadRequest, Conflict
from geoservice.services import orders as service
from geoservice.services import told
from geoservice.services.orders import OrderFilters
from geoservice.store import case_marks
from geoservice.web import order_paper, order_words
from geoservice.web.deployment import current_settings, current_time
from geoservice.web.errors import status_of
from geoservice.web.identity import guard, own_transaction, the_account
from geoservice.web.order_forms import form_of, rules_of
from geoservice.web.texts import gettext
from geoservice.web.words import say

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response

    from geoservice.services.orders import OrderPage, Preview

orders = Blueprint("orders", __name__, url_prefix="/orders")
guard(orders, Permission.RUN_CASES)

ORDER = "/<int(max=2147483647):order_id>"


@orders.get("/")
def show_orders() -> str:
    """List the orders that the address asks for, the newest first."""
    with own_transaction() as session:
        page, args = _asked(session)
        departments = case_marks.departments(session)
    return render_template(
        "orders/list.html",
        page=page,
        args=args,
        kinds=list(OrderKind),
        states=order_words.STATES,
        departments=departments,
        before=request.args.get("before", type=int),
        now=current_time(),
        word=order_words,
    )


@orders.get("/papers.pdf")
def get_papers() -> Response:
    """Send the orders of a page of the list as one PDF, a sheet each."""
    with own_transaction() as session:
        page, _ = _asked(session)
    return order_paper.send_papers(page.orders, gettext("Orders of supervision"))


@orders.get(ORDER)
def show_order(order_id: int) -> str:
    """Show one order: why, to whom, what came back."""
    return _page(order_id)


@orders.get(f"{ORDER}/paper")
def show_paper(order_id: int) -> str:
    """Show an order as the page that is printed."""
    with own_transaction() as session:
        order = service.read(session, order_id)
    back, pdf = (url_for(f"orders.{view}", order_id=order_id) for view in ("show_order", "get_paper"))
    return order_paper.show_paper(order, back, pdf)


@orders.get(f"{ORDER}/paper.pdf")
def get_paper(order_id: int) -> Response:
    """Send an order as PDF."""
    with own_transaction() as session:
        order = service.read(session, order_id)
    return order_paper.send_papers([order], f"{order.number} {order_words.title_of(order.kind)}")


@orders.post(f"{ORDER}/withdraw")
def withdraw(order_id: int) -> Response | tuple[str, int]:
    """Withdraw an order with a reason."""
    try:
        with own_transaction() as session:
            service.withdraw(
                session,
                current_settings(),
                order_id,
                request.form.get("reason", ""),
                by=the_account(),
                now=current_time(),
            )
    except (BadRequest, Conflict) as error:
        return _page(order_id, say(error.code, error.values)), status_of(error)
    flash(gettext("The order is withdrawn."), "good")
    return redirect(url_for("orders.show_order", order_id=order_id))


@orders.get("/rules")
def show_rules() -> str:
    """Show the rules of now, to be changed."""
    with own_transaction() as session:
        form = form_of(service.current_rules(session), service.office(session))
    return _rules_page(form)


@orders.post("/rules")
def save_rules() -> Response | str | tuple[str, int]:
    """Save the rules, or show what they would do; what makes no sense is said with everything typed."""
    form = request.form.to_dict()
    form.update({f"{kind}-to": ",".join(request.form.getlist(f"{kind}-to")) for kind in OrderKind})
    try:
        wanted = rules_of(form)
        with own_transaction() as session:
            if form.get("do") != "save":
                seen = service.preview(session, current_settings(), wanted, now=current_time())
                return _rules_page(form, preview=seen)
            service.save_rules(session, wanted, by=the_account().id, now=current_time())
            service.save_office(session, form.get("office", ""), by=the_account().id)
    except BadRequest as error:
        return _rules_page(form, say(error.code, error.values)), status_of(error)
    flash(gettext("Saved. What falls due from now on follows these rules."), "good")
    return redirect(url_for("orders.show_rules"))


def _page(order_id: int, problem: str = "") -> str:
    with own_transaction() as session:
        order = service.read(session, order_id)
        others = [one for one in service.of_case(session, order.case_id) if one.id != order_id] if order.case_id else []  # fmt: skip
    return render_template(
        "orders/order.html",
        order=order,
        others=others,
        problem=problem,
        typed=request.form.get("reason", ""),
        longest=service.LONGEST_REASON,
        now=current_time(),
        word=order_words,
    )


def _rules_page(form: dict[str, str], problem: str = "", preview: Preview | None = None) -> str:
    return render_template(
        "orders/rules.html",
        form=form,
        kinds=list(OrderKind),
        steps=list(Step),
        problem=problem,
        preview=preview,
        longest_office=service.LONGEST_OFFICE,
        word=order_words,
    )


def _asked(session: Session) -> tuple[OrderPage, dict[str, str]]:
    """Return the orders that the address asks for, and what of it counts."""
    names = ("kind", "state", "department", "case", "from", "to", "q")
    args = {name: value for name in names if (value := request.args.get(name, "").strip())}
    filters, before = _filters(args), request.args.get("before", type=int)
    return service.find(session, filters, now=current_time(), before=before), args


def _filters(args: dict[str, str]) -> OrderFilters:
    """Return what the address asks for; what makes no sense asks for nothing."""
    kind = args.get("kind", "")
    first, last = _day(args, "from"), _day(args, "to")
    zone = current_settings().zone_info
    return OrderFilters(
        kind=kind if kind in set(OrderKind) else "",
        state=args.get("state", "") if args.get("state") in order_words.STATES else "",
        department_id=_id(args, "department"),
        case_id=_id(args, "case"),
        from_at=datetime.combine(first, time(), zone) if first else None,
        to_at=datetime.combine(last + timedelta(days=1), time(), zone) if last else None,
        text=args.get("q", "")[:64],
    )


def _id(args: dict[str, str], name: str) -> int | None:
    value = args.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 10 else None


def _day(args: dict[str, str], name: str) -> date | None:
    """Return a day of the address, and forget one that is none."""
    try:
        return told.read_day(args.get(name, ""), name)
    except BadRequest:
        args.pop(name)
        return None
