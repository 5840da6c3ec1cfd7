"""What editing the map, its history and undoing an import say."""

from __future__ import annotations

from geoservice.messages.marking import N_

EDITING: dict[str, str] = {
    "batch_not_found": N_("There is no import {batch}. `imports list` shows those there are."),
    "undone_already": N_("The import {batch} was undone already. There is nothing left to take back."),
    "changed_since_import": N_(
        "{count} things of this import were changed since ({codes}; last by {by} on {at}). Undo the later import first, or change them by hand; nothing was undone."
    ),
    "used_since_import": N_(
        "{count} things that this import brought are in use ({codes}; by: {kind}). Take them out of use first; nothing was undone."
    ),
    "changed_meanwhile": N_(
        "{by} changed {code} on {at}, after you had loaded it. Load it again to see what it is now; nothing was saved."
    ),
    "gone_meanwhile": N_(
        "{code} was taken away by {by} on {at}, after you had loaded it. Load the map again; nothing was saved."
    ),
    "repair_needed": N_(
        "The shape of {code} crosses itself and has to be repaired, which changes its area by {percent} %. Look at the repaired shape, then save it, or draw it again."
    ),
    "repairs_asked": N_("{count} shapes cross or touch themselves. Take them as they were repaired?"),
    "repairs_unanswered": N_(
        "{count} shapes cross or touch themselves and would be repaired; nothing was written. See them with --dry-run, then say --repairs take or --repairs leave."
    ),
    "shape_unusable": N_("The shape of {code} can't be used ({reason}). Draw it again."),
    "shape_off_earth": N_(
        "The shape of {code} lies outside longitude ±180 or latitude ±90. Give longitude and latitude in degrees, longitude first."
    ),
    "shape_too_large": N_(
        "The shape of {code} is too large for the raster of this city. Check its coordinates, or draw it smaller."
    ),
    "outside_your_ground": N_("{code} would lie outside the ground you look after. Draw it inside."),
    "code_needed": N_("A code is needed: at most {most} characters."),
    "name_too_long": N_("The text {field} is longer than {most} characters. Shorten it."),
    "code_taken": N_("The code {code} is taken already. Choose another."),
    "level_unknown": N_("There is no level {level}. Choose one of: {levels}."),
    "parent_unusable": N_(
        "The zone chosen to belong to is not there today, or its level is not wider than {level}. Choose another, or none."
    ),
    "category_unknown": N_("There is no category {value}. Choose one of: {categories}."),
    "field_unknown": N_("{field} can't be changed. These can: {fields}."),
    "field_invalid": N_("{value} is no value for {field}. Correct it."),
    "still_used": N_("{code} is in use ({kind}) and can't be removed. Take it out of use there first."),
    "has_children": N_(
        "{count} zones belong to {code} ({codes}). Give them another zone to belong to, or end them first."
    ),
    "split_misses": N_("The line does not cut {code} in two. Draw it from outside across to the outside."),
    "split_parts": N_("The line cuts {code} into {count} parts. Give {count} codes, or draw another line."),
    "street_not_crossed": N_("The line does not cross {code}. Draw it across the street, not along it."),
    "join_few": N_("At least two streets are needed to merge, and at most {most} at once."),
    "join_apart": N_(
        "The streets do not follow one another end to end, or more than two meet at one place. Choose streets that make one line."
    ),
    "join_one_way": N_(
        "Traffic does not go one way along all of these streets. Turn one round, or make all of them one-way or none."
    ),
    "join_levels": N_(
        "A bridge or tunnel can't be one street with what lies on the ground. Leave it by itself."
    ),
    "merge_few": N_("At least two zones are needed to merge."),
    "merge_apart": N_("The zones do not touch and would not be one area. Choose neighbours."),
    "merge_levels": N_("Zones of several levels can't be merged. Choose zones of one level."),
    "nothing_to_save": N_("Nothing was changed, so there is nothing to save."),
    "changes_unreadable": N_("The changes can't be read: {reason}. Load the page again and repeat them."),
    "too_many_changes": N_("{count} changes at once are too many. Save at most {most} at a time."),
    "box_unreadable": N_("The part of the map asked for can't be read. Load the page again."),
    "geometry_unreadable": N_("The geometry can't be read. Write it as WKT or GeoJSON, longitude first."),
}

USES: dict[str, str] = {
    "contract": N_("a contract"),
    "route": N_("a route"),
    "case": N_("a case"),
    "check_in": N_("a check-in"),
    "inspection": N_("an inspection"),
    "wanted": N_("the next plan"),
    "user": N_("an account"),
    "zone": N_("a zone"),
    "report": N_("a citizen's report"),
}
"""What something of the ground may be in use for."""
