"""A leader's ground on one page of A4: map, figures, the largest blind spots, overdue points, who answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from geoservice.domain.cases import ACTIVE
from geoservice.domain.lights import light_of
from geoservice.formats.sheet_document import Figure, Sheet, SheetTable, Trend
from geoservice.maps.figure import draw_figure
from geoservice.maps.inputs import inputs_sha256
from geoservice.messages.lights import LIGHT_WORDS
from geoservice.services import answering, areas, cases, coverage
from geoservice.services.areas import Reader
from geoservice.services.map_words import map_text
from geoservice.services.trends import zone_trend
from geoservice.store import order_list, people

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.drawing import Drawing
    from geoservice.domain.windows import Window
    from geoservice.maps.values import CityArea, GapShape, LeaderArea
    from geoservice.services.written import Written

MAP_MM = (186.0, 130.0)
MOST_GAPS = MOST_POINTS = 10
MOST_PEOPLE = 6
MOST_DAYS = 31
MOST_ORDERS = 200


@dataclass(frozen=True)
class Asked:
    """Whose sheet, for which days, on which day and by whom it is read."""

    leader_id: int
    window: Window
    on: date
    now: datetime
    written: Written

    @property
    def reader(self) -> Reader:
        """For whom services write words and days."""
        return Reader(self.on, self.now, self.written.locale, self.written.visits)


def leader_sheet(session: Session, settings: Settings, asked: Asked) -> Sheet:
    """Return a leader's sheet; the session sees his ground, and of cases and orders what is shown to him."""
    say, window = asked.written.say, asked.window
    area = areas.leader_area(session, settings, asked.leader_id, window, asked.reader)
    leader = people.leader_by_id(session, asked.leader_id)
    name = f"{area.leader_name} {leader.title}".strip() if leader else area.leader_name
    return Sheet(
        title=say("sheet_leader", name=name),
        subtitle=days_words(window, asked.written),
        facts=(as_of_words(area, asked.written), say("sheet_made", at=asked.written.instant(asked.now))),
        figures=_figures(session, settings, asked, area),
        trend=_trend(session, settings, asked, area),
        drawing=drawing_of(area, asked.written, MAP_MM, numbers_of(area)),
        gaps=_gaps(area, asked.written),
        overdue=_overdue(area, asked.written),
        contacts=_contacts(session, asked),
        foot=hash_words(area, asked.written),
    )


def drawing_of(
    area: LeaderArea | CityArea,
    written: Written,
    size_mm: tuple[float, float],
    numbers: Mapping[int, int] | None = None,
) -> Drawing:
    """Return the map of an area for paper; `numbers`: what blind spots bear, else the first ones their rank."""
    text = map_text(written, written.say("sheet_coverage"), "")
    return draw_figure(area, text, size_mm, north=written.say("sheet_north"), numbers=numbers)


def numbers_of(area: LeaderArea) -> dict[int, int]:
    """Return gap → its number in the sheet's list of the largest."""
    return {gap.id: number for number, gap in enumerate(_largest(area), 1)}


def days_words(window: Window, written: Written) -> str:
    """Say which days a sheet or a map is about."""
    return written.say("sheet_window", from_on=window.from_on.isoformat(), to_on=window.to_on.isoformat())


def as_of_words(area: LeaderArea | CityArea, written: Written) -> str:
    """Say as of when an area's blind spots hold."""
    if area.computed_at is None:
        return written.say("sheet_not_computed")
    return written.say("sheet_as_of", at=written.instant(area.computed_at))


def hash_words(area: LeaderArea | CityArea, written: Written) -> str:
    """Say the hash of what an area was made from."""
    return written.say("sheet_hash", hash=inputs_sha256(area))


def _figures(session: Session, settings: Settings, asked: Asked, area: LeaderArea) -> tuple[Figure, ...]:
    say, write, totals = asked.written.say, asked.written, area.totals
    light = light_of(totals.rate)
    before = _rate_before(session, settings, asked, area)
    note = " · ".join((write.word(LIGHT_WORDS[light]), *([say("sheet_before", rate=write.percent(before))] if before is not None else [])))  # fmt: skip
    visited = sum(point.state in {"visited_findings", "visited_clean", "probable"} for point in area.points)
    to_cover = f"/ {write.area(totals.area_m2 - totals.excluded_m2)}"
    return (
        Figure(say("sheet_rate"), _percent(totals.rate, write), note, light),
        Figure(say("sheet_covered"), write.area(totals.covered_m2), to_cover),
        Figure(say("sheet_gaps"), "–" if totals.gap_count is None else write.count(totals.gap_count)),
        Figure(say("sheet_points"), write.count(visited), f"/ {write.count(len(area.points))}"),
        *_work(session, asked),
    )


