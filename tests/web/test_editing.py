"""The doors of the editor: all changes or none, who was faster, repairs that ask, forms, history, scope."""

from __future__ import annotations

import html
import json
import re

import shapely

from tests.web.conftest import csrf
from tests.web.editing_city import city, moved, save, send, web_settings, zones_of

__all__ = ["city", "web_settings"]  # this module's own city

BOW = "POLYGON ((114.1 22.5, 114.102 22.502, 114.102 22.5, 114.1 22.502, 114.1 22.5))"


def test_geometry_comes_exactly_and_goes_back_unchanged(as_user):
    client = as_user("gis")
    zone = zones_of(client)["440399001001"]
    shape = shapely.from_geojson(json.dumps(zone["geometry"]))
    assert shapely.get_coordinates(shape).max() == 114.05 + 0.0020 or shape.bounds[0] == 114.05
    before = zone["properties"]["row_version"]
    assert save(client, moved(zone, geometry=zone["geometry"])).status_code == 200
    assert zones_of(client)["440399001001"]["properties"]["row_version"] == before


def test_all_changes_are_saved_or_none(as_user):
    client = as_user("gis")
    zones = zones_of(client)
    good, stale = moved(zones["440399001001"], name="好"), moved(zones["440399001002"], name="旧")
    answer = save(client, good, {**stale, "row_version": stale["row_version"] + 5})
    assert (answer.status_code, answer.json["code"], answer.json["values"]["number"]) == (
        409,
        "changed_meanwhile",
        1,
    )
    assert zones_of(client)["440399001001"]["properties"]["name"] != "好"
    assert save(client, good, stale).json["saved"] == 2
    assert zones_of(client)["440399001002"]["properties"]["name"] == "旧"


def test_the_second_editor_learns_the_name_of_the_first_and_what_it_is_now(as_user):
    first, second = as_user("gis"), as_user("second")
    zone = zones_of(second)["440399001003"]
    assert save(first, moved(zone, name="第一")).status_code == 200
    answer = save(second, moved(zone, name="第二"))
    assert answer.status_code == 409
    assert "用户 gis" in answer.json["detail"]
    assert answer.json["values"]["now"]["name"] == "第一"


def test_a_repair_is_shown_and_saved_only_when_somebody_agreed(as_user):
    client = as_user("gis")
    new = {"op": "add_zone", "level": "grid", "code": "BOW", "name": "", "geometry": BOW}
    answer = save(client, new)
    assert (answer.status_code, answer.json["code"]) == (422, "repair_needed")
    assert answer.json["values"]["repaired"]["type"] == "MultiPolygon" and "percent" in answer.json["values"]
    assert "BOW" not in zones_of(client)
    assert save(client, {**new, "accept_repairs": True}).status_code == 200
    assert "BOW" in zones_of(client)


NONSENSE = [
        "", "[]", "{", '{"changes": 5}', '{"changes": []}', '{"changes": [5]}', '{"changes": [{"op": "drop"}]}', "[" * 100_000,
        '{"changes": [{"op": "add_zone", "level": 5}]}', '{"changes": [{"op": "end_zone", "id": 1e999, "row_version": 1}]}',
        '{"changes": [{"op": "end_zone", "id": true, "row_version": 1}]}', '{"changes": [{"op": "end_zone", "id": 99999999999, "row_version": 1}]}',
        '{"changes": [{"op": "change_zone", "id": 1, "row_version": 1, "name": "a\\u0000b"}]}',
        '{"changes": [{"op": "add_point", "code": "P", "category": "market", "geometry": {"type": "Point", "coordinates": ["a"]}}]}',
        '{"changes": [{"op": "add_point", "code": "P", "category": "market", "geometry": {"type": "Point", "coordinates": [NaN, 1]}}]}',
        '{"changes": [{"op": "add_point", "code": 5, "category": "market", "geometry": "POINT (114 22)"}]}',
        '{"changes": [{"op": "add_point", "code": "P", "category": ["x"], "geometry": "POINT (114 22)"}]}',
        '{"changes": [{"op": "add_point", "code": "P", "category": "market", "weight": {}, "geometry": "POINT (114 22)"}]}',
        '{"changes": [{"op": "add_zone", "level": "grid", "code": "\\ud800", "geometry": "POLYGON ((0 0, 1 0, 1 1, 0 0))"}]}',
        '{"changes": [{"op": "merge_zones", "zones": [{"id": 1}], "code": "x"}]}',
        '{"changes": [{"op": "add_street", "code": "S", "one_way": "yes", "geometry": "LINESTRING (114 22, 115 22)"}]}',
        '{"changes": [{"op": "add_street", "code": "S", "street_class": 5, "geometry": "LINESTRING (114 22, 115 22)"}]}',
        '{"changes": [{"op": "add_street", "code": "S", "geometry": "MULTILINESTRING ((1 1, 2 2), (3 3, 4 4))"}]}',
        '{"changes": [{"op": "split_street", "id": 1, "row_version": 1, "line": "POINT (114 22)", "parts": [{}]}]}',
        '{"changes": [{"op": "join_streets", "streets": [{"id": 1, "row_version": 1}], "code": "x"}]}',
        '{"noun": "point", "id": 1, "line": "LINESTRING (114 22, 115 22)"}', '{"noun": "street", "id": 1, "line": "LINESTRING (1 1, 2 2)"}',
        '{"changes": [{"op": "split_zone", "id": 1, "row_version": 1, "line": {"type": "GeometryCollection"}, "parts": [{}]}]}',
]  # fmt: skip


