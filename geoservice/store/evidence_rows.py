"""Photos: added once, found by subject, by what they are known by, and by the name of their served copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from geoservice.store.evidence import Evidence, EvidenceFlag, EvidencePrint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

_PLACES = {
    "case": "SELECT ST_X(geom) AS lon, ST_Y(geom) AS lat, reported_at, check_in_id, "
    "number || ' ' || title AS label FROM patrol_case WHERE id = :id",
    "task": "SELECT ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat, NULL::timestamptz AS reported_at, NULL::bigint AS check_in_id, "
    "coalesce(p.name, '') AS label FROM inspection_task t LEFT JOIN point p ON p.id = t.point_id WHERE t.id = :id",
    "check_in": "SELECT ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat, NULL::timestamptz AS reported_at, "
    "NULL::bigint AS check_in_id, p.name AS label FROM check_in c JOIN point p ON p.id = c.point_id WHERE c.id = :id",
    # A stop that is a street is long: no one place is far from it.
    "stop_report": "SELECT ST_X(coalesce(s.geom, p.geom)) AS lon, ST_Y(coalesce(s.geom, p.geom)) AS lat, "
    "NULL::timestamptz AS reported_at, NULL::bigint AS check_in_id, "
    "o.name || ' · ' || r.position AS label FROM stop_report r JOIN patrol w ON w.id = r.patrol_id JOIN route o ON o.id = w.route_id "
    "LEFT JOIN route_stop s ON s.route_id = w.route_id AND s.position = r.position LEFT JOIN point p ON p.id = s.point_id "
    "WHERE r.id = :id",
    "citizen_report": "SELECT lon, lat, NULL::timestamptz AS reported_at, NULL::bigint AS check_in_id, description AS label "
    "FROM citizen_report WHERE id = :id",
}
_PHOTO = """
    SELECT e.id, e.served, e.case_id, e.task_id, e.item_id, e.check_in_id, e.stop_report_id, e.citizen_report_id, e.stage,
           e.width, e.height, e.at, e.taken_at, e.lon, e.lat, e.camera, e.software, e.received_at, e.by, e.sha256,
           coalesce(u.name, '') AS by_name,
           ARRAY(SELECT f.code FROM evidence_flag f WHERE f.evidence_id = e.id ORDER BY f.raised_at, f.code) AS flags,
           (SELECT v.verdict FROM evidence_verdict v WHERE v.evidence_id = e.id ORDER BY v.id DESC LIMIT 1) AS verdict
    FROM evidence e LEFT JOIN app_user u ON u.id = e.by
"""


@dataclass(frozen=True)
class SubjectRow:
    """What a photo belongs to: where it lies, when it was reported (cases), the check-in it came from, and what it is called."""

    lon: float | None
    lat: float | None
    reported_at: datetime | None
    check_in_id: int | None
    label: str


@dataclass(frozen=True)
class NewEvidence:
    """A photo to be added; `column` of its subject, such as case_id."""

    column: str
    subject_id: int
    item_id: int | None
    stage: str
    sha256: bytes
    served: UUID
    media_type: str
    size: int
    width: int
    height: int
    taken_at: datetime | None
    lon: float | None
    lat: float | None
    camera: str
    software: str
    by: int | None
    at: datetime
    received_at: datetime
    client_uuid: UUID | None


def subject_of(session: Session, kind: str, subject_id: int) -> SubjectRow | None:
    """Return one subject; None when there is none, or none for this session."""
    row = session.execute(text(_PLACES[kind]), {"id": subject_id}).one_or_none()
    return None if row is None else SubjectRow(*row)


def add_evidence(session: Session, new: NewEvidence, subject: str, phash: int | None) -> int | None:
    """Add a photo and what it is known by → its id; None when its `client_uuid` is stored already."""
    values = {name: value for name, value in vars(new).items() if name not in {"column", "subject_id"}}
    added: int | None = session.scalar(
        insert(Evidence)
        .values({**values, new.column: new.subject_id})
        .on_conflict_do_nothing(index_elements=["client_uuid"])
        .returning(Evidence.id)
    )
    if added is not None:
        session.execute(
            insert(EvidencePrint).values(evidence_id=added, subject=subject, sha256=new.sha256, phash=phash)
        )
    return added


def sent_before(session: Session, client_uuid: UUID) -> Evidence | None:
    """Return the photo that was sent under a name, if this session may see it."""
    return session.scalar(select(Evidence).where(Evidence.client_uuid == client_uuid))


def count_of(session: Session, column: str, subject_id: int) -> int:
    """Count the photos of one subject."""
    sql = f"SELECT count(*) FROM evidence WHERE {column} = :id"
    return int(session.execute(text(sql), {"id": subject_id}).scalar_one())


def photos(session: Session, column: str, ids: Sequence[int]) -> list[Row[Any]]:
    """Return the photos of subjects with their flags and newest verdict, oldest first."""
    sql = f"{_PHOTO} WHERE e.{column} = ANY(CAST(:ids AS bigint[])) ORDER BY e.at, e.id"
    return list(session.execute(text(sql), {"ids": list(ids)}))


def photos_of_point(session: Session, point_id: int, limit: int) -> list[Row[Any]]:
    """Return the photos of a point's check-ins, the newest first."""
    sql = f"{_PHOTO} JOIN check_in c ON c.id = e.check_in_id WHERE c.point_id = :point ORDER BY e.at DESC, e.id DESC LIMIT :limit"
    return list(session.execute(text(sql), {"point": point_id, "limit": limit}))


