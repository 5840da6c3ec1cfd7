"""Deputies during absence: from a day to a day somebody answers beside the one whose ground it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services.contract_words import day_after
from geoservice.store import audit, batches, role_rows
from geoservice.store import deputy_rows as store
from geoservice.store.cases import Deputy

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

LONGEST_REASON = 200


@dataclass(frozen=True)
class NewDeputy:
    """Somebody stands in for a leader from `first_on` to `last_on`, both included."""

    leader_id: int
    deputy_id: int
    first_on: date
    last_on: date
    reason: str = ""


def add_deputy(session: Session, new: NewDeputy, *, by: int | None) -> int:
    """Let somebody stand in for a leader → the id of the row.

    NotFound without one of them, BadRequest for one person, days the wrong way round or a long reason, Conflict where the
    same deputy stands in for him already on one of these days.
    """
    batches.lock(session, "deputies")
    if new.leader_id == new.deputy_id:
        raise BadRequest("deputy_of_himself")
    for leader_id in (new.leader_id, new.deputy_id):
        if role_rows.leader_by_id(session, leader_id) is None:
            raise NotFound("person_unknown", name=leader_id)
    if new.last_on < new.first_on:
        raise BadRequest(
            "contract_reversed", from_on=new.first_on.isoformat(), last_on=new.last_on.isoformat()
        )
    reason = " ".join(new.reason.split())
    if len(reason) > LONGEST_REASON:
        raise BadRequest("name_too_long", field="reason", most=LONGEST_REASON)
    until = day_after(new.last_on)
    if until is None:
        raise BadRequest("day_unreadable", field="last_on", value=new.last_on.isoformat())
    clash = store.overlapping(session, new.leader_id, new.deputy_id, new.first_on, until)
    if clash is not None:
        raise Conflict(
            "deputy_already", from_on=clash.valid_from.isoformat(), until=clash.valid_to.isoformat()
        )
    row = Deputy(
        leader_id=new.leader_id,
        deputy_id=new.deputy_id,
        valid_from=new.first_on,
        valid_to=until,
        reason=reason,
    )
    row_id = store.add_deputy(session, row)
    detail = {
        "leader_id": new.leader_id,
        "deputy_id": new.deputy_id,
        "first_on": new.first_on.isoformat(),
        "last_on": new.last_on.isoformat(),
    }
    audit.record(session, by, "deputy.add", "deputy", str(row_id), detail)
    return row_id


def end_deputy(session: Session, row_id: int, last_on: date, *, by: int | None) -> None:
    """Let a deputy stand in until a day, which is included; one that has not begun by then is taken back.

    NotFound without it, Conflict where it is over before that day.
    """
    row = store.deputy_by_id(session, row_id)
    if row is None:
        raise NotFound("deputy_not_there", id=row_id)
    until = day_after(last_on)
    if until is None or row.valid_to <= until:
        raise Conflict("deputy_over", until=row.valid_to.isoformat())
    if until <= row.valid_from:
        store.remove_deputy(session, row)
    else:
        row.valid_to = until
    audit.record(session, by, "deputy.end", "deputy", str(row_id), {"last_on": last_on.isoformat()})
