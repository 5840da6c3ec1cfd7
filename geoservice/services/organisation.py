"""Who there is to answer: the roles of contracts, departments, and the people in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geoservice.domain.contracts import LEADER
from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services import told
from geoservice.store import audit, batches, people
from geoservice.store import role_rows as store

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

    from geoservice.store.people import Leader
    from geoservice.store.role_rows import RoleRow

LONGEST_CODE, LONGEST_NAME = 40, 100
_ROLE_CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")
_PHONE = re.compile(r"[0-9+()\-\s]{3,30}")


@dataclass(frozen=True)
class PersonView:
    """Somebody who may contract ground."""

    id: int
    code: str
    name: str
    title: str
    phone: str


@dataclass(frozen=True)
class DepartmentView:
    """A department with its leaders and the accounts that handle its cases; `id` None: those without one."""

    id: int | None
    code: str
    name: str
    leaders: tuple[PersonView, ...]
    handlers: tuple[str, ...]


def list_roles(session: Session) -> list[RoleRow]:
    """Return every role of contracts, the leader's first."""
    return store.list_roles(session)


def add_role(session: Session, code: str, name_zh: str, name_en: str, *, by: int | None) -> None:
    """Add a role; BadRequest for a code that is no word of small letters, Conflict where it is there."""
    code = code.strip()
    if _ROLE_CODE.fullmatch(code) is None:
        raise BadRequest("role_code_unreadable", value=code[:LONGEST_CODE])
    names = _role_names(name_zh, name_en)
    batches.lock(session, "contracts")
    if store.role_by_code(session, code) is not None:
        raise Conflict("role_code_taken", code=code)
    store.add_role(session, code, *names)
    audit.record(
        session, by, "contract_role.add", "contract_role", code, {"name_zh": names[0], "name_en": names[1]}
    )


def rename_role(session: Session, code: str, name_zh: str, name_en: str, *, by: int | None) -> None:
    """Let a role be called otherwise; NotFound without it."""
    role = store.role_by_code(session, code)
    if role is None:
        raise NotFound("role_not_there", code=code)
    role.name_zh, role.name_en = _role_names(name_zh, name_en)
    audit.record(
        session,
        by,
        "contract_role.rename",
        "contract_role",
        code,
        {"name_zh": role.name_zh, "name_en": role.name_en},
    )


def remove_role(session: Session, code: str, *, by: int | None) -> None:
    """Remove a role; NotFound without it, Conflict while contracts or kinds of case name it, or for the leader's own."""
    batches.lock(session, "contracts")
    role = store.role_by_code(session, code)
    if role is None:
        raise NotFound("role_not_there", code=code)
    if code == LEADER:
        raise Conflict("role_of_leaders_stays")
    used = next(row for row in store.list_roles(session) if row.code == code)
    if used.contracts or used.case_kinds:
        raise Conflict("role_in_use", contracts=used.contracts, kinds=used.case_kinds)
    store.remove_role(session, role)
    audit.record(session, by, "contract_role.remove", "contract_role", code)


def list_departments(session: Session) -> list[DepartmentView]:
    """Return every department by code, and last, where there are any, the leaders without one."""
    leaders, handlers = store.leaders_by_department(session), store.handlers_by_department(session)
    found = [
        DepartmentView(
            each.id,
            each.code,
            each.name,
            _people(leaders.get(each.id, ())),
            tuple(user.name for user in handlers.get(each.id, ())),
        )
        for each in people.all_departments(session)
    ]
    if None in leaders:
        found.append(DepartmentView(None, "", "", _people(leaders[None]), ()))
    return found


def _people(leaders: Iterable[Leader]) -> tuple[PersonView, ...]:
    return tuple(PersonView(each.id, each.code, each.name, each.title, each.phone) for each in leaders)


def add_department(session: Session, code: str, name: str, *, by: int | None) -> int:
    """Add a department → its id; Conflict where the code is taken."""
    code = told.read_name(code, "code", LONGEST_CODE)
    name = told.read_name(name, "name", LONGEST_NAME)
    batches.lock(session, "departments")
    if people.department_by_code(session, code) is not None:
        raise Conflict("department_code_taken", code=code)
    department_id = store.add_department(session, code, name)
    audit.record(
        session, by, "department.add", "department", str(department_id), {"code": code, "name": name}
    )
    return department_id


def rename_department(session: Session, department_id: int, name: str, *, by: int | None) -> None:
    """Let a department be called otherwise; NotFound without it."""
    department = store.department_by_id(session, department_id)
    if department is None:
        raise NotFound("department_not_there", id=department_id)
    department.name = told.read_name(name, "name", LONGEST_NAME)
    audit.record(
        session, by, "department.rename", "department", str(department_id), {"name": department.name}
    )


def add_leader(session: Session, words: Mapping[str, str], *, by: int | None) -> int:
    """Add somebody who may contract ground → his id; `words` as those of `change_leader`, and his code."""
    code = told.read_name(words.get("code", ""), "code", LONGEST_CODE)
    name = told.read_name(words.get("name", ""), "name", LONGEST_NAME)
    batches.lock(session, "contracts")
    if people.leader_by_code(session, code) is not None:
        raise Conflict("leader_code_taken", code=code)
    leader_id = store.add_leader(session, code, name)
    audit.record(session, by, "leader.add", "leader", str(leader_id), {"code": code})
    change_leader(session, leader_id, words, by=by)
    return leader_id


def change_leader(session: Session, leader_id: int, words: Mapping[str, str], *, by: int | None) -> None:
    """Set of a leader what is told: name, title, phone, department_id (as the code of one; empty: none).

    NotFound without him or the department, BadRequest for a phone number that is none.
    """
    leader = store.leader_by_id(session, leader_id)
    if leader is None:
        raise NotFound("person_unknown", name=leader_id)
    changed = {name: _READ[name](session, words[name]) for name in _READ if name in words}
    before = {name: getattr(leader, name) for name in changed}
    for name, value in changed.items():
        setattr(leader, name, value)
    if changed != before:
        fields = sorted(name for name in changed if changed[name] != before[name])
        audit.record(session, by, "leader.change", "leader", str(leader_id), {"fields": fields})


def _read_phone(_session: Session, text: str) -> str:
    phone = " ".join(text.split())
    if phone and _PHONE.fullmatch(phone) is None:
        raise BadRequest("phone_unreadable", value=phone[:30])
    return phone


def _read_department(session: Session, text: str) -> int | None:
    code = text.strip()
    if not code:
        return None
    department = people.department_by_code(session, code)
    if department is None:
        raise NotFound("department_unknown", code=code[:LONGEST_CODE])
    return department.id


def _read_title(_session: Session, text: str) -> str:
    title = " ".join(text.split())
    if len(title) > LONGEST_NAME:
        raise BadRequest("name_too_long", field="title", most=LONGEST_NAME)
    return title


_READ: dict[str, Any] = {
    "name": lambda _session, text: told.read_name(text, "name", LONGEST_NAME),
    "title": _read_title,
    "phone": _read_phone,
    "department_id": _read_department,
}


def _role_names(name_zh: str, name_en: str) -> tuple[str, str]:
    """Return a role's names; one that is left out is that of the other language."""
    shown = told.read_name(name_zh or name_en, "name", LONGEST_NAME)
    return shown, told.read_name(name_en or name_zh, "name", LONGEST_NAME)
