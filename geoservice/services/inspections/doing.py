"""An inspector's day: his tasks of today and nobody else's, and what he found, stored once however often it is sent.

Sessions of `tasks_of`, `read_task` and `scope_of` may see everything or just the scope; that of `submit` must see everything,
since what failed becomes cases of ground the inspector does not see. Whose task it is is checked here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

import shapely

from geoservice.domain.checklists import Result, needs_photo, score_of
from geoservice.domain.windows import day_start, local_day
from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services import cases
from geoservice.services.cases import NewCase
from geoservice.services.cases.reporting import LONGEST_ADDRESS, LONGEST_DESCRIPTION, LONGEST_TITLE
from geoservice.store import checklist_rows, inspection_handing, way_rows
from geoservice.store import inspection_rows as store
from geoservice.store.inspection_rows import ResultRow, TaskRow
from geoservice.store.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.cases import Actor
    from geoservice.store.checklist_rows import StoredItem

LONGEST_NOTE = 1000
MOST_LINES, MARGIN_DEG = 2500, 0.002
LATE = timedelta(days=3)
"""How long after the end of an inspection results still arrive from a phone that had no network."""
_NAMES = UUID("6f6c4f0e-6a2b-5d0c-9a51-0f2a7f1c9e11")


@dataclass(frozen=True)
class Found:
    """What was found of an item: a word of `Result`, and what there is to say."""

    item_id: int
    result: str
    note: str = ""


@dataclass(frozen=True)
class Findings:
    """What an inspector sends of a task; `lon`, `lat`: where the phone was. `client_uuid` is the phone's name for it."""

    task_id: int
    found: tuple[Found, ...]
    at: datetime
    client_uuid: UUID
    note: str = ""
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class TaskDetail:
    """A task with its checklist, and what was found once it is done."""

    row: TaskRow
    items: tuple[StoredItem, ...]
    results: dict[int, ResultRow]
    case_numbers: dict[int, str]

    @property
    def is_done(self) -> bool:
        """Tell whether it has been inspected."""
        return self.row.done_at is not None


def scope_of(session: Session, settings: Settings, inspector_id: int, *, now: datetime) -> Scope:
    """Return the ground of an inspector's day: the points of his tasks; `session` must see everything."""
    points = store.point_ids_of(session, inspector_id, local_day(now, settings.zone_info))
    return Scope(point_ids=points, account_id=inspector_id)


def tasks_of(session: Session, settings: Settings, inspector_id: int, *, now: datetime) -> list[TaskRow]:
    """Return what an inspector has to do today, what was left over from the days before, and what he did today."""
    return store.tasks_until(session, inspector_id, local_day(now, settings.zone_info))


def read_task(
    session: Session, settings: Settings, task_id: int, inspector_id: int, *, now: datetime
) -> TaskDetail:
    """Return one task; NotFound for another's, for one whose day has not come, and for a cancelled one."""
    return detail_of(session, _own(session, settings, task_id, inspector_id, now=now))


def nearby_lines(session: Session, tasks: Sequence[TaskRow]) -> list[BaseGeometry]:
    """Return the streets around points, without names, to draw their map upon; `session` must see them."""
    if not tasks:
        return []
    places = [shapely.Point(task.lon, task.lat) for task in tasks]
    west, south, east, north = shapely.total_bounds(places).tolist()
    lon, lat = (west + east) / 2, (south + north) / 2
    # A phone is higher than broad, so as much is drawn above and below as beside.
    half = max(east - west, north - south) / 2 + MARGIN_DEG
    box = (lon - half, lat - half, lon + half, lat + half)
    return list(shapely.from_wkb(way_rows.lines_near(session, box, MOST_LINES)))


def submit(
    session: Session, settings: Settings, findings: Findings, *, by: Actor, now: datetime
) -> TaskDetail:
    """Store what was found, with its score, and report what failed as cases; sent again, it is the same result.

    BadRequest names an item without an answer or without the photo it asks for; Conflict once somebody sent something else.
    """
    row = _own(session, settings, findings.task_id, by.account_id, now=now, lock=True)
    detail = detail_of(session, row)
    found = _checked(detail, findings)
    if row.done_at is not None:
        if row.client_uuid == findings.client_uuid and _says_the_same(detail, findings, found):
            return detail
        raise Conflict("inspection_done_already", point=row.point_name, at=_minute(row.done_at, settings))
    if store.is_uuid_taken(session, findings.client_uuid, row.id):
        raise Conflict("inspection_sent_elsewhere")
    last = row.to_on + LATE
    if local_day(now, settings.zone_info) > last:
        raise Conflict("inspection_task_over", name=row.inspection_name, day=row.to_on.isoformat())
    _need_photos(session, detail, found)
    # A phone's clock is believed within the time that the task was open.
    at = min(max(findings.at, day_start(row.on_day, settings.zone_info)), now)
    results = _report_cases(session, settings, detail, found, replace(findings, at=at), by, now)
    weights = {str(one.id): one.item.weight for one in detail.items}
    score = score_of(weights, {str(one.item_id): one.result for one in results})
    store.finish_task(
        session,
        row.id,
        {
            "done_at": at,
            "received_at": now,
            "score": score.per_cent,
            "note": findings.note,
            "lon": findings.lon,
            "lat": findings.lat,
            "client_uuid": findings.client_uuid,
        },
        results,
    )
    stored = store.task_by_id(session, row.id)
    assert stored is not None
    return detail_of(session, stored)


