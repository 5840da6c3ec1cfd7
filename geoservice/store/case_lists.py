"""Lists of cases: filters as conditions that an index can answer, pages by key, counts by state."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geoservice.domain.cases import ACTIVE, REQUESTS, TERMINAL, State
from geoservice.store import case_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from geoservice.store.case_rows import CaseView
    from geoservice.store.scope import Scope

NEWEST, MOST_URGENT = "newest", "due"
MOST_COUNTED = 1000
"""Of cases that are over no more of a state are counted: there were more, or exactly so many."""
WORDS_AMONG = 20_000
"""Words are looked for in the newest so many cases; numbers in all of them."""
_NUMBER = re.compile(r"[0-9]{4,8}|[0-9]{8}-[0-9]*")
_LIKE = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


@dataclass(frozen=True)
class CaseFilters:
    """What a list is narrowed to; None and () mean anything. `zone_id` includes what lies below it on `zone_on`.

    `order` is NEWEST (by id) or MOST_URGENT (by due_at; only cases with a running clock). `text` finds the beginning of a
    number, or a word in title or address of the newest WORDS_AMONG cases. `own` and `reported_by` narrow to one's own (`own_filters`): pages of handlers and
    reporters, whose transactions see everything, must set one of them.
    """

    states: frozenset[State] = frozenset()
    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    department_id: int | None = None
    leader_ids: tuple[int, ...] = ()
    own: tuple[int | None, tuple[int, ...]] | None = None  # a department or these leaders: either is enough
    zone_id: int | None = None
    zone_on: date | None = None
    point_id: int | None = None
    street_id: int | None = None
    patrol_id: int | None = None
    reported_by: int | None = None
    overdue_at: datetime | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None
    recurring: bool = False
    asked: frozenset[str] = frozenset()  # requests (domain.cases.REQUESTS) of which one waits for a decision
    text: str = ""
    order: str = NEWEST


Key = tuple[Any, ...]
"""What a page ended with: (id,) by NEWEST, (due_at, id) by MOST_URGENT."""

_ORDER = {NEWEST: "c.id DESC", MOST_URGENT: "c.due_at, c.id"}
_AFTER = {NEWEST: "c.id < :after_id", MOST_URGENT: "(c.due_at, c.id) > (:after_due_at, :after_id)"}
_BELOW = (
    "c.zone_id = ANY(ARRAY(SELECT v.zone_id FROM zone_version v WHERE :zone_id = ANY(v.path) AND (v.valid_from IS NULL OR "
    "v.valid_from <= :zone_on) AND (v.valid_to IS NULL OR v.valid_to > :zone_on)))"
)
_SIMPLE = {
    "department_id": "c.department_id = :department_id",
    "point_id": "c.point_id = :point_id",
    "street_id": "c.street_id = :street_id",
    "patrol_id": "c.patrol_id = :patrol_id",
    "reported_by": "c.reported_by = :reported_by",
    "overdue_at": "c.due_at < :overdue_at",
    "from_at": "c.reported_at >= :from_at",
    "to_at": "c.reported_at < :to_at",
    "zone_id": _BELOW,
}
_LISTED = {
    "states": "c.state = ANY(:states)",
    "kinds": "c.kind = ANY(:kinds)",
    "sources": "c.source = ANY(:sources)",
    "leader_ids": "c.leader_id = ANY(:leader_ids)",
    "asked": "c.id = ANY(ARRAY(SELECT q.case_id FROM case_request q WHERE q.decision IS NULL AND q.kind = ANY(:asked)))",
}


def page(
    session: Session, filters: CaseFilters, after: Key | None, limit: int
) -> tuple[list[CaseView], Key | None]:
    """Return up to `limit` cases after a key, and the key to go on with; None after the last."""
    is_urgent = filters.order == MOST_URGENT
    # What is active is little, and found by indexes of its own; row-level security does the rest.
    conditions, values = _conditions(filters, None if is_urgent else session.info.get("scope"))
    if is_urgent:
        conditions.append("c.due_at IS NOT NULL")
    if after is not None:
        conditions.append(_AFTER[filters.order])
        values.update(zip(("after_id", "after_due_at"), reversed(after), strict=False))
    order = _ORDER[filters.order]
    chosen = f"SELECT c.* FROM patrol_case c {_where(conditions)} ORDER BY {order} LIMIT :most"
    found = case_rows.views(session, chosen, order, {**values, "most": limit + 1})
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], (last.id,) if filters.order == NEWEST else (last.due_at, last.id)


def count_by_state(session: Session, filters: CaseFilters) -> dict[State, int]:
    """Count the cases of each state, whatever `filters.states` says; of what is over, MOST_COUNTED at most of each."""
    conditions, values = _conditions(replace(filters, states=frozenset()), session.info.get("scope"))
    few, _ = _conditions(replace(filters, states=frozenset()), None)
    active = f"SELECT c.state FROM patrol_case c {_where([*few, 'c.state = ANY(:active)'])}"
    over = [
        f"(SELECT c.state FROM patrol_case c {_where([*conditions, f'c.state = :state_{state}'])} LIMIT :most)"
        for state in TERMINAL
    ]
    values |= {f"state_{state}": state.value for state in TERMINAL}
    values |= {"active": sorted(ACTIVE), "most": MOST_COUNTED}
    query = f"SELECT state, count(*) FROM ({' UNION ALL '.join([active, *over])}) AS counted GROUP BY state"
    counted = {State(state): number for state, number in session.execute(text(query), values)}
    return {state: counted.get(state, 0) for state in State}


def count_asked(session: Session, filters: CaseFilters) -> int:
    """Count the cases about which something asked for waits for a decision, whatever `filters` says of states and requests."""
    wanted = replace(filters, states=frozenset(), asked=frozenset(REQUESTS))
    conditions, values = _conditions(wanted, None)
    counted: int = session.execute(
        text(f"SELECT count(*) FROM patrol_case c {_where(conditions)}"), values
    ).scalar_one()
    return counted


def asked_about(session: Session, case_ids: Sequence[int]) -> dict[int, list[str]]:
    """Case's id → what was asked for about it and waits for a decision, the oldest first."""
    rows = session.execute(
        text(
            "SELECT case_id, array_agg(kind ORDER BY id) AS kinds FROM case_request "
            "WHERE decision IS NULL AND case_id = ANY(:ids) GROUP BY case_id"
        ),
        {"ids": list(case_ids)},
    )
    return {row.case_id: row.kinds for row in rows}


