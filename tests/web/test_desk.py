"""The import desk's pages: from files to a batch and back, and what they refuse."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from shapely import Polygon

from geoservice.app import create_app
from geoservice.domain.roles import Role
from geoservice.services.desk import OUTCOMES
from geoservice.store.base import make_engine, transaction
from geoservice.store.people import AppUser
from tests.factories import SCRIPT_NAME, add_user
from tests.web.conftest import csrf, log_in
from tests.web.desk_kit import (
    CODES,
    NAMES,
    draft_of,
    gbk_shapefile,
    run_job_of,
    run_undo,
    squares,
    stored_codes,
)

if TYPE_CHECKING:
    from flask.testing import FlaskClient

NEW = "/gis/import"
EVERYWHERE = "bbox=-180,-90,180,90"


def _send(client: FlaskClient, files: dict[str, bytes]):
    form = {
        "csrf_token": csrf(client, NEW),
        "files": [(io.BytesIO(content), name) for name, content in files.items()],
    }
    return client.post(NEW, data=form, content_type="multipart/form-data")


def _paste(client: FlaskClient, text: str) -> int:
    answer = client.post(NEW, data={"text": text, "csrf_token": csrf(client, NEW)})
    assert answer.status_code == 303, answer.text
    return draft_of(answer.location)


def _post(client: FlaskClient, draft_id: int, step: str, **form: str):
    page = client.get(f"{NEW}/{draft_id}").text
    version = re.search(r'name="row_version" value="(\d+)"', page)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    told = {"csrf_token": token[1], "row_version": version[1] if version else "1", **form}
    return client.post(f"{NEW}/{draft_id}/{step}", data=told)


def _looked(client: FlaskClient, web_settings, draft_id: int) -> str:
    run_job_of(web_settings, draft_id)
    return unescape(client.get(f"{NEW}/{draft_id}").text)


@pytest.fixture
def gis(as_user):
    return as_user("gis")


@pytest.fixture
def part_gis(as_user, web_settings, city):
    """A GIS user who sees one subdistrict only."""
    with transaction(make_engine(web_settings.database_url)) as session:
        if session.query(AppUser).filter_by(login="gis-part").first() is None:
            add_user(session, "gis-part", Role.GIS, scope_zone_id=city.street_ids[1])
    return as_user("gis-part")


def test_a_code_is_put_together_from_several_columns(gis, web_settings):
    cell = "POLYGON ((114.2 22.6, 114.201 22.6, 114.201 22.601, 114.2 22.601, 114.2 22.6))"
    draft_id = _paste(gis, f"COL\tROW\twkt\n12\t7\t{cell}\n")
    page = _looked(gis, web_settings, draft_id)
    assert 'name="composed.column.code"' in page and 'placeholder="{COL}-{ROW}"' in page
    told = {"kind": "zones", "level": "grid", "column.code": "", "then": "check"}
    assert _post(gis, draft_id, "choose", **told).status_code == 400, "the code is needed"
    told["composed.column.code"] = "{COL}-{ROW}"
    assert _post(gis, draft_id, "choose", **told).status_code == 303
    assert ">12-7<" in _looked(gis, web_settings, draft_id)
    assert 'value="{COL}-{ROW}"' in unescape(gis.get(f"{NEW}/{draft_id}?step=columns").text)


def test_a_gbk_shapefile_goes_in_as_it_was_checked_and_out_again(gis, web_settings, tmp_path):
    before = stored_codes(web_settings)
    draft_id = draft_of(_send(gis, gbk_shapefile(tmp_path)).location)
    assert "job-box" in gis.get(f"{NEW}/{draft_id}").text, "the look is under way"
    page = _looked(gis, web_settings, draft_id)
    assert all(name in page for name in NAMES[:3]), "the texts are read as GBK"
    assert re.search(r'name="encoding" value="" checked> GB18030', page), (
        "as guessed, which is not yet chosen"
    )
    assert "CGCS2000 (EPSG:4490)" in page

    assert _post(gis, draft_id, "choose", then="check").status_code == 400, "the level is needed"
    chosen = {"level": "community", "column.code": "社区编码", "column.name": "社区名称"}
    assert _post(gis, draft_id, "choose", then="check", **chosen).status_code == 303
    page = _looked(gis, web_settings, draft_id)
    assert all(f'data-show="new:{number}"' in page for number in range(1, len(CODES) + 1))
    found = gis.get(f"{NEW}/{draft_id}/shapes?{EVERYWHERE}").json["features"]
    assert sorted(one["properties"]["code"] for one in found) == CODES
    assert stored_codes(web_settings) == before, "a check writes nothing"

    assert _post(gis, draft_id, "apply").status_code == 303
    page = _looked(gis, web_settings, draft_id)
    assert stored_codes(web_settings) == sorted([*before, *CODES])
    batch = re.search(r"/gis/imports/(\d+)", page.split("headline")[1])
    assert batch

    batch_page = f"/gis/imports/{batch[1]}"
    undo = {"csrf_token": csrf(gis, batch_page)}
    assert gis.post(f"{batch_page}/undo", data=undo).status_code == 303
    assert "data-await-job" in gis.get(batch_page).text
    run_undo(web_settings, int(batch[1]))
    assert stored_codes(web_settings) == before
    page = gis.get(batch_page).text
    assert f"{batch_page}/undo" not in page
    assert "用户 gis" in page.split("note-warn")[1]
    assert gis.post(f"{batch_page}/undo", data=undo).status_code == 409


def test_repaired_shapes_are_imported_only_once_somebody_has_answered(gis, web_settings, tmp_path):
    shapes = squares()
    west, south, east, north = shapes[0].bounds
    shapes[0] = Polygon([(west, south), (east, north), (east, south), (west, (south + north) / 2)])
    draft_id = draft_of(_send(gis, gbk_shapefile(tmp_path, shapes)).location)
    run_job_of(web_settings, draft_id)
    _post(gis, draft_id, "choose", then="check", level="community")
    run_job_of(web_settings, draft_id)
    page = gis.get(f"{NEW}/{draft_id}?show=repaired").text
    assert "disabled" in page.split("/apply")[1].split("</form>")[0]
    assert page.count('data-show="repaired:') == 1
    assert _post(gis, draft_id, "apply").status_code == 409
    assert _post(gis, draft_id, "choose", repairs="leave").status_code == 303
    run_job_of(web_settings, draft_id)
    left = gis.get(f"{NEW}/{draft_id}/shapes?{EVERYWHERE}").json["features"]
    assert (
        sorted(one["properties"]["code"] for one in left if one["properties"]["outcome"] == "new")
        == CODES[1:]
    )


def test_a_form_that_is_old_changes_nothing(gis, web_settings):
    draft_id = _paste(gis, "code,name,lon,lat\nA1,甲,114.06,22.53\n")
    run_job_of(web_settings, draft_id)
    assert _post(gis, draft_id, "choose", kind="points").status_code == 303
    stale = _post(gis, draft_id, "choose", row_version="1", kind="zones")
    assert stale.status_code == 409
    assert 'role="alert"' in stale.text
    assert 'value="points" selected' in gis.get(f"{NEW}/{draft_id}").text


@pytest.mark.parametrize(
    "files",
    [{}, {f"{number}.csv": b"a\n" for number in range(60)}, {"边界.dbf": b"x"}],
    ids=["none", "many", "part"],
)
def test_what_can_not_be_taken_in_is_told_beside_the_form(gis, web_settings, files):
    answer = _send(gis, files)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert "data-drop" in answer.text, "the form is there to try again"
    assert not list((web_settings.var_dir / "incoming").glob("*")), "no upload is left behind"


def test_too_large_an_upload_is_told_with_the_limit(web_settings, city, clock):
    small = create_app(replace(web_settings, max_upload_mb=1), clock=clock, TESTING=True)
    client = small.test_client()
    log_in(client, "gis")
    body = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\n' + b"x" * (1 << 20)
    answer = client.post(NEW, data=body + b"\r\n--x--\r\n", content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413
    assert "1 MB" in unescape(answer.text)


def test_whoever_sees_a_part_sees_his_own_drafts_only(gis, part_gis, web_settings):
    theirs, own = _paste(gis, "code,name\nX,秘密名单\n"), _paste(part_gis, "code,name\nY,自己的\n")
    for address in ("", "/map", f"/shapes?{EVERYWHERE}"):
        assert part_gis.get(f"{NEW}/{theirs}{address}").status_code == 404, address
        assert part_gis.get(f"{NEW}/{own}{address}").status_code == 200, address
    for step in ("choose", "apply", "drop"):
        form = {"csrf_token": csrf(part_gis, NEW), "row_version": "1"}
        assert part_gis.post(f"{NEW}/{theirs}/{step}", data=form).status_code == 404, step
    listed = part_gis.get(NEW).text
    assert f'{NEW}/{own}"' in listed
    assert f'{NEW}/{theirs}"' not in listed
    assert f'{NEW}/{theirs}"' in gis.get(NEW).text


def test_what_a_file_holds_is_shown_and_never_run(gis, web_settings):
    name = SCRIPT_NAME.replace('"', "'")
    draft_id = _paste(gis, f'{name},name,lon,lat\n"{name}",甲,114.06,22.53\n')
    run_job_of(web_settings, draft_id)
    _post(
        gis,
        draft_id,
        "choose",
        **{"then": "check", "kind": "points", "column.name": name, "category_value": "market"},
    )
    run_job_of(web_settings, draft_id)
    for address in ("", "?step=columns", "?show=new", "/map"):
        page = gis.get(f"{NEW}/{draft_id}{address}")
        assert page.status_code == 200
        assert "<script>window" not in page.text, address
    assert name in unescape(gis.get(f"{NEW}/{draft_id}?step=columns").text)


@pytest.mark.parametrize("box", ["", "1,2,3", "a,b,c,d", "nan,0,1,1", "2,0,1,1", "0,inf,1,1", "1,2,3,4,5"])
def test_a_box_that_is_none_is_refused(gis, web_settings, box):
    draft_id = _paste(gis, "code,name\nZ,名\n")
    assert gis.get(f"{NEW}/{draft_id}/shapes?bbox={box}").status_code == 400


def test_a_draft_is_dropped_with_its_files(gis, web_settings):
    draft_id = _paste(gis, "code,name\nB,名\n")
    run_job_of(web_settings, draft_id)
    folder = web_settings.var_dir / "uploads" / str(draft_id)
    assert any(folder.rglob("*"))
    assert _post(gis, draft_id, "drop").status_code == 303
    assert not folder.exists()
    assert gis.get(f"{NEW}/{draft_id}").status_code == 404


def test_outcomes_are_told_apart_without_colour():
    css = (Path(__file__).parents[2] / "static/css/desk.css").read_text("utf-8")
    looks = {}
    for outcome in OUTCOMES:
        rule = re.search(rf"^\.diff-{outcome} {{([^}}]+)}}", css, re.MULTILINE)
        assert rule, outcome
        looks[outcome] = tuple(re.findall(r"stroke-(?:dasharray|width): ([^;]+);", rule[1]))
    assert len(set(looks.values())) == len(OUTCOMES), looks
