"""Who logs in: accounts, their lockout, and the ground that each may see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from geoservice.domain.roles import Role
from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services import passwords
from geoservice.store import areas, audit, people
from geoservice.store.deputy_rows import absent_leaders
from geoservice.store.people import AppUser
from geoservice.store.scope import EVERYTHING, NOTHING, Scope

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings

MAX_LOGIN_LENGTH = 64
LOCALES = ("zh_Hans_CN", "en")

DEMO_LOGINS: dict[Role, str] = {role: f"demo-{role.value}" for role in Role}


@dataclass(frozen=True)
class Account:
    """A user as the web and the command line see one."""

    id: int
    login: str
    name: str
    role: Role
    leader_id: int | None
    member_id: int | None
    scope_zone_id: int | None
    department_id: int | None
    locale: str | None
    active: bool
    locked_until: datetime | None
    session_epoch: int

    def is_locked(self, now: datetime) -> bool:
        """Tell whether too many failures keep this account out at `now`."""
        return self.locked_until is not None and self.locked_until > now


@dataclass(frozen=True)
class NewUser:
    """What makes a user."""

    login: str
    name: str
    role: Role
    leader_id: int | None = None
    member_id: int | None = None
    scope_zone_id: int | None = None
    department_id: int | None = None
    locale: str | None = None


def log_in(
    session: Session, settings: Settings, login: str, password: str, *, now: datetime
) -> Account | None:
    """Return the account if login and password fit and it may come in; count and record it either way.

    An unknown, disabled or locked login does the same work as any other, and the caller learns no difference.
    """
    user = people.user_by_login(session, login[:MAX_LOGIN_LENGTH], lock=True)
    fits = passwords.fits(
        user.password_hash if user else passwords.nobodys_hash(), password
    ) and passwords.is_open(settings, password)
    if user is None:
        _record(session, None, "session.fail", detail={"login": login[:MAX_LOGIN_LENGTH]})
        return None
    if not user.active or (user.locked_until is not None and user.locked_until > now):
        _record(session, user.id, "session.refuse")
        return None
    if not fits:
        _count_failure(session, settings, user, now)
        return None
    user.failed_logins, user.locked_until = 0, None
    if passwords.hasher.check_needs_rehash(user.password_hash):
        user.password_hash = passwords.hasher.hash(password)
    _record(session, user.id, "session.open")
    return as_account(user)


def log_out(session: Session, account: Account) -> None:
    """Record that somebody left."""
    _record(session, account.id, "session.close")


def account_of(session: Session, user_id: int) -> Account | None:
    """Return one account."""
    user = people.user_by_id(session, user_id)
    return as_account(user) if user else None


def all_accounts(session: Session) -> list[Account]:
    """Return every account."""
    return [as_account(user) for user in people.all_users(session)]


def scope_known(account: Account) -> Scope | None:
    """Return the ground this account may see where the account alone tells it; None where zones or contracts have to be asked."""
    if account.role in {Role.MEMBER, Role.INSPECTOR, Role.HANDLER}:
        return _own(account)
    if account.role is Role.LEADER:
        return NOTHING if account.leader_id is None else None
    return EVERYTHING if account.scope_zone_id is None else None


def _own(account: Account) -> Scope:
    return Scope(
        account_id=account.id,
        department_id=account.department_id,
        leader_id=account.leader_id if account.role is Role.LEADER else None,
    )


def scope_of(session: Session, account: Account, on: date) -> Scope:
    """Return the ground this account may see on a day; `session` must see everything to find it out."""
    known, own = scope_known(account), _own(account)
    if known is not None:
        return known
    if account.leader_id is not None and account.role is Role.LEADER:
        ground = areas.contracted_ground(session, account.leader_id, on)
        return replace(
            own,
            zone_ids=areas.subtree_ids(session, ground.zone_ids, on),
            point_ids=ground.point_ids,
            street_ids=ground.street_ids,
            absent_ids=absent_leaders(session, account.leader_id, on),
        )
    part = account.scope_zone_id or 0
    return replace(
        own,
        zone_ids=areas.subtree_ids(session, frozenset({part}), on),
        above_ids=areas.ids_above(session, part, on),
    )


def add_user(session: Session, new: NewUser, password: str, *, by: int | None = None) -> Account:
    """Add a user; refuses a login that exists and a password that is too easy."""
    login = new.login.strip()
    if not login or len(login) > MAX_LOGIN_LENGTH:
        raise BadRequest("login_invalid")
    if people.user_by_login(session, login) is not None:
        raise Conflict("login_taken", login=login)
    if new.role is Role.LEADER and new.leader_id is None:
        raise BadRequest("user_leader_missing")
    if new.role is Role.HANDLER and new.department_id is None:
        raise BadRequest("user_department_missing")
    passwords.check(login, password)
    user = AppUser(
        login=login,
        name=new.name.strip() or login,
        password_hash=passwords.hasher.hash(password),
        role=new.role.value,
        leader_id=new.leader_id,
        member_id=new.member_id,
        scope_zone_id=new.scope_zone_id,
        department_id=new.department_id,
        locale=new.locale if new.locale in LOCALES else None,
    )
    session.add(user)
    session.flush()
    session.refresh(user)
    _record(session, by, "user.add", user, {"login": login, "role": new.role.value})
    return as_account(user)


def change_password(session: Session, user_id: int, old: str, new: str) -> Account:
    """Let somebody choose a new password; ends the sessions that the old one opened."""
    user = _user(session, user_id)
    if not passwords.fits(user.password_hash, old):
        raise BadRequest("old_password_wrong")
    return set_password(session, user_id, new, by=user_id)


def set_password(session: Session, user_id: int, password: str, *, by: int | None = None) -> Account:
    """Give a user a password; ends every session of his, and unlocks the account."""
    user = _user(session, user_id)
    passwords.check(user.login, password)
    user.password_hash = passwords.hasher.hash(password)
    user.session_epoch += 1
    user.failed_logins, user.locked_until = 0, None
    _record(session, by, "user.password", user)
    return as_account(user)


def unlock(session: Session, user_id: int, *, by: int | None = None) -> Account:
    """Let a locked account try again at once."""
    user = _user(session, user_id)
    user.failed_logins, user.locked_until = 0, None
    _record(session, by, "user.unlock", user)
    return as_account(user)


def set_active(session: Session, user_id: int, active: bool, *, by: int | None = None) -> Account:
    """Disable or enable a user; the last administrator can't be disabled."""
    user = _user(session, user_id)
    if (
        not active
        and user.role == Role.ADMINISTRATOR
        and user.active
        and people.active_administrators(session) <= 1
    ):
        raise Conflict("last_administrator")
    user.active = active
    user.session_epoch += 1
    _record(session, by, "user.enable" if active else "user.disable", user)
    return as_account(user)


