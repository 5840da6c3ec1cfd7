"""The page of an order is one sheet of A4, however much is to be said, and fits a phone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from geoservice.services import orders as service
from geoservice.store.base import make_engine, transaction
from geoservice.store.orders import SupervisionOrder
from geoservice.store.people import department_by_code
from tests.factories import PASSWORD
from tests.services.order_kit import assigned
from tests.web.conftest import NOON


@pytest.fixture(scope="module")
def wordy(web_settings, city) -> int:
    """An order about a case with as many words as fit into it, answered at length."""
    with transaction(make_engine(web_settings.database_url)) as session:
        department = department_by_code(session, "D1")
        start = NOON - timedelta(hours=14)
        assigned(
            session, web_settings, "OWB1", start, title="占道经营" * 40, department_id=department.id, description="堆放杂物影响通行" * 250,
            leader_id=city.leader_ids[0], zone_id=city.grid_ids[0][5], address="人民路甲一号" * 20,
        )  # fmt: skip
        order_id = service.raise_due(session, web_settings, now=NOON)[1]
        people = [{"step": "superior", "leader_id": city.leader_ids[1], "name": f"某某某{n}", "title": "副主任"} for n in range(6)]  # fmt: skip
        session.execute(
            update(SupervisionOrder)
            .where(SupervisionOrder.id == order_id)
            .values(
                reply="已整改到位。" * 300,
                replied_at=NOON,
                recipients=SupervisionOrder.recipients.concat(people),
            )
        )
        return order_id


def test_the_page_is_one_sheet_and_nothing_stands_out(browser, live_url, wordy):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{live_url}/login")
    page.fill("input[name=login]", "dispatcher")
    page.fill("input[name=password]", PASSWORD)
    page.click("form:has(input[name=password]) button[type=submit]")
    page.goto(f"{live_url}/orders/{wordy}/paper")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("[data-print]").is_visible()
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    page.close()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
