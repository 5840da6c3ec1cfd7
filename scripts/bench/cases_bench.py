"""Lists of a million cases: `./scripts/bench/cases` prints median and p95 of what each audience asks, against the goal of 200 ms.

Three years of cases in 332 zones, 8 000 points, 30 departments, 60 leaders; one in fifty is not yet closed, most of these are recent. Asked
as the application asks: through the services, under the scope of whoever asks, row-level security on, each question with other
values; one process, one connection.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, text

from geoservice.config import Settings
from geoservice.domain.cases import State
from geoservice.services import cases
from geoservice.services.cases import MOST_URGENT, CaseFilters, NewCase
from geoservice.store.base import make_engine, transaction
from geoservice.store.scope import EVERYTHING, Scope
from scripts.bench.serving_bench import drop_database, new_database

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    Ask = Callable[[Session, random.Random], Callable[[], object]]

SEED, GOAL_MS = 20260601, 200
ZONES, POINTS, DEPARTMENTS, LEADERS = 332, 8000, 30, 60
NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)
WEST, SOUTH, SIDE = 114.0, 22.5, 0.01
COLUMNS = 20  # zones in a row of the chequered city
GROUND = """
INSERT INTO department (code, name) SELECT 'D' || n, '部门' || n FROM generate_series(1, :departments) n;
INSERT INTO leader (code, name) SELECT 'L' || n, '领导' || n FROM generate_series(1, :leaders) n;
INSERT INTO zone (level, code) SELECT 'grid', lpad(n::text, 12, '4403') FROM generate_series(1, :zones) n;
INSERT INTO zone_version (zone_id, name, path, geom)
    SELECT z.id, '网格' || z.id, ARRAY[z.id], ST_Multi(ST_MakeEnvelope(x, y, x + :side, y + :side, 4326))
    FROM (SELECT id, :west + :side * ((row_number() OVER (ORDER BY id) - 1) % :columns) AS x,
                 :south + :side * ((row_number() OVER (ORDER BY id) - 1) / :columns) AS y FROM zone) z;
INSERT INTO point (code, category, name, zone_id, geom)
    SELECT 'P' || n, 'market', '市场' || n, 1 + n % :zones, ST_SetSRID(ST_MakePoint(:west, :south), 4326) FROM generate_series(1, :points) n;
INSERT INTO app_user (login, name, password_hash, role) SELECT 'u' || n, '用户' || n, 'x', 'inspector' FROM generate_series(1, 200) n;
"""
CASES = """
INSERT INTO patrol_case (number, kind, state, source, title, geom, address, zone_id, point_id, reported_at, received_at, reported_by,
                         department_id, leader_id, due_at, handle_due_at, closed_at, recurrence)
SELECT to_char(at, 'YYYYMMDD') || '-' || lpad(n::text, 7, '0'), kinds[1 + n % cardinality(kinds)], state,
       'patrol', (ARRAY['井盖破损', '垃圾堆积', '占道经营', '乱停放', '小广告'])[1 + n % 5] || n,
       ST_SetSRID(ST_MakePoint(:west + :side * ((zone - 1) % :columns + r1), :south + :side * ((zone - 1) / :columns + r2)), 4326),
       '幸福路' || n % 900 || '号', zone, CASE WHEN n % 3 = 0 THEN 1 + (n * 7) % :points END, at, at, 1 + n % 200,
       CASE WHEN state NOT IN ('reported', 'opened', 'rejected') THEN 1 + n % :departments END, 1 + zone % :leaders,
       CASE WHEN state IN ('reported', 'opened', 'assigned', 'handling', 'replied') THEN at + interval '2 days' * (r1 + 0.1) END,
       at + interval '2 days', CASE WHEN state = 'closed' THEN at + interval '1 day' END, (n % 40 = 0)::int
