"""What the import desk says."""

from __future__ import annotations

from geoservice.messages.marking import N_

DESK: dict[str, str] = {
    "repair_not_wanted": N_(
        "Row {row} of {file} crosses or touches itself; repairing it would change its area by {percent} %. Draw it anew, or take the repairs."
    ),
    "upload_too_large": N_(
        "More than {most} MB came at once, and nothing was kept. Split the files, or send fewer of them."
    ),
    "paste_too_large": N_("The pasted list is longer than a form may be. Save it as a file and drop that."),
    "outcome_unknown": N_("There is no list {value}. Choose one of: {outcomes}."),
    "box_invalid": N_("{value} is no part of the map. Write west,south,east,north in degrees."),
    "draft_not_found": N_("There is no import {id} on the desk. It may have been dropped; begin anew."),
    "draft_busy": N_("This import is being worked on just now. Wait until that is done, or cancel it."),
    "draft_changed": N_("Somebody else changed this import meanwhile. Look at it again, then choose."),
    "draft_applied": N_("This import was applied already. Undo it, or begin another."),
    "draft_not_ready": N_(
        "This import has to be looked at and checked first. Take the steps in their order."
    ),
    "nothing_to_apply": N_("This import would change nothing. Choose another file, or drop it."),
    "column_unchosen": N_(
        "Say which column holds this: {column}. If no column alone does, put it together from several."
    ),
    "repairs_need_answer": N_(
        "{count} shapes would be repaired. Look at them on the map, then take the repairs or leave those rows out."
    ),
    "ground_changed_since_check": N_(
        "What is stored has changed since the check, so this import would do something else. Check it again, then apply it."
    ),
    "choice_needed": N_("Choose {choice} first."),
    "choice_unknown": N_("{choice} can't be chosen here. There are: {known}."),
    "choice_impossible": N_("{value} is no choice for {choice}. Choose one of: {known}."),
    "upload_empty": N_("No file arrived. Choose one or more files."),
    "upload_too_many": N_("{count} files are too many; {most} are taken at once. Import them in parts."),
    "upload_twice": N_("{file} was chosen twice. Leave one out."),
    "shapefile_part_alone": N_(
        "{file} is a part of a Shapefile. Choose its .shp, .shx, .dbf and .prj together, or put them into one zip."
    ),
    "paste_empty": N_("Nothing was pasted. Copy the cells with their header and paste them."),
    "paste_unreadable": N_(
        "The pasted text holds letters that can't be kept. Copy it again from its source."
    ),
    "disk_full": N_("The server's disk is full, so nothing was kept. Ask your administrator to make room."),
}
