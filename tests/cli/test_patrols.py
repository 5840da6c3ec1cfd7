"""`geoservice patrols`, as somebody types it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from geoservice.cli import main
from geoservice.store.base import make_engine, transaction
from tests.services.ground_kit import add_point
from tests.services.patrols.kit import Planned, add_crew, add_patrol, report, walk

A, B = (0, 0), (600, 0)


@pytest.fixture(scope="module")
def database(new_database):
    return new_database()


@pytest.fixture
def run(database, settings, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("SECRET_KEY", settings.secret_key)
    with transaction(make_engine(database)) as session:
        if session.connection().exec_driver_sql("SELECT count(*) FROM patrol").scalar() == 0:
            crew = add_crew(session)
            ids = [add_point(session, settings, name, at) for name, at in (("A", A), ("B", B))]
            patrol = add_patrol(
                session,
                settings,
                crew,
                Planned([({"point_id": ids[0]}, 0), ({"point_id": ids[1]}, 30)], line=[A, B]),
            )
            walk(session, settings, crew, [(0, A), (5, A), (10, (300, 0))])
            report(session, patrol, 2, "skipped", 30, reason="closed")

    def command(*arguments: str):
        return CliRunner().invoke(main, list(arguments))

    yield command
    make_engine(database).dispose()


def test_list_show_and_week_in_words_and_json(run):
    listed = json.loads(run("patrols", "list", "--on", "2026-06-01", "--json").stdout)
    (one,) = listed["patrols"]
    assert "stops" not in one
    assert (one["tally"]["done"], one["tally"]["missed"], one["tally"]["rate"]) == (1, 1, 0.5)
    shown = json.loads(run("patrols", "show", str(one["patrol_id"]), "--json").stdout)
    assert [(stop["code"], stop["outcome"], stop["reason"]) for stop in shown["stops"]] == [
        ("A", "done", None), ("B", "skipped", "closed"),
    ]  # fmt: skip
    assert shown["as_of"] and shown["late_count"] == 0
    week = json.loads(run("patrols", "week", "--of", "2026-06-03", "--json").stdout)
    assert week["window"] == {"from": "2026-06-01", "to": "2026-06-07"}
    assert [one["team_code"] for one in week["teams"]] == ["T1"]
    assert week["totals"]["tally"]["judged"] == 2
    assert [one["stop"]["code"] for one in week["missed"]] == ["B"]
    words = run("patrols", "show", str(one["patrol_id"])).stdout
    assert "1/2 done" in words and "09:00 → 09:00  A" in words and "skipped, closed" in words
    assert "1/2 done" in run("patrols", "list", "--from", "2026-06-01", "--to", "2026-06-02").stdout
    assert "missed 2026-06-01 T1: B" in run("patrols", "week", "--of", "2026-06-01").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "999"), "no such patrol"), (("list", "--team", "X"), "no team X"), (("show", "0"), "0"),
        (("list", "--on", "2026-06-01", "--from", "2026-06-01"), "--on"), (("week", "--of", "x"), "x"),
        (("list", "--from", "2026-06-02", "--to", "2026-06-01"), "2026-06-0"),
    ],
)  # fmt: skip
def test_a_wrong_question_is_one_line(run, arguments, said):
    result = run("patrols", *arguments)
    assert result.exit_code != 0
    assert said in result.output
    assert "Traceback" not in result.output
