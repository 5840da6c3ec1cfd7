"""Imports that are looked at before they are applied: the files, what was made of them, what they would do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base
from geoservice.store.people import AppUser
from geoservice.store.zones import SRID

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session


class ImportDraft(Base):
    """One import on the desk. `kind` is None until it is chosen; `job_id` is the newest background work for it."""

    __tablename__ = "import_draft"
    __table_args__ = (
        CheckConstraint(
            "state IN ('received', 'looked', 'checked', 'applied', 'dropped')", name="state_known"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str | None]
    state: Mapped[str] = mapped_column(server_default=text("'received'"))
    files: Mapped[list[Any]] = mapped_column(JSONB)  # [{"name", "sha256", "bytes"}]
    choices: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    seen: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    report: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    job_id: Mapped[int | None] = mapped_column(BigInteger)
    batch_id: Mapped[int | None] = mapped_column(
        ForeignKey("import_batch.id", ondelete="SET NULL"), index=True
    )
    created_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    row_version: Mapped[int] = mapped_column(server_default=text("1"))


class DraftItem(Base):
    """One thing that an import would bring, change or refuse, with its shape before and after (lon/lat)."""

    __tablename__ = "draft_item"
    __table_args__ = (
        CheckConstraint(
            "outcome IN ('new', 'changed', 'unchanged', 'removed', 'repaired', 'rejected')",
            name="outcome_known",
        ),
    )

    draft_id: Mapped[int] = mapped_column(ForeignKey("import_draft.id", ondelete="CASCADE"), primary_key=True)
    outcome: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(server_default=text("''"))
    name: Mapped[str] = mapped_column(server_default=text("''"))
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    changes: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # field → [before, after]
    before: Mapped[WKBElement | None] = mapped_column(Geometry("GEOMETRY", srid=SRID, spatial_index=False))
    after: Mapped[WKBElement | None] = mapped_column(Geometry("GEOMETRY", srid=SRID, spatial_index=False))


class ColumnMapping(Base):
    """Which columns of a header (its fields' hash) hold what, as somebody last said: offered again next time."""

    __tablename__ = "column_mapping"

    kind: Mapped[str] = mapped_column(primary_key=True)
    header: Mapped[str] = mapped_column(primary_key=True)
    columns: Mapped[dict[str, Any]] = mapped_column(JSONB)
    used_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    used_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


@dataclass(frozen=True)
class Draft:
    """One import on the desk, with the name of who made it.

    `files`: [{"name", "path", "sha256", "bytes"}], the path beneath the draft's folder. `choices`: what people said. `seen`: what
    the look at the files found. `report`: what the check found: {"counts": {outcome: n}, "detected", "warnings": [problem],
    "more", "refused": None or {"code", "values"}, "digest"}. `job_id`: the newest job.
    """

    id: int
    kind: str | None
    state: str
    files: list[dict[str, Any]]
    choices: dict[str, str]
    seen: dict[str, Any]
    report: dict[str, Any]
    job_id: int | None
    batch_id: int | None
    created_by: int | None
    created_by_name: str
    created_at: datetime
    row_version: int


_DRAFT = (
    ImportDraft.id, ImportDraft.kind, ImportDraft.state, ImportDraft.files, ImportDraft.choices, ImportDraft.seen,
    ImportDraft.report, ImportDraft.job_id, ImportDraft.batch_id, ImportDraft.created_by, func.coalesce(AppUser.name, ""),
    ImportDraft.created_at, ImportDraft.row_version,
)  # fmt: skip
_DRAFTS = select(*_DRAFT).outerjoin(AppUser, AppUser.id == ImportDraft.created_by)


def add_draft(session: Session, *, by: int | None, at: datetime) -> int:
    """Make a draft without files and return its id."""
    draft = ImportDraft(files=[], created_by=by, created_at=at)
    session.add(draft)
    session.flush()
    return draft.id


def read_draft(session: Session, draft_id: int, *, only_by: int | None = None) -> Draft | None:
    """Return a draft, of anybody or of one user."""
    query = _DRAFTS.where(ImportDraft.id == draft_id)
    if only_by is not None:
        query = query.where(ImportDraft.created_by == only_by)
    row = session.execute(query).one_or_none()
    return None if row is None else Draft(*row)


def newest_drafts(session: Session, *, only_by: int | None, limit: int) -> list[Draft]:
    """Return the newest drafts that were not dropped, of everybody or of one user, without what was seen in them."""
    columns = [text("'{}'::jsonb AS seen") if column is ImportDraft.seen else column for column in _DRAFT]
    query = (
        select(*columns)
        .outerjoin(AppUser, AppUser.id == ImportDraft.created_by)
        .where(ImportDraft.state != "dropped")
        .order_by(ImportDraft.id.desc())
        .limit(limit)
    )
    if only_by is not None:
        query = query.where(ImportDraft.created_by == only_by)
    return [Draft(*row) for row in session.execute(query)]


def lock_draft(session: Session, draft_id: int) -> Draft | None:
    """Return a draft that nobody else changes until this transaction ends."""
    session.execute(select(ImportDraft.id).where(ImportDraft.id == draft_id).with_for_update())
    return read_draft(session, draft_id)


def set_draft(session: Session, draft_id: int, **values: Any) -> None:
    """Write values of a draft."""
    _set(session, draft_id, values)


def set_draft_as_read(session: Session, draft_id: int, row_version: int, **values: Any) -> bool:
    """Write values of a draft unless somebody chose anew since it was read; return whether it was done."""
    return _set(session, draft_id, values, ImportDraft.row_version == row_version)


def _set(session: Session, draft_id: int, values: Mapping[str, Any], *conditions: Any) -> bool:
    statement = (
        update(ImportDraft)
        .where(ImportDraft.id == draft_id, *conditions)
        .values(**values)
        .returning(ImportDraft.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def old_drafts(session: Session, before: datetime) -> Sequence[int]:
    """Return the ids of drafts made before then that were not dropped."""
    query = select(ImportDraft.id).where(ImportDraft.created_at < before, ImportDraft.state != "dropped")
    return session.scalars(query.order_by(ImportDraft.id)).all()


def kept_drafts(session: Session) -> set[int]:
    """Return the ids of all drafts whose files are kept."""
    return set(session.scalars(select(ImportDraft.id).where(ImportDraft.state != "dropped")))


def save_mapping(
    session: Session, kind: str, header: str, columns: Mapping[str, str], by: int | None
) -> None:
    """Remember which columns of a header hold what."""
    values = {"columns": dict(columns), "used_by": by, "used_at": func.now()}
    session.execute(
        insert(ColumnMapping)
        .values(kind=kind, header=header, **values)
        .on_conflict_do_update(index_elements=["kind", "header"], set_=values)
    )


def saved_mapping(session: Session, kind: str, header: str) -> dict[str, str] | None:
    """Return which columns of a header hold what, if anybody said so before."""
    return session.scalar(
        select(ColumnMapping.columns).where(ColumnMapping.kind == kind, ColumnMapping.header == header)
    )
