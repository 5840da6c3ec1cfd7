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
}
