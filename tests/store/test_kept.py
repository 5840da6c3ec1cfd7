"""What is kept is what would be made now: never older than the last commit, never another's, never half-made."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
import shapely
from sqlalchemy import event, text

from geoservice.config import Settings
from geoservice.domain.windows import Window
from geoservice.services import areas, city_area, coverage, gap_ranking
from geoservice.services.areas import Reader, Show
from geoservice.store.base import Base, make_engine, transaction
from geoservice.store.kept import READS_ONLY, Keeping, kept
from geoservice.store.scope import EVERYTHING, Scope
from tests.factories import make_city
from tests.services.ground_kit import add_zone, cover, fixes, receive
from tests.web.conftest import NOON

DAY = date(2026, 6, 1)
WINDOW = Window(DAY, DAY)
SOME = Scope(zone_ids=frozenset({1}))


@pytest.fixture(scope="module")
def url(new_database) -> str:
    return new_database()


@pytest.fixture
def count(url):
    """Ask for the number of leaders, as somebody who only reads; tells whether it was made now."""

    def ask(scope: Scope = EVERYTHING, reads: bool = True, part: object = "leaders"):
        made = []

        def make() -> int:
            made.append(1)
            return session.scalar(text("SELECT count(*) FROM leader"))

        with transaction(make_engine(url), scope) as session:
            session.info[READS_ONLY] = reads
            return kept(session, ("leader",), part, make), bool(made)

    return ask


def _add_leader(url: str, code: str, *, commit: bool = True) -> None:
    with transaction(make_engine(url)) as session:
        session.execute(text("INSERT INTO leader (code, name) VALUES (:code, :code)"), {"code": code})
        if not commit:
            session.rollback()


def test_an_answer_is_kept_until_a_commit_changes_what_it_is_made_of(url, count):
    before, _ = count()
    assert count() == (before, False)
    assert count(part="others") == (before, True)
    assert count(scope=SOME)[1], "another scope, another answer"
    _add_leader(url, "never", commit=False)
    assert count() == (before, False)
    _add_leader(url, "A")
    assert count() == (before + 1, True)
    assert count(reads=False) == (before + 1, True)


def test_a_writer_sees_what_he_wrote(url, count):
    before, _ = count()
    with transaction(make_engine(url)) as session:
        session.execute(text("INSERT INTO leader (code, name) VALUES ('B', 'B')"))
        counted = kept(
            session, ("leader",), "leaders", lambda: session.scalar(text("SELECT count(*) FROM leader"))
        )
        assert counted == before + 1
        session.rollback()
    assert count() == (before, False)


def test_many_who_ask_at_once_wait_for_one_and_a_failure_is_not_kept():
    keeping, made, found = Keeping(most=2), [], []
    barrier = Barrier(8)

    def make() -> str:
        made.append(1)
        return "answer"

    def ask() -> None:
        barrier.wait()
        found.append(keeping.fetch("key", make))

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found, made) == (["answer"] * 8, [1])
    with pytest.raises(ZeroDivisionError):
        keeping.fetch("other", lambda: 1 // 0)
    assert keeping.fetch("other", lambda: 7) == 7
    keeping.fetch("third", make)
    keeping.fetch("key", make)
    assert len(made) == 3, "the one unused for longest went"


def test_so_many_bytes_are_kept_however_many_answers_they_are():
    keeping, made = Keeping(most=100, most_bytes=10_000), []

    def ask(key: str, size: int) -> bool:
        before = len(made)
        keeping.fetch(key, lambda: made.append(key) or bytes(size))
        return len(made) > before

    small = [f"small {number}" for number in range(20)]
    assert all(ask(key, 100) for key in small)
    assert not any(ask(key, 100) for key in small)
    assert all(ask(f"larger {number}", 2_300) for number in range(4))
    assert not ask(small[-1], 100), "they took the place of those unused for longest, and of no more"
    assert ask(small[0], 100)
    assert ask("too large", 5_000)
    assert ask("too large", 5_000), "what would drive out everybody else is not kept"
    assert not ask(small[-1], 100)
    assert (keeping.asked, keeping.made) == (49, len(made))


@contextmanager
def tables_read(session):
    """Gather the tables that statements of a session name."""
    tables = {table.name for table in Base.metadata.sorted_tables}
    read: set[str] = set()

    def listen(_connection, _cursor, statement, *_rest):
        read.update(tables & set(re.findall(r"\w+", statement)))

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", listen)
    yield read
    event.remove(connection, "before_cursor_execute", listen)


def test_every_table_that_coverage_is_counted_from_is_watched(session, settings):
    add_zone(session, settings, "Z", shapely.box(0, 0, 300, 300))
    walked = [(x, 10) for x in range(0, 120, 10)]
    receive(session, settings, fixes("a", datetime(2026, 6, 1, 1, tzinfo=UTC), range(0, 60, 5), walked))
    cover(session, settings)
    with tables_read(session) as read:
        coverage._counted(session, WINDOW, None)
        gap_ranking.rank_gaps(session, settings, WINDOW, None)
    assert {"coverage_tile", "zone_mask", "contract"} <= read <= set(coverage.COUNTED)


def test_whatever_is_watched_tells_of_its_changes(session):
    asked = text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'note_table_change'")
    assert set(areas.SHOWN) <= set(session.scalars(asked))


@pytest.fixture(scope="module")
def shown_city(new_database, redis_url, tmp_path_factory):
    settings = Settings(
        database_url=new_database(),
        redis_url=redis_url,
        secret_key="x" * 40,
        var_dir=tmp_path_factory.mktemp("var"),
    )
    with transaction(make_engine(settings.database_url)) as session:
        return settings, make_city(session, settings, NOON.date(), NOON)


@pytest.mark.parametrize("show", [*Show, "leader"])
def test_every_table_that_a_map_is_made_of_is_watched(shown_city, show):
    settings, city = shown_city
    window = Window(NOON.date() - timedelta(7), NOON.date())
    reader = Reader(NOON.date(), NOON, "en", lambda _point: ("", ""))
    with transaction(make_engine(settings.database_url)) as session, tables_read(session) as read:
        if show == "leader":
            areas._leader_area(session, settings, city.leader_ids[0], window, reader)
        else:
            city_area._city_area(session, settings, window, "grid", reader, show)
    assert read <= set(areas.SHOWN)
