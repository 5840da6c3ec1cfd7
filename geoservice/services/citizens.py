"""What citizens send (随手拍): taken in under a tracking code, taken up as a case, refused or answered; nobody is named by it.

Whoever sent it is known at most by what he wrote as his contact. That stays in the report: no case, list, export or audit entry
holds it, only the desk's page of this one report shows it, and it can be forgotten.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from geoservice.domain.windows import local_day
from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services import cases, evidence
from geoservice.store import audit
from geoservice.store import citizen_rows as store
from geoservice.store.citizen_rows import NewReport
from geoservice.store.responsibility_rows import zone_at

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.cases import Actor, CaseView, NewCase
    from geoservice.services.evidence import SentPhoto
    from geoservice.store.citizen_rows import ListedReport
    from geoservice.store.evidence import CitizenReport

LONGEST_DESCRIPTION, LONGEST_CONTACT, LONGEST_REPLY = 1000, 100, 1000
MOST_PHOTOS = 3
STATES = ("received", "taken", "refused", "answered")
# Nothing that is read or heard as something else: no I, L, O or U (after Crockford's base 32).
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_SIGNS, _GROUP = 16, 4
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


class PublicState(StrEnum):
    """What the public learns: how it stands with what somebody sent."""

    RECEIVED = "received"
    IN_HAND = "in_hand"
    DONE = "done"
    NOT_PURSUED = "not_pursued"
    REFUSED = "refused"
    ANSWERED = "answered"


@dataclass(frozen=True)
class Snapshot:
    """What a citizen sends: words, a place (WGS 84), perhaps how to reach him; `client_uuid` is the form's own name for it."""

    description: str
    lon: float
    lat: float
    contact: str
    client_uuid: UUID


@dataclass(frozen=True)
class PublicView:
    """All that is shown to whoever knows the code."""

    state: PublicState
    reply: str
    received_at: datetime
    changed_at: datetime | None


@dataclass(frozen=True)
class ReportView:
    """One report as the desk sees it, `contact` included; a case's number and state where it became one."""

    id: int
    state: str
    description: str
    lon: float
    lat: float
    contact: str
    reply: str
    at: datetime
    answered_at: datetime | None
    case_id: int | None
    case_number: str | None
    case_state: str | None


def take_in(
    session: Session, settings: Settings, sent: Snapshot, photos: Sequence[SentPhoto], *, now: datetime
) -> str:
    """Take in what a citizen sent → its tracking code; sent again, it is the same report and code.

    BadRequest says what is missing, too long or outside the city, Conflict that something else was sent under its name.
    `session` must see everything.
    """
    description, contact = sent.description.strip(), " ".join(sent.contact.split())
    if not description:
        raise BadRequest("snapshot_empty")
    if len(description) > LONGEST_DESCRIPTION or len(contact) > LONGEST_CONTACT:
        raise BadRequest("snapshot_too_long", description=LONGEST_DESCRIPTION, contact=LONGEST_CONTACT)
    if len(photos) > MOST_PHOTOS:
        raise BadRequest("snapshot_photos_too_many", most=MOST_PHOTOS)
    zone_id = zone_at(session, local_day(now, settings.zone_info), sent.lon, sent.lat)
    if zone_id is None:
        raise BadRequest("snapshot_outside")
    code = _code_for(settings, sent.client_uuid)
    new = NewReport(hash_of(code), description, sent.lon, sent.lat, zone_id, contact, now, sent.client_uuid)
    report_id = store.add_report(session, new)
    if report_id is None:
        _check_same(store.report_of_uuid(session, sent.client_uuid), new)
        return code
    subject = evidence.Subject("citizen_report", report_id)
    for photo in photos:
        evidence.keep_photo(session, settings, photo, evidence.Adding(subject, "before", None, now, now))
    audit.record(session, None, "citizen_report.receive", "citizen_report", str(report_id))
    return code


def track(session: Session, code: str) -> PublicView | None:
    """Return how it stands with the report of a tracking code; None where no report has it."""
    found = store.tracked_by(session, hash_of(code))
    if found is None:
        return None
    state = _public_state(found.state, found.case_state)
    changed = found.case_closed_at if state is PublicState.DONE else found.answered_at
    return PublicView(state, found.reply, found.at, changed)


def list_reports(
    session: Session, state: str | None, *, before_id: int | None = None, limit: int = 50
) -> list[ListedReport]:
    """Return the reports in a state that this session may see, the newest first."""
    return store.list_reports(session, state, before_id=before_id, limit=limit)


def count_by_state(session: Session) -> dict[str, int]:
    """State → how many reports that this session may see are in it."""
    return store.count_by_state(session)


def read_report(session: Session, report_id: int) -> ReportView:
    """Return one report; NotFound when this session sees none such."""
    row = _row(session, report_id)
    case = store.case_of(session, row.case_id) if row.case_id else None
    return ReportView(
        id=row.id,
        state=row.state,
        description=row.description,
        lon=row.lon,
        lat=row.lat,
        contact=row.contact,
        reply=row.reply,
        at=row.at,
        answered_at=row.answered_at,
        case_id=row.case_id,
        case_number=case[0] if case else None,
        case_state=case[1] if case else None,
    )


