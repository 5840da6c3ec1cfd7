"""Files through the door: who may have which, under what name, in the background where they are large."""

from __future__ import annotations

import base64
import io
import json
import zipfile

import pyogrio
import pytest
import python_calamine
from flask.testing import FlaskClient

from geoservice.jobs import run as jobs_run
from geoservice.services import exporting, tokens
from geoservice.services.exporting import making
from geoservice.store import jobs
from geoservice.store.base import make_engine, transaction
from tests.factories import MINE
from tests.web.conftest import NOON, csrf

CANARY = "CANARY"
DAYS = "from=2026-03-01&to=2026-03-18"


class Patient(FlaskClient):
    """A client that takes every answer whole, so that no file stays open."""

    def open(self, *args, **kwargs):
        return super().open(*args, **{"buffered": True, **kwargs})


@pytest.fixture(autouse=True)
def _take_answers_whole(app, monkeypatch):
    monkeypatch.setattr(app, "test_client_class", Patient)


def parts(raw: bytes) -> list[bytes]:
    """Every byte of a file, unpacked where it is packed."""
    if not raw.startswith(b"PK"):
        return [raw]
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return [archive.read(name) for name in archive.namelist()]


def test_a_file_has_its_type_and_a_name_that_old_and_new_programs_read(as_user):
    answer = as_user("dispatcher").get("/download/zones.geojson?level=grid&lang=zh")
    assert answer.status_code == 200
    assert answer.content_type == "application/geo+json"
    said = answer.headers["Content-Disposition"]
    assert said.startswith("attachment; filename=zones_20260318.geojson; ")
    assert "filename*=UTF-8''%E7%BD%91%E6%A0%BC_20260318.geojson" in said
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert "no-store" in answer.headers["Cache-Control"]
    document = json.loads(answer.data)
    assert len(document["features"]) == 32
    assert set(document["features"][0]["properties"]) == {"编码", "名称", "上级编码"}
    english = json.loads(as_user("dispatcher").get("/download/zones.geojson?level=grid&lang=en").data)
    assert set(english["features"][0]["properties"]) == {"code", "name", "parent_code"}


def test_nobody_gets_a_letter_of_somebody_elses_ground(as_user):
    """Every layer in every format, for the leader; the other leader shows that the test can fail."""
    client, other = as_user("leader"), as_user("other")
    seen = 0
    for layer in exporting.LAYERS.values():
        for kind in exporting.formats_of(layer):
            address = f"/download/{layer.name}.{kind}?{DAYS}"
            answer = client.get(address)
            assert answer.status_code == (403 if layer.needs else 200), address
            assert not any(CANARY.encode() in part for part in parts(answer.data)), address
            if kind == "csv" and not layer.needs:
                seen += CANARY in other.get(address).get_data(as_text=True)
    assert seen >= 6
    assert MINE in client.get("/download/zones.csv").get_data(as_text=True)


def test_a_dispatcher_of_a_part_gets_his_part_and_no_tracks(as_user):
    client = as_user("part")
    text = client.get("/download/zones.csv").get_data(as_text=True)
    assert CANARY in text
    assert f"{MINE}街道" not in text
    for layer in ("tracks", "routes", "patrols"):
        assert client.get(f"/download/{layer}.gpkg").status_code == 403


def test_the_page_lists_what_one_may_have(as_user):
    text = as_user("leader").get("/download/?crs=gcj02").text
    assert "/download/gaps.gpkg" in text
    assert "crs=gcj02" in text
    assert "/download/tracks" not in text
    assert "/download/template" not in text
    assert "GCJ-02" in text
    assert "/download/template/zones.xlsx" in as_user("gis").get("/download/").text
    assert "/download/tracks.gpx" in as_user("gis").get("/download/").text


@pytest.mark.parametrize(
    ("page", "layer"),
    [
        ("/dispatch/", "coverage"),
        ("/dispatch/streets", "stretches"),
        ("/dispatch/points", "point_states"),
        ("/dispatch/unvisited", "unvisited"),
        ("/dispatch/responsibility", "contracts"),
        ("/dispatch/exclusions", "exclusions"),
        ("/dispatch/leaders", "leaders"),
        ("/dispatch/map", "gaps"),
        ("/dispatch/map?show=points", "point_states"),
    ],
)
def test_lists_and_maps_have_a_menu_whose_files_are_there(as_user, page, layer):
    client = as_user("dispatcher")
    text = client.get(page).text
    found = [part.split('"')[0].replace("&amp;", "&") for part in text.split('href="')[1:]]
    files = [address for address in found if address.startswith(f"/download/{layer}.")]
    assert len(files) >= 2
    for address in files[-2:]:
        assert client.get(address).status_code == 200, address


