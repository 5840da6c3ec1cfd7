"""What the parameters of a request ask for, checked one by one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from geoservice.domain import cql2
from geoservice.domain.filters import Compare
from geoservice.domain.queryables import Kind, value_of_text
from geoservice.domain.windows import local_day
from geoservice.errors import BadRequest
from geoservice.services.collections.catalogue import Days
from geoservice.services.collections.places import CRS84, USUAL, Place, box_of, places_of
from geoservice.services.gap_reports import STANDARD_DAYS
from geoservice.store import feature_rows
from geoservice.store.feature_filters import Conditions
from geoservice.store.feature_rows import Slice
from geoservice.store.ground import read_deployment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.collections.catalogue import Collection

DEFAULT_LIMIT, MOST = 1000, 10_000
RECENT_DAYS, MOST_DAYS = 7, 31
LARGEST_KEY = 2**63 - 1
FILTERING = frozenset({"filter", "filter-lang", "filter-crs", "datetime"})
PAGING = frozenset({"limit", "after", "before", "bbox", "bbox-crs", "crs"})
OPEN = {"", ".."}


@dataclass(frozen=True)
class Asker:
    """Where and when something is asked: the deployment's systems, its day and its zone."""

    open_session: Callable[[], Session]
    today: date
    zone: ZoneInfo
    timezone: str

    @cached_property
    def places(self) -> dict[str, Place]:
        """The deployment's systems of coordinates by their addresses; read only when a question names one."""
        found = read_deployment(self.open_session())
        return places_of(found.metric_epsg if found else None)


def asker(open_session: Callable[[], Session], settings: Settings, today: date) -> Asker:
    """Return what the deployment knows before any question; `open_session` always returns the same session."""
    return Asker(open_session, today, settings.zone_info, settings.timezone)


def queryables_of(collection: Collection) -> dict[str, Kind]:
    """Return the properties that a filter may name."""
    return {name: kind for name, kind in collection.source.kinds.items() if kind is not Kind.JSON}


def parameters_of(collection: Collection, more: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the names that parameters about a collection may have."""
    window = {"from", "to"} if collection.days is Days.REPORT else set()
    return FILTERING | window | queryables_of(collection).keys() | more


def conditions_of(
    collection: Collection, args: Mapping[str, str], who: Asker, *, boxed: bool = True
) -> Conditions:
    """Return what the parameters demand of the features."""
    found = conditions_of_days(collection, args, who)
    for name, kind in queryables_of(collection).items():
        if name in args:
            found.add_filter(Compare(name, "=", value_of_text(name, kind, args[name])))
    if "filter" in args:
        if args.get("filter-lang", "cql2-text") != "cql2-text":
            raise BadRequest("filter_language", value=args["filter-lang"][:40])
        written_in = place_named(args.get("filter-crs", CRS84), who)
        found.add_filter(cql2.parse(args["filter"], queryables_of(collection), written_in.to_lonlat))
    if boxed and "bbox" in args:
        found.add_shape(box_of(args["bbox"], place_named(args.get("bbox-crs", CRS84), who)))
    return found


def conditions_of_days(collection: Collection, args: Mapping[str, str], who: Asker) -> Conditions:
    """Return which days the parameters ask about, as a condition."""
    first, last = _days_asked(args, who) or (None, None)
    days = (first or date.min, last or date.max)
    found = Conditions(collection.source, timezone=who.timezone)
    if collection.days is Days.NONE:
        return found
    if collection.days is Days.VALID:
        days = days if "datetime" in args else (who.today, who.today)
    elif collection.days is Days.REPORT:
        days = days if first and last else _newest_report(who.open_session())
    else:
        days = _recorded_days(first, last, who)
    found.add(collection.source.during, from_on=days[0], to_on=days[1])
    return found


def key_condition(collection: Collection, text: str, who: Asker) -> Conditions:
    """Return what finds the feature with an id as an address has it."""
    if not text.isascii() or not text.isdecimal() or int(text[:20]) > LARGEST_KEY:
        raise BadRequest("feature_id", value=text[:40])
    found = Conditions(collection.source, timezone=who.timezone)
    found.add(collection.source.found_by, id=int(text))
    return found


def slice_of(args: Mapping[str, str]) -> Slice:
    """Return which page is asked for; more than MOST features never come at once."""
    limit = _whole("limit", args.get("limit", str(DEFAULT_LIMIT)))
    if limit < 1:
        raise BadRequest("limit_unreadable", value=args["limit"][:40], most=MOST)
    if "after" in args and "before" in args:
        raise BadRequest("after_and_before")
    after, before = (_whole(name, args[name]) if name in args else None for name in ("after", "before"))
    return Slice(min(limit, MOST), after, before)


def place_named(uri: str, who: Asker) -> Place:
    """Return the coordinate system with an address."""
    if uri == CRS84:
        return USUAL
    place = who.places.get(uri)
    if place is None:
        raise BadRequest("crs_unknown", value=uri[:100], known=", ".join(who.places))
    return place


def _whole(name: str, text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        code = "limit_unreadable" if name == "limit" else "key_unreadable"
        raise BadRequest(code, value=text[:40], name=name, most=MOST)
    return int(text)


def _days_asked(args: Mapping[str, str], who: Asker) -> tuple[date | None, date | None] | None:
    """Return the first and last local day of `datetime`, or of `from` and `to`; None for an open end, or without either."""
    if "from" in args or "to" in args:
        text = f"{args.get('from') or args.get('to')}/{args.get('to') or args.get('from')}"
    elif "datetime" in args:
        text = args["datetime"]
    else:
        return None
    ends = [None if part in OPEN else _day(part, text, who) for part in text.split("/")]
    if len(ends) > 2 or (len(ends) == 1 and ends[0] is None):
        raise BadRequest("datetime_unreadable", value=text[:60])
    first, last = ends[0], ends[-1]
    if first and last and first > last:
        raise BadRequest("datetime_reversed")
    return first, last


def _day(part: str, text: str, who: Asker) -> date:
    try:
        if len(part) == 10:
            return date.fromisoformat(part)
        # A plus sign that was not encoded arrives as a space.
        instant = datetime.fromisoformat(part.replace(" ", "+"))
        if instant.tzinfo is not None:
            return local_day(instant, who.zone)
    except (ValueError, OverflowError):
        pass
    raise BadRequest("datetime_unreadable", value=text[:60])


def _newest_report(session: Session) -> tuple[date, date]:
    """Return the window of the newest standard report; one that has no report where there is none."""
    found = feature_rows.newest_gap_report(session, STANDARD_DAYS)
    first, last = json.loads(found) if found else (date.min.isoformat(),) * 2
    return date.fromisoformat(first), date.fromisoformat(last)


def _recorded_days(first: date | None, last: date | None, who: Asker) -> tuple[date, date]:
    """Return the days whose tracks are served: an open end is today, or a week before the other."""
    last = last or who.today
    first = first or date.fromordinal(max(last.toordinal() - RECENT_DAYS + 1, 1))
    if (last - first).days >= MOST_DAYS:
        raise BadRequest("too_many_days", most=MOST_DAYS)
    return first, last
