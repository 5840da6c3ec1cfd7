"""Reports, the formulas they rank by, and where their digests go, as they are read and written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from geoservice.store.cases import Case, CaseKind
from geoservice.store.orders import Numbering
from geoservice.store.reports import DigestTarget, Report, ScoreFormula
from geoservice.store.zones import ZoneVersion

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session


def lock_period(session: Session, kind: str, from_on: date) -> None:
    """Let nobody else make or publish a report of this period until the transaction ends."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": f"report {kind} {from_on}"})


def next_number(session: Session, series: str) -> int:
    """Return the next number of a series; whoever asks at the same time waits."""
    taken = insert(Numbering).values(series=series, last=1)
    query = taken.on_conflict_do_update(
        index_elements=[Numbering.series], set_={"last": Numbering.last + 1}
    ).returning(Numbering.last)
    return session.execute(query).scalar_one()


def report_by_id(session: Session, report_id: int, *, lock: bool = False) -> Report | None:
    """Return one report."""
    return session.get(Report, report_id, with_for_update=True if lock else None, populate_existing=True)


def draft_of(session: Session, kind: str, from_on: date) -> Report | None:
    """Return the newest draft of a period."""
    return session.scalar(
        select(Report)
        .where(Report.kind == kind, Report.from_on == from_on, Report.published_at.is_(None))
        .order_by(Report.id.desc())
        .limit(1)
    )


def standing(session: Session, kind: str, from_on: date) -> Report | None:
    """Return the published report of a period that was not withdrawn."""
    found: Report | None = session.scalar(_published().where(Report.kind == kind, Report.from_on == from_on))
    return found


def published(session: Session, kind: str | None, limit: int) -> list[Report]:
    """Return what was published and stands, the newest period first."""
    query = _published().order_by(Report.to_on.desc(), Report.id.desc()).limit(limit)
    return list(session.scalars(query if kind is None else query.where(Report.kind == kind)))


def lines(session: Session, *, published: bool, kind: str | None, limit: int) -> Sequence[Row[Any]]:
    """Return reports without their content but for the city's rates: what stands by period, or all there is by age."""
    chosen = (
        Report.id, Report.kind, Report.from_on, Report.to_on, Report.number, Report.made_at, Report.published_at,
        Report.withdrawn_at, Report.content["city"]["rates"].label("rates"),
    )  # fmt: skip
    query = select(*chosen).limit(limit)
    if kind is not None:
        query = query.where(Report.kind == kind)
    if not published:
        return session.execute(query.order_by(Report.id.desc())).all()
    standing = query.where(Report.published_at.is_not(None), Report.withdrawn_at.is_(None))
    return session.execute(standing.order_by(Report.to_on.desc(), Report.id.desc())).all()


def has_any(session: Session, kind: str, from_on: date) -> bool:
    """Tell whether a period has a report, be it a draft or withdrawn."""
    query = select(Report.id).where(Report.kind == kind, Report.from_on == from_on).limit(1)
    return session.scalar(query) is not None


def add(session: Session, row: Report | ScoreFormula | DigestTarget) -> int:
    """Store something and return its id."""
    session.add(row)
    session.flush()
    return row.id


def drop(session: Session, report_id: int) -> None:
    """Delete a draft."""
    session.execute(delete(Report).where(Report.id == report_id))


def formula_on(session: Session, on: date) -> ScoreFormula | None:
    """Return the formula that is in force on a day: of those that begin then or before the newest."""
    return session.scalar(
        select(ScoreFormula)
        .where(ScoreFormula.valid_from <= on)
        .order_by(ScoreFormula.valid_from.desc(), ScoreFormula.id.desc())
        .limit(1)
    )


def formulas(session: Session) -> list[ScoreFormula]:
    """Return every version, the newest first."""
    return list(
        session.scalars(select(ScoreFormula).order_by(ScoreFormula.valid_from.desc(), ScoreFormula.id.desc()))
    )


def targets(session: Session) -> list[DigestTarget]:
    """Return where digests go, by name."""
    return list(session.scalars(select(DigestTarget).order_by(DigestTarget.name, DigestTarget.id)))


def target_by_id(session: Session, target_id: int) -> DigestTarget | None:
    """Return one target."""
    return session.get(DigestTarget, target_id)


def remove_target(session: Session, target_id: int) -> bool:
    """Delete a target; False where there is none."""
    gone = session.execute(
        delete(DigestTarget).where(DigestTarget.id == target_id).returning(DigestTarget.id)
    )
    return gone.first() is not None


def note_sent(session: Session, target_id: int, at: datetime, error: str) -> None:
    """Note when a digest was sent last, and what went wrong: a code, or nothing."""
    session.execute(
        update(DigestTarget).where(DigestTarget.id == target_id).values(last_at=at, last_error=error)
    )


def exposed_cases(session: Session, case_ids: Sequence[int], on: date) -> list[Row[Any]]:
    """Return what is told of some cases, in the order of `case_ids`: no description, which may name people."""
    zone_name = (
        select(ZoneVersion.name)
        .where(
            ZoneVersion.zone_id == Case.zone_id,
            func.daterange(ZoneVersion.valid_from, ZoneVersion.valid_to).op("@>")(on),
        )
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Case.id, Case.number, Case.title, Case.address, Case.reported_at, Case.reworks, CaseKind.name_zh, CaseKind.name_en,
            zone_name.label("zone"),
        )
        .join(CaseKind, CaseKind.code == Case.kind)
        .where(Case.id.in_(case_ids))
    ).all()  # fmt: skip
    place = {case_id: number for number, case_id in enumerate(case_ids)}
    return sorted(rows, key=lambda row: place[row.id])


def _published() -> Any:
    return select(Report).where(Report.published_at.is_not(None), Report.withdrawn_at.is_(None))