FROM (
    SELECT n, :now - interval '1095 days' * (:cases - n) / :cases AS at, random() AS r1, random() AS r2, 1 + floor(random() * :zones)::int AS zone,
           CASE WHEN n > :cases * 0.98 OR n % 900 = 0
                THEN (ARRAY['reported', 'opened', 'assigned', 'handling', 'suspended', 'replied', 'verified', 'closed'])[1 + n % 8]
                WHEN n % 25 = 0 THEN 'rejected' ELSE 'closed' END AS state,
           (SELECT array_agg(code ORDER BY code) FROM case_kind) AS kinds
    FROM generate_series(1, :cases) n
) AS made
"""


def fill(url: str, count: int) -> None:
    values = {
        "departments": DEPARTMENTS, "leaders": LEADERS, "zones": ZONES, "points": POINTS, "columns": COLUMNS,
        "west": WEST, "south": SOUTH, "side": SIDE, "now": NOW, "cases": count,
    }  # fmt: skip
    with transaction(make_engine(url)) as session:
        session.execute(text("SELECT setseed(0.5)"))
        for statement in (*GROUND.split(";\n"), CASES):
            if statement.strip():
                session.execute(text(statement), values)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def lists(settings: Settings, filters: Callable[[random.Random], CaseFilters]) -> dict[str, Ask]:
    """Return the first page of a list and the page after it, as questions."""

    def first(session: Session, rng: random.Random) -> Callable[[], object]:
        chosen = filters(rng)
        return lambda: cases.find(session, settings, chosen)

    def second(session: Session, rng: random.Random) -> Callable[[], object]:
        chosen = filters(rng)
        page = cases.find(session, settings, chosen)
        return lambda: cases.find(session, settings, chosen, after=page.after)

    return {"": first, ", next page": second}


def questions(settings: Settings) -> dict[str, tuple[Callable[[random.Random], Scope], Ask]]:
    """Return every question with the scope it is asked under."""
    active = frozenset(State) - {State.CLOSED, State.REJECTED, State.JOINED}
    mine = frozenset({State.ASSIGNED, State.HANDLING})
    kinds = ["rubbish", "stall", "manhole", "fire", "parking"]

    def everything(_rng: random.Random) -> Scope:
        return EVERYTHING

    def district(rng: random.Random) -> Scope:
        return Scope(zone_ids=frozenset(rng.sample(range(1, ZONES + 1), ZONES // 8)), account_id=1)

    def leader(rng: random.Random) -> Scope:
        ground = frozenset(rng.sample(range(1, ZONES + 1), 5)), frozenset(rng.sample(range(1, POINTS), 20))
        return Scope(zone_ids=ground[0], point_ids=ground[1], account_id=1, leader_id=rng.randint(1, LEADERS))

    def handled(rng: random.Random, **more: object) -> CaseFilters:
        return CaseFilters(own=(rng.randint(1, DEPARTMENTS), ()), **more)

    asked = {
        "dispatcher, newest": (everything, lambda rng: CaseFilters()),
        "dispatcher, most urgent": (everything, lambda rng: CaseFilters(order=MOST_URGENT)),
        "dispatcher, active of a kind": (
            everything, lambda rng: CaseFilters(states=active, kinds=(rng.choice(kinds),), order=MOST_URGENT)
        ),
        "dispatcher, in a rare state": (everything, lambda rng: CaseFilters(states=frozenset({State.SUSPENDED}))),
        "dispatcher, overdue in a zone": (
            everything,
            lambda rng: CaseFilters(zone_id=rng.randint(1, ZONES), zone_on=NOW.date(), overdue_at=NOW, order=MOST_URGENT),
        ),
        "dispatcher, of a month and kind": (
            everything,
            lambda rng: CaseFilters(
                kinds=(rng.choice(kinds),), from_at=NOW - timedelta(days=30 * (at := rng.randint(1, 34))),
                to_at=NOW - timedelta(days=30 * at - 30),
            ),
        ),
        "dispatcher, by a word": (everything, lambda rng: CaseFilters(text=rng.choice(["井盖", "幸福路77"]))),
        "dispatcher, by a number": (
            everything, lambda rng: CaseFilters(text=f"{NOW - timedelta(days=rng.randint(1, 1000)):%Y%m%d}-0")
        ),
        "dispatcher, by what is nowhere": (everything, lambda rng: CaseFilters(text=f"没有{rng.random()}")),
        "dispatcher of a district, newest": (district, lambda rng: CaseFilters()),
        "dispatcher of a district, most urgent": (district, lambda rng: CaseFilters(order=MOST_URGENT)),
        "handler, to be done": (everything, lambda rng: handled(rng, states=mine, order=MOST_URGENT)),
        "handler, newest": (everything, handled),
        "reporter, his own": (everything, lambda rng: CaseFilters(reported_by=rng.randint(1, 200))),
        "leader, newest": (leader, lambda rng: CaseFilters()),
        "leader, most urgent": (leader, lambda rng: CaseFilters(order=MOST_URGENT)),
    }  # fmt: skip
    found = {
        name + more: (scope, ask)
        for name, (scope, filters) in asked.items()
        for more, ask in lists(settings, filters).items()
    }
    for name, scope in (
        ("dispatcher", everything),
        ("dispatcher of a district", district),
        ("leader", leader),
    ):
        found[f"{name}, counts"] = scope, lambda session, _rng: lambda: cases.counts(session, CaseFilters())
    found["handler, counts"] = everything, lambda session, rng: partial(cases.counts, session, handled(rng))
    found["anybody, what is near"] = (
        everything,
        lambda session, rng: partial(cases.nearby, session, _somewhere(rng), now=NOW),
    )
    return found


def _somewhere(rng: random.Random) -> NewCase:
    return NewCase("rubbish", "x", "", WEST + rng.random() * SIDE * COLUMNS, SOUTH + rng.random() * SIDE * 16)


def measure(settings: Settings, rounds: int) -> bool:
    engine, good = make_engine(settings.database_url), True
    print(f"{'':<48}{'median':>9}{'p95':>9}  ms")
    for name, (scope, ask) in questions(settings).items():
        rng, took = random.Random(SEED), []
        for _ in range(rounds + 1):
            with transaction(engine, scope(rng)) as session:
                answer = ask(session, rng)
                session.connection()
                began = time.perf_counter()
                answer()
                took.append(1000 * (time.perf_counter() - began))
        took = sorted(took[1:])  # the first one of all reads pages that nobody had
        p95 = took[min(len(took) - 1, int(0.95 * len(took)))]
        good &= p95 <= GOAL_MS
        print(
            f"{name:<48}{statistics.median(took):>9.1f}{p95:>9.1f}"
            + ("" if p95 <= GOAL_MS else "  over the goal"),
            flush=True,
        )
    return good


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench/cases", description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    url = new_database()
    try:
        began = time.monotonic()
        fill(url, options.cases)
        print(f"{options.cases} cases stored in {time.monotonic() - began:.0f} s")
        return int(not measure(Settings(database_url=url, demo_mode=True), options.rounds))
    finally:
        make_engine(url).dispose()
        drop_database(url)


if __name__ == "__main__":
    sys.exit(main())
