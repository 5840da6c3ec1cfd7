"""`geoservice users`: who may log in."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from geoservice.domain.roles import Role
from geoservice.errors import NotFound
from geoservice.services import accounts
from geoservice.services.accounts import NewUser
from geoservice.services.passwords import new_password
from geoservice.store import people

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.cli import Context


@click.group()
def users() -> None:
    """Add users, unlock them, give them passwords."""


@users.command("list")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def list_users(context: Context, as_json: bool) -> None:
    """List every user."""
    with context.transaction() as session:
        found = accounts.all_accounts(session)
    rows = [
        {"login": one.login, "name": one.name, "role": one.role.value, "active": one.active} for one in found
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(
            "\t".join(str(row[key]) for key in ("login", "role", "name"))
            + ("" if row["active"] else "\t(disabled)")
        )


@users.command("logins")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def demo_logins(context: Context, as_json: bool) -> None:
    """Show the demo logins; there are none outside demo mode."""
    with context.transaction() as session:
        found = accounts.demo_logins(session, context.settings)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found:
        click.echo(f"{one['role']}\t{one['login']}\t{one['password']}")


@users.command("add")
@click.argument("login")
@click.option("--name", default="", help="the name others read; the login when left out")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--leader", help="code of the leader this user is (role leader)")
@click.option("--member", help="code of the patrol member this user is (role member)")
@click.option("--department", help="code of the department this user handles cases for (role handler)")
@click.option(
    "--password-stdin", is_flag=True, help="read the password from standard input; else one is made"
)
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def add(  # noqa: PLR0913 - one argument an option
    context: Context,
    login: str,
    name: str,
    role: str,
    leader: str | None,
    member: str | None,
    department: str | None,
    password_stdin: bool,
    as_json: bool,
) -> None:
    """Add a user and show the password made for it."""
    password = _password(password_stdin)
    with context.transaction() as session:
        new = NewUser(
            login,
            name,
            Role(role),
            leader_id=_leader_id(session, leader),
            member_id=_member_id(session, member),
            department_id=_department_id(session, department),
        )
        accounts.add_user(session, new, password)
    _show(login, None if password_stdin else password, as_json)


@users.command("add-admin")
@click.option("--login", default="admin", show_default=True)
@click.option("--if-none", is_flag=True, help="do nothing where an administrator exists")
@click.option(
    "--json", "as_json", is_flag=True, help="as JSON: {login, password}, or {} when nothing was done"
)
@click.pass_obj
def add_admin(context: Context, login: str, if_none: bool, as_json: bool) -> None:
    """Add an administrator with a password made here, shown once."""
    password = new_password()
    with context.transaction() as session:
        if if_none and people.active_administrators(session):
            click.echo("{}" if as_json else "An administrator exists.")
            return
        accounts.add_user(session, NewUser(login, login, Role.ADMINISTRATOR), password)
    _show(login, password, as_json)


@users.command("unlock")
@click.argument("login")
@click.pass_obj
def unlock(context: Context, login: str) -> None:
    """Let a locked account try again at once."""
    with context.transaction() as session:
        accounts.unlock(session, _user_id(session, login))
    click.echo(f"{login}: unlocked", err=True)


@users.command("password")
@click.argument("login")
@click.option(
    "--password-stdin", is_flag=True, help="read the password from standard input; else one is made"
)
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def password(context: Context, login: str, password_stdin: bool, as_json: bool) -> None:
    """Give a user a new password; ends every session of that user."""
    new = _password(password_stdin)
    with context.transaction() as session:
        accounts.set_password(session, _user_id(session, login), new)
    _show(login, None if password_stdin else new, as_json)


def _password(from_stdin: bool) -> str:
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else new_password()


def _show(login: str, made_password: str | None, as_json: bool) -> None:
    shown = {"login": login}
    if made_password is not None:
        shown["password"] = made_password
    click.echo(json.dumps(shown, ensure_ascii=False) if as_json else "\t".join(shown.values()))


def _user_id(session: Session, login: str) -> int:
    user = people.user_by_login(session, login)
    if user is None:
        raise NotFound("user_unknown", login=login)
    return user.id


def _leader_id(session: Session, code: str | None) -> int | None:
    if code is None:
        return None
    leader = people.leader_by_code(session, code)
    if leader is None:
        raise NotFound("leader_unknown", leader=code)
    return leader.id


def _member_id(session: Session, code: str | None) -> int | None:
    if code is None:
        return None
    member = people.member_by_code(session, code)
    if member is None:
        raise NotFound("member_unknown", member=code)
    return member.id


def _department_id(session: Session, code: str | None) -> int | None:
    if code is None:
        return None
    department = people.department_by_code(session, code)
    if department is None:
        raise NotFound("department_unknown", code=code)
    return department.id
