"""What the interface offers: each operation told once, for the route, the checks at its start and the description."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from flask import request

from geoservice.domain.roles import Permission, may
from geoservice.errors import NotAllowed
from geoservice.jobs.queue import wake
from geoservice.store.api_rows import telling_clashes
from geoservice.web.api.answers import Answer, answer_of
from geoservice.web.api.bodies import read_body, read_query
from geoservice.web.api.door import api
from geoservice.web.api.models import LARGEST_LONG_ID, Asked
from geoservice.web.api.problems import Refusal
from geoservice.web.api.repeats import answered_once
from geoservice.web.deployment import current_settings
from geoservice.web.identity import current_scope, own_transaction, the_account

if TYPE_CHECKING:
    from flask import Response
    from pydantic import BaseModel
    from sqlalchemy.orm import Session

Q = TypeVar("Q")
B = TypeVar("B")

SEE = (Permission.SEE_CITY, Permission.SEE_OWN_GROUND)
SEE_CITY = (Permission.SEE_CITY,)
WRITE = (Permission.IMPORT,)
CHECK_IN = (Permission.PATROL, Permission.IMPORT)
COMPUTE = (Permission.COMPUTE_COVERAGE,)
ANYBODY = tuple(Permission)


@dataclass(frozen=True)
class Ask(Generic[Q, B]):
    """One request as its view gets it, inside one transaction that sees the asker's ground."""

    session: Session
    query: Q
    body: B


@dataclass(frozen=True)
class Operation:
    """One method of one address.

    `needs`: any of these permissions. `whole_city`: only for accounts that see all of it. `matches`: If-Match is demanded.
    `errors`: the statuses of its own, beside those that all operations of its kind have.
    """

    method: str
    path: str
    tag: str
    answer: type[BaseModel] | None
    needs: tuple[Permission, ...] = SEE
    query: type[BaseModel] = Asked
    body: type[BaseModel] | None = None
    status: int = 200
    matches: bool = False
    whole_city: bool = False
    errors: tuple[int, ...] = ()
    notes: str = ""
    name: str = ""
    summary: str = ""


OPERATIONS: dict[str, Operation] = {}
"""Name of the endpoint → what it offers."""

View = Callable[..., Answer]


def offer(operation: Operation) -> Callable[[View], View]:
    """Put a view behind its address; it takes an `Ask` and the parts of the path, and returns an `Answer`."""

    def register(view: View) -> View:
        known = replace(operation, name=view.__name__, summary=(view.__doc__ or "").split("\n")[0])
        OPERATIONS[view.__name__] = known

        def run(**path: Any) -> Response:
            return _run(known, view, path)

        api.add_url_rule(_rule_of(known.path), view.__name__, run, methods=[known.method])
        return view

    return register


def _rule_of(path: str) -> str:
    """Return Flask's rule of a path: every part in braces is a number."""
    return re.sub(r"{(\w+)}", rf"<int(min=1, max={LARGEST_LONG_ID}):\1>", path)


def sees_whole_city() -> bool:
    """Tell whether the asker's ground is the whole city."""
    return current_scope().everything


def _run(operation: Operation, view: View, path: dict[str, Any]) -> Response:
    _refuse_unpermitted(operation)
    query = read_query(operation.query)
    body, raw = read_body(operation.body) if operation.body else (None, b"")
    if operation.matches and "If-Match" not in request.headers:
        raise Refusal(428, "if_match_needed")
    with telling_clashes(), own_transaction() as session:
        ask = Ask(session, query, body)
        if operation.method == "POST":
            answer = answered_once(ask.session, raw, body, operation.status, lambda: view(ask, **path))
        else:
            answer = view(ask, **path)
    wake(current_settings(), answer.wake)
    return answer_of(answer, operation.status)


def _refuse_unpermitted(operation: Operation) -> None:
    role = the_account().role
    if not any(may(role, permission) for permission in operation.needs):
        raise NotAllowed
    if operation.whole_city and not sees_whole_city():
        raise NotAllowed("whole_city_only")
