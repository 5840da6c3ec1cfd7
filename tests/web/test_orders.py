"""Pages of orders: the list and its filters, the rules with their preview, receipt and reply, and the page that is printed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from geoservice.domain.orders import OrderKind
from geoservice.services import orders as service
from geoservice.store.base import make_engine, transaction
from geoservice.store.people import department_by_code
from tests.factories import SCRIPT_NAME
from tests.pdf_text import pages_of
from tests.services.order_kit import assigned
from tests.web import own_city
from tests.web.conftest import NOON, csrf

city, web_settings = own_city.city, own_city.web_settings

TITLE = SCRIPT_NAME


@pytest.fixture(scope="module")
def made(web_settings, city) -> dict[str, int]:
    """Orders about a case that was due ten hours before noon: reminder, green; and one of somebody else's."""
    with transaction(make_engine(web_settings.database_url)) as session:
        department = department_by_code(session, "D1")
        start = NOON - timedelta(hours=14)
        case = assigned(
            session, web_settings, "OW1", start, title=TITLE, department_id=department.id,
            leader_id=city.leader_ids[0], zone_id=city.grid_ids[0][5],
        )  # fmt: skip
        ids = service.raise_due(session, web_settings, now=NOON)
        return {"case": case.id, "reminder": ids[0], "green": ids[1], "department": department.id}


def test_the_list_narrows_and_shows_what_users_typed_as_text(as_user, made):
    client = as_user("dispatcher")
    page = client.get("/orders/").text
    assert "督2026-0001" in page
    assert "督2026-0002" in page
    assert "<script>window" not in page
    assert "&lt;script&gt;" in page
    only = client.get("/orders/?kind=green").text
    assert "督2026-0002" in only
    assert "督2026-0001" not in only
    assert "督2026-0001" in client.get(f"/orders/?case={made['case']}&state=new&q=0001&from=2026-03-17").text
    for nonsense in (
        "kind=purple",
        "department=x",
        "from=never",
        "before=-1x",
        "state=?",
        "case=99999999999999",
    ):
        assert client.get(f"/orders/?{nonsense}").status_code == 200


def test_the_paper_holds_everything_on_one_page(as_user, made):
    page = as_user("dispatcher").get(f"/orders/{made['green']}/paper").text
    for told in ("督2026-0002", "OW1", "区城市管理执法局", "王建国", "桂园06网格", "&lt;script&gt;"):
        assert told in page
    assert "<script>window" not in page


def test_the_pdf_says_what_the_page_says_on_one_sheet_of_a4(as_user, made):
    client = as_user("dispatcher")
    answer = client.get(f"/orders/{made['green']}/paper.pdf")
    assert answer.mimetype == "application/pdf"
    assert "%E7%9D%A32026-0002" in answer.headers["Content-Disposition"]
    assert b"/MediaBox [ 0 0 595.2756 841.8898 ]" in answer.data
    (paper,) = pages_of(answer.data)
    page = client.get(f"/orders/{made['green']}/paper").text
    for told in re.findall(r"<t[hd][^>]*>(?:<span[^>]*>)?([^<&]+)<", page):
        assert _flat(told) in _flat(paper), told
    (of_handler,) = pages_of(as_user("handler").get(f"/orders/mine/{made['green']}/paper.pdf").data)
    assert of_handler == paper
    assert as_user("other").get(f"/orders/mine/{made['green']}/paper.pdf").status_code == 404
    both = pages_of(client.get("/orders/papers.pdf").data)
    assert ["督2026-0002" in one for one in both] == [True, False]
    assert "督2026-0001" in both[1]


def test_who_it_went_to_signs_and_answers_once(as_user, made):
    handler, leader, other = (as_user(login) for login in ("handler", "leader", "other"))
    address = f"/orders/mine/{made['green']}"
    assert "督2026-0002" in handler.get("/orders/mine/").text
    assert "督2026-0002" in leader.get("/orders/mine/").text
    assert leader.get(f"/orders/mine/{made['reminder']}").status_code == 404
    assert other.get(address).status_code == 404
    token = csrf(handler, address)
    assert handler.post(f"{address}/reply", data={"csrf_token": token, "reply": "  "}).status_code == 400
    assert handler.post(f"{address}/receipt", data={"csrf_token": token}).status_code == 302
    late = leader.post(f"{address}/receipt", data={"csrf_token": csrf(leader, address)})
    assert late.status_code == 409
    assert "用户 handler" in late.text
    assert (
        handler.post(f"{address}/reply", data={"csrf_token": token, "reply": "已清理 <b>"}).status_code == 302
    )
    shown = as_user("dispatcher").get(f"/orders/{made['green']}").text
    assert "已清理 &lt;b&gt;" in shown
    assert other.post(f"{address}/reply", data={"csrf_token": csrf(other, "/orders/mine/"), "reply": "x"}).status_code in {403, 404}  # fmt: skip


def test_an_order_is_withdrawn_with_a_reason_only(as_user, made):
    desk = as_user("dispatcher")
    address = f"/orders/{made['reminder']}"
    token = csrf(desk, address)
    assert desk.post(f"{address}/withdraw", data={"csrf_token": token, "reason": ""}).status_code == 400
    assert desk.post(f"{address}/withdraw", data={"csrf_token": token, "reason": "误发"}).status_code == 302
    again = desk.post(f"{address}/withdraw", data={"csrf_token": token, "reason": "再撤"})
    assert again.status_code == 409
    assert "误发" in again.text
    handler = as_user("handler")
    sent = handler.post(
        f"/orders/mine/{made['reminder']}/receipt", data={"csrf_token": csrf(handler, "/account/password")}
    )
    assert sent.status_code == 409
    assert "误发" in sent.text


def _flat(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _typed(client) -> dict[str, object]:
    """What the form of the rules holds as it is opened."""
    from html.parser import HTMLParser

    fields: dict[str, object] = {}

    class Form(HTMLParser):
        select = ""

        def handle_starttag(self, tag, attributes):
            has = dict(attributes)
            if tag == "select":
                self.select = has["name"]
            elif tag == "option" and "selected" in has:
                fields[self.select] = has["value"]
            elif tag == "input" and (has.get("type") != "checkbox" or "checked" in has):
                fields.setdefault(has["name"], []).append(has.get("value", ""))

    Form().feed(client.get("/orders/rules").text)
    return fields


def test_rules_are_shown_tried_and_saved(as_user, web_settings, made):
    desk = as_user("dispatcher")
    typed = _typed(desk)
    assert typed["yellow-elapsed"] == ["150"]
    changed = {**typed, "green-elapsed": "90", "office": "明湖区巡查办"}
    before = _rules(web_settings)
    tried = desk.post("/orders/rules", data={**changed, "do": "preview"})
    assert tried.status_code == 200, tried.text
    assert 'class="sheet order-preview"' in tried.text
    assert _rules(web_settings) == before
    bad = desk.post("/orders/rules", data={**changed, "green-elapsed": "viel", "do": "save"})
    assert bad.status_code == 400
    assert "viel" in bad.text
    assert desk.post("/orders/rules", data={**changed, "do": "save"}).status_code == 302
    after = _rules(web_settings)
    assert after[OrderKind.GREEN].elapsed == 0.9
    assert {kind for kind in OrderKind if after[kind] != before[kind]} == {OrderKind.GREEN}
    assert "明湖区巡查办" in desk.get("/orders/rules").text
    assert (
        desk.post("/orders/rules", data={**_typed(desk), "green-elapsed": "100", "do": "save"}).status_code
        == 302
    )


def _rules(settings):
    with transaction(make_engine(settings.database_url)) as session:
        return service.current_rules(session)