def near_cases(session: Session, report: ReportView, *, now: datetime) -> list[CaseView]:
    """Return the cases near a report in place and time, of any kind, that it may be one of."""
    found: dict[int, CaseView] = {}
    for kind in cases.list_kinds(session):
        for case in cases.nearby(session, case_for(report, kind.code, "", ""), now=now):
            found.setdefault(case.id, case)
    return sorted(found.values(), key=lambda case: case.id)


def case_for(report: ReportView, kind: str, title: str, description: str) -> NewCase:
    """Return the case that a report would become; nothing of it names the citizen."""
    return cases.NewCase(kind, title, description, report.lon, report.lat, source="citizen", at=report.at)


def take_up(
    session: Session, settings: Settings, report_id: int, new: NewCase, *, by: Actor, now: datetime
) -> CaseView:
    """Let a report become a case, its photos with it; Conflict when it was taken up or refused meanwhile.

    `session` must see everything, as for `cases.report`; whether `by` may see the report is the caller's to find out.
    """
    row = _row(session, report_id, needed=("received",))
    case = cases.report(session, settings, new, by=by, now=now)
    _link(session, row, case.id, by.account_id)
    return case


def join(session: Session, report_id: int, case_number: str, *, by: int) -> int:
    """Let a report belong to a case that is there → the case's id; NotFound without it, Conflict as of `take_up`."""
    row = _row(session, report_id, needed=("received",))
    case_id = store.case_of_number(session, case_number.strip()[:40])
    if case_id is None:
        raise NotFound("snapshot_case_unknown", number=case_number.strip()[:40])
    _link(session, row, case_id, by)
    return case_id


def refuse(session: Session, report_id: int, reason: str, *, by: int, now: datetime) -> None:
    """Do not take a report up, for a reason that the public may read; Conflict when it was taken up meanwhile."""
    _reply(session, _row(session, report_id, needed=("received", "refused")), "refused", reason, by, now)


def answer(session: Session, report_id: int, reply: str, *, by: int, now: datetime) -> None:
    """Answer a report for the public to read; an answer may be written anew. Conflict for one that was refused."""
    _reply(
        session,
        _row(session, report_id, needed=("received", "taken", "answered")),
        "answered",
        reply,
        by,
        now,
    )


def forget_contact(session: Session, report_id: int, *, by: int) -> None:
    """Forget how the citizen can be reached."""
    _row(session, report_id).contact = ""
    audit.record(session, by, "citizen_report.forget_contact", "citizen_report", str(report_id))


def hash_of(code: str) -> bytes:
    """Return what a tracking code is stored as, however it was typed."""
    signs = "".join(sign for sign in code.upper().translate(_READ_AS) if sign in _SIGNS)
    return hashlib.sha256(signs[: 2 * _CODE_SIGNS].encode()).digest()


def _code_for(settings: Settings, client_uuid: UUID) -> str:
    """Return 80 bits that only we can make of a form's name: whoever sends twice gets the code that was not shown yet."""
    key = settings.secret_key.encode()
    digest = hmac.new(key, b"citizen report " + client_uuid.bytes, hashlib.sha256).digest()
    number = int.from_bytes(digest, "big")
    signs = [_SIGNS[(number >> (5 * place)) & 31] for place in range(_CODE_SIGNS)]
    groups = ["".join(signs[first : first + _GROUP]) for first in range(0, _CODE_SIGNS, _GROUP)]
    return "-".join(groups)


def _public_state(state: str, case_state: str | None) -> PublicState:
    if state == "refused":
        return PublicState.REFUSED
    if case_state == "closed":
        return PublicState.DONE
    if case_state == "rejected":
        return PublicState.ANSWERED if state == "answered" else PublicState.NOT_PURSUED
    if state == "answered":
        return PublicState.ANSWERED
    return PublicState.RECEIVED if case_state is None else PublicState.IN_HAND


def _check_same(known: CitizenReport | None, new: NewReport) -> None:
    told = ("code_sha256", "description", "lon", "lat", "contact")
    if known is None or any(getattr(known, name) != getattr(new, name) for name in told):
        raise Conflict("snapshot_sent_differently")


def _row(session: Session, report_id: int, needed: tuple[str, ...] = ()) -> CitizenReport:
    row = store.report_by_id(session, report_id, lock=bool(needed))
    if row is None:
        raise NotFound("snapshot_unknown", id=report_id)
    if needed and row.state not in needed:
        raise Conflict(f"snapshot_is_{row.state}")
    return row


def _link(session: Session, row: CitizenReport, case_id: int, by: int | None) -> None:
    row.state, row.case_id = "taken", case_id
    store.move_photos(session, row.id, case_id)
    audit.record(session, by, "citizen_report.take", "citizen_report", str(row.id), {"case": case_id})


def _reply(session: Session, row: CitizenReport, state: str, reply: str, by: int, now: datetime) -> None:
    text = reply.strip()
    if not text:
        raise BadRequest("snapshot_reply_empty")
    if len(text) > LONGEST_REPLY:
        raise BadRequest("snapshot_reply_too_long", most=LONGEST_REPLY)
    row.state, row.reply, row.answered_at, row.answered_by = state, text, now, by
    verb = "refuse" if state == "refused" else "answer"
    audit.record(session, by, f"citizen_report.{verb}", "citizen_report", str(row.id))