def _where(conditions: list[str]) -> str:
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def _conditions(filters: CaseFilters, scope: Scope | None) -> tuple[list[str], dict[str, Any]]:
    conditions, values = list(_scoped(scope)), _scope_values(scope)
    for name, condition in {**_SIMPLE, **_LISTED}.items():
        value = getattr(filters, name)
        if value is None or (name in _LISTED and not value):
            continue
        conditions.append(condition)
        values[name] = sorted(value) if name in _LISTED else value
    if filters.zone_id is not None:
        values["zone_on"] = filters.zone_on
    if filters.own is not None:
        conditions.append("(c.department_id = :own_department OR c.leader_id = ANY(:own_leaders))")
        values["own_department"], values["own_leaders"] = filters.own[0], list(filters.own[1])
    if filters.recurring:
        conditions.append("c.recurrence > 0")
    if filters.text:
        condition, more = _searched(filters.text)
        conditions.append(condition)
        values.update(more)
    return conditions, values


def _searched(words: str) -> tuple[str, dict[str, Any]]:
    """Return what finds the beginning of a number, or words in title or address."""
    if _NUMBER.fullmatch(words):
        # As a range, since behind row-level security no index answers LIKE; ":" comes next after the digits.
        return (
            "c.number >= :number AND c.number < :beyond",
            {"number": words, "beyond": f"{words}:"},
        )
    return (
        "(c.title ILIKE :word OR c.address ILIKE :word) "
        "AND c.id > (SELECT last_value - :among FROM patrol_case_id_seq)",
        {"word": f"%{words.translate(_LIKE)}%", "among": WORDS_AMONG},
    )


def _scoped(scope: Scope | None) -> Iterator[str]:
    """Say again what row-level security says, in a form that indexes answer: behind its "everything, or" they can't."""
    if scope is None or scope.everything:
        return
    yield (
        "(c.zone_id = ANY(:scope_zones) OR c.point_id = ANY(:scope_points) OR c.street_id = ANY(:scope_streets) "
        "OR c.leader_id = ANY(:scope_leaders) OR c.department_id = :scope_department OR c.reported_by = :scope_account)"
    )


def _scope_values(scope: Scope | None) -> dict[str, Any]:
    if scope is None or scope.everything:
        return {}
    return {
        "scope_zones": sorted(scope.zone_ids),
        "scope_points": sorted(scope.point_ids),
        "scope_streets": sorted(scope.street_ids),
        "scope_leaders": sorted(scope.leader_ids),
        "scope_department": scope.department_id,
        "scope_account": scope.account_id,
    }
