"""Everybody's own list of today, and for dispatchers everybody's list of a day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, render_template, request

from geoservice.domain.roles import Permission, may
from geoservice.errors import NotAllowed
from geoservice.formats.writing_list import write_list
from geoservice.services import patrol_requests, told
from geoservice.services import tasks as service
from geoservice.web import task_words
from geoservice.web.deployment import current_settings, current_time, open_transaction, today
from geoservice.web.identity import guard, own_transaction, the_account
from geoservice.web.request_answers import mark_of, new_answers
from geoservice.web.request_words import word_of_request
from geoservice.web.texts import gettext
from geoservice.web.words import write_day, write_instant

if TYPE_CHECKING:
    from datetime import date

    from geoservice.services.patrol_requests import Request
    from geoservice.services.tasks import DayList, Task

tasks = Blueprint("tasks", __name__, url_prefix="/today")
guard(tasks, None)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTHS = (14, 14, 18, 22, 36, 30, 18, 18, 10)


@tasks.get("/")
def show_own() -> str:
    """Show what whoever is logged in has to do on a day."""
    account, on, now = the_account(), _day(), current_time()
    # Somebody in the street or an office sees no ground, so his list is narrowed to what is his instead.
    opened = own_transaction() if may(account.role, Permission.RUN_CASES) else open_transaction()
    with opened as session:
        mine = service.list_of(session, current_settings(), account, on, now=now)
    answers = _answers() if may(account.role, Permission.SEE_OWN_GROUND) else []
    return render_template(
        "tasks/own.html",
        answers=answers,
        answers_mark=mark_of(answers),
        word_of_request=word_of_request,
        mine=mine,
        now=now,
        today=today(),
        before=on - timedelta(days=1),
        after=on + timedelta(days=1),
        word=task_words,
        most_of_desk=service.MOST_OF_DESK,
    )


@tasks.get("/people")
def show_people() -> str:
    """Show everybody's list of a day, person by person."""
    on, found = _people()
    role, name = request.args.get("role", ""), request.args.get("q", "").strip()[:64]
    shown = [
        one for one in found if (not role or one.role == role) and name.casefold() in one.name.casefold()
    ]
    now = current_time()
    return render_template(
        "tasks/people.html",
        lists=shown,
        roles=list(dict.fromkeys(one.role for one in found)),
        role=role,
        q=name,
        is_open=request.args.get("open") == "1",
        on=on,
        today=today(),
        now=now,
        before=on - timedelta(days=1),
        after=on + timedelta(days=1),
        word=task_words,
    )


@tasks.get("/people.json")
def get_people() -> Response:
    """Send everybody's list of a day as JSON."""
    on, found = _people()
    return jsonify({"on": on.isoformat(), "people": [as_json(one, current_time()) for one in found]})


@tasks.get("/people.xlsx")
def get_workbook() -> Response:
    """Send everybody's list of a day as an Excel workbook, a row a thing to do."""
    on, found = _people()
    heads = (
        gettext("Day"), gettext("Role"), gettext("Person"), gettext("To do"), gettext("What about"), gettext("Where"),
        gettext("Number"), gettext("Until"), gettext("Done"),
    )  # fmt: skip
    rows = [_row(one, task) for one in found for task in one.tasks]
    answer = Response(write_list(gettext("To do"), heads, WIDTHS, rows), mimetype=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="tasks-{on.isoformat()}.xlsx"'
    return answer


def as_json(one: DayList, now: Any) -> dict[str, Any]:
    """Return one person's list for programs: codes, not words; instants in ISO 8601."""
    return {
        "name": one.name,
        "role": one.role,
        "login": one.login,
        "office": one.office,
        "done": one.done,
        "late": one.late(now),
        "tasks": [task.for_programs for task in one.tasks],
    }


def _people() -> tuple[date, list[DayList]]:
    if not may(the_account().role, Permission.RUN_CASES):
        raise NotAllowed
    on = _day()
    with own_transaction() as session:
        return on, service.lists_of_day(session, current_settings(), on, now=current_time())


def _answers() -> list[Request]:
    """What became of the patrols that whoever is logged in asked for."""
    with own_transaction() as session:
        return new_answers(patrol_requests.listed(session, now=current_time()))


def _day() -> date:
    """Return the day of the address; raises BadRequest."""
    return told.read_day(request.args.get("on", ""), "on") or today()


def _row(one: DayList, task: Task) -> tuple[str, ...]:
    return (
        write_day(one.on),
        task_words.word_of_person(one),
        task_words.name_of(one),
        task_words.word_of_task(task),
        task_words.title_of(task),
        task.place,
        task.number,
        write_instant(task.due_at) if task.due_at else "",
        gettext("yes") if task.done else "",
    )
