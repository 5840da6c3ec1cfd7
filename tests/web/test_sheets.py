"""Maps to take away: what is on them, for whom, and that they are what they say."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from PIL import Image

from geoservice.jobs import sheets as job
from tests.factories import MINE, OTHERS, SCRIPT_NAME
from tests.pdf_text import pages_of
from tests.web.conftest import csrf

CADRE = "赵敏"


def test_a_leaders_sheet_is_one_page_whose_chinese_can_be_read_again(as_user):
    answer = as_user("leader").get("/sheets/leader.pdf?days=7")
    assert answer.mimetype == "application/pdf"
    pdf = answer.data
    assert b"/FontFile2" in pdf
    assert len(pdf) < 300_000, "the file holds a part of the font"
    (text,) = pages_of(pdf)
    for expected in ("王建国", MINE, f"{MINE}市场", CADRE, "0755-1234567", "2026-03-12", "2026-03-18"):
        assert expected in text.replace("\n", " "), expected
    assert OTHERS not in text
    assert re.search(r"[0-9a-f]{64}", text)


def test_the_page_and_the_pdf_say_the_same(as_user):
    client = as_user("leader")
    page, (text,) = client.get("/sheets/leader").text, pages_of(client.get("/sheets/leader.pdf").data)
    digest = re.search(r"[0-9a-f]{64}", page)[0]
    assert digest in text
    assert digest in client.get("/sheets/map.html").text
    for row in re.findall(r'<td class="user-text">([^<&]+)</td>', page):
        assert row[:6] in text, row
    assert OTHERS not in page


def test_in_english_too(as_user):
    client = as_user("leader")
    token = csrf(client, "/account/password")
    client.post("/language", data={"locale": "en", "csrf_token": token})
    try:
        (text,) = pages_of(client.get("/sheets/leader.pdf").data)
        assert "Coverage rate" in text
        assert "The largest blind spots" in text
    finally:
        client.post("/language", data={"locale": "zh_Hans_CN", "csrf_token": token})


def test_every_form_of_a_map_says_the_hash_of_its_inputs(as_user):
    client = as_user("dispatcher")
    image = Image.open(BytesIO(client.get("/sheets/map.png?level=street").data))
    assert image.width > 2000
    digest = image.text["Inputs-SHA-256"]
    assert digest in client.get("/sheets/map.html?level=street").text
    assert digest not in client.get("/sheets/map.html?level=district").text
    (text,) = pages_of(client.get("/sheets/map.pdf?level=street").data)
    assert digest in text


def test_an_offline_file_names_no_address_and_holds_no_others_ground(as_user):
    page = as_user("leader").get("/sheets/map.html?days=7").text
    assert MINE in page
    assert OTHERS not in page
    assert SCRIPT_NAME not in page
    outside_scripts = re.sub(r"(?s)<script.*?</script>", "", page)
    assert not re.search(r'(?:src|href)="(?!#|data:)[^"]', outside_scripts)
    assert "default-src 'none'" in page
    assert "url(images" not in page


def test_whose_ground_somebody_may_take_away(as_user):
    dispatcher, part, leader = as_user("dispatcher"), as_user("part"), as_user("leader")
    assert "李卫东" in dispatcher.get("/sheets/leader?leader=L2").text
    assert part.get("/sheets/leader?leader=L1").status_code == 404
    own = part.get("/sheets/leader?leader=L2").text
    assert OTHERS in own
    assert MINE not in own
    assert "李卫东" not in leader.get("/sheets/leader?leader=L2").text
    assert dispatcher.get("/sheets/leader?leader=nobody").status_code == 404
    assert dispatcher.get("/sheets/leader").status_code == 400


class Attempt:
    """A job's hands, without a worker."""

    def __init__(self, settings, args, stop_at=101):
        from contextlib import contextmanager

        from geoservice.store.base import make_engine, transaction
        from geoservice.store.scope import EVERYTHING

        self.settings, self.args, self.job_id = settings, args, 987_654
        self.said, self.stop_at = [], stop_at

        @contextmanager
        def opened(scope=EVERYTHING):
            with transaction(make_engine(settings.database_url), scope) as session:
                yield session

        self.transaction = opened

    def progress(self, percent, stage=""):
        from geoservice.jobs.work import JobCancelled

        self.said.append(percent)
        if percent >= self.stop_at:
            raise JobCancelled


@pytest.fixture
def args(city):
    days = {"from": "2026-03-12", "to": "2026-03-18"}
    return {"shown": days, "locale": "zh_Hans_CN", "by": city.user_ids["dispatcher"]}


def test_all_leaders_are_one_pdf_with_a_page_and_a_bookmark_each(web_settings, args):
    work = Attempt(web_settings, args)
    result = job.make_sheets(work)
    pdf = (web_settings.var_dir / "exports" / str(work.job_id) / result["file"]).read_bytes()
    pages = pages_of(pdf)
    assert len(pages) == result["pages"] == 3
    assert "王建国" in pages[0]
    assert "李卫东" in pages[1]
    assert OTHERS not in pages[0]
    assert pdf.count(b"/Title") >= 4, "each page has a bookmark"
    assert work.said == sorted(work.said)
    assert work.said[-1] == 100


def test_a_cancelled_job_leaves_no_file_and_a_scoped_maker_gets_his_leaders_only(web_settings, args, city):
    from geoservice.jobs.work import JobCancelled

    folder = web_settings.var_dir / "exports" / "987654"
    (folder / "sheets.pdf").unlink(missing_ok=True)
    with pytest.raises(JobCancelled):
        job.make_sheets(Attempt(web_settings, args, stop_at=30))
    assert not (folder / "sheets.pdf").exists()
    result = job.make_sheets(Attempt(web_settings, {**args, "by": city.user_ids["part"]}))
    (text,) = pages_of((folder / result["file"]).read_bytes())
    assert OTHERS in text
    assert MINE not in text


def test_whoever_asks_twice_waits_for_one_job_and_others_do_not_see_it(as_user):
    client = as_user("dispatcher")
    token = csrf(client, "/account/password")
    first, second = (client.post("/sheets/all?days=7", data={"csrf_token": token}).location for _ in range(2))
    assert first == second
    assert client.get(first).status_code == 200
    assert client.get(f"{first}/file").status_code == 409
    assert as_user("gis").get(first).status_code == 404
    assert client.post(f"{first}/cancel", data={"csrf_token": token}).status_code == 303
