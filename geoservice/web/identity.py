"""Who is asking: the session cookie, its end, and the guard at a blueprint's door."""

from __future__ import annotations

import secrets
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import g, redirect, request, session, url_for
from flask_login import LoginManager, login_user, logout_user
from redis import RedisError

from geoservice.domain.roles import Permission, Role, may
from geoservice.errors import GeoServiceError, NotAllowed
from geoservice.services import accounts
from geoservice.store.base import ask_at_once
from geoservice.store.kept import READS_ONLY
from geoservice.store.row_changes import sign
from geoservice.store.scope import NOTHING, Scope
from geoservice.web.deployment import current_settings, current_time, deployment, open_transaction, today

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Blueprint, Flask
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response

    from geoservice.services.accounts import Account

HOME_OF = {
    Role.ADMINISTRATOR: "admin.show_users",
    Role.DISPATCHER: "today.show_home",
    Role.GIS: "gis.show_imports",
    Role.LEADER: "leader.show_area",
    Role.MEMBER: "field.show_patrols",
    Role.INSPECTOR: "inspecting.show_day",
    Role.HANDLER: "handling.show_cases",
}


# A cookie sent with every answer could come after a logout and take the place of the next one's.
SEEN_EVERY_S = 60
POLLED = frozenset(
    {
        "city_map.show_devices",
        "jobs.show_progress",
        "downloads.show_progress",
        "sheets.show_progress",
        "live.show_now",
        "patrol_requests.show_waiting",
        "today.show_now",
        "today.show_patrols",
    }
)


class LoginNeeded(GeoServiceError):
    """Nobody is logged in, or the session has ended."""

    code = "login_needed"


@dataclass(frozen=True)
class Visitor:
    """Whoever is logged in, as Flask-Login wants it, with the ground that is his."""

    account: Account
    scope: Scope
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Return what the cookie carries: a raised epoch makes older cookies worthless."""
        return f"{self.account.id}.{self.account.session_epoch}"


def attach_login(app: Flask) -> None:
    """Let the application know its visitors before any view runs."""
    manager = LoginManager(app)
    manager.user_loader(_visitor_of_request)
    app.before_request(_recognise)


def current_account() -> Account | None:
    """Return who is logged in; None for a stranger, or while the database is away."""
    visitor: Visitor | None = g.get("visitor")
    return visitor.account if visitor else None


def the_account() -> Account:
    """Return who is logged in, behind a guarded door."""
    account = current_account()
    if account is None:
        raise LoginNeeded
    return account


def current_scope() -> Scope:
    """Return the ground of whoever is logged in; nothing for a stranger."""
    visitor: Visitor | None = g.get("visitor")
    return visitor.scope if visitor else NOTHING


@contextmanager
def own_transaction() -> Iterator[Session]:
    """Open a transaction that sees the ground of whoever is logged in, and no other."""
    account = current_account()
    with open_transaction(current_scope()) as opened:
        if request.method in {"GET", "HEAD"}:
            opened.info[READS_ONLY] = True
        elif account is not None:
            sign(opened, account.id)
        yield opened


def begin_session(account: Account) -> None:
    """Start a fresh session for somebody who just proved who he is; nothing of the old one stays."""
    session.clear()
    session["number"] = secrets.token_urlsafe(16)
    session["seen_at"] = int(current_time().timestamp())
    g.visitor = Visitor(account, NOTHING)
    login_user(g.visitor)


def end_session() -> None:
    """End the session on both sides: forget the cookie, and refuse a copy of it."""
    number = session.get("number")
    if number:
        # Without Redis a copied cookie lives until it has been idle long enough.
        with suppress(RedisError):
            deployment().redis.set(_ended_key(number), 1, ex=current_settings().session_idle_minutes * 60)
    logout_user()
    session.clear()
    g.visitor = None


def guard(blueprint: Blueprint, permission: Permission | None) -> None:
    """Put a guard at the blueprint's door: `permission` is needed to enter; None asks for a login only."""

    def let_in() -> Response | None:
        account = current_account()
        if account is None:
            return send_to_login()
        if permission is not None and not may(account.role, permission):
            raise NotAllowed
        return None

    blueprint.before_request(let_in)


def send_to_login() -> Response:
    """Send a browser to the login page and back afterwards; say 401 to anything else."""
    if request.method != "GET" or not wants_page():
        raise LoginNeeded
    return redirect(url_for("account.show_login", next=request.full_path.rstrip("?")))


def wants_page() -> bool:
    """Tell whether the answer is for a whole page of a browser, not for a script or a program."""
    if "HX-Request" in request.headers or request.path.startswith(("/api/", "/positions/")):
        return False
    return request.accept_mimetypes.best_match(["application/json", "text/html"], "text/html") == "text/html"


def home_of(account: Account) -> str:
    """Return where this account's work begins."""
    return url_for(HOME_OF[account.role])


def _recognise() -> None:
    """Load the visitor, unless the session was idle too long or has been ended."""
    g.visitor = None
    if request.endpoint in {"static", "service.show_health"} or "_user_id" not in session:
        return
    now = int(current_time().timestamp())
    idle_s = now - int(session.get("seen_at", 0))
    if idle_s > current_settings().session_idle_minutes * 60 or _is_ended(session.get("number", "")):
        session.clear()
        return
    g.visitor = _load_visitor(session["_user_id"])
    if g.visitor is None:
        session.clear()
    elif (
        request.endpoint not in POLLED and idle_s >= SEEN_EVERY_S
    ):  # a page that polls by itself is no sign of life
        session["seen_at"] = now


def _visitor_of_request(cookie_id: str) -> Visitor | None:
    """Return whom Flask-Login asks for: whoever was recognised before any view ran."""
    visitor: Visitor | None = g.get("visitor")
    return visitor if visitor is not None and visitor.get_id() == cookie_id else None


def _load_visitor(cookie_id: str) -> Visitor | None:
    user_id, _, epoch = cookie_id.partition(".")
    if not (user_id.isdecimal() and epoch.isdecimal()):
        return None
    account = ask_at_once(
        current_settings().database_url, lambda opened: accounts.account_of(opened, int(user_id))
    )
    if account is None or not account.active or account.session_epoch != int(epoch):
        return None
    return visitor_now(account)


def visitor_now(account: Account) -> Visitor:
    """Return somebody with the ground that is his today; of most the account alone tells it."""
    known = accounts.scope_known(account)
    if known is not None:
        return Visitor(account, known)
    with open_transaction() as opened:
        return Visitor(account, accounts.scope_of(opened, account, today()))


def _is_ended(number: str) -> bool:
    try:
        return bool(deployment().redis.exists(_ended_key(number)))
    except RedisError:
        return False


def _ended_key(number: str) -> str:
    return f"geoservice:ended-session:{number}"
