"""The words of the map to edit, which its script shows, and of what was changed."""

from __future__ import annotations

from geoservice.web.texts import gettext


def editor_words() -> dict[str, str]:
    """Return what the script of the editor says."""
    return {
        "unsaved": gettext("Unsaved changes: {count}"),
        "none": gettext("Nothing is unsaved."),
        "saved": gettext("Saved: {count} changes."),
        "saving": gettext("Saving …"),
        "leave": gettext("There are unsaved changes. Leave all the same?"),
        "more": gettext("Not all are shown. Zoom in to see the rest."),
        "loaded": gettext("Shown: {zones} zones, {points} points."),
        "failed": gettext("The server did not answer. Nothing was saved; try again."),
        "draw_zone": gettext("Tap the corners; tap the first one again to close."),
        "draw_point": gettext("Tap where the point is."),
        "draw_line": gettext(
            "Draw a line across the zone, from outside to outside; tap the last corner again."
        ),
        "choose": gettext("Choose a zone or point on the map, or draw a new one."),
        "choose_zone": gettext("Choose a zone first."),
        "choose_merge": gettext("Choose the zones to merge: tap each, then Merge again."),
        "saved_first": gettext("Save or undo the other changes of this zone first."),
        "load_theirs": gettext("Load theirs"),
        "accept": gettext("Take the repaired shape"),
        "show": gettext("Show"),
        "area": gettext("Area: {area}"),
        "area_change": gettext("Area: {before} → {after} ({change} %)"),
        "part": gettext("Part {number}: {area}"),
        "new_zone": gettext("New zone"),
        "new_point": gettext("New point"),
        "ended": gettext("will end"),
        "code": gettext("Code"),
        "name": gettext("What it is called"),
    }


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
