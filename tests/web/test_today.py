"""The dispatcher's home, trends as files, and the search: each within the ground of whoever asks."""

from __future__ import annotations

import re

import pytest

from tests.factories import MINE

HOME = (
    "/dispatch/today/",
    "/dispatch/today/now",
    "/dispatch/trends/?level=street",
    "/dispatch/trends/zones.csv?level=grid",
)


@pytest.mark.parametrize("login", ["dispatcher", "part"])
def test_each_figure_leads_to_its_list_and_all_of_it_lies_on_ones_own_ground(as_user, city, login):
    client = as_user(login)
    pages = [client.get(page).text for page in HOME]
    assert any("CANARY" in page for page in pages)
    assert (login == "part") == (not any(re.search(f"{MINE}[0-9街市]", page) for page in pages))
    addresses = re.findall(r'class="tile[^"]*" id="tile-[a-z-]+" href="([^"#]+)"', pages[0])
    assert len(addresses) >= 8
    for address in addresses:
        assert client.get(address.replace("&amp;", "&")).status_code == 200, address
    # Yesterday's walk covers part of one half only: today nothing is known, which is not nought.
    assert 'id="tile-coverage"' in pages[0]
    assert "0%</span>" not in pages[0].partition('id="tile-overdue"')[0]


def test_what_somebody_may_not_do_is_not_on_his_home(as_user):
    dispatcher, gis = as_user("dispatcher"), as_user("gis")
    assert 'id="tile-missed"' in dispatcher.get("/dispatch/today/patrols").text
    assert 'id="tile-cases"' in dispatcher.get("/dispatch/today/").text
    assert "tile-" not in gis.get("/dispatch/today/patrols").text
    assert 'id="tile-cases"' not in gis.get("/dispatch/today/").text


@pytest.mark.parametrize("what", ["days", "zones", "hours"])
@pytest.mark.parametrize("ext", ["csv", "xlsx"])
def test_the_numbers_behind_a_chart_are_a_file(as_user, what, ext):
    answer = as_user("dispatcher").get(f"/dispatch/trends/{what}.{ext}?days=7")
    assert answer.status_code == 200
    assert f".{ext}" in answer.headers["Content-Disposition"]
    assert answer.data[:2] == {"csv": b"\xef\xbb", "xlsx": b"PK"}[ext]
    if (what, ext) == ("days", "csv"):
        assert len(answer.data.decode("utf-8-sig").splitlines()) == 8


def test_what_is_no_table_of_trends_is_refused_with_the_ones_there_are(as_user):
    answer = as_user("dispatcher").get("/dispatch/trends/days.pdf", headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert "days.csv" in answer.text


FINDING = {"HX-Request": "true"}


@pytest.mark.parametrize(
    ("word", "found"),
    [("gyjd", f"{MINE}街道"), ("桂园市", f"{MINE}市场"), ("440399001006", f"{MINE}06网格"), ("wjg", "王建国"), ("s0", f"{MINE}路")],
)  # fmt: skip
def test_ground_and_people_are_found_by_name_pinyin_and_code(as_user, word, found):
    text = as_user("dispatcher").get("/find/", query_string={"q": word}, headers=FINDING).text
    assert found in text
    assert "<html" not in text
    scoped = as_user("part").get("/find/", query_string={"q": word}, headers=FINDING).text
    assert MINE not in scoped
    assert "王建国" not in scoped


def test_a_part_of_the_city_finds_its_own(as_user):
    client = as_user("part")
    for word in ("czjd", "czsc", "lwd", "s1"):
        assert "CANARY" in client.get("/find/", query_string={"q": word}, headers=FINDING).text, word


def test_a_name_is_shown_as_it_is_and_a_new_one_is_found_at_once(as_user, web_settings):
    from sqlalchemy import text

    from geoservice.store.base import make_engine, transaction

    client = as_user("dispatcher")
    assert "&lt;script&gt;window.hacked" in client.get("/find/?q=window.hacked", headers=FINDING).text
    assert "重庆" not in client.get("/find/?q=cqhd", headers=FINDING).text
    with transaction(make_engine(web_settings.database_url)) as session:
        code = "UPDATE point SET name = :name WHERE code = 'P1' RETURNING (SELECT name FROM point WHERE code = 'P1')"
        before = session.scalar(text(code), {"name": "重庆火锅店"})
    try:
        assert "重庆火锅店" in client.get("/find/?q=cqhg", headers=FINDING).text
    finally:
        with transaction(make_engine(web_settings.database_url)) as session:
            session.execute(text("UPDATE point SET name = :name WHERE code = 'P1'"), {"name": before})
