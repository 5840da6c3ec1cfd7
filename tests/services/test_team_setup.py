"""Teams are set as they are told, whole or not at all; points ask for what is written of them."""

from __future__ import annotations

import pytest
from shapely import box
from sqlalchemy import text

from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services import point_rules, teams
from geoservice.store.people import Member
from tests.services.ground_kit import add_zone
from tests.services.setup_kit import add_points, add_team

WORDS = {
    "mode": "ebike", "depot": "116.3912, 39.9066", "end_depot": "116.4，39.91", "shift_from": "7:30", "shift_to": "16:00",
    "break_from": "11:30", "break_to": "13:00", "break_minutes": "45", "skills": "hazmat，foreign  language,hazmat",
    "active": "yes",
}  # fmt: skip


def test_what_is_told_is_kept_and_the_rest_stays(session, settings):
    add_zone(session, settings, "Z1", box(0, 0, 100, 100))
    row = add_team(session, "T1")
    session.add(Member(code="M1", name="王芳", team_id=row.id))
    session.flush()
    team = teams.change_team(session, row.id, {**WORDS, "zones": "Z1"}, by=None)
    again = teams.team_of_code(session, "T1")
    assert again == team
    assert (team.setup.depot, team.setup.end_depot) == ((116.3912, 39.9066), (116.4, 39.91))
    assert team.setup.skills == ("hazmat", "foreign language")
    assert (team.setup.mode, team.setup.zones, team.setup.name) == (2, ("Z1",), "T1队")
    assert team.members == (("M1", "王芳"),)
    bare = teams.change_team(session, row.id, {"end_depot": "", "zones": "", "name": "一队"}, by=None)
    assert (bare.setup.end_depot, bare.setup.zones, bare.setup.depot) == (None, (), team.setup.depot)
    note = session.execute(text("SELECT action, detail FROM audit_entry ORDER BY id DESC LIMIT 1")).one()
    assert note.action == "team.change" and note.detail["name"] == "一队" and "depot" not in note.detail


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"depot": "39.9,116.4"}, "place_swapped"),
        ({"depot": "nowhere"}, "place_unreadable"),
        ({"depot": "nan,1"}, "place_off_earth"),
        ({"depot": "500,500"}, "place_off_earth"),
        ({"mode": "boat"}, "mode_unknown"),
        ({"shift_from": "18:00"}, "shift_reversed"),
        ({"shift_from": ""}, "field_needed"),
        ({"break_from": "12:00"}, "break_half_told"),
        ({"break_minutes": "30"}, "break_half_told"),
        ({"break_from": "07:00", "break_to": "08:00", "break_minutes": "30"}, "break_outside_shift"),
        ({"break_from": "12:00", "break_to": "13:00", "break_minutes": "-1"}, "minutes_unreadable"),
        ({"break_from": "12:00", "break_to": "12:30", "break_minutes": "45"}, "break_too_long"),
        ({"zones": "nobody"}, "zones_not_there"),
        ({"name": "  "}, "field_needed"),
        ({"skills": "x" * 50}, "name_too_long"),
    ],
)
def test_what_cannot_be_is_refused_by_name_and_nothing_is_kept(session, words, code):
    row = add_team(session, "T1")
    before = teams.read_team(session, row.id)
    with pytest.raises(BadRequest, match=code):
        teams.change_team(session, row.id, {"name": "一队", **words}, by=None)
    assert teams.read_team(session, row.id) == before


def test_of_two_who_change_a_team_the_second_is_told(session):
    team = teams.add_team(session, "T1", "一队", by=None)
    teams.change_team(session, team.id, {"mode": "car"}, by=None, seen=team.seen)
    with pytest.raises(Conflict, match="setup_changed_meanwhile"):
        teams.change_team(session, team.id, {"mode": "foot"}, by=None, seen=team.seen)
    with pytest.raises(Conflict, match="team_code_taken"):
        teams.add_team(session, "T1", "又一队", by=None)
    with pytest.raises(NotFound, match="team_not_there"):
        teams.team_of_code(session, "T9")


def test_a_point_asks_for_hours_and_skills_until_it_no_longer_does(session):
    (point,) = add_points(session, "P1")
    blank = point_rules.read_rules(session, point.id)
    assert (blank.opening, blank.skills) == ("", ())
    told = {"opening": "周一至周五 8:00-11:30,14:00-17:30", "skills": "hazmat"}
    ruled = point_rules.change_rules(session, point.id, told, by=None, seen=blank.seen)
    assert ruled.opening == "1-5 08:00-11:30,14:00-17:30"
    assert point_rules.ruled_points(session) == [ruled]
    with pytest.raises(Conflict, match="setup_changed_meanwhile"):
        point_rules.change_rules(session, point.id, {"opening": ""}, by=None, seen=blank.seen)
    point_rules.change_rules(session, point.id, {"skills": ""}, by=None, seen=ruled.seen)
    point_rules.change_rules(session, point.id, {"opening": ""}, by=None)
    assert point_rules.ruled_points(session) == []
    assert session.scalar(text("SELECT count(*) FROM point_rule")) == 0


def test_groups_hold_points_that_are_there(session):
    add_points(session, "P1", "P2", "P3")
    words = {"name": "夜市", "kind": "together", "members": "P1, P2"}
    group_id = point_rules.put_group(session, None, words, by=None)
    (group,) = point_rules.list_groups(session)
    assert [code for _, code, _ in group.members] == ["P1", "P2"]
    point_rules.put_group(
        session, group_id, {**words, "members": "P2\nP3", "kind": "apart"}, by=None, seen=group.seen
    )
    (changed,) = point_rules.list_groups(session)
    assert (changed.kind, [code for _, code, _ in changed.members]) == ("apart", ["P2", "P3"])
    with pytest.raises(Conflict, match="setup_changed_meanwhile"):
        point_rules.put_group(session, group_id, words, by=None, seen=group.seen)
    with pytest.raises(BadRequest, match="points_not_there"):
        point_rules.put_group(session, None, {**words, "members": "P1,P9"}, by=None)
    with pytest.raises(BadRequest, match="group_size"):
        point_rules.put_group(session, None, {**words, "members": "P1"}, by=None)
    point_rules.remove_group(session, group_id, by=None)
    assert point_rules.list_groups(session) == []
    with pytest.raises(NotFound, match="group_not_there"):
        point_rules.remove_group(session, group_id, by=None)
