"""What leaders and dispatchers are told about requests for patrols."""

from __future__ import annotations

from geoservice.messages.marking import N_

PATROL_REQUESTS = {
    "request_gap_gone": N_("There is no blind spot here any more. Load the map again."),
    "request_point_gone": N_("This point is gone, or it is not on your ground. Load the map again."),
    "request_gone": N_("There is no such request, or it is not for you. Load the list again."),
    "request_answered": N_("This request was answered or fulfilled already. Load the list again."),
    "request_in_plan": N_(
        "This request is in the list for the next plan. Remove it there first, then decline it."
    ),
    "request_reason_missing": N_("Say why no patrol will come: whoever asked reads it."),
    "request_note_long": N_("The note is too long. Write at most {most} characters."),
    "request_unclear": N_("It is not clear what is asked for. Choose a blind spot or a point on the map."),
}
