"""Who reads a page, for services that answer with words and days."""

from __future__ import annotations

from geoservice.services.areas import Reader
from geoservice.web.deployment import current_time, today
from geoservice.web.measure_words import written_here


def the_reader() -> Reader:
    """Return the reader of the page that is being made."""
    written = written_here()
    return Reader(today(), current_time(), written.locale, written.visits)
