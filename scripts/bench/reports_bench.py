"""A month's report: `./scripts/bench/reports` prints what each step costs, on the demo city with 20 000 cases of that month.

The demo city has 350 zones, 800 points and 30 days of patrols. Cases are laid into it by SQL, each with its steps and clocks; two in
three are closed. Blind spots are found beforehand, as the job does when none are fresh, and told apart.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from geoservice.config import Settings
from geoservice.domain.report_kinds import ReportKind, window_of
from geoservice.services import levels, reports
from geoservice.services.demo import seeding
from geoservice.services.reports import files
from geoservice.services.reports.facts import read_facts
from geoservice.services.reports.writing import Reader
from geoservice.store.base import make_engine, transaction
from scripts.bench.coverage_bench import new_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

CASES = 20_000
TARGET_S = 5.0
REPORTS = ("report, first time", "report")
KEY = "a bench key of more than thirty-two characters"

LAY_CASES = """
WITH zones AS (
    SELECT row_number() OVER () AS n, v.zone_id, ST_PointOnSurface(v.geom) AS geom FROM zone_version v
    WHERE NOT EXISTS (SELECT 1 FROM zone_version c WHERE c.parent_id = v.zone_id)
),
places AS (SELECT count(*) AS many FROM zones),
offices AS (SELECT array_agg(id ORDER BY id) AS ids FROM department),
leaders AS (SELECT array_agg(id ORDER BY id) AS ids FROM leader),
members AS (SELECT array_agg(id ORDER BY id) AS ids FROM member),
told AS (
    SELECT n, cast(:first AS timestamptz) + random() * cast(:days AS int) * interval '1 day' AS at, random() AS luck,
        (ARRAY['patrol', 'patrol', 'inspection', 'citizen', 'leader', 'desk'])[1 + n % 6] AS source
    FROM generate_series(1, :count) AS n
)
INSERT INTO patrol_case (number, kind, state, source, title, geom, zone_id, reported_at, department_id, leader_id, member_id, opened_at,
    assigned_at, closed_at, recurrence)
SELECT 'B' || t.n, (SELECT code FROM case_kind ORDER BY code LIMIT 1), CASE WHEN t.n % 3 > 0 THEN 'closed' ELSE 'handling' END, t.source,
    'bench', z.geom, z.zone_id, t.at, o.ids[1 + t.n % array_length(o.ids, 1)], l.ids[1 + t.n % array_length(l.ids, 1)],
    CASE WHEN t.source = 'patrol' THEN m.ids[1 + t.n % array_length(m.ids, 1)] END, t.at + interval '1 hour', t.at + interval '2 hours',
    CASE WHEN t.n % 3 > 0 THEN t.at + (4 + 60 * t.luck) * interval '1 hour' END, t.n % 7 / 6
FROM told t CROSS JOIN places CROSS JOIN offices o CROSS JOIN leaders l CROSS JOIN members m JOIN zones z ON z.n = 1 + t.n % many
"""
LAY_STEPS = """
INSERT INTO case_step (case_id, number, action, from_state, to_state, at, given)
SELECT c.id, s.number, s.action, s.was, s.to_state,
    CASE WHEN s.number < 4 THEN c.reported_at + (s.number - 1) * interval '1 hour'
        ELSE c.assigned_at + (coalesce(c.closed_at, c.assigned_at) - c.assigned_at) * (s.number - 3) / 4 END,
    CASE WHEN s.action = 'assign' THEN jsonb_build_object('department_id', c.department_id, 'leader_id', c.leader_id) ELSE '{}' END
FROM patrol_case c CROSS JOIN (VALUES
    (1, 'report', NULL, 'reported'), (2, 'open', 'reported', 'opened'), (3, 'assign', 'opened', 'assigned'),
    (4, 'accept', 'assigned', 'handling'), (5, 'reply', 'handling', 'replied'), (6, 'verify', 'replied', 'verified'),
    (7, 'close', 'verified', 'closed')) AS s (number, action, was, to_state)
