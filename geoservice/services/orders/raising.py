"""Raising what fell due: once, whatever happens to whoever raises it.

Everything is one transaction. Triggers put each case whose clock of handling changed on a watch list; a look at a case raises what
fell due and notes when the next order will, so that a minute in which nothing falls due costs one question of an index.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from geoservice.domain.cases import Action, State
from geoservice.domain.clocks import Clock, Run, WorkTime, due_at
from geoservice.domain.order_history import KeptClock, KeptStep, read_history
from geoservice.domain.orders import Due, Known, OrderKind, Repeats, Rule, Step, fall_due, repeat_due
from geoservice.domain.windows import local_day
from geoservice.services import workdays
from geoservice.services.orders.paper import document_of
from geoservice.services.orders.people import People
from geoservice.store import case_writes, order_people, order_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.orders import CaseHistory
    from geoservice.store.order_rows import CaseRow
    from geoservice.store.orders import OrderRule

BATCH = 200


def raise_due(session: Session, settings: Settings, *, now: datetime, most: int | None = None) -> list[int]:
    """Raise the orders that fell due by now → their ids; running late or twice changes nothing.

    At most about `most` cases are looked at, and the rest when it is called again. Orders that follow from others are raised once
    no case waits any more, as they depend on which fell due first.
    """
    order_rows.lock_raising(session)
    rules, hours = read_rules(session), work_time(session, settings)
    is_known = _look_anew_if_changed(session, rules, hours)
    maker = _Maker(session, settings, hours, now)
    left = most
    while left is None or left > 0:
        ids = order_rows.watched(session, now, BATCH if left is None else min(BATCH, left))
        if not ids:
            break
        _look_at(session, maker, ids, rules)
        left = None if left is None else left - len(ids)
    if is_known and not order_rows.is_watched(session, now):
        for department_id in order_rows.take_departments(session):
            _count(session, maker, department_id, rules)
    return maker.made


def work_time(session: Session, settings: Settings) -> WorkTime:
    """Return the calendar and the shifts that clocks count by."""
    return WorkTime(workdays.calendar(session, settings), order_rows.shifts(session), settings.zone_info)


def read_rules(session: Session) -> tuple[Rule, ...]:
    """Return every rule there is or was."""
    return tuple(as_rule(row) for row in order_rows.all_rules(session))


def as_rule(row: OrderRule) -> Rule:
    """Return a kept rule as the domain knows it."""
    repeats = row.repeats
    return Rule(
        OrderKind(row.kind),
        row.elapsed,
        row.reworks,
        Repeats(OrderKind(repeats["of"]), int(repeats["count"]), repeats["within"]) if repeats else None,
        tuple(Step(step) for step in row.recipients),
        row.reply_hours,
        row.active,
        row.valid_from,
        row.valid_to,
    )


def histories(session: Session, case_ids: Sequence[int]) -> list[CaseHistory]:
    """Return what of these cases counts for orders."""
    return [_history(row) for row in order_rows.case_rows(session, case_ids)]


def _history(row: CaseRow) -> CaseHistory:
    clocks = [
        KeptClock(
            Clock(one.clock), one.limit, one.started_at, one.pauses, one.paused_at, one.ended_at
        )
        for one in row.clocks
    ]  # fmt: skip
    steps = [
        KeptStep(Action(action), State(state) if state else None, at, given)
        for action, state, at, given in row.steps
    ]
    return read_history(row.id, (row.department_id, row.leader_id), clocks, steps)


@cache
def _holidays_known() -> str:
    """Return which holidays the process knows: a newer package knows others."""
    return version("holidays")


def _look_anew_if_changed(session: Session, rules: Iterable[Rule], hours: WorkTime) -> bool:
    """Look at every running case again when rules, calendar or shifts are not those of the last time.

    False where that has to be done the next time, as somebody acts on cases: two who touch many of them in another order would
    wait for each other.
    """
    calendar = hours.calendar
    known: dict[str, Any] = {
        "rules": [repr(rule) for rule in rules],
        "shifts": hours.shifts,
        "country": [calendar.country, _holidays_known()],
        "days": sorted((f"{day}", override.working) for day, override in calendar.overrides.items()),
    }
    basis = hashlib.sha256(json.dumps(known, sort_keys=True).encode()).digest()
    desk = order_rows.desk(session)
    if desk.basis == basis:
        return True
    if not case_writes.keep_clocks(session):
        return False
    desk.basis = basis
    order_rows.look_at_all(session)
    return True


def _look_at(session: Session, maker: _Maker, ids: Sequence[int], rules: Sequence[Rule]) -> None:
    raised = order_rows.causes_of(session, ids)
    fallen: list[Due] = []
    looks: dict[int, datetime | None] = dict.fromkeys(ids)
    for case in histories(session, ids):
        dues = fall_due(case, rules, maker.hours, raised[case.case_id])
        fallen += [due for due in dues if due.at <= maker.now]
        looks[case.case_id] = min((due.at for due in dues if due.at > maker.now), default=None)
    maker.make(fallen, rules)
    order_rows.look_again(session, looks)


def _count(session: Session, maker: _Maker, department_id: int, rules: Sequence[Rule]) -> None:
    rows = order_rows.orders_to(session, department_id)
    known = [Known(OrderKind(kind), at, cause, withdrawn_at) for kind, at, cause, withdrawn_at in rows]
    there = {order.cause for order in known}
    dues = repeat_due(department_id, known, rules, maker.hours.zone)
    maker.make([due for due in dues if due.cause not in there], rules, count_again=False)


class _Maker:
    """Writes orders with their numbers, papers and recipients."""

    def __init__(self, session: Session, settings: Settings, hours: WorkTime, now: datetime) -> None:
        self._session = session
        self._people = People(session, local_day(now, settings.zone_info))
        self.hours, self.now = hours, now
        self.made: list[int] = []

    def make(self, dues: Iterable[Due], rules: Sequence[Rule], *, count_again: bool = True) -> None:
        """Write these orders, the one that fell due first with the lowest number."""
        in_order = sorted(dues, key=lambda due: (due.at, due.cause))
        if not in_order:
            return
        cases = order_people.case_names(
            self._session, {due.case_id for due in in_order if due.case_id is not None}
        )
        rows = [self._row(due, rules, cases.get(due.case_id or 0)) for due in in_order]
        self._number(rows)
        self.made += order_rows.add_orders(self._session, rows)
        if count_again:
            departments = {row["department_id"] for row in rows if row["department_id"] is not None}
            order_rows.count_again(self._session, departments)

    def _row(self, due: Due, rules: Sequence[Rule], case: order_people.CaseNames | None) -> dict[str, Any]:
        rule = next(rule for rule in rules if rule.kind is due.kind and rule.holds_at(due.at))
        recipients = self._people.recipients(
            rule.recipients,
            department_id=due.department_id,
            leader_id=due.leader_id,
            zone_id=case.zone_id if case else None,
            handler=(case.handler or "") if case else "",
        )
        return {
            "kind": due.kind.value,
            "cause": due.cause,
            "why": {"code": due.code, "values": due.values},
            "case_id": due.case_id,
            "department_id": due.department_id,
            "leader_id": due.leader_id,
            "recipients": recipients,
            "document": document_of(self._session, due, case, self._people),
            "raised_at": due.at,
            "made_at": self.now,
            "reply_due_at": self._reply_due(rule),
        }

    def _reply_due(self, rule: Rule) -> datetime | None:
        """Return when the reply should be there; None where nobody works for years, which is no reason to raise nothing."""
        try:
            return due_at(Run(Clock.WORKING_HOURS, rule.reply_hours, self.now), self.hours)
        except ValueError:
            return None

    def _number(self, rows: Sequence[dict[str, Any]]) -> None:
        by_year: dict[int, list[dict[str, Any]]] = {}
        for row in rows:
            by_year.setdefault(row["raised_at"].astimezone(self.hours.zone).year, []).append(row)
        for year, mine in sorted(by_year.items()):
            numbers = order_rows.take_numbers(self._session, f"order {year}", len(mine))
            for row, number in zip(mine, numbers, strict=True):
                row["number"] = f"督{year}-{number:04d}"
