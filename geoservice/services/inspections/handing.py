"""Tasks of an inspection that pass to another inspector before they are done; who had them stays on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.store import audit, inspection_frame, inspection_handing
from geoservice.store import inspection_rows as store

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.store.inspection_frame import Inspector
    from geoservice.store.inspection_handing import Handover
    from geoservice.store.inspection_rows import TaskRow

LONGEST_REASON = 200


def hand_over(  # noqa: PLR0913 - what passes to whom, why, and who says so
    session: Session,
    settings: Settings,
    inspection_id: int,
    task_ids: Collection[int],
    to_login: str,
    *,
    by: int | None,
    now: datetime,
    note: str = "",
) -> int:
    """Give open tasks of an inspection to another inspector → how many were not his already; all of them or none.

    NotFound for tasks that this session does not see, BadRequest for nobody who inspects, no task or a long reason, Conflict for
    a task that is done and for a cancelled inspection.
    """
    to = _inspector(session, to_login)
    reason = " ".join(note.split())
    if len(reason) > LONGEST_REASON:
        raise BadRequest("name_too_long", field="reason", most=LONGEST_REASON)
    if not task_ids:
        raise BadRequest("inspection_nothing_to_hand_over")
    passed = 0
    for task_id in sorted(set(task_ids)):
        row = _open_task(session, settings, inspection_id, task_id)
        if row.inspector_id != to.id:
            inspection_handing.give(session, row.id, row.inspector_id, to.id, by=by, at=now, note=reason)
            passed += 1
    if passed:
        detail = {"to": to.login, "tasks": passed, "note": reason}
        audit.record(session, by, "inspection.hand_over", "inspection", str(inspection_id), detail)
    return passed


def handovers(session: Session, inspection_id: int) -> list[Handover]:
    """Return what passed from whom to whom in an inspection, as far as this session sees its tasks, the last first."""
    return inspection_handing.handovers(session, inspection_id)


def _inspector(session: Session, login: str) -> Inspector:
    people = inspection_frame.inspectors(session)
    found = next((one for one in people if one.login == login), None)
    if found is None:
        logins = ", ".join(one.login for one in people)
        raise BadRequest("inspection_inspector_unknown", login=login[:64], logins=logins)
    return found


def _open_task(session: Session, settings: Settings, inspection_id: int, task_id: int) -> TaskRow:
    row = store.task_by_id(session, task_id, lock=True)
    if row is None or row.inspection_id != inspection_id:
        raise NotFound("inspection_task_unknown")
    if row.done_at is not None:
        at = f"{row.done_at.astimezone(settings.zone_info):%Y-%m-%d %H:%M}"
        raise Conflict("inspection_done_already", point=row.point_name, at=at)
    if row.cancelled_at is not None:
        raise Conflict("inspection_cancelled", name=row.inspection_name)
    return row
