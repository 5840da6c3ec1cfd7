"""The rules of orders: the five of now, a change of one, and what a change would have meant."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from geoservice.domain.orders import OrderKind, Rule, fall_due
from geoservice.errors import BadRequest
from geoservice.services.orders.raising import as_rule, histories, work_time
from geoservice.store import audit, order_list, order_rows
from geoservice.store.orders import OrderRule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.orders import Repeats

LONGEST_OFFICE = 60
PREVIEW_DAYS, PREVIEW_CASES = 30, 2000


@dataclass(frozen=True)
class Preview:
    """What rules would have raised in some days, beside what those of now would have; `at_once`: the orders about running cases
    that would fall due with the change. Only causes within a case are counted.
    """

    days: int
    cases: int
    complete: bool
    now: dict[OrderKind, int]
    then: dict[OrderKind, int]
    at_once: dict[OrderKind, int]


def current_rules(session: Session) -> dict[OrderKind, Rule]:
    """Return the rule of each kind that holds now, the mildest first; one that never was is switched off."""
    found = {
        OrderKind(row.kind): as_rule(row) for row in order_rows.all_rules(session) if row.valid_to is None
    }
    return {kind: found.get(kind) or Rule(kind, active=False) for kind in OrderKind}


def check_rule(rule: Rule) -> None:
    """Refuse a rule that makes no sense; raises BadRequest."""
    if rule.elapsed is not None and not (math.isfinite(rule.elapsed) and 0.01 <= rule.elapsed <= 10):
        raise BadRequest("order_rule_share")
    if rule.reworks is not None and not 1 <= rule.reworks <= 20:
        raise BadRequest("order_rule_reworks")
    if rule.repeats is not None:
        _check_repeats(rule.kind, rule.repeats)
    if rule.active and (rule.elapsed, rule.reworks, rule.repeats) == (None, None, None):
        raise BadRequest("order_rule_empty")
    if not rule.recipients:
        raise BadRequest("order_rule_recipients")
    if not (math.isfinite(rule.reply_hours) and 1 <= rule.reply_hours <= 240):
        raise BadRequest("order_rule_reply")


def _check_repeats(kind: OrderKind, repeats: Repeats) -> None:
    if not 2 <= repeats.count <= 20:
        raise BadRequest("order_rule_repeats")
    kinds = list(OrderKind)
    if kinds.index(repeats.of) >= kinds.index(kind):
        raise BadRequest("order_rule_repeats_of")


def save_rules(
    session: Session, wanted: Mapping[OrderKind, Rule], *, by: int | None, now: datetime
) -> list[OrderKind]:
    """Let these rules hold from now on → the kinds that changed; what fell due before is judged by the rules of then."""
    order_rows.lock_raising(session)
    changed = []
    rows = {OrderKind(row.kind): row for row in order_rows.all_rules(session) if row.valid_to is None}
    for kind, rule in wanted.items():
        check_rule(rule)
        row = rows.get(kind)
        if row is not None and _same(as_rule(row), rule):
            continue
        if row is not None:
            order_rows.end_rule(session, row, now)
        if row is not None or rule.active:
            order_rows.add_rule(session, _row_of(rule, now))
            changed.append(kind)
    if changed:
        detail = {kind.value: _detail(wanted[kind]) for kind in changed}
        audit.record(session, by, "order_rule.set", "order_rule", ",".join(changed), detail)
    return changed


def office(session: Session) -> str:
    """Return the name of the office that issues orders; "" where none was chosen."""
    return order_rows.office(session)


def save_office(session: Session, name: str, *, by: int | None) -> None:
    """Name the office that issues orders from now on."""
    clean = " ".join(name.split())
    if len(clean) > LONGEST_OFFICE:
        raise BadRequest("order_office_long", most=LONGEST_OFFICE)
    desk = order_rows.desk(session, lock=True)
    if desk.office != clean:
        desk.office = clean
        session.flush()
        audit.record(session, by, "order_desk.set", "order_desk", "", {"office": clean})


def preview(
    session: Session, settings: Settings, wanted: Mapping[OrderKind, Rule], *, now: datetime
) -> Preview:
    """Return what rules would have raised in the last days, and what they would raise at once; nothing is written."""
    for rule in wanted.values():
        check_rule(rule)
    since = now - timedelta(days=PREVIEW_DAYS)
    ids = order_list.cases_since(session, since, PREVIEW_CASES + 1)
    hours = work_time(session, settings)
    cases = histories(session, ids[:PREVIEW_CASES])
    held = [replace(rule, valid_from=None, valid_to=None) for rule in current_rules(session).values()]
    meant = [replace(wanted.get(rule.kind, rule), valid_from=None, valid_to=None) for rule in held]
    raised = order_rows.causes_of(session, ids)
    counts: tuple[Counter[OrderKind], Counter[OrderKind], Counter[OrderKind]] = (Counter(), Counter(), Counter())  # fmt: skip
    changing = [
        replace(rule, valid_from=now) for rule, old in zip(meant, held, strict=True) if not _same(rule, old)
    ]
    for case in cases:
        for count, rules in zip(counts, (held, meant), strict=False):
            count.update(due.kind for due in fall_due(case, rules, hours) if since <= due.at <= now)
        counts[2].update(
            due.kind for due in fall_due(case, changing, hours, raised[case.case_id]) if due.at <= now
        )
    return Preview(PREVIEW_DAYS, len(cases), len(ids) <= PREVIEW_CASES, *map(dict, counts))


def _same(one: Rule, other: Rule) -> bool:
    return replace(one, valid_from=None, valid_to=None) == replace(other, valid_from=None, valid_to=None)


def _row_of(rule: Rule, now: datetime) -> OrderRule:
    repeats = rule.repeats
    return OrderRule(
        kind=rule.kind.value,
        elapsed=rule.elapsed,
        reworks=rule.reworks,
        repeats={"of": repeats.of.value, "count": repeats.count, "within": repeats.within}
        if repeats
        else None,
        recipients=[step.value for step in rule.recipients],
        reply_hours=rule.reply_hours,
        active=rule.active,
        valid_from=now,
    )


def _detail(rule: Rule) -> dict[str, object]:
    return {
        "elapsed": rule.elapsed,
        "reworks": rule.reworks,
        "repeats": None
        if rule.repeats is None
        else f"{rule.repeats.count} {rule.repeats.of} {rule.repeats.within}",
        "recipients": [step.value for step in rule.recipients],
        "active": rule.active,
    }


def rules_in_words(rules: Sequence[Rule]) -> list[dict[str, object]]:
    """Return rules as JSON shows them."""
    return [{"kind": rule.kind.value, **_detail(rule), "reply_hours": rule.reply_hours} for rule in rules]
