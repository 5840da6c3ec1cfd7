"""Reports as people meet them: made by a job, looked over, published, read with one's own marked, withdrawn; secrets stay secrets."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from geoservice.domain.report_kinds import ReportKind
from geoservice.jobs.run import execute
from geoservice.services import reports
from geoservice.store.base import make_engine, transaction
from geoservice.web.report_words import write_part
from tests.factories import MINE, OTHERS
from tests.web.conftest import NOON, csrf

SECRET = "c4n4rytoken"
LAST_WEEK = NOON.date() - timedelta(days=7)


@pytest.fixture(scope="module")
def report_id(web_settings, city):
    """A published report of last week, whatever was published before."""
    with transaction(make_engine(web_settings.database_url)) as session:
        reports.prepare(session, web_settings, ReportKind.WEEK, LAST_WEEK, now=NOON)
        draft = reports.make(session, web_settings, ReportKind.WEEK, LAST_WEEK, by=None, now=NOON)
        reports.set_remarks(session, draft.id, "<script>window.hacked=3</script>")
        return reports.publish(session, web_settings, draft.id, by=None, now=NOON).id


def post(client, where, /, **form):
    return client.post(where, data={**form, "csrf_token": csrf(client, "/account/password")})


def test_a_draft_is_made_by_a_job_looked_over_published_and_withdrawn(as_user, web_settings, city):
    desk = as_user("dispatcher")
    day = NOON.date() - timedelta(days=1)
    asked = post(desk, "/dispatch/reports/", kind="day", on=day.isoformat())
    job_id = int(re.search(r"/jobs/(\d+)", asked.location)[1])
    execute(web_settings, job_id)
    page = desk.get(f"/jobs/{job_id}").text
    address = re.search(r"/dispatch/reports/\d+", page)[0]
    assert "日报" in desk.get(address).text
    published = post(desk, f"{address}/publish", remarks="今日通报")
    assert published.status_code == 302
    read = address.replace("/dispatch", "")
    assert "今日通报" in as_user("handler").get(read).text
    assert post(desk, f"{address}/remarks", remarks="anders").status_code == 409
    assert post(desk, f"{address}/withdraw").status_code == 302
    assert as_user("handler").get(read).status_code == 404
    assert desk.get(address).status_code == 200


def test_everybody_reads_the_same_and_a_leader_finds_his_own_marked(as_user, report_id):
    leader = as_user("leader").get(f"/reports/{report_id}").text
    rows = re.findall(r'<tr class="mine">.*?</tr>', leader, re.DOTALL)
    assert rows and any(MINE in row for row in rows) and not any(OTHERS in row for row in rows)
    # The ranking itself is of the whole city: that is what it is published for.
    assert OTHERS in leader and OTHERS in as_user("handler").get(f"/reports/{report_id}").text
    assert '<tr class="mine">' not in as_user("gis").get(f"/reports/{report_id}").text


def test_what_people_wrote_is_shown_as_written(as_user, report_id):
    page = as_user("gis").get(f"/reports/{report_id}").text
    assert "<script>window.hacked" not in page and "&lt;script&gt;window.hacked=3" in page


def test_nothing_due_is_none_and_never_0_or_100(as_user, report_id):
    page = as_user("gis").get(f"/reports/{report_id}").text
    cell = re.search(
        r'<th scope="row">[^<]*</th><td><span class="share"><span class="nothing">.*?</td>', page
    )
    assert cell and "0/0" in cell[0] and "%" not in cell[0]


@pytest.mark.parametrize(
    ("code", "pair", "written"),
    [
        ("coverage_rate", (669_000, 2_150_000), "0.67"),  # beside 2.15 km², not 66.9 ha
        ("coverage_rate", (4_000, 23_000), "0.4"),
        ("coverage_rate", (1_234, 9_999), "1,234"),
        ("street_rate", (400, 1_600), "0.4"),
    ],
)
def test_both_parts_of_a_share_are_written_in_one_unit(app, code, pair, written):
    with app.test_request_context():
        assert write_part(code, pair) == written


def test_files_are_downloads_with_a_name(as_user, report_id):
    leader = as_user("leader")
    for kind in ("xlsx", "docx"):
        answer = leader.get(f"/reports/{report_id}/file.{kind}")
        assert answer.data.startswith(b"PK")
        assert f"filename=report-week-2026-03-09.{kind}" in answer.headers["Content-Disposition"]
    assert leader.get(f"/reports/{report_id}/file.pdf").status_code == 400


def test_the_ranking_is_the_published_one(as_user, report_id):
    leader = as_user("leader")
    page = leader.get("/reports/ranking?kind=week&of=zone").text
    assert MINE in page and f"/reports/{report_id}" in page
    for wish, status in (("kind=year", 400), ("of=luck", 400), ("kind=quarter", 200)):
        assert leader.get(f"/reports/ranking?{wish}").status_code == status, wish


def test_who_sees_a_part_of_the_city_makes_no_report_of_it(as_user, report_id):
    part = as_user("part")
    assert part.get("/dispatch/reports/").status_code == 403
    assert post(part, f"/dispatch/reports/{report_id}/withdraw").status_code == 403
    page = part.get(f"/reports/{report_id}")
    assert page.status_code == 200
    offered = "/dispatch/reports/"
    assert offered not in page.text, "nobody is offered what he may not"
    assert offered in as_user("dispatcher").get(f"/reports/{report_id}").text


def test_drafts_are_for_those_who_publish_them(as_user, web_settings, city):
    with transaction(make_engine(web_settings.database_url)) as session:
        draft = reports.make(session, web_settings, ReportKind.DAY, NOON.date(), by=None, now=NOON)
    assert as_user("dispatcher").get(f"/reports/{draft.id}/file.xlsx").status_code == 200
    for role in ("leader", "part"):
        reader = as_user(role)
        assert reader.get(f"/reports/{draft.id}/file.xlsx").status_code == 404, role
        assert reader.get(f"/reports/{draft.id}").status_code == 404, role


def test_a_new_formula_is_put_in_force_or_refused_with_what_was_typed(as_user):
    admin = as_user("admin")
    weights = {f"{subject}-closing_rate": "10" for subject in ("zone", "leader", "department", "person")}
    rest = {"red": "2", "black": "2", "red_from": "80", "black_below": "60", "least_known": "50"}
    bad = post(
        admin, "/dispatch/reports/formula", name="新", valid_from="2026-04-01", **{**weights, "zone-closing_rate": "viel"}, **rest
    )  # fmt: skip
    assert bad.status_code == 400 and 'value="viel"' in bad.text and 'role="alert"' in bad.text
    good = post(
        admin, "/dispatch/reports/formula", name="四月公式", valid_from="2026-04-01", **weights, **rest
    )
    assert good.status_code == 302
    assert "四月公式" in admin.get("/dispatch/reports/formula").text


def test_an_address_is_never_shown_again(as_user):
    desk = as_user("dispatcher")
    kept = post(desk, "/dispatch/reports/digests", name="群", address=f"dingtalk://{SECRET}", kinds="week")
    assert kept.status_code == 302
    page = desk.get("/dispatch/reports/digests").text
    assert "dingtalk://" in page and SECRET not in page
    refused = post(desk, "/dispatch/reports/digests", name="群", address=f"nowhere://{SECRET}", kinds="week")
    assert refused.status_code == 400 and SECRET not in refused.text
