"""A report's content without measuring anything: one made in the town of the cases."""

from __future__ import annotations

from datetime import date, timedelta

from geoservice.domain.report_kinds import ReportKind
from geoservice.services import cases, reports
from tests.services.cases.kit import NOW, lay, new_case, walk

ON = date(2026, 11, 18)
AFTER = NOW + timedelta(days=8)  # the week of NOW is over


def town_with_cases(session, settings):
    """A town with a case that was closed in time and one that is late since Thursday."""
    town = lay(session)
    done = cases.report(session, settings, new_case(source="inspection"), by=town.reporter, now=NOW)
    walk(session, settings, town, done.id, "open", "accept", "reply", "verify", "close", now=NOW)
    late = cases.report(
        session,
        settings,
        new_case(title="=cmd|' /C calc'!A0 <b>坏了</b>", lon=done.lon + 0.004),
        by=town.reporter,
        now=NOW + timedelta(minutes=5),
    )
    walk(session, settings, town, late.id, "open", "accept", now=NOW + timedelta(minutes=6))
    return town


def make_week(session, settings, *, now=AFTER):
    return reports.make(session, settings, ReportKind.WEEK, ON, by=None, now=now)