def test_what_no_page_sends_is_refused_and_breaks_nothing(as_user):
    client = as_user("gis")
    before = zones_of(client)
    for body in NONSENSE:
        for address in ("/gis/edit/changes", "/gis/edit/preview"):
            answer = send(client, body, address)
            assert 400 <= answer.status_code < 500, body[:80]
            assert answer.json["detail"]
    assert zones_of(client) == before


def test_a_zone_is_split_as_the_preview_shows(as_user):
    client = as_user("gis")
    zone = zones_of(client)["440399001004"]
    west, south, _, north = shapely.from_geojson(json.dumps(zone["geometry"])).bounds
    line = {"type": "LineString", "coordinates": [[west + 0.0005, south - 1], [west + 0.0005, north + 1]]}
    pieces = send(client, json.dumps({"id": zone["id"], "line": line}), "/gis/edit/preview").json["pieces"]
    parts = [{"code": "440399001004", "name": "大"}, {"code": "NEW4", "name": "小"}]
    assert save(client, {**moved(zone), "op": "split_zone", "line": line, "parts": parts}).status_code == 200
    now = zones_of(client)
    for code, piece in zip(("440399001004", "NEW4"), pieces, strict=True):
        stored, shown = (shapely.from_geojson(json.dumps(each)) for each in (now[code]["geometry"], piece))
        assert stored.equals(shown)


def test_a_form_does_what_the_map_does(as_user):
    client = as_user("gis")
    zone = zones_of(client)["440399001005"]
    address = f"/gis/edit/zones/{zone['id']}"
    page = client.get(address).text
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    written = html.unescape(re.search(r"<textarea[^>]*>([^<]*)", page)[1])
    form = {**fields, "geometry": written, "name": "表格改名", "csrf_token": csrf(client, address)}
    assert client.post(address, data=form).status_code == 303
    again = client.post(address, data=form)
    assert again.status_code == 409 and "用户 gis" in again.text and "表格改名" in again.text
    bow = client.post(
        "/gis/edit/zones/0",
        data={**form, "code": "BOW2", "level": "grid", "geometry": BOW, "parent_code": ""},
    )
    assert bow.status_code == 422 and 'name="accept_repairs"' in bow.text
    point = {"csrf_token": form["csrf_token"], "code": "F1", "name": "<b>点</b>", "category": "market", "weight": "2.5", "geometry": "POINT (114.051 22.531)"}  # fmt: skip
    made = client.post("/gis/edit/points/0", data=point)
    assert made.status_code == 303
    shown = client.get(made.location).text
    assert "<b>点</b>" not in shown and "2.5" in shown
    listed = client.get("/gis/edit/list?noun=points&q=F1").text
    assert ">F1<" in listed and ">P0<" not in listed
    wrong = client.post("/gis/edit/points/0", data={**point, "code": "F2", "weight": "viel"})
    assert wrong.status_code == 400 and "viel" in wrong.text


def test_the_history_names_who_changed_what(as_user):
    client = as_user("gis")
    zone = zones_of(client)["440399001006"]
    save(client, moved(zone, name="历史"))
    page = client.get(f"/gis/edit/history/zones/{zone['id']}").text
    assert "用户 gis" in page and "历史" in page and zone["properties"]["name"] in page
    assert client.get("/gis/edit/history/points/999999").status_code == 404