WHERE c.number LIKE 'B%' AND (c.state = 'closed' OR s.number < 5)
"""
LAY_CLOCKS = """
INSERT INTO case_clock (case_id, stage, clock, "limit", started_at, due_at, ended_at)
SELECT c.id, k.stage, 'natural_days', 1, k.started_at, k.started_at + k.span, k.ended_at
FROM patrol_case c CROSS JOIN LATERAL (VALUES
    ('open', c.reported_at, interval '2 hours', c.assigned_at),
    ('handle', c.assigned_at, interval '1 day', c.assigned_at + (c.closed_at - c.assigned_at) / 2),
    ('verify', c.assigned_at + (c.closed_at - c.assigned_at) / 2, interval '12 hours', c.closed_at)) AS k (stage, started_at, span, ended_at)
WHERE c.number LIKE 'B%' AND k.started_at IS NOT NULL
"""


def lay_cases(session: Session, settings: Settings, on: date) -> None:
    """Insert the cases, unless an earlier round did."""
    window = window_of(ReportKind.MONTH, on)
    first, end = window.instants(settings.zone_info)
    if session.scalar(text("SELECT EXISTS (SELECT 1 FROM patrol_case WHERE number = 'B1')")):
        return
    session.execute(text("SELECT setseed(0.7)"))
    session.execute(text(LAY_CASES), {"first": first, "days": (end - first).days, "count": CASES})
    session.execute(text(LAY_STEPS))
    session.execute(text(LAY_CLOCKS))


@dataclass
class Took:
    """Seconds by the clock on the wall, and of our own processor time: the database's is not in it."""

    wall: float
    processor: float


@contextmanager
def noted(took: dict[str, Took], name: str) -> Iterator[None]:
    """Note what a step takes."""
    wall, processor = time.perf_counter(), time.process_time()
    yield
    took[name] = Took(time.perf_counter() - wall, time.process_time() - processor)


def measure(settings: Settings, on: date) -> dict[str, Took]:
    """What each step takes; the report is made twice, the first time as a worker that has just begun."""
    engine, now = make_engine(settings.database_url), datetime.now(UTC) + timedelta(days=40)
    took: dict[str, Took] = {}
    with transaction(engine) as session, noted(took, "blind spots"):
        reports.prepare(session, settings, ReportKind.MONTH, on, now=now)
    for name in REPORTS:
        with transaction(engine) as session, noted(took, name):
            view = reports.make(session, settings, ReportKind.MONTH, on, by=None, now=now)
    with transaction(engine) as session, tempfile.TemporaryDirectory() as folder:
        with noted(took, "of it reading"):
            facts = read_facts(session, settings, view.window, now=now)
        names = {level.code: level.name_zh for level in levels.list_levels(session)}
        reader = Reader("zh_Hans_CN", settings.zone_info, names)
        for kind in files.MEDIA_TYPES:
            with noted(took, kind):
                files.write(session, settings, view, Path(folder), kind, reader)
    print(
        f"{len(facts.zones)} zones, {len(facts.cases)} cases, {len(facts.patrols)} patrols, {len(facts.points)} points, "
        f"{view.window.from_on} to {view.window.to_on}"
    )
    return took


def main() -> None:
    options = argparse.ArgumentParser(prog="scripts/bench/reports", description=__doc__)
    options.add_argument(
        "--database", help="a database that holds the demo city already; cases are laid into it"
    )
    chosen = options.parse_args()
    settings = Settings(database_url=chosen.database or new_database(), secret_key=KEY, demo_mode=True)
    now = datetime.now(UTC)
    on = (now - timedelta(days=1)).astimezone(settings.zone_info).date()
    with transaction(make_engine(settings.database_url)) as session:
        if not chosen.database:
            seeding.seed(session, settings, now=now)
        lay_cases(session, settings, on)
    for name, one in measure(settings, on).items():
        target = f"   target {TARGET_S:g} s" if name in REPORTS else ""
        print(f"{name:<20} {one.wall:6.2f} s, processor {one.processor:6.2f} s{target}")


if __name__ == "__main__":
    main()
