"""What users are told about patrols and what was done."""

from __future__ import annotations

from geoservice.messages.marking import N_

PATROLS: dict[str, str] = {
    "patrol_unknown": N_("There is no such patrol, or it is not for you. Go back to the list of patrols."),
    "patrol_team_unknown": N_("There is no team {team}. Choose one of the list, or leave the team out."),
    "patrol_not_yet": N_("This patrol is planned for {on}. It can be started on that day."),
    "patrol_over": N_(
        "This patrol was on {on}. Tell your dispatcher what is missing; checking in at a point still works."
    ),
    "patrol_cancelled": N_("This patrol was cancelled. Ask your dispatcher what to do instead."),
    "stop_unknown": N_(
        "This patrol has no stop {position}. Go back to the patrol and choose one of its stops."
    ),
    "stop_reason_needed": N_("Say why the stop is skipped: choose one of the reasons."),
    "feed_name_length": N_(
        "Give the calendar link a name of 1 to {most} characters, such as who will subscribe to it."
    ),
    "too_many_feeds": N_("The team has {most} calendar links already. Revoke one that nobody uses."),
    "feed_team_unknown": N_("There is no team {team}. Choose one of the list."),
    "feed_unknown": N_(
        "This calendar link does not exist, or it was revoked. Ask your dispatcher for a new one."
    ),
}