def test_who_looks_after_a_part_sees_and_edits_only_that(as_user, city):
    client, whole = as_user("partial"), as_user("gis")
    mine, everything = zones_of(client), zones_of(whole)
    other = everything["440399002001"]
    assert mine and set(mine) < set(everything) and "440399002001" not in mine
    assert save(client, moved(other, name="x")).status_code == 404
    assert client.get(f"/gis/edit/zones/{other['id']}").status_code == 404
    assert client.get(f"/gis/edit/history/zones/{other['id']}").status_code == 404
    outside = {
        "op": "add_point",
        "code": "OUT",
        "category": "market",
        "name": "",
        "geometry": "POINT (114.064 22.531)",
    }
    assert save(client, outside).status_code == 403
    assert save(client, moved(mine["440399001007"], name="我的")).status_code == 200
    assert zones_of(whole)["440399001007"]["properties"]["name"] == "我的"


def test_neighbours_are_merged_and_the_other_code_is_no_more(as_user):
    client = as_user("gis")
    zones = zones_of(client)
    seen = [
        {name: moved(zones[code])[name] for name in ("id", "row_version")}
        for code in ("440399001009", "440399001010")
    ]
    merge = {"op": "merge_zones", "zones": seen, "code": "440399001009", "name": "合"}
    assert save(client, merge).status_code == 200
    now = zones_of(client)
    assert "440399001010" not in now and now["440399001009"]["properties"]["name"] == "合"


def streets_of(client) -> dict[str, dict]:
    found = client.get("/gis/edit/streets.geojson?bbox=114,22,115,23").json
    return {each["properties"]["code"]: each for each in found["features"]}


def test_a_street_is_split_as_the_preview_shows_and_joined_again(as_user):
    client = as_user("gis")
    line = {"type": "LineString", "coordinates": [[114.052, 22.5311], [114.056, 22.5313], [114.058, 22.5311]]}
    new = {"op": "add_street", "code": "W1", "name": "<b>路</b>", "street_class": "primary", "one_way": True, "geometry": line}  # fmt: skip
    assert save(client, new).status_code == 200
    street = streets_of(client)["W1"]
    assert street["geometry"] == line and street["properties"]["one_way"] is True
    across = {"type": "LineString", "coordinates": [[114.055, 22.53], [114.055, 22.54]]}
    asked = json.dumps({"noun": "street", "id": street["id"], "line": across})
    pieces = send(client, asked, "/gis/edit/preview").json["pieces"]
    parts = [{"code": "W1", "name": "西"}, {"code": "W2", "name": "东"}]
    seen = {"id": street["id"], "row_version": street["properties"]["row_version"]}
    cut = {"op": "split_street", **seen, "line": across, "parts": parts}
    assert save(client, cut).status_code == 200
    assert save(client, cut).json["code"] == "changed_meanwhile"
    now = streets_of(client)
    assert [now[code]["geometry"] for code in ("W1", "W2")] == pieces
    told = [{"id": now[code]["id"], "row_version": now[code]["properties"]["row_version"]} for code in ("W1", "W2")]  # fmt: skip
    assert (
        save(client, {"op": "join_streets", "streets": told, "code": "W1", "name": "合"}).status_code == 200
    )
    whole = streets_of(client)
    assert "W2" not in whole and len(whole["W1"]["geometry"]["coordinates"]) == 4
    page = client.get(f"/gis/edit/history/streets/{street['id']}").text
    assert "用户 gis" in page and "合" in page and "<b>路</b>" not in page


def test_a_street_by_form_and_table(as_user, city):
    client = as_user("gis")
    form = {"csrf_token": csrf(client, "/account/password"), "code": "FS", "name": "表路", "street_class": "service", "one_way": "yes", "geometry": "LINESTRING (114.0511 22.5311, 114.0512 22.5311)"}  # fmt: skip
    made = client.post("/gis/edit/streets/0", data=form)
    assert made.status_code == 303
    shown = client.get(made.location).text
    assert re.search('value="service" selected', shown) and re.search(
        'name="one_way" value="yes" checked', shown
    )
    listed = client.get("/gis/edit/list?noun=streets&q=FS").text
    street_id = int(re.search(r"/gis/edit/streets/(\d+)\"[^>]*>FS<", listed)[1])
    assert f'data-chosen="street:{street_id}"' in client.get(f"/gis/edit/?choose=street:{street_id}").text
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', shown))
    gone = client.post(f"/gis/edit/streets/{street_id}", data={**form, "row_version": fields["row_version"], "remove": "yes"})  # fmt: skip
    assert gone.status_code == 303 and ">FS<" not in client.get("/gis/edit/list?noun=streets").text
    assert "FS" in client.get(f"/gis/edit/history/streets/{street_id}").text
    contracted = streets_of(client)["S0"]
    seen = {"id": contracted["id"], "row_version": contracted["properties"]["row_version"]}
    refused = save(client, {"op": "remove_street", **seen})
    assert (refused.status_code, refused.json["code"]) == (409, "still_used")
    assert "（contract）" not in refused.json["detail"]
