"""The roles of contracts, and the departments people belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, text

from geoservice.store.contracts import ContractRole
from geoservice.store.people import AppUser, Department, Leader

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class RoleRow:
    """A role, how many contracts there are in it, and how many kinds of case it answers for."""

    code: str
    name_zh: str
    name_en: str
    contracts: int
    case_kinds: int


def list_roles(session: Session) -> list[RoleRow]:
    """Return every role, the leader's first."""
    rows = session.execute(
        text(
            "SELECT r.code, r.name_zh, r.name_en, (SELECT count(*) FROM contract c WHERE c.role = r.code) AS contracts, "
            "(SELECT count(*) FROM case_kind k WHERE k.role = r.code) AS case_kinds "
            "FROM contract_role r ORDER BY r.code <> 'leader', r.code"
        )
    )
    return [RoleRow(*row) for row in rows]


def role_by_code(session: Session, code: str) -> ContractRole | None:
    """Return one role, which nobody else changes until we are done."""
    return session.get(ContractRole, code, with_for_update=True, populate_existing=True)


def add_role(session: Session, code: str, name_zh: str, name_en: str) -> None:
    """Add a role."""
    session.add(ContractRole(code=code, name_zh=name_zh, name_en=name_en))
    session.flush()


def remove_role(session: Session, role: ContractRole) -> None:
    """Remove a role that nobody holds."""
    session.delete(role)
    session.flush()


def leaders_by_department(session: Session) -> dict[int | None, list[Leader]]:
    """Department id (None: none) → its leaders, by name."""
    found: dict[int | None, list[Leader]] = {}
    for leader in session.scalars(select(Leader).order_by(Leader.name, Leader.code)):
        found.setdefault(leader.department_id, []).append(leader)
    return found


def handlers_by_department(session: Session) -> dict[int, list[AppUser]]:
    """Department id → the accounts that handle its cases, by name."""
    found: dict[int, list[AppUser]] = {}
    query = select(AppUser).where(AppUser.role == "handler", AppUser.active).order_by(AppUser.name)
    for user in session.scalars(query):
        found.setdefault(user.department_id or 0, []).append(user)
    return found


def department_by_id(session: Session, department_id: int) -> Department | None:
    """Return one department, which nobody else changes until we are done."""
    return session.get(Department, department_id, with_for_update=True, populate_existing=True)


def add_department(session: Session, code: str, name: str) -> int:
    """Add a department → its id."""
    department = Department(code=code, name=name)
    session.add(department)
    session.flush()
    return department.id


def leader_by_id(session: Session, leader_id: int) -> Leader | None:
    """Return one leader, whom nobody else changes until we are done."""
    return session.get(Leader, leader_id, with_for_update=True, populate_existing=True)


def add_leader(session: Session, code: str, name: str) -> int:
    """Add a leader → his id."""
    leader = Leader(code=code, name=name)
    session.add(leader)
    session.flush()
    return leader.id


def leaders_by_ids(session: Session, ids: set[int]) -> dict[int, Leader]:
    """Id → leader."""
    return {leader.id: leader for leader in session.scalars(select(Leader).where(Leader.id.in_(ids)))}


def leaders_meant(session: Session, word: str) -> list[Leader]:
    """Return whom a code means, else everybody of that name."""
    by_code = session.scalar(select(Leader).where(Leader.code == word))
    if by_code is not None:
        return [by_code]
    return list(session.scalars(select(Leader).where(Leader.name == word).order_by(Leader.code)))