def detail_of(session: Session, row: TaskRow) -> TaskDetail:
    """Return a task with its checklist and what was found; whether somebody may see it is for the caller to know."""
    items = checklist_rows.items_of(session, [row.checklist_id])[row.checklist_id]
    results = {one.item_id: one for one in store.results_of(session, row.id)} if row.done_at else {}
    numbers = store.case_numbers(session, {one.case_id for one in results.values() if one.case_id})
    return TaskDetail(row, tuple(items), results, numbers)


def _own(
    session: Session,
    settings: Settings,
    task_id: int,
    inspector_id: int | None,
    *,
    now: datetime,
    lock: bool = False,
) -> TaskRow:
    row = store.task_by_id(session, task_id, lock=lock)
    today = local_day(now, settings.zone_info)
    if row is None or inspector_id is None or row.on_day > today:
        raise NotFound("inspection_task_unknown")
    if row.inspector_id != inspector_id:
        passed = inspection_handing.passed_on(session, task_id, inspector_id)
        if passed is None:
            raise NotFound("inspection_task_unknown")
        # What waited on his phone is refused with the reason, so that he can tell the one who has it now.
        raise NotFound("inspection_handed_over", name=passed[0], at=_minute(passed[1], settings))
    if row.cancelled_at is not None and row.done_at is None:
        raise NotFound("inspection_cancelled", name=row.inspection_name)
    return row


def _checked(detail: TaskDetail, findings: Findings) -> dict[int, ResultRow]:
    """The results by item, in the checklist's order; BadRequest names the first item that has none or a wrong one."""
    known = {one.id for one in detail.items}
    if strange := next((one.item_id for one in findings.found if one.item_id not in known), None):
        raise BadRequest("inspection_item_unknown", item=strange)
    said = {one.item_id: one for one in findings.found}
    found: dict[int, ResultRow] = {}
    for one in detail.items:
        answer = said.get(one.id)
        if answer is None or not answer.result:
            raise BadRequest("inspection_answer_needed", item=one.item.title)
        if answer.result not in set(Result):
            raise BadRequest("inspection_answer_unknown", value=answer.result[:20])
        if len(answer.note) > LONGEST_NOTE:
            raise BadRequest("inspection_note_long", most=LONGEST_NOTE)
        found[one.id] = ResultRow(one.id, Result(answer.result), answer.note, None)
    if len(findings.note) > LONGEST_NOTE:
        raise BadRequest("inspection_note_long", most=LONGEST_NOTE)
    return found


def _says_the_same(detail: TaskDetail, findings: Findings, found: dict[int, ResultRow]) -> bool:
    stored = {number: (one.result, one.note) for number, one in detail.results.items()}
    sent = {number: (one.result, one.note) for number, one in found.items()}
    return stored == sent and detail.row.note == findings.note


def _need_photos(session: Session, detail: TaskDetail, found: dict[int, ResultRow]) -> None:
    shown = store.photographed_items(session, detail.row.id)
    for one in detail.items:
        if one.id not in shown and needs_photo(one.item.evidence, found[one.id].result):
            raise BadRequest("inspection_photo_needed", item=one.item.title)


def _report_cases(  # noqa: PLR0913 - all that a case is made of
    session: Session,
    settings: Settings,
    detail: TaskDetail,
    found: dict[int, ResultRow],
    findings: Findings,
    by: Actor,
    now: datetime,
) -> list[ResultRow]:
    """The results, what failed linked to its case: one a kind, the open one of that kind at the point where there is one."""
    kinds = {word.code for word in checklist_rows.case_kinds(session)}
    failed: dict[str, list[StoredItem]] = {}
    for one in detail.items:
        # A kind that is no longer in use makes no case; the fail itself is kept.
        if found[one.id].result == Result.FAIL and one.item.case_kind in kinds:
            failed.setdefault(str(one.item.case_kind), []).append(one)
    if failed:
        store.lock_point(session, detail.row.point_id)
    of_item: dict[int, int] = {}
    for kind, items in failed.items():
        case_id = store.open_case_of(session, detail.row.point_id, kind)
        if case_id is None:
            new = _new_case(detail.row, kind, items, found, findings)
            case_id = cases.report(session, settings, new, by=by, now=now).id
        of_item |= {one.id: case_id for one in items}
    return [replace(result, case_id=of_item.get(number)) for number, result in found.items()]


def _new_case(
    row: TaskRow,
    kind: str,
    items: Sequence[StoredItem],
    found: dict[int, ResultRow],
    findings: Findings,
) -> NewCase:
    """A case of what failed: titled by the items, told by their standards and what the inspector says."""
    lines = [f"{one.item.code} {one.item.title}：{found[one.id].note or one.item.standard}" for one in items]
    title = "、".join(one.item.title for one in items)
    return NewCase(
        kind=kind,
        title=f"{row.point_name}：{title}"[:LONGEST_TITLE],
        description="\n".join(lines)[:LONGEST_DESCRIPTION],
        lon=row.lon,
        lat=row.lat,
        address=row.address[:LONGEST_ADDRESS],
        source="inspection",
        point_id=row.point_id,
        at=findings.at,
        client_uuid=uuid5(_NAMES, f"{findings.client_uuid} {kind}"),
    )


def _minute(at: datetime, settings: Settings) -> str:
    return f"{at.astimezone(settings.zone_info):%Y-%m-%d %H:%M}"
