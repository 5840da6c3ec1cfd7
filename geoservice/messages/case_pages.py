"""What can be wrong with a form about a case, before the case itself is looked at."""

from __future__ import annotations

from geoservice.messages.marking import N_

CASE_PAGES: dict[str, str] = {
    "case_form_place_needed": N_(
        "It is not said where it is. Tap the place on the map, or take your position."
    ),
    "case_form_place_elsewhere": N_(
        "This place lies outside the part of the city that is yours. Check it on the map."
    ),
    "case_form_choice_unreadable": N_("{value} is no answer to {field}. Choose one, or write a number."),
    "case_form_number_unknown": N_(
        "There is no case {number}. Write its number as the list shows it, such as 20261122-0001."
    ),
    "case_form_photo_again": N_("Photos are not kept when something is missing: choose them again."),
    "case_kind_code_unreadable": N_(
        "{value} can't be a code. Take small letters, digits and _, beginning with a letter, such as street_light."
    ),
    "case_kind_known": N_("There is a kind {code} already. Change that one, or take another code."),
    "case_kind_shifts_unreadable": N_(
        "{value} is no span of working hours. Write each as 08:30-12:00, one a line, the later after the earlier."
    ),
}