def _work(session: Session, asked: Asked) -> tuple[Figure, Figure]:
    """Open cases on the ground and open orders to him, and how many of each are late."""
    say, count = asked.written.say, asked.written.count
    counted = cases.counts(session, cases.CaseFilters())
    late = cases.counts(session, cases.CaseFilters(overdue_at=asked.now))
    orders = order_list.sent_to(session, None, asked.leader_id, open_only=True, limit=MOST_ORDERS)
    late_orders = sum(order.is_overdue(asked.now) for order in orders)
    late_cases = sum(late[state] for state in ACTIVE)
    return (
        Figure(say("sheet_cases"), count(sum(counted[state] for state in ACTIVE)), say("sheet_late", late=count(late_cases))),
        Figure(say("sheet_orders"), count(len(orders)), say("sheet_late", late=count(late_orders))),
    )  # fmt: skip


def _rate_before(session: Session, settings: Settings, asked: Asked, area: LeaderArea) -> float | None:
    """Return the rate of the same ground in as many days before."""
    window, leaves = asked.window, [zone.id for zone in area.zones]
    days = (window.to_on - window.from_on).days + 1
    before = replace(window, from_on=window.from_on - timedelta(days), to_on=window.from_on - timedelta(1))
    rows = coverage.zone_coverage(session, settings, before, zone_ids=leaves) if leaves else []
    return coverage.totals(rows).rate if rows else None


def _trend(session: Session, settings: Settings, asked: Asked, area: LeaderArea) -> Trend:
    window, write = asked.window, asked.written
    days = (window.to_on - window.from_on).days + 1
    leaves = [zone.id for zone in area.zones]
    points = zone_trend(
        session, settings, window, step="day" if days <= MOST_DAYS else "week", zone_ids=leaves
    ) if leaves else []  # fmt: skip
    rates: list[float | None] = []
    words = []
    for first in sorted({point.first_on for point in points}):
        of_bucket = [point for point in points if point.first_on == first]
        ground = sum(point.area_m2 for point in of_bucket)
        is_known = any(point.rate is not None for point in of_bucket) and ground > 0
        rates.append(sum(point.covered_m2 for point in of_bucket) / ground if is_known else None)
        words.append(f"{first.isoformat()}: {_percent(rates[-1], write)}")
    heading = write.say("sheet_trend") if days <= MOST_DAYS else write.say("sheet_trend_weeks")
    return Trend(heading, tuple(rates), window.from_on.isoformat(), window.to_on.isoformat(), tuple(words))


def _gaps(area: LeaderArea, write: Written) -> SheetTable:
    rows = tuple(
        (
            write.count(number),
            f"{gap.zone_name} · {gap.zone_code}",
            write.area(gap.area_m2),
            write.word("Never seen") if gap.days_unseen is None else write.days(gap.days_unseen),
        )
        for number, gap in enumerate(_largest(area), 1)
    )
    say = write.say
    note = "" if rows else say("sheet_no_gaps") if area.totals.rate is not None else write.word("No data")
    columns = ("#", say("sheet_where"), say("sheet_size"), say("sheet_unseen"))
    return SheetTable(say("sheet_largest"), columns, (0.08, 0.50, 0.21, 0.21), rows, note)


def _largest(area: LeaderArea) -> list[GapShape]:
    return sorted(area.gaps, key=lambda gap: (-gap.area_m2, gap.rank))[:MOST_GAPS]


def _overdue(area: LeaderArea, write: Written) -> SheetTable:
    # Those never visited come last: of some nobody knew before.
    late = sorted(
        (point for point in area.points if point.due == "overdue"), key=lambda point: point.last_visit
    )
    late += [point for point in area.points if point.due == "never"]
    rows = tuple(
        (point.name, point.last_visit if point.due == "overdue" else write.say("sheet_never_visited"))
        for point in late[:MOST_POINTS]
    )
    say, more = write.say, len(late) - len(rows)
    note = say("sheet_more", number=write.count(more)) if more else "" if rows else say("sheet_no_overdue")
    heading = f"{say('sheet_overdue')} ({write.count(len(late))})"
    return SheetTable(heading, (write.word("Point"), say("sheet_last_visit")), (0.56, 0.44), rows, note)


def _contacts(session: Session, asked: Asked) -> SheetTable:
    """Everybody who answers for some of the ground, each once, he himself first."""
    say = asked.written.say
    found: dict[tuple[str, str], answering.Responsible] = {}
    for ground in answering.responsible(session, asked.leader_id, asked.on, locale=asked.written.locale):
        for one in ground.people:
            found.setdefault((one.role, one.name), one)
    ordered = sorted(found.values(), key=lambda one: not one.is_me)
    rows = tuple((one.role, f"{one.name} {one.title}".strip(), one.phone) for one in ordered[:MOST_PEOPLE])
    more = len(ordered) - len(rows)
    note = say("sheet_more", number=asked.written.count(more)) if more else ""
    return SheetTable(say("sheet_contacts"), ("", "", ""), (0.3, 0.42, 0.28), rows, note)


def _percent(rate: float | None, write: Written) -> str:
    return write.word("No data") if rate is None else write.percent(rate)
