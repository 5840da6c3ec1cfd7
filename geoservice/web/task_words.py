"""Things to do as the reader calls them, and where each is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for

from geoservice.services.tasks import DESK
from geoservice.web.order_words import word_of_kind
from geoservice.web.texts import gettext
from geoservice.web.words import word_of_role

if TYPE_CHECKING:
    from geoservice.services.tasks import DayList, Task


def word_of_task(task: Task) -> str:
    """Return what is to be done."""
    return {
        "stop": gettext("Go there"),
        "point": gettext("Check in"),
        "patrol": gettext("Patrol"),
        "inspection": gettext("Inspect"),
        "case_accept": gettext("Accept the case"),
        "case_reply": gettext("Put right and reply"),
        "order_receipt": gettext("Sign the receipt"),
        "order_reply": gettext("Reply to the order"),
        "case_open": gettext("Open or reject"),
        "case_assign": gettext("Assign"),
        "case_verify": gettext("Verify"),
        "case_close": gettext("Close the case"),
        "request_postpone": gettext("Decide: more time?"),
        "request_suspend": gettext("Decide: suspend?"),
        "request_appeal": gettext("Decide: appeal"),
        "case_nobody": gettext("Assign anew: nobody who logs in can handle it"),
        "order_nobody": gettext("See to it: this order reaches nobody"),
        "inspection_nobody": gettext("Hand over: no inspector has it"),
        "photos": gettext("Judge doubtful photos"),
    }[task.kind]


def title_of(task: Task) -> str:
    """Return what a thing to do is about."""
    if task.kind == "photos":
        return gettext("Photos with a flag: %(count)s", count=task.title)
    if task.kind.startswith("order_"):
        return f"{word_of_kind(task.ids['kind'])} {task.title}".strip()
    return task.title


def own_address(task: Task) -> str:
    """Return where somebody does what is his to do."""
    ids = task.ids
    if task.kind in {"stop", "point"}:
        return url_for("on_the_way.show_stop", patrol_id=ids["patrol"], position=ids["position"])
    if task.kind == "patrol":
        return url_for("on_the_way.show_patrol", patrol_id=ids["patrol"])
    if task.kind == "inspection":
        return url_for("inspecting.show_task", task_id=ids["task"])
    if task.kind in {"order_receipt", "order_reply"}:
        return url_for("my_orders.show_order", order_id=ids["order"])
    if task.kind in {"case_accept", "case_reply"}:
        return url_for("handling.show_case", case_id=ids["case"])
    return desk_address(task)


def desk_address(task: Task) -> str:
    """Return where a dispatcher looks at what somebody has to do; "" where there is no such page."""
    ids = task.ids
    if "patrol" in ids:
        return url_for("patrols.show_patrol", patrol_id=ids["patrol"])
    if "case" in ids:
        return url_for("cases.show_case", case_id=ids["case"])
    if "inspection" in ids:
        return url_for("inspections.show_inspection", inspection_id=ids["inspection"])
    if "order" in ids:
        return url_for("orders.show_order", order_id=ids["order"])
    return url_for("evidence.show_photos") if task.kind == "photos" else ""


def name_of(one: DayList) -> str:
    """Return whose list it is."""
    return gettext("Desk (all dispatchers)") if one.role == DESK else one.name


def word_of_person(one: DayList) -> str:
    """Return as what somebody has something to do."""
    return gettext("Dispatcher") if one.role == DESK else word_of_role(one.role)
