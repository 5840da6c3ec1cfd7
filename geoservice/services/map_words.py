"""Every word on a map, as its reader writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.maps.text import MapText
from geoservice.messages.map_words import MAP_WORDS

if TYPE_CHECKING:
    from geoservice.services.written import Written


def map_text(written: Written, title: str, fit: str) -> MapText:
    """Return every word on a map; `fit` is what the button says that shows all of the ground again."""
    return MapText(
        lang=written.lang,
        title=title,
        **{field: written.word(text) for field, text in MAP_WORDS.items()},
        fit=fit,
        write_area=written.area,
        write_length=written.length,
        write_percent=written.percent,
        write_count=written.count,
        write_days=written.days,
        write_day=written.day,
        write_instant=written.instant,
    )
