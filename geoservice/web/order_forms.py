"""The rules of orders as fields of a form, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.domain.orders import QUARTER, ROW, OrderKind, Repeats, Rule, Step
from geoservice.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Mapping


def form_of(rules: Mapping[OrderKind, Rule], office: str) -> dict[str, str]:
    """Return what a form shows of the rules: shares in per cent, nothing where a cause is not used."""
    form = {"office": office}
    for kind, rule in rules.items():
        repeats = rule.repeats
        form |= {
            f"{kind}-active": "yes" if rule.active else "",
            f"{kind}-elapsed": "" if rule.elapsed is None else f"{100 * rule.elapsed:g}",
            f"{kind}-reworks": "" if rule.reworks is None else str(rule.reworks),
            f"{kind}-count": str(repeats.count) if repeats else "",
            f"{kind}-of": repeats.of.value if repeats else "",
            f"{kind}-within": repeats.within if repeats else QUARTER,
            f"{kind}-to": ",".join(rule.recipients),
            f"{kind}-reply": f"{rule.reply_hours:g}",
        }
    return form


def rules_of(form: Mapping[str, str]) -> dict[OrderKind, Rule]:
    """Return the rules that a form says; raises BadRequest for what is no number."""
    return {kind: _rule_of(kind, form) for kind in OrderKind}


def _rule_of(kind: OrderKind, form: Mapping[str, str]) -> Rule:
    def said(name: str) -> str:
        return form.get(f"{kind}-{name}", "").strip()

    percent = _number(said("elapsed"), "order_rule_share")
    reworks = _number(said("reworks"), "order_rule_reworks")
    hours = _number(said("reply"), "order_rule_reply")
    if hours is None:
        raise BadRequest("order_rule_reply")
    return Rule(
        kind,
        elapsed=None if percent is None else percent / 100,
        reworks=_whole(reworks, "order_rule_reworks"),
        repeats=_repeats(said("count"), said("of"), said("within")),
        recipients=tuple(step for step in Step if step in said("to").split(",")),
        reply_hours=hours,
        active=said("active") == "yes",
    )


def _repeats(count: str, of: str, within: str) -> Repeats | None:
    number = _whole(_number(count, "order_rule_repeats"), "order_rule_repeats")
    if number is None:
        return None
    if of not in set(OrderKind) or within not in {QUARTER, ROW}:
        raise BadRequest("order_rule_repeats_of")
    return Repeats(OrderKind(of), number, within)


def _number(text: str, code: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        raise BadRequest(code) from None


def _whole(number: float | None, code: str) -> int | None:
    if number is None:
        return None
    if not abs(number) < 1000 or number != int(number):
        raise BadRequest(code)
    return int(number)
