"""What is odd about a photo: measured when it comes, and against its taker's track again when late tracks have come."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from geoservice.domain import evidence as domain
from geoservice.domain.evidence import NEAR_SAME_BITS, TRACK_WITHIN, Fix, Flag, Likeness, Raised, Shot
from geoservice.store import evidence_before
from geoservice.store import evidence_rows as store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.formats.photos import ReadPhoto
    from geoservice.services.evidence.taking import Adding, SentPhoto
    from geoservice.store.evidence_rows import SubjectRow

ON_THE_SPOT = {"check_in", "stop_report", "task"}
# Phones without a network send their tracks later.
TRACKS_COME_WITHIN = timedelta(days=3)


def flag_new(session: Session, evidence_id: int, sent: SentPhoto, adding: Adding, found: SubjectRow) -> None:
    """Raise what is odd about a photo that was just added."""
    shot = _shot(sent.read, adding, found)
    raised = [
        *domain.flags_of(shot),
        _off_track(session, shot, adding.by),
        domain.used_before(_used_before(session, sent, adding, found)),
        _alike(session, evidence_id, sent, adding),
    ]
    _raise(session, evidence_id, raised, adding.now)


def look_again(session: Session, *, now: datetime) -> int:
    """Hold the photos of the last days against tracks that came since; return how many flags were raised. May run twice."""
    count = 0
    for row in store.without_track(session, now - TRACKS_COME_WITHIN, Flag.OFF_TRACK):
        shot = Shot(row.at, row.stage, False, None, row.taken_at, (row.lon, row.lat))
        raised = _off_track(session, shot, row.by)
        _raise(session, row.id, [raised], now)
        count += raised is not None
    return count


def _shot(read: ReadPhoto, adding: Adding, found: SubjectRow) -> Shot:
    return Shot(
        at=min(adding.at, adding.now),
        stage=adding.stage,
        on_the_spot=adding.subject.kind in ON_THE_SPOT,
        place=_place(found.lon, found.lat),
        taken_at=read.taken_at,
        taken_place=_place(read.lon, read.lat),
        camera=read.camera,
        software=read.software,
        due_from=found.reported_at if adding.stage == "after" else None,
    )


def _off_track(session: Session, shot: Shot, by: int | None) -> Raised | None:
    if by is None or shot.taken_place is None:
        return None
    moment = shot.taken_at or shot.at
    rows = store.fixes_of(session, by, moment - TRACK_WITHIN, moment + TRACK_WITHIN)
    return domain.off_track(shot, [Fix(row.recorded_at, row.lon, row.lat, row.accuracy_m) for row in rows])


def _used_before(session: Session, sent: SentPhoto, adding: Adding, found: SubjectRow) -> Likeness | None:
    """The photo of anything else that is this one; a case and the check-in it was reported from are one thing."""
    own = [f"{adding.subject.kind}:{adding.subject.id}"]
    if found.check_in_id is not None:
        own.append(f"check_in:{found.check_in_id}")
    same = store.same_file(session, sent.sha256, own)
    if same is not None:
        return Likeness(same, 0, same_file=True)
    phash = sent.read.phash
    if phash is None:
        return None
    near = store.nearest(session, phash, domain.band_probes(phash), NEAR_SAME_BITS, own)
    return None if near is None else Likeness(*near, same_file=False)


def _alike(session: Session, evidence_id: int, sent: SentPhoto, adding: Adding) -> Raised | None:
    """The most alike "before" of a case's "after"."""
    if adding.stage != "after" or adding.subject.kind != "case":
        return None
    phash = sent.read.phash
    found = [
        Likeness(other_id, _bits(phash, other), same_file=sha256 == sent.sha256)
        for other_id, sha256, other in evidence_before.prints_before(session, adding.subject.id)
        if other_id != evidence_id
    ]
    return domain.alike(min(found, key=lambda one: (not one.same_file, one.bits), default=None))


def _bits(one: int | None, other: int | None) -> int:
    return 64 if one is None or other is None else domain.bits_between(one, other)


def _raise(session: Session, evidence_id: int, raised: Iterable[Raised | None], now: datetime) -> None:
    rows: list[dict[str, Any]] = [
        {"code": str(one.flag), "values": one.values, "other_id": one.other_id}
        for one in raised
        if one is not None
    ]
    store.add_flags(session, evidence_id, rows, now)


def _place(lon: float | None, lat: float | None) -> tuple[float, float] | None:
    return None if lon is None or lat is None else (lon, lat)
