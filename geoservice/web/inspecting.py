"""An inspector's own day on the phone: his points of today on a map and as a list, and the checklist of each."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from flask import Blueprint, Response, render_template, request, url_for

from geoservice.domain.roles import Permission
from geoservice.domain.windows import day_start
from geoservice.errors import BadRequest, Conflict, GeoServiceError
from geoservice.services import evidence
from geoservice.services.cases import Actor
from geoservice.services.evidence import Subject
from geoservice.services.inspections import doing as service
from geoservice.services.inspections.doing import Findings, Found
from geoservice.web import inspection_words
from geoservice.web.base_maps import page_with_map
from geoservice.web.deployment import current_settings, current_time, open_transaction, today
from geoservice.web.errors import status_of
from geoservice.web.identity import guard, the_account, wants_page
from geoservice.web.offline import KEPT_FOR_HEADER, REFUSED, sent_on
from geoservice.web.page_streets import send_lines
from geoservice.web.phone_forms import place_of, said_at
from geoservice.web.photos_forms import keep_photos, sent_photos
from geoservice.web.texts import current_locale, gettext
from geoservice.web.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.services.evidence import Photo
    from geoservice.services.inspections.doing import TaskDetail
    from geoservice.store.inspection_rows import TaskRow

inspecting = Blueprint("inspecting", __name__, url_prefix="/field/inspections")
guard(inspecting, Permission.INSPECT)

TASK = "/<int(max=9223372036854775807):task_id>"
_NAMES = UUID("c3a7d3a2-5f5e-5b8e-9f0a-7d1e0d6a4b52")


@inspecting.get("/")
def show_day() -> Response:
    """Show what one inspects today: a map, the list, and what is done."""
    with _day_transaction() as session:
        tasks = service.tasks_of(session, current_settings(), the_account().id, now=current_time())
    page = render_template(
        "field/inspections.html",
        tasks=tasks,
        drawn=_drawn(tasks),
        today=today(),
        category_of=_category_of,
        words=inspection_words,
    )
    return page_with_map(page)


@inspecting.get("/streets.json")
def get_streets() -> Response:
    """Send the streets around the day's points: flat differences in millionths of a degree, latitude first."""
    with _day_transaction() as session:
        tasks = service.tasks_of(session, current_settings(), the_account().id, now=current_time())
    # Lines without names: the city's streets are on every map.
    with open_transaction() as session:
        lines = service.nearby_lines(session, tasks)
    return send_lines(lines)


@inspecting.after_request
def _for_today_only(answer: Response) -> Response:
    """Let the phone forget with the day what was shown on the day only."""
    now, zone = current_time(), current_settings().zone_info
    answer.headers[KEPT_FOR_HEADER] = str(
        int((day_start(today() + timedelta(days=1), zone) - now).total_seconds())
    )
    return answer


@inspecting.get(TASK)
def show_task(task_id: int) -> str:
    """Show the checklist of one point; once it is done, what was found."""
    return _task_page(task_id)


@inspecting.post(TASK)
def save(task_id: int) -> tuple[str, int] | AnyResponse:
    """Store what was found; what can't be stored is said beside the form, with everything that was typed."""
    try:
        _keep_sent(task_id)
        findings = _findings(task_id)
        with open_transaction() as session:
            done = service.submit(
                session, current_settings(), findings, by=Actor.of(the_account()), now=current_time()
            )
    except REFUSED as error:
        if not wants_page():
            raise
        return _task_page(task_id, error), status_of(error)
    said = gettext(
        "Sent: %(point)s, score %(score)s.",
        point=done.row.point_name,
        score=inspection_words.write_score(done.row.score),
    )
    return sent_on(said, url_for("inspecting.show_day"))


@inspecting.post(f"{TASK}/photos")
def add_photos(task_id: int) -> str:
    """Keep photos of an item as soon as they are taken; the answer is the item's strip of photos."""
    item_id = request.form.get("item", 0, type=int)
    at, sent = said_at(request.form.get("age_s", ""), current_time()), sent_photos()
    with open_transaction() as session:
        _need_open(session, task_id, item_id)
    with _day_transaction() as session:
        keep_photos(session, sent, Subject("task", task_id, item_id), at=at, client_uuid=_form_uuid(task_id))
        photos = _photos(session, task_id).get(item_id, [])
    return render_template("field/inspection_photos.html", photos=photos)


