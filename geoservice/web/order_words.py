"""Orders of supervision as the reader calls them: kinds, how they stand, why they came, what they demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geoservice.domain.orders import OrderKind, Step
from geoservice.web.texts import current_locale, gettext
from geoservice.web.words import say

if TYPE_CHECKING:
    from geoservice.services.orders import OrderView

STATES = ("open", "new", "received", "overdue", "replied", "withdrawn")


def word_of_kind(kind: str) -> str:
    """Return a kind of order in a word."""
    return {
        OrderKind.REMINDER: gettext("Reminder"),
        OrderKind.GREEN: gettext("Green order"),
        OrderKind.YELLOW: gettext("Yellow order"),
        OrderKind.RED: gettext("Red order"),
        OrderKind.TALK: gettext("Call for a talk"),
    }[OrderKind(kind)]


def title_of(kind: str) -> str:
    """Return what the page of an order is headed with."""
    return {
        OrderKind.REMINDER: gettext("Reminder of a case"),
        OrderKind.GREEN: gettext("Order of supervision (green)"),
        OrderKind.YELLOW: gettext("Order of supervision (yellow)"),
        OrderKind.RED: gettext("Order of supervision (red)"),
        OrderKind.TALK: gettext("Notice of a talk"),
    }[OrderKind(kind)]


def word_of_state(state: str) -> str:
    """Return how an order stands, or which a list shows."""
    return {
        "open": gettext("To be answered"),
        "new": gettext("Receipt missing"),
        "received": gettext("Received, reply missing"),
        "overdue": gettext("Reply overdue"),
        "replied": gettext("Answered"),
        "withdrawn": gettext("Withdrawn"),
    }[state]


def word_of_to(step: str) -> str:
    """Return as what somebody gets an order."""
    return {
        Step.DEPARTMENT: gettext("Department"),
        Step.LEADER: gettext("Who answers for it"),
        Step.SUPERIOR: gettext("Who answers above"),
    }[Step(step)]


def reason_of(order: OrderView) -> str:
    """Return why an order fell due."""
    return say(order.why["code"], order.why.get("values") or {})


def demands_of(order: OrderView) -> list[str]:
    """Return what is demanded, each one sentence."""
    return {
        OrderKind.REMINDER: [
            gettext("Put the problem right before the deadline and reply with a photo."),
            gettext("Should more time be needed, ask for it before the deadline, with the reason."),
        ],
        OrderKind.GREEN: [
            gettext("The deadline is over: put the problem right at once and reply with a photo."),
            gettext("Write why it was late."),
        ],
        OrderKind.YELLOW: [
            gettext("The head of the department sees to it in person; put it right at once and reply with a photo."),
            gettext("Write why it was late or not good enough, and what keeps it from happening again."),
        ],
        OrderKind.RED: [
            gettext("Whoever answers for the ground sees to it on the spot; put it right at once and reply with photos."),
            gettext("Reply in writing: the cause, what was done, who is responsible, and until when it is settled for good."),
        ],
        OrderKind.TALK: [
            gettext("Come to a talk with the supervising office; the time is told by telephone."),
            gettext("Bring in writing: the cases concerned, the causes, and what is done about them."),
        ],
    }[OrderKind(order.kind)]  # fmt: skip


def office_of(order: OrderView) -> str:
    """Return who issues an order."""
    document = order.document
    if document.get("office"):
        return str(document["office"])
    city = document.get("city") or ""
    return gettext("%(city)s patrol supervision office", city=city).strip()


def kind_of_case(case: dict[str, Any]) -> str:
    """Return the kind of a case as it was called then."""
    return str(case["kind_zh"] if current_locale() == "zh_Hans_CN" else case["kind_en"])


def word_of_within(within: str) -> str:
    """Return how orders before are counted together."""
    return {"quarter": gettext("in a quarter"), "row": gettext("in a row")}[within]
