"""The pages about patrols planned and actual: lists, one patrol, its map and replay, the week."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from geoservice.app import create_app
from geoservice.domain.roles import Role
from geoservice.store.base import make_engine, transaction
from geoservice.store.scope import EVERYTHING
from tests.factories import SCRIPT_NAME, add_user
from tests.services.ground_kit import add_point
from tests.services.patrols.kit import NINE, Crew, Planned, add_crew, add_patrol, check_in, report, walk
from tests.web.conftest import csrf, log_in

A, B, C, D = (0, 0), (600, 0), (1200, 0), (1800, 300)


@dataclass
class Walked:
    """A city whose team walked a patrol on Monday and did not on Tuesday; another team was never heard of."""

    settings: object
    patrol_id: int
    unheard_id: int
    crew: Crew


@pytest.fixture(scope="module")
def walked(new_database, web_settings):
    settings = replace(web_settings, database_url=new_database())
    with transaction(make_engine(settings.database_url), EVERYTHING) as session:
        add_user(session, "dispatcher", Role.DISPATCHER)
        ids = {
            name: add_point(session, settings, name, at) for name, at in zip("ABC", (A, B, C), strict=True)
        }
        extra = add_point(session, settings, "EXTRA-1", (900, 400), "park")
        assert extra
        crew, silent = add_crew(session, "T1"), add_crew(session, "T2")
        stops = [
            ({"point_id": ids["A"]}, 0.0),
            ({"point_id": ids["C"]}, 20.0),
            ({"point_id": ids["B"]}, 45.0),
            ({"at": D, "label": SCRIPT_NAME}, 70.0),
        ]
        patrol = add_patrol(session, settings, crew, Planned(stops, line=[A, C, B, D]))
        walk(
            session,
            settings,
            crew,
            [(0, A), (5, A), (15, B), (20, B), (30, C), (35, C), (45, (900, 400)), (52, (900, 400)), (70, A)],
        )
        check_in(session, crew, ids["B"], 17, findings=True, note="占道经营")
        report(session, patrol, 4, "skipped", 60, reason="no_access", note="门锁着")
        unheard = add_patrol(session, settings, silent, Planned(stops, starts=NINE + timedelta(days=1)))
        return Walked(settings, patrol.id, unheard.id, crew)


@pytest.fixture
def page(walked):
    """Ask for an address as the dispatcher, in English."""
    now = datetime(2026, 6, 3, 4, tzinfo=UTC)
    client = create_app(
        walked.settings, clock=lambda: now, TESTING=True, PROPAGATE_EXCEPTIONS=False
    ).test_client()
    log_in(client, "dispatcher")
    client.post("/language", data={"locale": "en", "csrf_token": csrf(client, "/dispatch/patrols/")})
    return lambda path, status=200: _ask(client, f"/dispatch/patrols{path}", status)


def _ask(client, address, status):
    answer = client.get(address)
    assert answer.status_code == status, answer.text[:600]
    return answer.text


def rows_of(html):
    table = html[html.index('class="table stop-table"') :]
    body = table[table.index("<tbody>") : table.index("</tbody>")]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in body.split("<tr>")[1:]]


def test_the_list_counts_what_is_known_and_keeps_the_unknown_apart(page, walked):
    html = page("/?from=2026-06-01&to=2026-06-02")
    first, second = rows_of(html)
    assert "3 / 4" in first
    assert "1.2 km" not in first  # that is the way to C alone
    assert "nothing heard" in second and "0 / 4" in second
    assert '75% <small class="soft nowrap">3 / 4</small>' in html
    assert "heard of: 1" in html
    assert "No patrol was published" in page("/?on=2026-05-01")
    assert "No patrol fits this choice" in page("/?on=2026-06-01&show=unheard")
    assert rows_of(page("/?from=2026-06-01&to=2026-06-02&show=unheard")) == [second]
    assert len(rows_of(page("/?from=2026-06-01&to=2026-06-02&team=T2"))) == 1


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/?on=yesterday", 400, "yesterday"), ("/?from=2026-01-01&to=2026-12-31", 400, "31"),
        ("/?team=NOBODY", 404, "NOBODY"), ("/week?on=x", 400, "x"), ("/999999", 404, "no such patrol"),
        ("/999999/map", 404, ""), ("/999999/replay.json", 404, ""), ("/week?team=NOBODY", 404, "NOBODY"),
    ],
)  # fmt: skip
def test_a_wrong_question_has_a_clear_answer(page, address, status, said):
    assert said in page(address, status)


def test_one_patrol_shows_each_stop_planned_and_actual(page, walked):
    html = page(f"/{walked.patrol_id}")
    first, second, third, fourth = rows_of(html)
    assert "09:00" in first and "on the minute" in first and "track only" in first
    states = [
        re.search(r"done, out of order|done|skipped|missed", row)[0] for row in (first, second, third, fourth)
    ]
    assert sorted(states) == ["done", "done", "done, out of order", "skipped"]
    assert "track and check-in" in third and "占道经营" in third and "with findings" in third
    assert "There is no way in" in fourth and "门锁着" in fourth
    assert "EXTRA-1" in html
    assert "<script>window.hacked" not in html and "&lt;script&gt;window.hacked=1" in html
    assert f"/dispatch/patrols/{walked.patrol_id}/round.gpx" in html


def test_a_patrol_nobody_heard_of_says_so(page, walked):
    html = page(f"/{walked.unheard_id}")
    assert "Nothing reached us of this patrol" in html
    assert "No track of this patrol has reached us" in html
    assert rows_of(html)[0].count("nothing heard") == 1


def test_the_map_holds_both_lines_and_each_stop_by_its_state(page, walked):
    html = page(f"/{walked.patrol_id}/map")
    blocks = {
        name: json.loads(text)
        for name, text in re.findall(
            r'<script type="application/json" id="shapes-(\w+)">(.*?)</script>', html
        )
    }
    assert set(blocks) == {"planned", "gone", "stops"}
    assert sorted(blocks["stops"]["looks"]) == ["disorder", "done", "done", "extra", "skipped"]
    assert blocks["stops"]["titles"][-1] == SCRIPT_NAME
    assert "<script>window.hacked" not in html
    for look in ("done", "disorder", "skipped", "extra"):
        assert f"stop-sign stop-{look}" in html
    assert "stop-sign stop-missed" not in html


def test_the_replay_runs_on_the_citys_clock(page, walked):
    told = json.loads(page(f"/{walked.patrol_id}/replay.json"))
    (track,) = told["tracks"]
    assert (told["clock"], told["seconds"]) == (9 * 3600, 70 * 60)
    assert track["t"] == sorted(track["t"]) and track["starts"] == [0]
    assert len(track["t"]) == len(track["at"]) == len(track["kmh"])
    assert max(track["kmh"]) == pytest.approx(3.6, abs=0.2)
    assert [stop["number"] for stop in told["stops"]] == [0, 1, 2, 3, 4]
    assert told["stops"][1]["planned"] == 0 and told["stops"][4]["arrive"] is None


def test_the_week_names_what_was_missed_and_who_was_not_heard_of(page, walked):
    html = page("/week?on=2026-06-04")
    assert "2026-06-01" in html and "2026-06-07" in html
    one, two = rows_of(html)
    assert "75% 3 / 4" in one
    assert "–" in two and "heard of: 0" in two
    missed = html[html.index('id="missed"') : html.index('id="unheard"')]
    assert "There is no way in" in missed and "not yet made up" in missed
    assert f"/dispatch/patrols/{walked.unheard_id}" in html[html.index('id="unheard"') :]


def test_the_plan_can_be_printed_and_taken_along(page, walked):
    assert "<trk" in page(f"/{walked.patrol_id}/round.gpx") or "<rte" in page(
        f"/{walked.patrol_id}/round.gpx"
    )
    assert f"/dispatch/patrols/{walked.patrol_id}" in page(f"/{walked.patrol_id}/sheet")
