"""Cases that live for ninety days: every clock, order and indicator counted again from the bare steps by a plain second implementation.

CLOSED_LOOP_CASES makes it longer; `scripts/bench/closed_loop` is the same with ten thousand cases, people who work at once, and a
scheduler that is killed.
"""

from __future__ import annotations

import os
import random
from datetime import date

from sqlalchemy.orm import Session

from geoservice.config import Settings
from geoservice.domain.windows import Window
from geoservice.services import orders
from geoservice.store.scope import EVERYTHING
from scripts.bench.closed_loop_city import lay_city
from scripts.bench.closed_loop_compare import compare
from scripts.bench.closed_loop_lives import Lives, Town, slots

CASES = int(os.environ.get("CLOSED_LOOP_CASES", "20"))
WINDOWS = (Window(date(2025, 9, 8), date(2025, 9, 14)), Window(date(2025, 10, 1), date(2025, 10, 31)))


def test_whatever_happened_is_counted_alike_from_the_steps_alone(engine, database_url, capsys):
    settings, rng = Settings(database_url=database_url, demo_mode=True), random.Random(5)
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(
            connection,
            join_transaction_mode="create_savepoint",
            info={"scope": EVERYTHING},
            expire_on_commit=False,
        ) as session:
            city = lay_city(session)
            town = Town(settings, city, 5)
            lives = Lives(settings, city, CASES, column=0, seed=5)
            for end in list(slots(settings))[2::3]:  # at four
                lives.until(session, end)
                town.act(session, end)
                if rng.random() < 0.1:  # orders are raised now and then, often late
                    orders.raise_due(session, settings, now=end)
            orders.raise_due(session, settings, now=end)
            wrong = compare(session, settings, WINDOWS)
        outer.rollback()
    assert lives.steps > 3 * CASES
    assert wrong == 0, capsys.readouterr().out