def photos_of_patrol(
    session: Session, patrol_id: int, since: datetime, until: datetime, limit: int
) -> list[Row[Any]]:
    """Return the photos of what a patrol said at its stops, and of its team's check-ins at its points in a span, oldest first."""
    sql = f"""{_PHOTO}
        LEFT JOIN stop_report r ON r.id = e.stop_report_id LEFT JOIN check_in c ON c.id = e.check_in_id
        WHERE r.patrol_id = :patrol OR (c.at BETWEEN :since AND :until
          AND c.point_id IN (SELECT s.point_id FROM route_stop s JOIN patrol w ON w.route_id = s.route_id WHERE w.id = :patrol)
          AND c.member_id IN (SELECT m.id FROM member m JOIN patrol w ON w.team_id = m.team_id WHERE w.id = :patrol
                              UNION SELECT a.member_id FROM assignment a WHERE a.patrol_id = :patrol))
        ORDER BY e.at, e.id LIMIT :limit
    """
    values = {"patrol": patrol_id, "since": since, "until": until, "limit": limit}
    return list(session.execute(text(sql), values))


def photos_by(session: Session, ids: Sequence[int]) -> dict[int, Row[Any]]:
    """Id → photo, of those that this session may see."""
    sql = f"{_PHOTO} WHERE e.id = ANY(CAST(:ids AS bigint[]))"
    return {row.id: row for row in session.execute(text(sql), {"ids": list(ids)})}


def sha256_of(session: Session, served: UUID) -> bytes | None:
    """Return whose copy goes by a name; None when there is none, or none for this session."""
    return session.scalar(select(Evidence.sha256).where(Evidence.served == served))


def add_flags(session: Session, evidence_id: int, flags: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Raise flags (code, values, other_id); one that is raised already stays as it is."""
    if flags:
        rows = [{"evidence_id": evidence_id, "raised_at": now, **flag} for flag in flags]
        session.execute(insert(EvidenceFlag).values(rows).on_conflict_do_nothing())


def same_file(session: Session, sha256: bytes, own: Sequence[str]) -> int | None:
    """Return the first photo of any other subject than `own` that is the same file."""
    sql = (
        "SELECT evidence_id FROM evidence_print WHERE sha256 = :sha256 AND subject <> ALL(CAST(:own AS text[])) "
        "ORDER BY evidence_id LIMIT 1"
    )
    found: int | None = session.scalar(text(sql), {"sha256": sha256, "own": list(own)})
    return found


def nearest(
    session: Session, phash: int, probes: Sequence[Sequence[int]], most_bits: int, own: Sequence[str]
) -> tuple[int, int] | None:
    """Return (id, bits that differ) of the most alike photo of any other subject than `own`; None beyond `most_bits`.

    Each band has its index: of a million photos some thousand share a probed value, and only their bits are counted.
    """
    found = " UNION ".join(
        f"SELECT evidence_id FROM evidence_print WHERE band_{number} = ANY(CAST(:band_{number} AS int[]))"
        for number in range(1, 5)
    )
    sql = f"""
        WITH found AS ({found})
        SELECT p.evidence_id, bit_count((p.phash # CAST(:phash AS bigint))::bit(64)) AS bits
        FROM found JOIN evidence_print p USING (evidence_id)
        WHERE bit_count((p.phash # CAST(:phash AS bigint))::bit(64)) <= :most AND p.subject <> ALL(CAST(:own AS text[]))
        ORDER BY bits, p.evidence_id LIMIT 1
    """
    bands = {f"band_{number}": list(values) for number, values in enumerate(probes, 1)}
    row = session.execute(
        text(sql), {**bands, "phash": phash, "most": most_bits, "own": list(own)}
    ).one_or_none()
    return None if row is None else (row.evidence_id, row.bits)


def fixes_of(session: Session, by: int, since: datetime, until: datetime) -> list[Row[Any]]:
    """Return (recorded_at, lon, lat, accuracy_m) of the devices of an account's member and of his team, in time."""
    sql = """
        SELECT f.recorded_at, f.lon, f.lat, f.accuracy_m FROM fix f
        WHERE f.recorded_at BETWEEN :since AND :until AND f.device_id IN (
            SELECT d.id FROM app_user u JOIN member m ON m.id = u.member_id
            JOIN device d ON d.member_id = m.id OR d.team_id = m.team_id WHERE u.id = :by)
        ORDER BY f.recorded_at LIMIT 2000
    """
    return list(session.execute(text(sql), {"by": by, "since": since, "until": until}))


def without_track(session: Session, since: datetime, flag: str) -> list[Row[Any]]:
    """Return the photos that came since then, say where they were taken and bear no such flag yet."""
    sql = """
        SELECT e.id, e.by, e.at, e.taken_at, e.lon, e.lat, e.stage FROM evidence e
        WHERE e.received_at >= :since AND e.lon IS NOT NULL AND e.by IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM evidence_flag f WHERE f.evidence_id = e.id AND f.code = :flag)
        ORDER BY e.id
    """
    return list(session.execute(text(sql), {"since": since, "flag": flag}))


def files(session: Session) -> Iterator[tuple[bytes, int]]:
    """Every original there must be: its SHA-256 and size, in order."""
    sql = "SELECT sha256, min(size) AS size FROM evidence GROUP BY sha256 ORDER BY sha256"
    for row in session.execute(text(sql), execution_options={"yield_per": 1000}):
        yield bytes(row.sha256), row.size
