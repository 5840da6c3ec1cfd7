"""What a traffic light says, on pages and in files that are made where no page is."""

from __future__ import annotations

from geoservice.messages.marking import N_

LIGHT_WORDS: dict[str, str] = {
    "good": N_("Well covered"),
    "fair": N_("Partly covered"),
    "poor": N_("Poorly covered"),
    "none": N_("No data"),
}
