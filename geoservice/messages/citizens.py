"""What can go wrong with what citizens send, and with what the desk makes of it."""

from __future__ import annotations

from geoservice.messages.marking import N_

CITIZENS: dict[str, str] = {
    "snapshot_empty": N_("Say in a few words what is wrong there."),
    "snapshot_place_needed": N_("Show where it is: tap the map, or let the phone say where you are."),
    "snapshot_too_long": N_(
        "The words may have {description} characters, the contact {contact}. Shorten them; nothing was sent."
    ),
    "snapshot_photos_too_many": N_("Choose at most {most} photos; nothing was sent."),
    "snapshot_outside": N_("This place lies outside the city that is looked after here. Check the place."),
    "snapshot_sent_differently": N_(
        "This form was sent already with other words. Load the page again to send something else."
    ),
    "snapshot_code_unknown": N_("No report has this code. Check it letter by letter."),
    "snapshot_unknown": N_("There is no report {id}, or it is not for you. Load the list again."),
    "snapshot_is_received": N_("This report was not taken up yet. Load the page again."),
    "snapshot_is_taken": N_("Somebody has taken this report up already. Load the page again."),
    "snapshot_is_refused": N_("This report was refused already. Load the page again."),
    "snapshot_is_answered": N_("This report was answered already. Load the page again."),
    "snapshot_case_unknown": N_("There is no case {number}, or it is not for you. Check the number."),
    "snapshot_reply_empty": N_("Write what the public may read; nothing was saved."),
    "snapshot_reply_too_long": N_("This may have {most} characters. Shorten it; nothing was saved."),
}
