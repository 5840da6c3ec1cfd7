"""The demo city: made alike each time, whole, plausible; stored once, marked, and removed again."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely
from click.testing import CliRunner
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sqlalchemy import text
from sqlalchemy.orm import Session

from geoservice.cli import main
from geoservice.config import Settings
from geoservice.domain.cases import State
from geoservice.domain.roles import Role
from geoservice.domain.windows import Window
from geoservice.services import (
    accounts,
    coverage,
    gap_reports,
    passwords,
    planning,
    point_rules,
    points,
    role_holes,
)
from geoservice.services import teams as setup
from geoservice.services.demo import seeding
from geoservice.services.demo.city import FIRST_CELL, SEED, DemoCity, Still, make_city
from geoservice.services.demo.fixes import FixTable
from geoservice.services.demo.ground import lay_ground, share_out
from geoservice.services.demo.people import FIVE_ROLES
from geoservice.services.inspections.wishes import KINDS
from geoservice.store import device_days
from geoservice.store.base import make_engine
from geoservice.store.scope import EVERYTHING

SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 7, 15)
NOW = datetime(2026, 7, 15, 16, 5, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.fixture(scope="module")
def city() -> DemoCity:
    return make_city(SEED, TODAY, SHANGHAI, NOW.astimezone(SHANGHAI).time())


def test_the_same_seed_and_day_make_the_same_city(city):
    again = make_city(SEED, TODAY, SHANGHAI, NOW.astimezone(SHANGHAI).time())
    for column in fields(FixTable):
        one, other = getattr(city.fixes, column.name), getattr(again.fixes, column.name)
        assert np.array_equal(one, other), column.name
    assert [zone.shape.wkb for zone in city.zones] == [zone.shape.wkb for zone in again.zones]
    assert [line.wkb for line in city.street_lines] == [line.wkb for line in again.street_lines]
    assert (city.places, city.contracts, city.patrols, city.leaders, city.reports) == (
        again.places, again.contracts, again.patrols, again.leaders, again.reports,
    )  # fmt: skip


def test_another_seed_makes_another_city_as_whole_as_the_first():
    for seed in (1, 2):
        cells = lay_ground(np.random.default_rng([seed, 1])).cells
        assert len(cells) == 300
        assert {cell.community for cell in cells} == set(range(40))


def test_the_city_has_what_is_promised(city):
    levels = Counter(zone.level for zone in city.zones)
    assert levels == {"city": 1, "district": 1, "street": 8, "community": 40, "grid": 300}
    assert len(city.places) == 800
    assert len({place.category for place in city.places}) == 12
    assert len(city.leaders) == 25
    assert len(city.teams) == 12
    assert {team.mode for team in city.teams} == {1, 2, 3}
    devices = [member.device for team in city.teams for member in team.members]
    assert len(set(devices)) == len(devices) == len(city.fixes.device_codes)
    assert 350_000 < len(city.fixes.time_us) < 600_000


def test_codes_are_unique_and_begin_with_their_parents(city):
    assert len({(zone.level, zone.code) for zone in city.zones}) == len(city.zones)
    for zone in city.zones[2:]:
        assert zone.parent is not None
        assert zone.code.startswith(city.zones[zone.parent].code)
        assert len(zone.code) == {"street": 9, "community": 12, "grid": 15}[zone.level]


def test_children_tile_their_parent_exactly(city):
    for number, parent in enumerate(city.zones):
        children = [zone.shape for zone in city.zones if zone.parent == number]
        if not children:
            assert parent.level == "grid"
            continue
        assert shapely.coverage_is_valid(children)
        union = shapely.union_all(children)
        assert union.equals(parent.shape)
        assert sum(child.area for child in children) == pytest.approx(parent.shape.area, rel=1e-12)
        assert all(parent.shape.covers(child) for child in children)


def test_every_geometry_is_valid(city):
    shapes = [zone.shape for zone in city.zones]
    shapes += [*city.street_lines, *city.place_shapes, *city.obstacle_shapes, *city.route_lines]
    assert shapely.is_valid(shapes).all()
    assert not shapely.is_empty(shapes).any()
    assert all(line.is_simple for line in city.street_lines)


def test_every_point_lies_in_its_cell_and_on_open_ground(city):
    closed = shapely.union_all(city.obstacle_shapes)
    for place, shape in zip(city.places, city.place_shapes, strict=True):
        assert city.zones[FIRST_CELL + place.cell].shape.contains(shape)
        assert not closed.contains(shape)
        assert place.name
        assert place.address


def test_every_cell_keeps_ground_that_can_be_seen(city):
    closed = shapely.union_all(city.obstacle_shapes)
    for zone in city.zones[FIRST_CELL:]:
        assert zone.shape.difference(closed).area > 0.05 * zone.shape.area


def test_one_can_walk_from_every_street_to_every_other(city):
    ends = [vertex for line in city.street_lines for vertex in line.coords]
    number = {vertex: index for index, vertex in enumerate(dict.fromkeys(ends))}
    pairs = np.array(
        [(number[a], number[b]) for line in city.street_lines for a, b in pairwise(line.coords)],
        dtype=np.int64,
    )
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(number),) * 2)
    parts, _ = connected_components(graph, directed=False)
    assert parts == 1
    assert {road.street_class for road in city.roads.streets} == {
        "primary",
        "secondary",
        "tertiary",
        "living_street",
    }
    assert any(road.one_way for road in city.roads.streets)


def test_each_leader_contracts_an_area_a_street_and_a_point(city):
    for leader in range(25):
        kinds = Counter(one.kind for one in city.contracts if one.leader == leader and one.role == "leader")
        assert kinds["road"] == kinds["point"] == 1
        assert kinds["community"] + kinds["cell"] >= 1
    assert {one.role for one in city.contracts} == {"leader", *FIVE_ROLES}


def test_most_ground_has_one_leader_some_nobody_and_some_two(city):
    leaders = Counter[int]()
    for one in city.contracts:
        if one.role == "leader" and one.kind == "community":
            leaders.update(n for n, cell in enumerate(city.ground.cells) if cell.community == one.number)
        elif one.role == "leader" and one.kind == "cell":
            leaders[one.number] += 1
    counts = Counter(leaders[cell] for cell in range(300))
    assert counts[1] > 200
    assert counts[0] > 10
    assert counts[2] > 5


def test_patrols_move_as_people_bicycles_and_cars_do(city):
    fixes = city.fixes
    east, north = fixes.lon * 95_170, fixes.lat * 110_870
    same = (np.diff(fixes.device) == 0) & (fixes.lon[1:] != 0) & (fixes.lon[:-1] != 0)
    seconds = np.diff(fixes.time_us) / 1e6
    speed = np.hypot(np.diff(east), np.diff(north)) / np.maximum(seconds, 1e-9)
    near = same & (seconds < 60)
    for mode, typical in ((1, 2.5), (2, 7.0), (3, 16.0)):
        mine = speed[near & (fixes.mode[1:] == mode)]
        assert np.percentile(mine, 98) < typical
        assert np.mean(mine > 41.7) < 0.004  # a few slips that the cleaning refuses
        assert np.mean(mine > 41.7) > 0
    assert (np.diff(fixes.time_us)[np.diff(fixes.device) == 0] > 0).all()
    assert 0 < np.sum(fixes.lon == 0) < 200
    assert 0.0005 < np.mean(fixes.accuracy_m > 100) < 0.02
    assert (fixes.speed_mps >= 0).all()
    assert ((fixes.heading_deg >= 0) & (fixes.heading_deg < 360.001)).all()


def test_the_window_is_thirty_days_and_ends_at_the_hour_asked(city):
    seconds = city.fixes.time_us / 1e6
    assert datetime.fromtimestamp(seconds.max(), SHANGHAI) <= NOW
    days = {datetime.fromtimestamp(at, SHANGHAI).date() for at in seconds[::200]}
    assert len(days) == 30
    hours = {datetime.fromtimestamp(at, SHANGHAI).hour for at in seconds[::50]}
    assert {9, 15, 19, 23, 0} <= hours
    statuses = {(patrol.on == TODAY, patrol.status) for patrol in city.patrols}
    assert {
        (False, "done"),
        (False, "cancelled"),
        (True, "done"),
        (True, "under_way"),
        (False, "draft"),
    } <= statuses


def test_one_team_is_missing_for_a_week_and_weekends_are_thinner(city):
    walked = Counter((patrol.team, patrol.on) for patrol in city.patrols if patrol.walked)
    absent = [TODAY.toordinal() - back for back in range(11, 18)]
    assert not any(walked[4, date.fromordinal(day)] for day in absent)
    by_weekday = Counter(on.weekday() >= 5 for _, on in walked.elements())
    assert by_weekday[True] / 8 < 0.7 * by_weekday[False] / 22


def test_members_report_only_from_where_their_phones_were(city):
    crew = [(number, place) for number, team in enumerate(city.teams) for place in range(len(team.members))]
    fixes = city.fixes
    for report in city.reports[::40]:
        device = crew.index((report.team, report.member))
        mine = (fixes.device == device) & (np.abs(fixes.time_us - report.time_us) <= 310_000_000)
        place = city.place_shapes[report.place]
        away = np.hypot((fixes.lon[mine] - place.x) * 95_170, (fixes.lat[mine] - place.y) * 110_870)
        assert away.min() < 65
    reported = {report.place for report in city.reports}
    assert 200 < len(reported) < 600
    assert 0.05 < np.mean([report.has_findings for report in city.reports]) < 0.3
    assert all(report.note for report in city.reports if report.has_findings)


def test_shares_add_up():
    assert share_out(10, [1.0, 1.0, 1.0], least=1) == [4, 3, 3]
    assert sum(share_out(300, [0.1, 5.0, 0.2, 9.0], least=4)) == 300
    assert min(share_out(300, [0.1, 5.0, 0.2, 9.0], least=4)) == 4


def test_at_midnight_there_is_yesterday_and_no_future(city):
    early = make_city(SEED, TODAY, SHANGHAI, time(0, 10), Still(city.ground, city.roads, city.places))
    last = datetime.fromtimestamp(early.fixes.time_us.max() / 1e6, SHANGHAI)
    assert last <= datetime(2026, 7, 15, 0, 10, tzinfo=SHANGHAI)


@pytest.fixture(scope="module")
def demo_engine(new_database):
    engine = make_engine(new_database())
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def seeded(demo_engine, city, tmp_path_factory):
    """A database of its own with the demo city; what was told on the way."""
    settings = Settings(demo_mode=True, secret_key="k" * 32, var_dir=tmp_path_factory.mktemp("var"))
    told = []
    with Session(demo_engine, info={"scope": EVERYTHING}) as session, session.begin():
        result = seeding.seed(
            session,
            settings,
            now=NOW,
            city=city,
            tell=lambda percent, stage: told.append((percent, stage)),
        )
    return settings, result, told


@pytest.fixture
def demo_session(demo_engine, seeded):
    with demo_engine.connect() as connection:
        outer = connection.begin()
        with Session(
            connection, join_transaction_mode="create_savepoint", info={"scope": EVERYTHING}
        ) as session:
            yield session
        outer.rollback()


def counts(session: Session) -> dict[str, int]:
    tables = "zone zone_version zone_mask exclusion street point leader contract team member device route route_stop patrol"
    tables += " assignment track fix coverage_tile device_day gap_report gap app_user import_batch deployment audit_entry"
    return {
        name: session.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in tables.split()
    }


def test_seeding_stores_the_city_and_says_so(demo_session, seeded):
    _, result, told = seeded
    stored = counts(demo_session)
    assert (stored["zone"], stored["point"], stored["leader"], stored["team"]) == (350, 800, 25, 12)
    assert stored["fix"] > 350_000
    assert result.counts["zones"] == 350
    assert demo_session.execute(text("SELECT is_demo FROM deployment")).scalar_one() is True
    marked = text("SELECT count(*) FROM import_batch WHERE options ->> 'demo' = 'true'")
    assert demo_session.execute(marked).scalar_one() == 7
    assert [percent for percent, _ in told] == sorted(percent for percent, _ in told)
    assert told[-1] == (100, "done")


def test_everything_stands_in_a_leaf_zone_that_contains_it(demo_session):
    wrong = text(
        "SELECT count(*) FROM point p LEFT JOIN zone z ON z.id = p.zone_id LEFT JOIN zone_version v ON v.zone_id = z.id "
        "WHERE z.level IS DISTINCT FROM 'grid' OR NOT ST_Contains(v.geom, p.geom)"
    )
    assert demo_session.execute(wrong).scalar_one() == 0
    assert demo_session.execute(text("SELECT count(*) FROM street WHERE zone_id IS NULL")).scalar_one() == 0
    depths = dict(
        demo_session.execute(
            text(
                "SELECT z.level, max(cardinality(v.path)) FROM zone z JOIN zone_version v ON v.zone_id = z.id GROUP BY 1"
            )
        ).all()
    )
    assert depths == {"city": 1, "district": 2, "street": 3, "community": 4, "grid": 5}


def test_teams_are_set_up_and_the_desk_is_filled(demo_session, seeded):
    _, result, _ = seeded
    teams = setup.list_teams(demo_session)
    assert {team.setup.mode for team in teams} == {1, 2, 3}
    off_the_ground = text(
        "SELECT count(*) FROM team t WHERE NOT EXISTS (SELECT FROM zone_version v JOIN zone z ON z.id = v.zone_id "
        "WHERE z.level = 'city' AND ST_Contains(v.geom, t.depot))"
    )
    assert demo_session.scalar(off_the_ground) == 0
    assert sum(bool(team.setup.zones) for team in teams) == 10
    skilled = {skill for team in teams for skill in team.setup.skills}
    asked = {skill for point in point_rules.ruled_points(demo_session) for skill in point.skills}
    assert asked == skilled != set()
    assert {group.kind for group in point_rules.list_groups(demo_session)} == {"together", "apart"}
    made = {plan.from_on: plan for plan in planning.recent(demo_session, 5)}
    assert {day: plan.state for day, plan in made.items()} == {
        TODAY: "published", TODAY + timedelta(days=1): "ready",
    }  # fmt: skip
    assert result.counts["plans"] == 2
    walked = text(
        "SELECT count(*) FROM patrol WHERE plan_id IS NOT NULL AND status = 'published' AND on_day = :on"
    )
    assert demo_session.scalar(walked, {"on": TODAY}) >= 6
    idle = planning.read(demo_session, made[TODAY].id).content["idle"]
    assert [one for one in idle if one["reason"] == "no_depot"] == []


def test_the_pages_have_something_to_show(demo_session, seeded):
    settings = seeded[0]

    def rate(days):
        (row,) = coverage.zone_coverage(demo_session, settings, Window.ending(TODAY, days), level="city")
        return row.rate

    assert 0.15 <= rate(1) <= 0.30
    assert 0.45 <= rate(7) <= 0.72
    assert 0.70 <= rate(30) <= 0.85
    cells = coverage.zone_coverage(demo_session, settings, Window.ending(TODAY, 30), level="grid")
    assert len(cells) == 300
    assert all(row.rate is not None for row in cells)
    assert sum(row.rate < 0.4 for row in cells) >= 8
    assert all(gap_reports.is_ready(demo_session, Window.ending(TODAY, days)) for days in (1, 7, 30))
    assert not device_days.is_waiting(demo_session)


def test_ninety_days_of_cases_hang_together(demo_session, seeded):
    counts = seeded[1].counts
    assert counts["cases"] >= 50 and counts["orders"] >= 10 and counts["weekly_reports"] == 4
    ask = lambda sql: demo_session.execute(text(sql)).all()  # noqa: E731 - asked often below
    (span,) = ask("SELECT min(reported_at) AS first, max(reported_at) AS last FROM patrol_case")
    assert NOW - timedelta(days=95) < span.first < NOW - timedelta(days=60)
    assert span.last <= NOW
    assert not ask("SELECT 1 FROM case_step WHERE at > received_at"), "nothing lies ahead"
    assert {row.state for row in ask("SELECT DISTINCT state FROM patrol_case")} == set(State)
    waiting = {row.kind for row in ask("SELECT DISTINCT kind FROM case_request WHERE decision IS NULL")}
    assert waiting == {"postpone", "suspend", "appeal"}
    assert ask("SELECT 1 FROM patrol_case WHERE recurrence > 0")
    assert not ask("SELECT 1 FROM patrol_case WHERE source = 'citizen'"), "the public form is closed"
    # What came from a patrol is what its member said at that point.
    strange = """SELECT 1 FROM patrol_case c LEFT JOIN check_in k ON k.id = c.check_in_id
                 WHERE c.source = 'patrol' AND (k.id IS NULL OR k.point_id <> c.point_id OR NOT k.has_findings)"""
    assert not ask(strange)
    unlike = """SELECT 1 FROM patrol_case c JOIN patrol_case i ON i.id = c.joined_into_id
                WHERE c.kind <> i.kind OR ST_Distance(c.geom::geography, i.geom::geography) > 50"""
    assert not ask(unlike)
    failed = "SELECT count(*) FILTER (WHERE case_id IS NULL) AS lost, count(*) AS all FROM inspection_result WHERE result = 'fail'"
    (fails,) = ask(failed)
    assert fails.lost == 0 < fails.all
    shown = "EXISTS (SELECT FROM evidence e WHERE e.case_id = c.id AND e.stage = 'after')"
    assert not ask(f"SELECT 1 FROM patrol_case c WHERE state = 'closed' AND NOT {shown}")
    published = ask("SELECT content FROM report WHERE published_at IS NOT NULL")
    assert len(published) == 4


def test_all_kinds_of_inspection_were_done_and_some_wait_today(demo_session, seeded):
    rows = demo_session.execute(
        text(
            "SELECT i.kind, t.on_day, t.done_at, t.score FROM inspection i JOIN inspection_task t ON t.inspection_id = i.id"
        )
    ).all()
    assert {row.kind for row in rows if row.done_at} == set(KINDS)
    assert all(row.done_at is None or (row.on_day <= TODAY and row.score is not None) for row in rows)
    waiting = [row for row in rows if row.on_day == TODAY and row.done_at is None]
    assert len(waiting) >= 3
    assert any(row.on_day > TODAY for row in rows)


def test_orders_were_raised_as_the_days_passed_and_answered(demo_session, seeded):
    rows = demo_session.execute(text("SELECT * FROM supervision_order ORDER BY made_at, number")).all()
    assert all(timedelta() <= row.made_at - row.raised_at < timedelta(hours=14) for row in rows)
    assert len({row.made_at for row in rows}) > len(rows) / 2
    assert {row.kind for row in rows} >= {"reminder", "green", "yellow", "red"}
    for row in rows:
        stamps = [row.made_at, row.received_at or NOW, row.replied_at or NOW, NOW]
        assert stamps == sorted(stamps)
    due = [row for row in rows if row.reply_due_at < NOW]
    in_time = [row for row in due if row.replied_at and row.replied_at <= row.reply_due_at]
    late = [row for row in due if row.replied_at and row.replied_at > row.reply_due_at]
    assert len(in_time) > len(late) > 0
    assert sum(row.replied_at is None and row.made_at < NOW - timedelta(days=10) for row in rows) == 1


def test_every_role_on_key_ground_is_held_and_somebody_is_stood_in_for(demo_session, seeded):
    grounds = role_holes.key_grounds(demo_session, TODAY)
    assert len(grounds) == 50
    assert not [ground.name for ground in grounds if ground.holes]
    away = "SELECT valid_from, valid_to FROM deputy"
    spans = demo_session.execute(text(away)).all()
    assert any(row.valid_from <= TODAY < row.valid_to for row in spans)
    assert any(row.valid_to <= TODAY for row in spans)
    ended = "SELECT count(*) FROM contract WHERE valid_to <= :on"
    assert demo_session.scalar(text(ended), {"on": TODAY}) == 3


def test_points_are_in_all_four_states_and_some_are_late(demo_session, seeded):
    settings = seeded[0]
    rows = points.point_rows(demo_session, settings, Window.ending(TODAY, 7), now=NOW)
    states = Counter(row.state for row in rows)
    assert sum(states.values()) == 800
    assert all(
        states[state] >= 15 for state in ("visited_findings", "visited_clean", "probable", "not_visited")
    )
    due = Counter(row.due for row in rows)
    assert all(due[each] >= 5 for each in ("ok", "due_tomorrow", "overdue", "never"))
    judged = points.point_totals(rows)
    assert 0.05 < judged.compliance_rate < 0.95
    # Nobody is said to have been where no phone was.
    alone = text(
        "SELECT count(*) FROM check_in c WHERE NOT EXISTS (SELECT FROM visit v WHERE v.point_id = c.point_id "
        "AND c.at BETWEEN v.arrived_at - interval '10 minutes' AND v.left_at + interval '10 minutes')"
    )
    assert demo_session.execute(alone).scalar_one() < 20


def test_every_role_can_log_in_with_what_is_shown(demo_session, seeded):
    settings = seeded[0]
    shown = accounts.demo_logins(demo_session, settings)
    assert len(shown) == len(Role)
    for one in shown:
        assert accounts.log_in(demo_session, settings, one["login"], one["password"], now=NOW)
    assert not accounts.demo_logins(demo_session, replace(settings, demo_mode=False))


def test_seeding_again_changes_nothing(demo_session, seeded):
    before = counts(demo_session)
    assert seeding.seed(demo_session, seeded[0], now=NOW) is None
    assert counts(demo_session) == before


def test_clearing_removes_the_city_but_not_the_trail(demo_session, seeded):
    settings = seeded[0]
    accounts.log_in(demo_session, settings, "demo-leader", passwords.DEMO_PASSWORD, now=NOW)
    demo_session.flush()
    trail = counts(demo_session)["audit_entry"]
    named = demo_session.scalar(text("SELECT count(DISTINCT user_id) FROM audit_entry"))
    assert seeding.clear(demo_session)
    left = {name: count for name, count in counts(demo_session).items() if count}
    assert left == {"audit_entry": trail, "app_user": named}
    assert not accounts.demo_logins(demo_session, settings)


def test_ones_own_data_is_never_mixed_with_the_demo(session, settings):
    session.execute(
        text("INSERT INTO street (code, geom) VALUES ('S', 'SRID=4326;LINESTRING(113 31, 113.1 31)')")
    )
    assert seeding.seed(session, replace(settings, demo_mode=True), now=NOW) is None
    assert session.execute(text("SELECT count(*) FROM zone")).scalar_one() == 0


def test_outside_demo_mode_the_command_refuses(settings):
    environ = {"DATABASE_URL": settings.database_url, "SECRET_KEY": settings.secret_key, "DEMO_MODE": "0"}
    answer = CliRunner().invoke(main, ["demo", "seed"], env=environ)
    assert answer.exit_code == 1
    assert "DEMO_MODE=1" in answer.output


def test_clearing_refuses_what_is_not_a_demo(session):
    session.execute(text("INSERT INTO zone (level, code) VALUES ('city', 'real')"))
    session.execute(text("INSERT INTO deployment (metric_epsg, cell_m) VALUES (4547, 5)"))
    assert not seeding.clear(session)
    assert session.execute(text("SELECT count(*) FROM zone WHERE code = 'real'")).scalar_one() == 1
