"""The administrator's pages: users and health."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from geoservice.domain.roles import Permission, Role
from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services import accounts
from geoservice.services.accounts import NewUser
from geoservice.services.passwords import new_password
from geoservice.store import people
from geoservice.web.deployment import current_time
from geoservice.web.identity import guard, own_transaction, the_account
from geoservice.web.service import health
from geoservice.web.texts import gettext
from geoservice.web.words import say

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response

    from geoservice.services.accounts import Account

admin = Blueprint("admin", __name__, url_prefix="/admin")
guard(admin, Permission.MANAGE_USERS)


@admin.get("/")
def go_to_users() -> Response:
    """Begin with the users."""
    return redirect(url_for("admin.show_users"))


@admin.get("/users")
def show_users() -> str:
    """List every user, with a form for a new one."""
    return _users_page()


@admin.post("/users")
def add_user() -> str | tuple[str, int]:
    """Add a user and show the password made for him, once."""
    password = new_password()
    try:
        with own_transaction() as session:
            made = accounts.add_user(session, _new_user(session), password, by=the_account().id)
    except (BadRequest, Conflict, NotFound) as error:
        return _users_page(problem=say(error.code, error.values)), 400
    return _users_page(made=(made, password))


@admin.post("/users/<int(max=2147483647):user_id>/password")
def reset_password(user_id: int) -> str:
    """Make a new password for a user and show it, once."""
    password = new_password()
    with own_transaction() as session:
        changed = accounts.set_password(session, user_id, password, by=the_account().id)
    return _users_page(made=(changed, password))


@admin.post("/users/<int(max=2147483647):user_id>/unlock")
def unlock_user(user_id: int) -> Response:
    """Let a locked user try again at once."""
    with own_transaction() as session:
        accounts.unlock(session, user_id, by=the_account().id)
    flash(gettext("The account is unlocked."), "good")
    return redirect(url_for("admin.show_users"))


@admin.post("/users/<int(max=2147483647):user_id>/active")
def set_active(user_id: int) -> Response | tuple[str, int]:
    """Disable or enable a user."""
    active = request.form.get("active") == "1"
    try:
        with own_transaction() as session:
            accounts.set_active(session, user_id, active, by=the_account().id)
    except Conflict as error:
        return _users_page(problem=say(error.code, error.values)), 409
    flash(gettext("The account is enabled.") if active else gettext("The account is disabled."), "good")
    return redirect(url_for("admin.show_users"))


@admin.get("/health")
def show_health() -> str:
    """Show whether every server answers."""
    return render_template("admin/health.html", health=health())


def _users_page(problem: str | None = None, made: tuple[Account, str] | None = None) -> str:
    with own_transaction() as session:
        users = accounts.all_accounts(session)
        leaders, members = people.all_leaders(session), people.all_members(session)
        leader_names = {leader.id: leader.name for leader in leaders}
        choices = {
            "leaders": [(leader.code, leader.name) for leader in leaders],
            "members": [(member.code, member.name) for member in members],
            "departments": [(one.code, one.name) for one in people.all_departments(session)],
        }
    return render_template(
        "admin/users.html",
        users=users,
        roles=list(Role),
        leader_names=leader_names,
        choices=choices,
        problem=problem,
        made=made,
        now=current_time(),
    )


def _new_user(session: Session) -> NewUser:
    form = request.form
    role = next((role for role in Role if role == form.get("role")), None)
    if role is None:
        raise BadRequest("user_role_unknown")
    leader = people.leader_by_code(session, form.get("leader", "")) if role is Role.LEADER else None
    member = people.member_by_code(session, form.get("member", "")) if role is Role.MEMBER else None
    handled = form.get("department", "") if role is Role.HANDLER else ""
    department = people.department_by_code(session, handled)
    return NewUser(
        login=form.get("login", ""),
        name=form.get("name", "").strip()[:80],
        role=role,
        leader_id=leader.id if leader else None,
        member_id=member.id if member else None,
        department_id=department.id if department else None,
    )
