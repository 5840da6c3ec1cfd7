"""What users are told about plans."""

from __future__ import annotations

from geoservice.messages.marking import N_

ASKED = {
    "plan_too_long": N_("A plan holds at most {most} days. Choose fewer."),
    "plan_stops_bad": N_("{value} is no number of stops. Choose 1 to {most}."),
    "plan_seconds_bad": N_(
        "{value} is no time for the solver. Choose more than 0 and at most {most} seconds."
    ),
    "plan_seed_bad": N_("{value} is no seed. Choose a whole number up to {most}."),
    "plan_keep_bad": N_("{value} says nothing about zones. Choose one of: {known}."),
    "team_not_found": N_("There is no team {code}. `teams list` shows those there are."),
    "plan_not_found": N_("There is no plan {plan}, or it is not for you. `plan list` shows those there are."),
    "plan_not_found_here": N_("{value} is no plan to start from. Choose one of the list."),
    "plan_version_not_found": N_("The plan {plan} has no version {version}. Load it again."),
    "plan_not_ready": N_("The plan {plan} is not worked out yet. Wait until it is, or work it out again."),
    "plan_day_unknown": N_("The plan has no day {value}. It has: {days}."),
    "plan_streets_one_zone": N_(
        "A plan of streets is of one zone, and {number} are chosen. Tick one under “Only some zones”."
    ),
    "plan_kind_fixed": N_(
        "The patrols of this plan follow its streets and can't be changed stop by stop. Ask for another plan instead."
    ),
}

STREETS = {
    "streets_none": N_(
        "The zone {zone} has no streets for this way of going. Import streets, or choose another zone or mode."
    ),
    "streets_patrols_bad": N_("{value} is no number of patrols. Choose 1 to {most}."),
    "streets_teams_or_patrols": N_("Name the teams that go or a number of patrols, not both."),
    "streets_mode_bad": N_("{value} is no way of going. Choose one of: {known}."),
    "streets_modes_differ": N_(
        "The teams go in different ways ({modes}). Choose teams that go in one way, or say how all go."
    ),
}

CHANGED = {
    "plan_changed_meanwhile": N_(
        "Somebody changed the plan since you loaded it: you saw version {version}, now it is {newest}. Look at it and repeat your change."
    ),
    "plan_change_unknown": N_("{value} is no change of a plan. Choose one of: {known}."),
    "plan_version_missing": N_(
        "The form does not say which version it changes. Load the plan again and repeat your change."
    ),
    "plan_place_bad": N_("{value} is no place in a patrol. Choose a number up to {most}."),
    "plan_stop_not_found": N_("The stop {stop} is not in this plan any more. Load it again."),
    "plan_patrol_not_found": N_("The patrol {patrol} is not in this plan. Load it again."),
    "plan_patrol_locked": N_("The patrol of {team} on {on} is locked. Unlock it first."),
    "plan_nothing_to_undo": N_("This is the first version of the plan, so there is nothing to undo."),
    "plan_nothing_to_redo": N_("Nothing was undone since the last change, so there is nothing to redo."),
    "plan_misfit_no_time": N_(
        "The shift of {team} is {minutes} minutes too short for this. Move or leave out another of its stops first."
    ),
    "plan_misfit_no_window": N_(
        "{team} could only be at {stop} while it is closed. Put the stop elsewhere in the order, or change its opening hours."
    ),
    "plan_misfit_no_skill": N_(
        "{team} lacks what {stop} asks for ({skills}). Choose another team, or change what the team can do."
    ),
    "plan_misfit_unreachable": N_(
        "No way leads {team} to {stop} on the streets that are stored. Check the streets, or choose a team that starts elsewhere."
    ),
    "plan_misfit_no_team": N_("{team} can't go to {stop}. Choose another team or day."),
}

PUBLISHED = {
    "plan_empty": N_("No patrol of this plan has a stop, so there is nothing to publish."),
    "plan_without_teams": N_(
        "No team is named for some patrols of this plan. Ask for it with teams, then publish that one."
    ),
    "plan_stop_gone": N_(
        "Some stops were removed since the plan was made: {stops}. Leave them out, then publish."
    ),
    "plan_team_taken": N_(
        "{team} is out on {on} for the published plan “{plan}” already. Withdraw that plan, or leave the team out."
    ),
    "plan_not_published": N_("This plan is not published, so there is nothing to withdraw."),
}

WANTED = {
    "wanted_unclear": N_("Say what is wanted ({kinds}), and one of a point, a street or a place."),
    "wanted_gone": N_("What was wanted is no longer there, or not for you. Load the page again."),
    "wanted_off_earth": N_(
        "This place lies outside longitude ±180 or latitude ±90. Give longitude first, in degrees."
    ),
    "wanted_outside": N_("This place lies outside the ground you look after. Choose one inside."),
}

LEFT_OUT = {
    "unserved_no_time": N_("No time left: add a team or a day, or leave out something of less weight."),
    "unserved_no_window": N_("Open only while no team can be there: change its opening hours or a shift."),
    "unserved_no_skill": N_("No team can do {skills}: give a team the skill, or take it off the point."),
    "unserved_unreachable": N_(
        "No way leads there and back within a shift: check its place, and with `streets network` where streets do not meet."
    ),
    "unserved_no_team": N_(
        "No team that may go there works on its days (missing: {missing}): choose more teams or days, or let zones go."
    ),
    "unserved_together": N_("No patrol has time for all of its group: make the group smaller."),
    "unserved_apart": N_("Every patrol that could go meets what it must not meet: add a team."),
    "unserved_dropped": N_("Left out by hand: add it again if it should be visited."),
    "idle_no_depot": N_("Has no place to start from: set its depot."),
    "idle_day_off": N_("Does not work on this day."),
    "idle_busy": N_("Has a route of its own on this day."),
}

PLANNING: dict[str, str] = {**ASKED, **STREETS, **CHANGED, **PUBLISHED, **WANTED, **LEFT_OUT}