def set_locale(session: Session, user_id: int, locale: str) -> None:
    """Remember the language a user reads."""
    if locale not in LOCALES:
        raise BadRequest("unknown_language", locale=locale)
    _user(session, user_id).locale = locale


def add_demo_users(session: Session, people_of: dict[Role, NewUser]) -> list[Account]:
    """Give each of these people the demo login of their role; an existing login stays."""
    added = []
    for role, new in people_of.items():
        if people.user_by_login(session, DEMO_LOGINS[role]) is None:
            added.append(
                add_user(session, replace(new, login=DEMO_LOGINS[role], role=role), passwords.DEMO_PASSWORD)
            )
    return added


def demo_logins(session: Session, settings: Settings) -> list[dict[str, str]]:
    """Return the demo logins that exist, one a role; none outside demo mode."""
    if not settings.demo_mode:
        return []
    found = {user.login: user for user in people.all_users(session) if user.active}
    return [
        {"role": role.value, "login": login, "name": found[login].name, "password": passwords.DEMO_PASSWORD}
        for role, login in DEMO_LOGINS.items()
        if login in found
    ]


def _count_failure(session: Session, settings: Settings, user: AppUser, now: datetime) -> None:
    user.failed_logins += 1
    _record(session, user.id, "session.fail")
    if user.failed_logins >= settings.login_failures:
        user.failed_logins = 0
        user.locked_until = now + timedelta(minutes=settings.login_lock_minutes)
        _record(session, user.id, "user.lock", detail={"until": user.locked_until.isoformat()})


def _user(session: Session, user_id: int) -> AppUser:
    user = people.user_by_id(session, user_id, lock=True)
    if user is None:
        raise NotFound("user_unknown")
    return user


def as_account(user: AppUser) -> Account:
    """Return a user without what is his alone."""
    return Account(
        id=user.id,
        login=user.login,
        name=user.name,
        role=Role(user.role),
        leader_id=user.leader_id,
        member_id=user.member_id,
        scope_zone_id=user.scope_zone_id,
        department_id=user.department_id,
        locale=user.locale,
        active=user.active,
        locked_until=user.locked_until,
        session_epoch=user.session_epoch,
    )


def _record(
    session: Session,
    by: int | None,
    action: str,
    about: AppUser | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    session.flush()
    audit.record(session, by, action, "user" if about else "", str(about.id) if about else "", detail)
