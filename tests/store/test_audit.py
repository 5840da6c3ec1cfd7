"""The audit trail is one chain, and a broken link shows."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from geoservice.store import audit
from geoservice.store.base import make_engine, transaction


@pytest.fixture
def tamper(session):
    """Change the trail as only the tables' owner could: with the trigger put aside."""

    def run(sql: str, **values: object) -> None:
        session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER audit_refuse"))
        assert session.execute(text(sql), values).rowcount == 1
        session.execute(text("ALTER TABLE audit_entry ENABLE TRIGGER audit_refuse"))

    return run


def three(session):
    return [
        audit.record(session, None, "zone.import", "import_batch", "7", {"名": "网格", "rows": 3}),
        audit.record(session, None, "job.cancel", "job", "12"),
        audit.record(session, None, "login"),
    ]


def test_what_is_recorded_reads_back_and_holds_together(session):
    ids = three(session)
    assert ids == sorted(ids)
    row = session.get_one(audit.AuditEntry, ids[0])
    assert (row.action, row.object_kind, row.object_id, row.detail) == (
        "zone.import", "import_batch", "7", {"名": "网格", "rows": 3},
    )  # fmt: skip
    assert audit.verify_chain(session) is None


@pytest.mark.parametrize(
    "change",
    [
        "action = 'other'",
        "object_id = '8'",
        "detail = '{}'",
        "at = at + interval '1 us'",
        "user_id = NULL, action = 'x'",
    ],
)
def test_a_changed_entry_is_found(session, tamper, change):
    ids = three(session)
    tamper(f"UPDATE audit_entry SET {change} WHERE id = :id", id=ids[0])
    assert audit.verify_chain(session) == ids[0]


def test_a_changed_entry_with_its_hash_made_to_fit_breaks_the_next_link(session, tamper):
    ids = three(session)
    tamper(
        "UPDATE audit_entry SET action = 'other', hash = sha256(previous_hash || "
        "convert_to(jsonb_build_array(id, extract(epoch from at), user_id, 'other', object_kind, object_id, detail)::text, "
        "'UTF8')) WHERE id = :id",
        id=ids[1],
    )
    assert audit.verify_chain(session) == ids[2]


def test_a_removed_entry_is_found(session, tamper):
    ids = three(session)
    tamper("DELETE FROM audit_entry WHERE id = :id", id=ids[1])
    assert audit.verify_chain(session) == ids[2]


def test_an_end_cut_off_shows_in_the_head_noted_elsewhere(session, tamper):
    ids = three(session)
    noted = audit.chain_head(session)
    assert noted[0] == ids[2]
    tamper("DELETE FROM audit_entry WHERE id = :id", id=ids[2])
    assert audit.verify_chain(session) is None
    assert audit.chain_head(session) != noted


def test_an_empty_trail_holds_and_many_writers_make_one_chain(new_database):
    engine = make_engine(new_database())
    with transaction(engine) as session:
        assert audit.verify_chain(session) is None
        assert audit.chain_head(session) is None

    def write() -> None:
        for number in range(10):
            with transaction(engine) as session:
                audit.record(session, None, "race.write", "number", str(number))

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with transaction(engine) as session:
        assert session.scalar(text("SELECT count(*) FROM audit_entry")) == 60
        assert audit.verify_chain(session) is None
    engine.dispose()
