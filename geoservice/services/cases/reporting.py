"""A new case, its near-duplicates, and how often its like was there before."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from geoservice.domain.cases import State, takes_effect_at
from geoservice.domain.windows import local_day
from geoservice.errors import BadRequest, Conflict
from geoservice.services.cases.acting import view_of
from geoservice.services.cases.steps import Steps
from geoservice.services.cases.values import SOURCES
from geoservice.store import case_places
from geoservice.store import case_writes as store
from geoservice.store.cases import Case
from geoservice.store.responsibility_rows import zone_at

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.cases.values import Actor, NewCase
    from geoservice.store.case_rows import CaseView

DUPLICATE_M, DUPLICATE_WITHIN = 50.0, timedelta(hours=24)
RECURS_M, RECURS_WITHIN = 50.0, timedelta(days=90)
LONGEST_TITLE, LONGEST_DESCRIPTION, LONGEST_ADDRESS = 80, 2000, 200


def report(session: Session, settings: Settings, new: NewCase, *, by: Actor, now: datetime) -> CaseView:
    """Take in a case; the same `client_uuid`: the case that it made, Conflict for another body under it.

    `session` must see everything: whose ground a place is does not depend on who reports it.
    """
    checked = _checked(session, new)
    if new.client_uuid is not None:
        store.lock_uuid(session, new.client_uuid)
        known = store.case_of_uuid(session, new.client_uuid)
        if known is not None:
            return _same(session, known.id, checked, by)
    store.keep_hours(session)
    case = _stored(session, settings, checked, by, now)
    Steps(session, settings, case, now=now, at=new.at).begin(by)
    case.recurrence = case_places.count_before(
        session, case.id, point_id=case.point_id, reach_m=RECURS_M, within=RECURS_WITHIN
    )
    session.flush()
    return view_of(session, case.id)


def nearby(session: Session, new: NewCase, *, now: datetime) -> list[CaseView]:
    """Return the cases of the same kind that were reported within 24 h and 50 m, nearest first: it may be one of them."""
    _check_place(new)
    at = takes_effect_at(new.at, received_at=now, last_at=None)
    return case_places.near_duplicates(
        session, new.kind, (new.lon, new.lat), at, reach_m=DUPLICATE_M, within=DUPLICATE_WITHIN
    )


def _stored(session: Session, settings: Settings, new: NewCase, by: Actor, now: datetime) -> Case:
    at = takes_effect_at(new.at, received_at=now, last_at=None)
    on = local_day(at, settings.zone_info)
    series = f"{on:%Y%m%d}"
    case = Case(
        number=f"{series}-{store.next_number(session, f'case {series}'):04d}",
        kind=new.kind,
        state=State.REPORTED.value,
        source=new.source,
        title=new.title,
        description=new.description,
        geom=store.point(new.lon, new.lat),
        address=new.address,
        zone_id=zone_at(session, on, new.lon, new.lat),
        point_id=new.point_id,
        street_id=new.street_id,
        reported_at=at,
        received_at=now,
        reported_by=by.account_id,
        member_id=by.member_id,
        patrol_id=new.patrol_id,
        check_in_id=new.check_in_id,
        client_uuid=new.client_uuid,
        reworks=0,
        reopened=0,
        postponed=0,
        recurrence=0,
        row_version=1,
    )
    store.add(session, case)
    return case


def _same(session: Session, case_id: int, new: NewCase, by: Actor) -> CaseView:
    known = view_of(session, case_id)
    told = {name: value for name, value in vars(new).items() if name not in {"at", "client_uuid"}}
    if known.reported_by != by.account_id or any(getattr(known, name) != told[name] for name in told):
        raise Conflict("case_sent_differently")
    return known


def _checked(session: Session, new: NewCase) -> NewCase:
    """Return the report with its words trimmed; BadRequest names what is missing, too long or unknown."""
    kind = store.kind_of(session, new.kind)
    if kind is None or not kind.active:
        raise BadRequest("case_kind_unknown", kind=new.kind[:40])
    if new.source not in SOURCES:
        raise BadRequest("case_source_unknown", source=new.source[:40])
    _check_place(new)
    title = " ".join(new.title.split())
    if not title:
        raise BadRequest("case_title_needed")
    trimmed = replace(new, title=title, description=new.description.strip(), address=new.address.strip())
    for name, most in (
        ("title", LONGEST_TITLE),
        ("description", LONGEST_DESCRIPTION),
        ("address", LONGEST_ADDRESS),
    ):
        if len(getattr(trimmed, name)) > most:
            raise BadRequest(f"case_{name}_too_long", most=most)
    for noun in ("point", "street", "patrol", "check_in"):
        row_id = getattr(new, f"{noun}_id")
        if row_id is not None and not case_places.is_known(session, noun, row_id):
            raise BadRequest(f"case_{noun}_unknown", id=row_id)
    return trimmed


def _check_place(new: NewCase) -> None:
    if not (math.isfinite(new.lon) and math.isfinite(new.lat) and abs(new.lon) <= 180 and abs(new.lat) <= 85):
        raise BadRequest("case_place_wrong")
