"""Contracts: which leader answers for which zone, street or point, in which role, from when to when."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base


class ContractRole(Base):
    """A role somebody contracts ground in: the leader himself, or one of the five of a street (一街五管)."""

    __tablename__ = "contract_role"

    code: Mapped[str] = mapped_column(primary_key=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]


class Contract(Base):
    """One leader, one piece of ground, one role, from `valid_from` (None: since ever) until before `valid_to`."""

    __tablename__ = "contract"
    __table_args__ = (
        CheckConstraint("num_nonnulls(zone_id, street_id, point_id) = 1", name="one_ground"),
        CheckConstraint(
            "valid_from IS NULL OR valid_to IS NULL OR valid_from < valid_to", name="valid_order"
        ),
        ExcludeConstraint(
            (text("leader_id"), "="),
            (text("role"), "="),
            (text("coalesce(zone_id, 0)"), "="),
            (text("coalesce(street_id, 0)"), "="),
            (text("coalesce(point_id, 0)"), "="),
            (text("daterange(valid_from, valid_to)"), "&&"),
            name="ex_contract_twice",
            using="gist",
        ),
        Index("ix_contract_leader_id", "leader_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    leader_id: Mapped[int] = mapped_column(ForeignKey("leader.id"))
    role: Mapped[str] = mapped_column(ForeignKey("contract_role.code"), server_default=text("'leader'"))
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"), index=True)
    street_id: Mapped[int | None] = mapped_column(ForeignKey("street.id"), index=True)
    point_id: Mapped[int | None] = mapped_column(ForeignKey("point.id"), index=True)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    batch_id: Mapped[int | None] = mapped_column(index=True)  # imports are never deleted