def test_the_leaders_own_page_has_the_menu_too(as_user):
    assert "/download/gaps.gpkg" in as_user("leader").get("/leader/").text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/download/planets.gpkg", 404),
        ("/download/zones.exe", 400),
        ("/download/zones.gpkg?crs=2154", 400),
        ("/download/zones.geojson?crs=4490", 400),
        ("/download/zones.gpkg?level=galaxy", 400),
        ("/download/zones.gpkg?zone=nowhere", 404),
        ("/download/zones.gpkg?bbox=1,2,3", 400),
        ("/download/zones.gpkg?bbox=nan,2,3,4", 400),
        ("/download/zones.gpkg?on=yesterday", 400),
        ("/download/zones.gpkg?zone=%00", 400),
        ("/download/gaps.gpkg?from=2026-03-09&to=2026-03-01", 400),
        ("/download/import_problems.csv", 400),
        ("/download/import_problems.csv?batch=x", 400),
        ("/download/template/planets.xlsx", 404),
        ("/download/..%2F..%2Fetc%2Fpasswd.csv", 404),
    ],
)
def test_odd_questions_get_a_sentence(as_user, address, status):
    answer = as_user("admin").get(address, headers={"Accept": "application/json"})
    assert answer.status_code == status
    if status == 400:
        assert answer.json["detail"]


def test_a_program_comes_with_its_token(app, city, web_settings):
    with transaction(make_engine(web_settings.database_url)) as session:
        from geoservice.services import accounts

        account = accounts.account_of(session, city.user_ids["leader"])
        secret, _ = tokens.make_token(session, account, "QGIS", now=NOON)
    header = "Basic " + base64.b64encode(f"leader:{secret}".encode()).decode()
    answer = app.test_client().get("/download/zones.gpkg", headers={"Authorization": header})
    assert answer.status_code == 200
    assert answer.data.startswith(b"SQLite format 3")
    assert CANARY.encode() not in answer.data
    stranger = app.test_client().get("/download/zones.gpkg")
    assert (stranger.status_code, "Basic" in stranger.headers["WWW-Authenticate"]) == (401, True)


def test_shifted_places_only_when_asked_and_the_file_says_so(as_user, tmp_path):
    client = as_user("dispatcher")
    answer = client.get("/download/points.gpkg?crs=gcj02")
    assert "GCJ02" in answer.headers["Content-Disposition"]
    path = tmp_path / "x.gpkg"
    path.write_bytes(answer.data)
    assert "GCJ-02" in pyogrio.read_info(path)["layer_metadata"]["DESCRIPTION"]


def test_a_large_file_is_made_in_the_background_for_its_asker_alone(as_user, web_settings, monkeypatch):
    monkeypatch.setattr(making, "LARGE_ROWS", 10)
    client = as_user("leader")
    answer = client.get("/download/zones.csv?level=grid")
    assert answer.status_code == 303
    page = answer.location
    job_id = int(page.rsplit("/", 1)[1])
    assert client.get("/download/zones.csv?level=grid").location == page, "a second click is the same work"
    assert 'hx-trigger="every 2s"' in client.get(page).text
    assert client.get(f"{page}/file").status_code == 409
    jobs_run.execute(web_settings, job_id)
    assert f"{page}/file" in client.get(page).text
    answer = client.get(f"{page}/file")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/csv")
    text = answer.get_data(as_text=True)
    assert MINE in text
    assert CANARY not in text, "the job has the scope of whoever asked"
    for role in ("other", "admin"):
        assert as_user(role).get(f"{page}/file").status_code == 404
    for path in (web_settings.var_dir / "exports" / str(job_id)).iterdir():
        path.unlink()
    assert client.get(f"{page}/file").status_code == 404


def test_a_file_in_the_making_can_be_cancelled(as_user, web_settings, monkeypatch):
    monkeypatch.setattr(making, "LARGE_ROWS", 10)
    client = as_user("gis")
    page = client.get("/download/zones.xlsx?level=grid").location
    job_id = int(page.rsplit("/", 1)[1])
    answer = client.post(f"{page}/cancel", data={"csrf_token": csrf(client, page)})
    assert answer.status_code == 303
    jobs_run.execute(web_settings, job_id)
    with transaction(make_engine(web_settings.database_url)) as session:
        assert jobs.read(session, job_id).state == "cancelled"
    assert not (web_settings.var_dir / "exports" / str(job_id)).exists()


def test_problems_of_an_import_come_as_a_table(as_user, city):
    answer = as_user("gis").get(f"/download/problems/{city.batch_id}.xlsx?lang=en")
    rows = (
        python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
        .get_sheet_by_index(0)
        .to_python()
    )
    assert rows[0] == ["problem", "file", "sheet", "row", "column", "value"]
    assert rows[1][1:] == ["网格.shp", "", 7.0, "code", "44"]
    assert "网格.shp" in rows[1][0]


def test_nothing_is_left_behind(as_user, web_settings):
    client = as_user("dispatcher")
    client.get("/download/zones.zip")
    client.get("/download/zones.gpkg?level=galaxy")
    folder = web_settings.var_dir / "exports"
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
