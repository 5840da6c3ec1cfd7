"""`geoservice tracks`, as somebody types it."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from geoservice.cli import main
from geoservice.store.base import make_engine, transaction
from tests.services.ground_kit import fixes, receive

MORNING = datetime(2026, 6, 1, 1, tzinfo=UTC)  # 09:00 in Shanghai


@pytest.fixture
def run(new_database, settings, monkeypatch):
    """Run the command line on a database of its own, with one track of five minutes in it."""
    url = new_database()
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("SECRET_KEY", settings.secret_key)
    with transaction(make_engine(url)) as session:
        receive(session, settings, fixes("a", MORNING, range(0, 300, 60), [(x, 0) for x in range(5)]))

    def command(*arguments: str):
        return CliRunner().invoke(main, list(arguments))

    yield command
    make_engine(url).dispose()


def listed(run):
    return json.loads(run("tracks", "list", "--json").stdout)["tracks"]


def test_a_track_is_listed_cut_and_deleted(run, settings):
    (track,) = listed(run)
    number = str(track["id"])
    assert (track["device"], track["mode"], track["fix_count"]) == ("a", "foot", 5)
    assert "2026-06-01 09:00" in run("tracks", "list", "--from", "2026-06-01", "--device", "a").stdout
    # Without an offset it is the city's time.
    cut = run(
        "tracks", "cut", number, "--since", "2026-06-01T09:01", "--before", "2026-06-01T09:03", "--json"
    )
    assert json.loads(cut.stdout) == {"track": track["id"], "fixes": 2, "days": ["2026-06-01"]}
    assert listed(run)[0]["fix_count"] == 3
    assert "3 fixes" in run("tracks", "delete", number).stdout
    assert listed(run) == []
    with transaction(make_engine(os.environ["DATABASE_URL"])) as session:
        assert session.scalars(text("SELECT action FROM audit_entry ORDER BY id")).all() == [
            "track.cut", "track.delete",
        ]  # fmt: skip


WRONG = (
    (("delete", "999"), "no track 999"),
    (("cut", "999", "--since", "2026-06-01T09:00", "--before", "2026-06-01T10:00"), "no track 999"),
    (("cut", "ID", "--since", "2026-06-01T10:00", "--before", "2026-06-01T09:00"), "before it begins"),
    (("cut", "ID", "--since", "2026-06-02T09:00", "--before", "2026-06-02T10:00"), "no fixes from"),
    (("cut", "ID", "--since", "noon", "--before", "2026-06-02T10:00"), "no instant"),
    (("list", "--device", "nobody"), "no device nobody"),
    (("list", "--from", "2026-06-02", "--to", "2026-06-01"), "ends before it begins"),
    (("delete", "ID", "--by", "nobody"), "no active account"),
)


def test_what_cannot_be_done_is_said_in_a_sentence_and_changes_nothing(run):
    number = str(listed(run)[0]["id"])
    for arguments, said in WRONG:
        done = run("tracks", *(number if one == "ID" else one for one in arguments))
        assert done.exit_code != 0
        assert said in done.stderr
        assert "Traceback" not in done.stderr
    assert listed(run)[0]["fix_count"] == 5
