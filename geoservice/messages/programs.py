"""What programs are told: tokens, OGC API, REST."""

from __future__ import annotations

from geoservice.messages.marking import N_

PROGRAMS: dict[str, str] = {
    "token_name_length": N_(
        "Give the token a name of 1 to {most} characters, such as the program that will use it."
    ),
    "token_days": N_("A token lasts from 1 to 3650 days. Choose a number between."),
    "too_many_tokens": N_("You have {most} tokens already. Revoke one that nobody uses."),
}
