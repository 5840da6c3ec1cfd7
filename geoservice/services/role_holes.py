"""The roles of each key street and point: who holds them, and which of them nobody does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoservice.services import responsibility
from geoservice.store import role_rows

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.services.responsibility import Answer


@dataclass(frozen=True)
class KeyGround:
    """A street or point that somebody contracts itself, and who answers for it by role; a role without anybody is a hole."""

    kind: str
    ground_id: int
    code: str
    name: str
    held: dict[str, tuple[Answer, ...]]
    holes: tuple[str, ...]


def key_grounds(session: Session, on: date) -> list[KeyGround]:
    """Return the key streets, then the key points, of a day, each with every role there is; most holes first."""
    roles = [role.code for role in role_rows.list_roles(session)]
    found = []
    for kind in ("street", "point"):
        rows = [
            _key_ground(each, roles)
            for each in responsibility.resolve(session, on, kind=kind)
            if any(answer.direct for answer in each.answers)
        ]
        found += sorted(rows, key=lambda row: (-len(row.holes), row.code))
    return found


def _key_ground(each: responsibility.Answered, roles: list[str]) -> KeyGround:
    held = {role: tuple(answer for answer in each.answers if answer.role == role) for role in roles}
    holes = tuple(role for role in roles if not held[role])
    return KeyGround(each.kind, each.ground_id, each.code, each.name, held, holes)
