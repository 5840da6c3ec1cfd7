"""What the checks of the ground say."""

from __future__ import annotations

from geoservice.messages.marking import N_

CHECKS = {
    "outside_parent": N_(
        "Reaches beyond the zone above it. Move one of the two borders, or choose another parent."
    ),
    "no_parent": N_("Has no zone above it. Name its parent, or import it again by place."),
    "code_not_below_parent": N_(
        "The code does not begin with that of the zone above. Correct the code, or choose another parent."
    ),
    "same_name": N_("Several zones under one parent have this name. Give each its own."),
    "overlap": N_("Zones overlap here: the ground counts for both. Move one of the borders."),
    "gap": N_("No zone has this ground. Move a border over it, or draw a zone."),
    "same_point": N_("Two points with one name, close together. Delete one of them."),
    "codes_alike": N_(
        "These codes differ only by width, case, blanks or look-alikes. Keep one way to write them."
    ),
    "code_not_digits": N_("The code holds something that is no digit. Write it with 0 to 9 only."),
    "code_wrong_length": N_("A code of this level has {digits} digits. Complete or shorten it."),
    "snap_tolerance": N_("A tolerance of {tolerance} m can't be used: above 0, at most {most} m."),
    "snap_tolerance_unreadable": N_("A tolerance is a number of metres, such as 0.5; this is none: {value}."),
    "snap_changed": N_(
        "Borders have changed since they were shown. Look at the new preview, then confirm again."
    ),
    "check_unknown": N_("There is no check {value}. Choose one of: {checks}."),
}
