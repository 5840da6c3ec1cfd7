"""Everything that the reports and `closed_loop_recount` count of the lives lived in `closed_loop_lives`, held side by side."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geoservice.domain.windows import Window
from geoservice.services.reports.facts import read_facts
from geoservice.services.reports.measures import measure, measure_city
from scripts.bench.closed_loop_lives import DAYS, FIRST, slots
from scripts.bench.closed_loop_recount import COUNTS, Everything, Key, recount
from scripts.bench.closed_loop_replay import orders_of, repeats_of, us

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.reports.measures import Measured

CASE_RATES = (
    "opening_rate", "closing_rate", "on_time_closing_rate", "rework_rate", "recurrence_rate", "valid_report_rate",
    "missed_report_rate", "on_time_verification_rate", "on_time_check_rate",
)  # fmt: skip
ORDERS = ("reminder", "green", "yellow", "red", "talk")


def differences(rows: Iterable[Measured], again: dict[Key, Counter[Any]]) -> Iterator[str | None]:
    """Yield for each number that both tell what differs, None where they agree."""
    for row in rows:
        mine = again.get((row.kind, row.id), Counter())
        codes = (*CASE_RATES, *(["order_reply_rate"] if "order_reply_rate" in row.rates else []))
        for code in codes:
            ours, other = row.rates[code], (mine[code, "hit"], mine[code, "of"])
            same = (ours.numerator, ours.denominator) == other and (ours.value is None) == (other[1] == 0)
            yield None if same else f"{row.kind} {row.code} {code}: {ours} and {other}"
        for name in (*COUNTS, *(f"orders_{kind}" for kind in ORDERS)):
            ours = row.counts[name]
            yield None if ours == mine[name] else f"{row.kind} {row.code} {name}: {ours} and {mine[name]}"
        hours, other_hours = row.handling.hours, mine["hours"] or []
        same = len(hours) == len(other_hours) and all(
            abs(one - two) < 1e-6 for one, two in zip(hours, other_hours, strict=True)
        )
        yield None if same else f"{row.kind} {row.code} hours: {hours[:4]} and {other_hours[:4]}"
        yield None if _spread_agrees(row, other_hours) else f"{row.kind} {row.code} mean or ninetieth"


def _spread_agrees(row: Measured, hours: list[float]) -> bool:
    if not hours:
        return row.handling.mean is None and row.handling.ninetieth is None
    rank = next(n for n in range(1, len(hours) + 1) if 10 * n >= 9 * len(hours))
    mean, ninetieth = row.handling.mean, row.handling.ninetieth
    assert mean is not None and ninetieth is not None
    return abs(mean - sum(hours) / len(hours)) < 1e-6 and abs(ninetieth - hours[rank - 1]) < 1e-6


def windows() -> list[Window]:
    """Return some days, every week, every month and the whole."""
    last = FIRST + timedelta(days=DAYS - 1)
    weeks = [
        Window(first := FIRST + timedelta(days=7 * n), first + timedelta(days=6)) for n in range(DAYS // 7)
    ]
    months = [
        Window(date(2025, month, 1), min(date(2025, month + 1, 1) - timedelta(days=1), last))
        for month in (9, 10, 11)
    ]
    days = [Window(on, on) for on in (date(2025, 9, 28), date(2025, 10, 1), date(2025, 11, 6))]
    return [*days, *weeks, *months, Window(FIRST, last)]


def compare(session: Session, settings: Settings, some: Iterable[Window]) -> int:
    """Count everything twice and print it; return how much differs."""
    end, everything = list(slots(settings))[-1], Everything(session, settings)
    wrong = _compare_orders(everything, us(end) + 1) + _compare_deadlines(session, everything)
    compared, found = 0, []
    for window in some:
        facts = read_facts(session, settings, window, now=end)
        rows = [measure_city(facts)]
        for by in ("zone", "leader", "department", "person"):
            rows += measure(session, facts, by)
        again = recount(everything, us(facts.span.start), us(facts.span.until))
        told = list(differences(rows, again))
        compared += len(told)
        found += [f"{window.from_on} to {window.to_on}: {one}" for one in told if one is not None]
    print(f"{compared} indicators compared, {len(found)} differences", flush=True)
    print("".join(f"  {one}\n" for one in found[:20]), end="")
    return wrong + len(found)


def _compare_deadlines(session: Session, everything: Everything) -> int:
    """Compare every run of every clock with what follows from the steps alone."""
    kept = defaultdict(list)
    for row in session.execute(text("SELECT * FROM case_clock ORDER BY id")):
        kept[row.case_id].append(
            (row.stage, us(row.started_at), us(row.due_at), row.ended_at and us(row.ended_at))
        )
    wrong, runs = [], 0
    for story in everything.stories:
        mine = [(run.stage, run.start, run.dues[-1][1], run.ended) for run in story.runs]
        runs += len(mine)
        wrong += [
            f"case {story.case.id}: {one} and {two}"
            for one, two in zip(kept[story.case.id], mine, strict=True)
            if one != two
        ]
    print(f"{runs} runs of clocks compared, {len(wrong)} deadlines or ends differ")
    print("".join(f"  {one}\n" for one in wrong[:10]), end="")
    return len(wrong)


def _compare_orders(everything: Everything, end: int) -> int:
    """Compare the orders there are with those that the steps call for."""
    known = {day: working for _, day, working in everything.decided}
    called = [order for story in everything.stories for order in orders_of(story, known, end)]
    withdrawn = {order.cause: us(order.withdrawn_at) for order in everything.orders if order.withdrawn_at}
    wanted = Counter(
        (cause, at) for cause, at, *_ in (*called, *repeats_of(called, withdrawn, everything.departments))
    )
    there = Counter((order.cause, us(order.raised_at)) for order in everything.orders)
    lost, extra = wanted - there, there - wanted
    numbers = sorted(order.number for order in everything.orders)
    gaps = numbers != [f"督2025-{number:04d}" for number in range(1, len(numbers) + 1)]
    kinds = Counter(order.kind for order in everything.orders)
    print(
        f"{sum(there.values())} orders ({', '.join(f'{kinds[kind]} {kind}' for kind in ORDERS)}), "
        f"{len(lost)} lost, {len(extra)} doubled or uncalled for, {len(withdrawn)} withdrawn"
    )
    for name, some in (("lost", lost), ("uncalled for", extra)):
        print("".join(f"  {name}: {one}\n" for one in list(some)[:10]), end="")
    return len(lost) + len(extra) + gaps
