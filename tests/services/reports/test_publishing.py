"""A report from draft to withdrawal: frozen with its hash, one a period, the same inputs the same hash."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from geoservice.domain.report_kinds import ReportKind, window_before, window_of
from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.messages import SENTENCES
from geoservice.services import cases, reports
from geoservice.services.reports import formulas
from geoservice.services.reports.measures import RATES_OF
from tests.services.cases.kit import NOW, new_case, walk
from tests.services.reports.kit import AFTER, ON, make_week, town_with_cases

EVERYBODY = {
    subject: {"closing_rate": 60, "rework_rate": 40} for subject in ("zone", "leader", "department", "person")
}


@pytest.fixture
def town(session, settings):
    return town_with_cases(session, settings)


def refused(error, code, call):
    with pytest.raises(error) as caught:
        call()
    assert caught.value.code == code and code in SENTENCES


@pytest.mark.parametrize(
    ("kind", "first", "last", "before"),
    [
        (ReportKind.DAY, ON, ON, date(2026, 11, 17)),
        (ReportKind.WEEK, date(2026, 11, 16), date(2026, 11, 22), date(2026, 11, 9)),
        (ReportKind.MONTH, date(2026, 11, 1), date(2026, 11, 30), date(2026, 10, 1)),
        (ReportKind.QUARTER, date(2026, 10, 1), date(2026, 12, 31), date(2026, 7, 1)),
    ],
)
def test_each_kind_is_of_whole_periods(kind, first, last, before):
    window = window_of(kind, ON)
    assert (window.from_on, window.to_on) == (first, last)
    assert window_before(kind, ON).from_on == before
    assert window_of(kind, last + timedelta(days=1)).from_on == last + timedelta(days=1)


def test_what_a_draft_says(session, settings, town):
    content = make_week(session, settings).content
    city = content["city"]
    assert city["rates"]["closing_rate"] == [1, 2]
    assert city["rates"]["on_time_closing_rate"] == [1, 2]
    assert city["rates"]["coverage_rate"] == [0, 0]
    assert (city["counts"]["reported"], city["counts"]["overdue"]) == (2, 1)
    (late,) = content["cases"]
    assert late["title"].startswith("=cmd") and late["late_h"] > 24 and late["department"] == "环卫处"
    west = next(row for row in content["zones"] if row["id"] == town.west)
    assert west["rates"]["closing_rate"] == [1, 2]
    assert content["before"] is None and all(row["before"] is None for row in content["zones"])
    for subject, codes in RATES_OF.items():
        told = {code for row in content[f"{subject}s"] for code in row["rates"]}
        assert told <= set(codes), f"what a formula may weigh of a {subject} is what is measured of it"
    assert set(west["rates"]) == set(RATES_OF["zone"])


def test_the_same_inputs_have_the_same_hash_and_any_other_another(session, settings, town):
    first = make_week(session, settings)
    again = make_week(session, settings, now=AFTER + timedelta(days=30))
    assert (again.id, again.number, again.inputs_sha256) == (first.id, first.number, first.inputs_sha256)
    assert again.is_sound and len(again.inputs_sha256) == 64
    new = cases.report(session, settings, new_case(), by=town.reporter, now=NOW + timedelta(hours=9))
    assert make_week(session, settings).inputs_sha256 != first.inputs_sha256
    # What happens after the week is none of its inputs.
    second = make_week(session, settings)
    walk(session, settings, town, new.id, "open", now=AFTER)
    assert make_week(session, settings).inputs_sha256 == second.inputs_sha256


def test_a_published_report_stands_still_whatever_is_tried(session, settings, town):
    draft = make_week(session, settings)
    reports.set_remarks(session, draft.id, " 请各街道整改 ")
    done = reports.publish(session, settings, draft.id, by=None, now=AFTER)
    assert (done.state, done.remarks, done.inputs_sha256) == (
        "published",
        "请各街道整改",
        draft.inputs_sha256,
    )
    refused(Conflict, "report_frozen", lambda: reports.set_remarks(session, draft.id, "x"))
    refused(Conflict, "report_frozen", lambda: reports.drop(session, draft.id))
    refused(
        Conflict, "report_frozen", lambda: reports.publish(session, settings, draft.id, by=None, now=AFTER)
    )
    for change in ("content = '{}'", "remarks = ''", "inputs_sha256 = '\\x00'", "published_at = NULL"):
        with pytest.raises(DBAPIError, match="stands still"), session.begin_nested():
            session.execute(text(f"UPDATE report SET {change} WHERE id = :id"), {"id": draft.id})
    with pytest.raises(DBAPIError, match="stands still"), session.begin_nested():
        session.execute(text("DELETE FROM report WHERE id = :id"), {"id": draft.id})


def test_a_period_has_one_standing_report_and_another_number_after_it_was_withdrawn(session, settings, town):
    first = reports.publish(session, settings, make_week(session, settings).id, by=None, now=AFTER)
    second = make_week(session, settings)
    assert second.id != first.id and second.number != first.number
    refused(
        Conflict, "report_published_already",
        lambda: reports.publish(session, settings, second.id, by=None, now=AFTER),
    )  # fmt: skip
    reports.withdraw(session, first.id, by=None, now=AFTER)
    refused(Conflict, "report_not_published", lambda: reports.withdraw(session, first.id, by=None, now=AFTER))
    refused(NotFound, "report_unknown", lambda: reports.find(session, first.id))
    reports.publish(session, settings, second.id, by=None, now=AFTER)
    assert [view.id for view in reports.find_published(session)] == [second.id]
    kept = reports.find(session, first.id, drafts=True)
    assert (kept.state, kept.content, kept.is_sound) == ("withdrawn", first.content, True)


def test_what_was_made_before_its_period_was_over_is_not_published(session, settings, town):
    early = make_week(session, settings, now=NOW + timedelta(days=1))
    refused(
        Conflict,
        "report_made_early",
        lambda: reports.publish(session, settings, early.id, by=None, now=AFTER),
    )
    refused(
        BadRequest, "report_not_begun",
        lambda: reports.make(session, settings, ReportKind.WEEK, date(2027, 1, 1), by=None, now=AFTER),
    )  # fmt: skip


def test_a_draft_that_somebody_changed_is_not_published(session, settings, town):
    draft = make_week(session, settings)
    session.execute(text("UPDATE report SET content = jsonb_set(content, '{city,counts,overdue}', '0')"))
    session.expire_all()
    assert not reports.find(session, draft.id, drafts=True).is_sound
    refused(
        Conflict, "report_unsound", lambda: reports.publish(session, settings, draft.id, by=None, now=AFTER)
    )


def test_the_report_before_is_compared_with(session, settings, town):
    reports.publish(session, settings, make_week(session, settings).id, by=None, now=AFTER)
    formulas.change(session, "新公式", EVERYBODY, valid_from=date(2026, 11, 1), by=None)
    later = AFTER + timedelta(days=7)
    walk(session, settings, town, _late(session), "reply", "verify", "close", now=AFTER)
    following = reports.make(session, settings, ReportKind.WEEK, ON + timedelta(days=7), by=None, now=later)
    before = {
        (row["kind"], row["id"]): row for row in reports.find_published(session)[0].content["departments"]
    }
    assert following.content["before"]["number"] == "周报 2026-001"
    for row in following.content["departments"]:
        earlier = before[row["kind"], row["id"]]
        told = (
            {"points": earlier["points"], "rank": earlier["rank"]} if earlier["points"] is not None else None
        )
        assert row["before"] == told


def test_a_change_of_the_formula_makes_a_version_and_old_days_keep_theirs(session, settings, town):
    old = make_week(session, settings).content["formula"]
    new = formulas.change(session, "自十二月起", EVERYBODY, valid_from=date(2026, 12, 1), by=None)
    assert make_week(session, settings).content["formula"] == old
    december = reports.make(
        session, settings, ReportKind.DAY, date(2026, 12, 2), by=None, now=AFTER + timedelta(days=9)
    )
    assert december.content["formula"]["id"] == new.id != old["id"]
    assert formulas.versions(session)[0].name == "自十二月起"
    refused(
        BadRequest, "formula_name_bad",
        lambda: formulas.change(session, " ", EVERYBODY, valid_from=date(2026, 12, 1), by=None),
    )  # fmt: skip


def _late(session) -> int:
    return session.scalar(text("SELECT id FROM patrol_case WHERE title LIKE '=cmd%'"))
