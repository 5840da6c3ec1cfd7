"""Departments, teams, leaders, patrol members, their devices, and the users who log in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.domain.roles import Role
from geoservice.store.base import Base


class Department(Base):
    """An office that answers for something: urban management, sanitation, a community."""

    __tablename__ = "department"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class Team(Base):
    """The people and the vehicle that go out together."""

    __tablename__ = "team"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)


class Leader(Base):
    """Somebody who contracts ground and answers for it."""

    __tablename__ = "leader"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    title: Mapped[str] = mapped_column(server_default=text("''"))
    phone: Mapped[str] = mapped_column(server_default=text("''"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)


class Member(Base):
    """A patrol member."""

    __tablename__ = "member"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    phone: Mapped[str] = mapped_column(server_default=text("''"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)


class Device(Base):
    """What sends fixes: a phone, a vehicle's box, or the name a track file carries."""

    __tablename__ = "device"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    active: Mapped[bool] = mapped_column(server_default=text("true"))


class AppUser(Base):
    """A login. Scope: `scope_zone_id` and all below it, the whole city when None; a leader's is his contracts."""

    __tablename__ = "app_user"
    __table_args__ = (
        CheckConstraint("role IN (" + ", ".join(f"'{role}'" for role in Role) + ")", name="role_known"),
        CheckConstraint("role <> 'leader' OR leader_id IS NOT NULL", name="leader_is_somebody"),
        Index("uq_app_user_login_lower", func.lower(text("login")), unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str]
    role: Mapped[str]
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("leader.id"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    scope_zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"), index=True)
    locale: Mapped[str | None]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    failed_logins: Mapped[int] = mapped_column(server_default=text("0"))
    locked_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # Part of the session cookie: raising it ends every session of this user.
    session_epoch: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
