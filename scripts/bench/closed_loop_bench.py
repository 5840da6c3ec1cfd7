"""The closed loop lived through: `./scripts/bench/closed_loop` prints what 10 000 cases of 90 days left behind, counted twice.

People work through the services (`closed_loop_lives`); beside them a scheduler raises orders and is killed at random. Then every indicator
of every zone, leader, department and person is counted by the reports and again from the bare steps (`closed_loop_recount`), for each
week, month and the whole, and every order is called for again.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.orm import Session

from geoservice.config import Settings
from geoservice.jobs.periodic import Periodic
from geoservice.jobs.scheduler import run_entry
from geoservice.services import orders
from geoservice.store.base import make_engine, transaction
from geoservice.store.scope import EVERYTHING
from scripts.bench.closed_loop_city import GRIDS, lay_city
from scripts.bench.closed_loop_compare import compare, windows
from scripts.bench.closed_loop_lives import Lives, Town, slots
from scripts.bench.serving_bench import drop_database, new_database

if TYPE_CHECKING:
    from collections.abc import Iterable
    from multiprocessing.connection import Connection

    from scripts.bench.closed_loop_city import City

SEED, BITE = 20250901, 40  # cases a run of the scheduler


def serve(settings: Settings, clock: Path) -> None:
    """Be a scheduler whose clock is a file."""
    make_engine.cache_clear()

    def ask(session: Session, given: Settings, now: datetime) -> Iterable[int]:
        orders.raise_due(session, given, now=now, most=BITE)
        return ()

    while True:
        run_entry(settings, Periodic("orders", ask, every_s=1), datetime.fromisoformat(clock.read_text()))
        time.sleep(0.005)


class MortalScheduler:
    """A process that raises orders, dies as if the machine were lost, and comes back."""

    def __init__(self, settings: Settings, clock: Path) -> None:
        self._of, self.kills = (settings, clock), 0
        self._start()

    def kill(self, *, again: bool = True) -> None:
        """End it wherever it is."""
        self._process.kill()
        self._process.join()
        self._process.close()
        if again:
            self.kills += 1
            self._start()

    def _start(self) -> None:
        self._process = multiprocessing.get_context("fork").Process(target=serve, args=self._of, daemon=True)
        self._process.start()


def column(settings: Settings, city: City, count: int, number: int, told: Connection) -> None:
    """Be the people of one column of the city: live until each instant that comes, and say so."""
    make_engine.cache_clear()
    lives = Lives(settings, city, count, column=number, seed=SEED)
    engine = make_engine(settings.database_url)
    with Session(engine, info={"scope": EVERYTHING}, expire_on_commit=False) as session:
        while (end := told.recv()) is not None:
            lives.until(session, end)
            told.send(lives.steps)


def live(settings: Settings, count: int, kills: int) -> None:
    """Let the cases live, and the scheduler die among them."""
    engine, rng = make_engine(settings.database_url), random.Random(SEED)
    with transaction(engine) as session:
        city = lay_city(session)
    town, ends = Town(settings, city, SEED), list(slots(settings))
    clock = Path(tempfile.mkdtemp()) / "clock"
    clock.write_text(ends[0].isoformat())
    engine.dispose()
    pipes, fork = [], multiprocessing.get_context("fork")
    for number in range(GRIDS):
        ours, theirs = fork.Pipe()
        pipes.append(ours)
        share = count // GRIDS + (number < count % GRIDS)
        fork.Process(target=column, args=(settings, city, share, number, theirs), daemon=True).start()
    deaths = Counter(rng.choices(range(len(ends)), k=kills))
    scheduler, began, steps = MortalScheduler(settings, clock), time.monotonic(), 0
    try:
        for number, end in enumerate(ends):
            for pipe in pipes:
                pipe.send(end)
            for _ in range(deaths[number]):
                time.sleep(rng.random() * 0.5)  # so that it dies anywhere
                scheduler.kill()
            steps = sum(pipe.recv() for pipe in pipes)
            with transaction(engine) as session:
                town.act(session, end)
            fresh = clock.with_suffix(".new")
            fresh.write_text(end.isoformat())
            fresh.replace(clock)
            if number % 30 == 29:
                print(f"  day {number // 3 + 1}: {steps} steps, {time.monotonic() - began:.0f} s", flush=True)
    finally:
        scheduler.kill(again=False)
        for pipe in pipes:
            pipe.send(None)
    took = time.monotonic() - began
    print(
        f"{count} cases, {steps} steps after their reports in {took:.0f} s: {(count + steps) / took:.0f} steps/s, "
        f"{count / took:.1f} cases/s; the scheduler was killed {scheduler.kills} times"
    )
    with transaction(engine) as session:
        before = session.scalar(text("SELECT count(*) FROM supervision_order"))
        made = len(orders.raise_due(session, settings, now=ends[-1]))
    print(f"{before} orders raised meanwhile, {made} more by the last look", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench/closed_loop", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=50)
    options = parser.parse_args()
    logging.disable(logging.ERROR)  # the scheduler's own story of its deaths
    url = new_database()
    try:
        settings = Settings(database_url=url, demo_mode=True)
        live(settings, options.cases, options.kills)
        with transaction(make_engine(url)) as session:
            return int(compare(session, settings, windows()) > 0)
    finally:
        make_engine(url).dispose()
        drop_database(url)


if __name__ == "__main__":
    sys.exit(main())
