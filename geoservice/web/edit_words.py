"""The words of the map to edit, which its script shows, and of what was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.errors import GeoServiceError, NotFound
from geoservice.services.exporting.templates import STREET_CLASSES
from geoservice.store import editing_view
from geoservice.web.texts import gettext
from geoservice.web.words import say

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def editor_words() -> dict[str, str]:
    """Return what the script of the editor says."""
    return {
        "unsaved": gettext("Unsaved changes: {count}"),
        "none": gettext("Nothing is unsaved."),
        "saved": gettext("Saved: {count} changes."),
        "saving": gettext("Saving …"),
        "leave": gettext("There are unsaved changes. Leave all the same?"),
        "more": gettext("Not all are shown. Zoom in to see the rest."),
        "loaded": gettext("Shown: {zones} zones, {points} points, {streets} streets."),
        "failed": gettext("The server did not answer. Nothing was saved; try again."),
        "draw_zone": gettext("Tap the corners; tap the first one again to close."),
        "draw_point": gettext("Tap where the point is."),
        "draw_street": gettext(
            "Tap along the street, the way traffic goes; ends catch on other streets. Tap the last place again to finish."
        ),
        "draw_line": gettext(
            "Draw a line across the zone, from outside to outside; tap the last corner again."
        ),
        "cross_street": gettext(
            "Draw a line across the street where it is to be cut; tap the last place again."
        ),
        "choose": gettext("Choose a zone, point or street on the map, or draw a new one."),
        "choose_zone": gettext("Choose a zone or a street first."),
        "choose_merge": gettext("Choose the zones, or the streets, to merge: tap each, then Merge again."),
        "saved_first": gettext("Save or undo the other changes of it first."),
        "load_theirs": gettext("Load theirs"),
        "accept": gettext("Take the repaired shape"),
        "show": gettext("Show"),
        "area": gettext("Area: {area}"),
        "area_change": gettext("Area: {before} → {after} ({change} %)"),
        "length": gettext("Length: {length}"),
        "length_change": gettext("Length: {before} → {after} ({change} %)"),
        "part": gettext("Part {number}: {area}"),
        "new_zone": gettext("New zone"),
        "new_point": gettext("New point"),
        "new_street": gettext("New street"),
        "ended": gettext("will end"),
        "removed": gettext("will be removed"),
        "end": gettext("End it"),
        "remove": gettext("Remove it"),
        "code": gettext("Code"),
        "name": gettext("What it is called"),
    }


def street_classes(session: Session) -> list[tuple[str, str]]:
    """Return the classes to choose from, each with what it is called: those that streets have, then the usual ones."""
    used = editing_view.street_classes(session)
    return [(each, class_word(each)) for each in dict.fromkeys([*used, *STREET_CLASSES])]


def class_word(street_class: str) -> str:
    """Return how a class of street is called; one that OpenStreetMap does not know, as it is."""
    words = {
        "motorway": gettext("motorway"), "trunk": gettext("expressway"), "primary": gettext("main road"), "secondary": gettext("secondary road"),
        "tertiary": gettext("district road"), "residential": gettext("residential street"), "living_street": gettext("living street"),
        "unclassified": gettext("other street"), "service": gettext("service lane"), "pedestrian": gettext("pedestrian street"),
        "footway": gettext("footway"), "steps": gettext("steps"), "path": gettext("path"), "cycleway": gettext("cycleway"), "track": gettext("track road"),
    }  # fmt: skip
    return words.get(street_class, street_class)


def sentence_of(error: GeoServiceError) -> str:
    """Return what a refusal says, in the reader's words."""
    if isinstance(error, NotFound):
        return gettext("This is not there any more, or it is not for you.")
    return say(error.code, error.values)


def field_word(name: str) -> str:
    """Return how a field of the ground is called."""
    words = {
        "name": gettext("What it is called"), "code": gettext("Code"), "parent_id": gettext("Belongs to"), "geom": gettext("Shape (m² or m)"),
        "valid_from": gettext("Valid from"), "valid_to": gettext("Valid until before"), "attributes": gettext("Other fields"),
        "category": gettext("Category"), "address": gettext("Address"), "active": gettext("In use"),
        "required_interval_days": gettext("Days between visits"), "service_minutes": gettext("Minutes of a visit"),
        "weight": gettext("Weight"), "street_class": gettext("Class"), "one_way": gettext("One way"),
    }  # fmt: skip
    return words.get(name, name)
