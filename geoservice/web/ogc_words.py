"""What the collections are called, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.services.collections.catalogue import Days
from geoservice.web.texts import gettext

if TYPE_CHECKING:
    from geoservice.services.collections.catalogue import Collection


def title_of(collection: Collection) -> str:
    """Return the name of a collection."""
    return {
        "zones": gettext("Zones"),
        "points": gettext("Inspection points"),
        "streets": gettext("Streets"),
        "routes": gettext("Patrol routes"),
        "gaps": gettext("Blind spots"),
        "tracks": gettext("Tracks"),
    }[collection.id]


def description_of(collection: Collection) -> str:
    """Say what a collection holds, and what `datetime` means for it."""
    return {
        "zones": gettext("Borders of districts, streets, communities and grid cells as they hold today."),
        "points": gettext("Places that patrols must look at."),
        "streets": gettext("Stretches of street as lines."),
        "routes": gettext("Planned orders of stops, with the line they follow."),
        "gaps": gettext("Ground that no patrol saw, as the newest report of 1, 7 or 30 days found it."),
        "tracks": gettext("Where each device was, a line a day, of the last seven days."),
    }[collection.id]


def about_days(collection: Collection) -> str:
    """Say what the parameter `datetime` does."""
    return {
        Days.NONE: gettext("These features have no time: datetime leaves none of them out."),
        Days.VALID: gettext(
            "With datetime: the versions that hold on that day, or on a day of that span; ../.. for all there ever were."
        ),
        Days.REPORT: gettext("With from and to, or datetime: the report about exactly these days."),
        Days.RECORDED: gettext("With datetime: what was recorded on these days, at most 31."),
    }[collection.days]