@contextmanager
def _day_transaction() -> Iterator[Session]:
    """Open a transaction that sees the points of his tasks of today and nothing else of the city."""
    account = the_account()
    with open_transaction() as session:
        scope = service.scope_of(session, current_settings(), account.id, now=current_time())
    with open_transaction(scope) as session:
        yield session


def _task_page(task_id: int, error: GeoServiceError | None = None) -> str:
    with _day_transaction() as session:
        detail = service.read_task(session, current_settings(), task_id, the_account().id, now=current_time())
        photos = _photos(session, task_id)
    return render_template(
        "field/inspection.html",
        detail=detail,
        row=detail.row,
        photos=photos,
        typed=request.form,
        form_uuid=_form_uuid(task_id),
        category=_category_of(detail.row),
        longest_note=service.LONGEST_NOTE,
        problem=say(error.code, error.values) if error else "",
        words=inspection_words,
    )


def _photos(session: Session, task_id: int) -> dict[int | None, list[Photo]]:
    """Item's id → its photos."""
    found: dict[int | None, list[Photo]] = {}
    for photo in evidence.photos_of(session, "task", task_id):
        found.setdefault(photo.subject.item_id, []).append(photo)
    return found


def _keep_sent(task_id: int) -> None:
    """Keep photos that came with the form, in a transaction of their own: a missing answer does not lose them."""
    with open_transaction() as session:
        detail = service.read_task(session, current_settings(), task_id, the_account().id, now=current_time())
    at = said_at(request.form.get("age_s", ""), current_time())
    for one in detail.items:
        sent = sent_photos(f"photos-{one.id}")
        if sent and not detail.is_done:
            subject = Subject("task", task_id, one.id)
            with _day_transaction() as session:
                keep_photos(session, sent, subject, at=at, client_uuid=_form_uuid(task_id))


def _need_open(session: Session, task_id: int, item_id: int) -> TaskDetail:
    detail = service.read_task(session, current_settings(), task_id, the_account().id, now=current_time())
    if item_id not in {one.id for one in detail.items}:
        raise BadRequest("inspection_item_unknown", item=item_id)
    if detail.is_done:
        at = f"{detail.row.done_at:%Y-%m-%d}"
        raise Conflict("inspection_done_already", point=detail.row.point_name, at=at)
    return detail


def _findings(task_id: int) -> Findings:
    """Return what the form says; raises BadRequest."""
    form, at = request.form, said_at(request.form.get("age_s", ""), current_time())
    place = place_of(form.get("lon", ""), form.get("lat", ""))
    numbers = [int(name[7:]) for name in form if name.startswith("result-") and name[7:].isdecimal()]
    return Findings(
        task_id=task_id,
        found=tuple(
            Found(number, form[f"result-{number}"], _text(f"note-{number}"))
            for number in dict.fromkeys(numbers)
        ),
        at=at,
        client_uuid=_form_uuid(task_id),
        note=_text("note"),
        lon=place[0] if place else None,
        lat=place[1] if place else None,
    )


def _form_uuid(task_id: int) -> UUID:
    """A task is sent once: its form has one name however often it is opened."""
    return uuid5(_NAMES, f"{the_account().id} {task_id}")


def _text(name: str) -> str:
    return request.form.get(name, "").replace("\r\n", "\n").strip()


def _category_of(row: TaskRow) -> str:
    return row.category_zh if current_locale().startswith("zh") else row.category_en


def _drawn(tasks: Sequence[TaskRow]) -> dict[str, Any]:
    """What the page's script draws; latitude first, as Leaflet wants it."""
    return {
        "line": [],
        "known": True,
        "stops": [
            {
                "number": number,
                "place": [task.lat, task.lon],
                "name": task.point_name,
                "state": "done" if task.done_at else "open",
                "next": False,
            }
            for number, task in enumerate(tasks, 1)
        ],
    }
