"""Who acts in the demo: the desk, the inspector, two leaders, and somebody who handles the cases of each department."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.roles import Role
from geoservice.services import accounts
from geoservice.services.accounts import DEMO_LOGINS
from geoservice.services.cases import Actor
from geoservice.services.demo.logins import SECOND_LEADER, add_login
from geoservice.services.demo.names import NameMaker
from geoservice.store import people, role_rows

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.services.accounts import Account


@dataclass
class Crew:
    """The accounts behind the demo logins, and those of handlers of other departments, made when first needed."""

    session: Session
    dispatcher: Actor
    inspector: Account
    leaders: list[Actor]
    handlers: dict[int, Account]
    _names: NameMaker = field(default_factory=lambda: NameMaker(np.random.default_rng(77)))

    @classmethod
    def of(cls, session: Session) -> Crew:
        """Return the people behind the demo logins."""
        handler = _account(session, DEMO_LOGINS[Role.HANDLER])
        assert handler.department_id is not None
        return cls(
            session,
            Actor.of(_account(session, DEMO_LOGINS[Role.DISPATCHER])),
            _account(session, DEMO_LOGINS[Role.INSPECTOR]),
            [Actor.of(_account(session, login)) for login in (DEMO_LOGINS[Role.LEADER], SECOND_LEADER)],
            {handler.department_id: handler},
        )

    def handler_of(self, department_id: int) -> Account:
        """Return who handles the cases of a department; a login is made where nobody does."""
        if department_id not in self.handlers:
            department = role_rows.department_by_id(self.session, department_id)
            assert department is not None
            login = f"{DEMO_LOGINS[Role.HANDLER]}-{department.code.lower()}"
            add_login(self.session, login, self._names.person(), Role.HANDLER, department_id=department_id)
            self.handlers[department_id] = _account(self.session, login)
        return self.handlers[department_id]


def _account(session: Session, login: str) -> Account:
    user = people.user_by_login(session, login)
    assert user is not None
    return accounts.as_account(user)
