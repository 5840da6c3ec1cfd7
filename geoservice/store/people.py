"""Departments, teams, leaders, patrol members, their devices, and the users who log in."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.domain.roles import Role
from geoservice.store.base import Base
from geoservice.store.zones import SRID

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Department(Base):
    """An office that answers for something: urban management, sanitation, a community."""

    __tablename__ = "department"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class Team(Base):
    """The people and the vehicle that go out together: how, from where to where (no `end_depot`: back to the first), and when."""

    __tablename__ = "team"
    __table_args__ = (
        CheckConstraint("mode BETWEEN 1 AND 3", name="mode_known"),
        CheckConstraint("shift_to > shift_from", name="shift_order"),
        CheckConstraint("break_minutes >= 0", name="break_not_negative"),
        CheckConstraint("(break_from IS NULL) = (break_to IS NULL) AND break_to > break_from", name="break_order"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    mode: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))  # domain.tracks.Mode
    skills: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    depot: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=SRID, spatial_index=False))
    end_depot: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=SRID, spatial_index=False))
    shift_from: Mapped[time] = mapped_column(server_default=text("'08:30'"))
    shift_to: Mapped[time] = mapped_column(server_default=text("'17:30'"))
    break_from: Mapped[time | None]  # a rest of so many minutes within these two, none without them
    break_to: Mapped[time | None]
    break_minutes: Mapped[float] = mapped_column(server_default=text("0"))
    active: Mapped[bool] = mapped_column(server_default=text("true"))


class TeamZone(Base):
    """Ground that a team keeps to."""

    __tablename__ = "team_zone"

    team_id: Mapped[int] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), primary_key=True)
    zone_id: Mapped[int] = mapped_column(
        ForeignKey("zone.id", ondelete="CASCADE"), primary_key=True, index=True
    )


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
    token_sha256: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)  # None: it may not report
    token_made_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class AppUser(Base):
    """A login. Scope: `scope_zone_id` and all below it, the whole city when None; a leader's is his contracts."""

    __tablename__ = "app_user"
    __table_args__ = (
        CheckConstraint("role IN (" + ", ".join(f"'{role}'" for role in Role) + ")", name="role_known"),
        CheckConstraint("role <> 'leader' OR leader_id IS NOT NULL", name="leader_is_somebody"),
        CheckConstraint("role <> 'handler' OR department_id IS NOT NULL", name="handler_has_department"),
        Index("uq_app_user_login_lower", func.lower(text("login")), unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str]
    role: Mapped[str]
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("leader.id"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    scope_zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"), index=True)
    locale: Mapped[str | None]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    failed_logins: Mapped[int] = mapped_column(server_default=text("0"))
    locked_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # Part of the session cookie: raising it ends every session of this user.
    session_epoch: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


def user_by_login(session: Session, login: str, *, lock: bool = False) -> AppUser | None:
    """Return the user of a login, in whatever case it is typed; `lock` makes others wait until we are done."""
    query = select(AppUser).where(func.lower(AppUser.login) == login.lower())
    return session.scalar(query.with_for_update() if lock else query)


def user_by_id(session: Session, user_id: int, *, lock: bool = False) -> AppUser | None:
    """Return one user."""
    return session.get(AppUser, user_id, with_for_update=True if lock else None)


def all_users(session: Session) -> list[AppUser]:
    """Return every user, by role and login."""
    return list(session.scalars(select(AppUser).order_by(AppUser.role, AppUser.login)))


def active_administrators(session: Session) -> int:
    """Count the administrators who can log in."""
    query = select(func.count()).where(AppUser.role == Role.ADMINISTRATOR, AppUser.active)
    return session.scalar(query) or 0


def leader_by_code(session: Session, code: str) -> Leader | None:
    """Return one leader."""
    return session.scalar(select(Leader).where(Leader.code == code))


def member_by_code(session: Session, code: str) -> Member | None:
    """Return one patrol member."""
    return session.scalar(select(Member).where(Member.code == code))


def leader_by_id(session: Session, leader_id: int) -> Leader | None:
    """Return one leader."""
    return session.get(Leader, leader_id)


def department_by_id(session: Session, department_id: int) -> Department | None:
    """Return one department."""
    return session.get(Department, department_id)


def department_by_code(session: Session, code: str) -> Department | None:
    """Return one department."""
    return session.scalar(select(Department).where(Department.code == code))


def all_departments(session: Session) -> list[Department]:
    """Return every department, by code."""
    return list(session.scalars(select(Department).order_by(Department.code)))


def all_leaders(session: Session) -> list[Leader]:
    """Return every leader, by name."""
    return list(session.scalars(select(Leader).order_by(Leader.name, Leader.code)))


def all_members(session: Session) -> list[Member]:
    """Return every patrol member, by name."""
    return list(session.scalars(select(Member).order_by(Member.name, Member.code)))
