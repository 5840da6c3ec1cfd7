"""Photos as evidence, what is odd about them, and what a person made of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base


class Evidence(Base):
    """One photo of one subject. The original stays in private files under its hash; the copy that is served has no EXIF."""

    __tablename__ = "evidence"
    __table_args__ = (
        CheckConstraint(
            "num_nonnulls(case_id, task_id, check_in_id, stop_report_id, citizen_report_id) = 1",
            name="one_subject",
        ),
        CheckConstraint("stage IN ('before', 'after', 'other')", name="stage_known"),
        Index("ix_evidence_sha256", "sha256"),
        Index("ix_evidence_received_at", "received_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("patrol_case.id"), index=True)
    task_id: Mapped[int | None] = mapped_column(ForeignKey("inspection_task.id"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("checklist_item.id"), index=True)  # of the task
    check_in_id: Mapped[int | None] = mapped_column(ForeignKey("check_in.id", ondelete="CASCADE"), index=True)
    stop_report_id: Mapped[int | None] = mapped_column(
        ForeignKey("stop_report.id", ondelete="CASCADE"), index=True
    )
    citizen_report_id: Mapped[int | None] = mapped_column(ForeignKey("citizen_report.id"), index=True)
    stage: Mapped[str]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)  # of the original
    served: Mapped[UUID] = mapped_column(unique=True)  # the random name of the served copy
    media_type: Mapped[str]
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    taken_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # as the camera says
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    camera: Mapped[str] = mapped_column(server_default=text("''"))
    software: Mapped[str] = mapped_column(server_default=text("''"))
    by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))  # when it was added, by the phone's clock
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    client_uuid: Mapped[UUID | None] = mapped_column(unique=True)


class EvidencePrint(Base):
    """What a photo is recognised by. Without row-level security: whoever adds a photo must learn that it was used before, though he
    may not see where. `phash` is the perceptual hash, 64 bits, None where a photo shows too little; its bands make it searchable.
    """

    __tablename__ = "evidence_print"

    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id", ondelete="CASCADE"), primary_key=True)
    subject: Mapped[str]  # kind and id: photos of one subject may be alike
    sha256: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    phash: Mapped[int | None] = mapped_column(BigInteger)
    band_1: Mapped[int | None] = mapped_column(Computed("((phash >> 48) & 65535)::int", True), index=True)
    band_2: Mapped[int | None] = mapped_column(Computed("((phash >> 32) & 65535)::int", True), index=True)
    band_3: Mapped[int | None] = mapped_column(Computed("((phash >> 16) & 65535)::int", True), index=True)
    band_4: Mapped[int | None] = mapped_column(Computed("((phash >> 0) & 65535)::int", True), index=True)


class EvidenceFlag(Base):
    """A reason to look at a photo; never a verdict."""

    __tablename__ = "evidence_flag"

    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)  # domain.evidence.Flag
    values: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    other_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id", ondelete="CASCADE"), index=True)
    raised_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class EvidenceVerdict(Base):
    """What a person made of a photo's flags; the newest counts."""

    __tablename__ = "evidence_verdict"
    __table_args__ = (CheckConstraint("verdict IN ('accepted', 'refused', 'unclear')", name="verdict_known"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id", ondelete="CASCADE"), index=True)
    verdict: Mapped[str]
    note: Mapped[str] = mapped_column(server_default=text("''"))
    by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class CitizenReport(Base):
    """What a citizen sent (随手拍): found again by its tracking code; whatever could name him is kept apart from the case."""

    __tablename__ = "citizen_report"
    __table_args__ = (
        CheckConstraint("state IN ('received', 'taken', 'refused', 'answered')", name="state_known"),
        Index("ix_citizen_report_state", "state", "at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    code_sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    state: Mapped[str] = mapped_column(server_default=text("'received'"))
    description: Mapped[str]
    lon: Mapped[float]
    lat: Mapped[float]
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"), index=True)
    contact: Mapped[str] = mapped_column(server_default=text("''"))  # shown to whoever may run cases only
    case_id: Mapped[int | None] = mapped_column(ForeignKey("patrol_case.id"), index=True)
    reply: Mapped[str] = mapped_column(server_default=text("''"))  # what the public may read
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    answered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    client_uuid: Mapped[UUID | None] = mapped_column(unique=True)
