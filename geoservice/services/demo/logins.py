"""The logins of the demo. All have the password that the login page shows, and its hash is worked out once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geoservice.domain.roles import Role
from geoservice.services import accounts
from geoservice.services.accounts import DEMO_LOGINS, NewUser
from geoservice.store import audit
from geoservice.store import demo as store

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.services.demo.city import DemoCity
    from geoservice.services.demo.rows import Ids

SECOND_LEADER = "demo-leader-2"
# Both answer for two neighbouring communities, one of them hardly ever walked.
LEADERS = (12, 6)


def add_logins(session: Session, city: DemoCity, ids: Ids) -> None:
    """Give one person of each role the login that the demo tells everybody, and a second leader his own."""
    first = NewUser("", "演示管理员", Role.ADMINISTRATOR)
    accounts.add_demo_users(session, {Role.ADMINISTRATOR: first})
    for role, name in (
        (Role.DISPATCHER, "演示调度员"), (Role.GIS, "演示GIS人员"), (Role.INSPECTOR, "演示检查员"),
    ):  # fmt: skip
        add_login(session, DEMO_LOGINS[role], name, role)
    add_login(
        session, DEMO_LOGINS[Role.HANDLER], "演示处置人员", Role.HANDLER, department_id=ids.departments[0]
    )
    member = city.teams[0].members[0]
    add_login(session, DEMO_LOGINS[Role.MEMBER], member.name, Role.MEMBER, member_id=ids.members[0][0])
    for login, leader in zip((DEMO_LOGINS[Role.LEADER], SECOND_LEADER), LEADERS, strict=True):
        add_login(session, login, city.leaders[leader].name, Role.LEADER, leader_id=ids.leaders[leader])


def add_login(session: Session, login: str, name: str, role: Role, **belongs_to: int) -> None:
    """Add a user of the demo beside the first one."""
    row: dict[str, Any] = {"login": login, "name": name, "role": role.value, **belongs_to}
    user_id = store.add_login_like(session, DEMO_LOGINS[Role.ADMINISTRATOR], row)
    audit.record(session, None, "user.add", "user", str(user_id), {"login": login, "role": role.value})
