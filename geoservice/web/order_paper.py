"""The page of an order that is printed: one form, as a web page and as PDF; what is too long for it is cut, and says so."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Response, render_template

from geoservice.formats.paper_document import SIGNATURE_MM, Box, Paper
from geoservice.formats.paper_pdf import papers_pdf
from geoservice.web.measure_words import write_day, write_instant, written_here
from geoservice.web.order_words import demands_of, kind_of_case, office_of, reason_of, title_of, word_of_kind
from geoservice.web.sending import name_file
from geoservice.web.texts import gettext

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geoservice.services.orders import OrderView

NOTHING = "—"


def show_paper(order: OrderView, back: str, pdf: str) -> str:
    """Show an order as the page that is printed; `back` and `pdf`: where to go from it."""
    return render_template(
        "orders/paper.html", paper=paper_of(order), number=order.number, back=back, pdf=pdf
    )


def send_papers(orders: Iterable[OrderView], name: str) -> Response:
    """Send orders as one PDF, a page each, under a name."""
    content = papers_pdf(map(paper_of, orders), name, written_here().lang)
    return name_file(Response(content, content_type="application/pdf"), "orders.pdf", f"{name}.pdf")


def paper_of(order: OrderView) -> Paper:
    """Return the page of an order, in the reader's language."""
    case = order.document.get("case")
    return Paper(
        kind=order.kind,
        band=word_of_kind(order.kind),
        title=title_of(order.kind),
        facts=(
            f"{gettext('Number')}: {order.number}",
            f"{gettext('Issued')}: {write_instant(order.made_at)}",
        ),
        void=_void(order),
        rows=(*_people(order), *(_case(case) if case else ()), *_demands(order), *_answers(order)),
        foot=gettext("Made by the system by rule and deadline; two copies, one for whoever it goes to, one for the file."),
    )  # fmt: skip


def _void(order: OrderView) -> str:
    if order.withdrawn_at is None:
        return ""
    when = gettext("Withdrawn at %(at)s", at=write_instant(order.withdrawn_at))
    return f"{when}: {_fitted(order.withdrawn_why, 60)}"


def _people(order: OrderView) -> tuple[tuple[Box, ...], ...]:
    document = order.document
    return (
        (Box(gettext("Sent to"), document.get("department") or document.get("leader") or NOTHING),),
        (
            Box(gettext("Person responsible"), _names(order, "leader")),
            Box(gettext("Copy to"), _names(order, "superior")),
        ),
    )


def _names(order: OrderView, step: str) -> str:
    names = []
    for one in order.recipients:
        if one["step"] == step:
            name = " ".join(filter(None, (one["name"], one.get("title"))))
            deputy = one.get("stands_in_for")
            names.append(f"{name} ({gettext('stands in for %(name)s', name=deputy)})" if deputy else name)
    return _fitted("、".join(names), 160) or NOTHING


def _case(case: dict[str, Any]) -> tuple[tuple[Box, ...], ...]:
    where = [*case["zones"], case["place"], _fitted(case["address"], 60)]
    return (
        (Box(gettext("Case number"), case["number"]), Box(gettext("Kind of case"), kind_of_case(case))),
        (
            Box(
                gettext("Case"),
                strong=_fitted(case["title"], 80),
                small=_fitted(case["description"], 180),
            ),
        ),
        (Box(gettext("Where"), " · ".join(filter(None, where)) or f"{case['lon']}, {case['lat']}"),),
        (
            Box(gettext("Found on"), _at(case["reported_at"])),
            Box(gettext("Assigned on"), _at(case["assigned_at"])),
        ),
        (
            Box(gettext("Deadline"), _at(case["due_at"])),
            Box(gettext("Handler"), case["handler"] or NOTHING),
        ),
    )


def _demands(order: OrderView) -> tuple[tuple[Box, ...], ...]:
    until = write_instant(order.reply_due_at) if order.reply_due_at else NOTHING
    return (
        (Box(gettext("Why"), reason_of(order), small=f"({write_instant(order.raised_at)})"),),
        (
            Box(
                gettext("Demands"),
                strong=f"{gettext('Reply until')}: {until}",
                steps=tuple(demands_of(order)),
                seal=(office_of(order), gettext("(seal)"), write_day(order.made_at)),
            ),
        ),
    )


def _answers(order: OrderView) -> tuple[tuple[Box, ...], ...]:
    return (
        (Box(gettext("Receipt"), signs=_signs(order.receiver, order.received_at), room_mm=SIGNATURE_MM),),
        (
            Box(
                gettext("Reply"),
                _fitted(order.reply, 260),
                signs=_signs(order.replier, order.replied_at),
                room_mm=40,
            ),
        ),
    )


def _signs(name: str | None, at: datetime | None) -> tuple[str, str]:
    return (
        f"{gettext('Signed by')}: {name or ''}",
        f"{gettext('At')}: {write_instant(at) if at else ''}",
    )


def _fitted(words: str, most: int) -> str:
    if len(words) <= most:
        return words
    return f"{words[:most]}… {gettext('(the whole text is in the system)')}"


def _at(iso: str | None) -> str:
    return write_instant(datetime.fromisoformat(iso)) if iso else NOTHING
