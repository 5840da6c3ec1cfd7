"""How long ago ground was last seen, as the image of a map, its bands named for the reader."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from geoservice.domain.windows import Window
from geoservice.maps.values import AgeImage
from geoservice.services.ages import age_raster
from geoservice.services.coverage import has_data
from geoservice.web.deployment import current_settings
from geoservice.web.words import words_of_bands

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

MOST_PIXELS = 1_000_000
"""A megapixel of seven colours is some tens of KB in the page."""


def age_image(
    session: Session, window: Window, *, zone_ids: Collection[int] | None = None, shown: bool = False
) -> AgeImage | None:
    """Return the image of the zones this session sees (or of `zone_ids`) as of the window's last day; None: no ground, or nothing is known."""
    settings = current_settings()
    history = replace(Window.ending(window.to_on, settings.history_days), period=window.period)
    raster = has_data(session, history) and age_raster(
        session, settings, window.to_on, zone_ids=zone_ids, period=window.period, max_pixels=MOST_PIXELS
    )
    if not raster:
        return None
    west, south, east, north = raster.bounds
    return AgeImage(raster.bands, west, south, east, north, words_of_bands(raster.days), shown)
