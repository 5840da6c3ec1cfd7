"""Who reads a page, for services that answer with words and days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.services.areas import Reader
from geoservice.web import words
from geoservice.web.deployment import current_time, today
from geoservice.web.texts import current_locale, gettext

if TYPE_CHECKING:
    from geoservice.services.point_counts import PointRow


def the_reader() -> Reader:
    """Return the reader of the page that is being made."""
    return Reader(today(), current_time(), current_locale(), _wording)


def _wording(point: PointRow) -> tuple[str, str]:
    """Write when a point was last visited, and its longest stretch without a visit."""
    last = words.write_instant(point.last_visit_at) if point.last_visit_at else gettext("never")
    longest = point.longest_unvisited_days
    return last, "" if longest is None else words.write_part_days(longest)
