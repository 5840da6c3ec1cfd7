"""The city that cases of `closed_loop_bench` happen in: zones, people with their contracts and teams, and what its kinds of case ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

from geoservice.domain.roles import Role
from geoservice.services import accounts, cases
from geoservice.services.cases import Actor

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.services.accounts import Account

WEST, SOUTH, SIDE = 114.0, 22.5, 0.01
STREETS, GRIDS = 3, 4  # streets of the district, grids of each
DEPARTMENTS, MEMBERS, INSPECTORS = 5, 9, 3
# Two kinds of each of the four clocks; half go to a department, half to whom the contracts of their place name.
LOGINS = ("desk", "inspector", "member", "handler", "leader")
KINDS = {
    "rubbish": None, "parking": "D1", "manhole": "D2", "wires": None, "ad": "D3", "facility": None, "greening": "D4",
    "drain": None,
}  # fmt: skip
GROUND = """
INSERT INTO department (code, name) SELECT 'D' || n, '部门' || n FROM generate_series(1, :departments) n;
INSERT INTO leader (code, name, department_id)
    SELECT 'L' || n, '领导' || n, (SELECT id FROM department WHERE code = 'D' || (1 + n % (:departments + 2)))
    FROM generate_series(1, :streets * (:grids + 2)) n;
INSERT INTO zone (level, code) VALUES ('district', 'Q');
INSERT INTO zone (level, code) SELECT 'street', 'Q' || s FROM generate_series(1, :streets) s;
INSERT INTO zone (level, code) SELECT 'grid', 'Q' || s || g FROM generate_series(1, :streets) s, generate_series(1, :grids) g;
INSERT INTO zone_version (zone_id, name, parent_id, path, geom)
    SELECT z.id, z.code, p.id, array_remove(ARRAY[q.id, p.id, z.id], NULL), ST_Multi(ST_MakeEnvelope(
        :west + :side * (coalesce(g, 1) - 1), :south + :side * (coalesce(s, 1) - 1),
        :west + :side * coalesce(g, :grids), :south + :side * coalesce(s, :streets), 4326))
    FROM (SELECT id, code, nullif(substr(code, 2, 1), '')::int AS s, nullif(substr(code, 3, 1), '')::int AS g FROM zone WHERE code LIKE 'Q%') z
        LEFT JOIN zone p ON p.code = left(z.code, -1) AND p.level = 'street' LEFT JOIN zone q ON q.code = 'Q' AND z.code <> 'Q';
UPDATE zone_version v SET parent_id = (SELECT id FROM zone WHERE code = 'Q') FROM zone z WHERE z.id = v.zone_id AND z.level = 'street' AND z.code LIKE 'Q%';
INSERT INTO point (code, category, name, zone_id, geom)
    SELECT 'P' || z.code, 'market', '市场' || z.code, z.id, ST_PointOnSurface(v.geom)
    FROM zone z JOIN zone_version v ON v.zone_id = z.id WHERE z.level = 'grid' AND z.code LIKE 'Q%';
INSERT INTO contract (leader_id, role, zone_id)
    SELECT l.id, CASE WHEN l.n <= :streets * :grids THEN 'leader' ELSE 'sanitation' END, z.id
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM leader WHERE code LIKE 'L%') l
    JOIN (SELECT id, row_number() OVER (ORDER BY level, id) AS n FROM zone WHERE code LIKE 'Q_%') z USING (n);
INSERT INTO contract (leader_id, role, zone_id) SELECT (SELECT max(id) FROM leader WHERE code LIKE 'L%'), 'urban_management', id FROM zone WHERE code = 'Q';
INSERT INTO contract (leader_id, role, zone_id) SELECT (SELECT max(id) - 1 FROM leader WHERE code LIKE 'L%'), 'leader', id FROM zone WHERE code = 'Q';
INSERT INTO team (code, name, department_id) SELECT 'T' || n, '队' || n, (SELECT id FROM department WHERE code = 'D' || n) FROM generate_series(1, 3) n;
INSERT INTO team_zone (team_id, zone_id) SELECT t.id, z.id FROM team t JOIN zone z ON z.code IN ('Q' || right(t.code, 1), 'Q' || right(t.code, 1) || '1', 'Q32');
INSERT INTO member (code, name, team_id) SELECT 'M' || n, '队员' || n, (SELECT id FROM team WHERE code = 'T' || (1 + n % 4)) FROM generate_series(1, :members) n;
INSERT INTO app_user (login, name, password_hash, role) SELECT 'desk' || n, '坐席' || n, 'x', 'dispatcher' FROM generate_series(1, 2) n;
INSERT INTO app_user (login, name, password_hash, role) SELECT 'inspector' || n, '督查' || n, 'x', 'inspector' FROM generate_series(1, :inspectors) n;
INSERT INTO app_user (login, name, password_hash, role, member_id) SELECT 'member' || id, name, 'x', 'member', id FROM member WHERE code LIKE 'M%';
INSERT INTO app_user (login, name, password_hash, role, department_id)
    SELECT 'handler' || id, name, 'x', 'handler', id FROM department WHERE code LIKE 'D%';
INSERT INTO app_user (login, name, password_hash, role, leader_id) SELECT 'leader' || id, name, 'x', 'leader', id FROM leader WHERE code LIKE 'L%'
"""


@dataclass(frozen=True)
class City:
    """Ids, and who acts: actors by login's first word."""

    departments: tuple[int, ...]
    points: tuple[int, ...]
    desks: tuple[Actor, ...]
    inspectors: tuple[Actor, ...]
    members: tuple[Actor, ...]
    handlers: dict[int, Account]
    leaders: dict[int, Actor]


def lay_city(session: Session) -> City:
    """Insert the ground and the people."""
    values = {
        "departments": DEPARTMENTS, "streets": STREETS, "grids": GRIDS, "members": MEMBERS, "inspectors": INSPECTORS,
        "west": WEST, "south": SOUTH, "side": SIDE,
    }  # fmt: skip
    for statement in GROUND.split(";\n"):
        session.execute(
            text(statement), {name: each for name, each in values.items() if f":{name}" in statement}
        )
    departments = dict(
        session.execute(text("SELECT code, id FROM department WHERE code LIKE 'D%' ORDER BY id")).all()
    )
    for code, department in KINDS.items():
        changes = {"photo_needed": code == "ad", "department_id": departments.get(department)}
        cases.set_kind(session, code, changes, by=None)
    people = [account for account in accounts.all_accounts(session) if account.login.startswith(LOGINS)]
    session.flush()

    def of(role: Role) -> tuple[Actor, ...]:
        return tuple(Actor.of(account) for account in people if account.role is role)

    return City(
        tuple(departments.values()),
        tuple(session.scalars(text("SELECT id FROM point WHERE code LIKE 'PQ%' ORDER BY id"))),
        of(Role.DISPATCHER),
        of(Role.INSPECTOR),
        of(Role.MEMBER),
        {account.department_id: account for account in people if account.department_id is not None},
        {actor.leader_id: actor for actor in of(Role.LEADER) if actor.leader_id is not None},
    )
