"""What can go wrong with cases, their clocks and what is asked for on the way."""

from __future__ import annotations

from geoservice.messages.marking import N_

CASES: dict[str, str] = {
    "case_unknown": N_("There is no such case, or it is not for you. Go back to the list of cases."),
    "case_step_of_others": N_(
        "This step is not yours to take. Ask the dispatcher, or whoever handles the case."
    ),
    "case_verify_own": N_("You replied to this case yourself. Somebody else must verify it."),
    "case_action_unknown": N_("There is no step {action}. Choose one of those shown with the case."),
    "case_sent_differently": N_(
        "This was sent before with another content. Reload the page and send it again."
    ),
    "case_given_unknown": N_("There is nothing called {name} to be given here. Leave it out."),
    "case_note_needed": N_("Say why, or what was done: this step needs a note."),
    "case_note_too_long": N_("The note is too long. Keep it within {most} characters."),
    "case_photo_needed": N_(
        "Add a photo of the place put right, taken since the case was handed to you, then reply."
    ),
    "case_to_needed": N_("Choose the department or the leader who is to handle this case."),
    "case_assigned_there": N_("This case is with them already. Choose another department or leader."),
    "case_department_unknown": N_("There is no department {id}. Choose one of the list."),
    "case_leader_unknown": N_("There is no leader {id}. Choose one of the list."),
    "case_into_id_needed": N_("Choose the case into which this one is joined."),
    "case_into_unknown": N_(
        "Case {id} can't take this one in: it is not there, not active, or this very case. Choose another."
    ),
    "case_limit_needed": N_("Say how much more time is needed, in the units of the case's clock."),
    "case_limit_wrong": N_("Give a number above 0 and up to {most}."),
    "case_until_wrong": N_("Give the day on which the clock goes on: one after today, such as 2027-03-01."),
    "case_asked_already": N_(
        "This was asked for already and waits for a decision. Wait for it, or tell the dispatcher."
    ),
    "case_nothing_asked": N_("Nothing of this kind waits for a decision. Look at the case again."),
    "case_nothing_to_appeal": N_("There is no rework to appeal against. Ask for more time, or reply."),
    "case_kind_unknown": N_("There is no kind of case {kind}. Choose one of the list."),
    "case_source_unknown": N_("There is no source {source} of cases. Choose one of the list."),
    "case_title_needed": N_("Say in a few words what is wrong."),
    "case_title_too_long": N_(
        "The title is too long. Keep it within {most} characters, and say the rest in the description."
    ),
    "case_description_too_long": N_("The description is too long. Keep it within {most} characters."),
    "case_address_too_long": N_("The address is too long. Keep it within {most} characters."),
    "case_place_wrong": N_("Say where it is: press on the map, or let the phone tell its position."),
    "case_point_unknown": N_("There is no point {id}. Choose one of the list, or none."),
    "case_street_unknown": N_("There is no street {id}. Choose one of the list, or none."),
    "case_patrol_unknown": N_("There is no patrol {id}. Report the case without it."),
    "case_check_in_unknown": N_("There is no check-in {id}. Report the case without it."),
    "case_role_unknown": N_("There is no role {role}. Choose one of the list of roles."),
    "case_clock_unknown": N_("Choose one of these clocks: {clocks}."),
    "case_order_unknown": N_("Cases can't be listed by {order}. Choose newest or due."),
    "case_page_unknown": N_("This page of the list is not there. Begin with the first one."),
    "shifts_wrong": N_(
        "Give the working hours of a day one after the other, such as 08:30-12:00 and 14:00-17:30."
    ),
    "case_is_reported": N_("This case has only been reported. It must be opened or rejected first."),
    "case_is_opened": N_("This case is open and not assigned. Assign it first."),
    "case_is_assigned": N_("This case is assigned and not yet accepted. It must be accepted first."),
    "case_is_handling": N_("This case is being handled. Wait for the reply, or assign it to somebody else."),
    "case_is_suspended": N_("This case is suspended. Let its clock go on first."),
    "case_is_replied": N_("This case has been replied to. Verify it or send it for rework."),
    "case_is_verified": N_("This case has been verified. Close it or send it for rework."),
    "case_is_closed": N_("This case is closed. It can only be reopened."),
    "case_is_rejected": N_("This case was rejected. It can be reopened, or whoever reported it can appeal."),
    "case_is_joined": N_("This case was joined into another. Work on that one, or separate them first."),
    "case_changed_report": N_(
        "Nothing was done: {who} has reported this case, at {at}. Look at it again, then decide."
    ),
    "case_changed_open": N_(
        "Nothing was done: {who} has opened this case, at {at}. Look at it again, then decide."
    ),
    "case_changed_reject": N_(
        "Nothing was done: {who} has rejected this case, at {at}. Look at it again, then decide."
    ),
    "case_changed_join": N_(
        "Nothing was done: {who} has joined this case into another, at {at}. Look at it again, then decide."
    ),
    "case_changed_separate": N_(
        "Nothing was done: {who} has separated this case from the one it was joined into, at {at}. Look at it again, then decide."
    ),
    "case_changed_assign": N_(
        "Nothing was done: {who} has assigned this case, at {at}. Look at it again, then decide."
    ),
    "case_changed_accept": N_(
        "Nothing was done: {who} has accepted this case, at {at}. Look at it again, then decide."
    ),
    "case_changed_send_back": N_(
        "Nothing was done: {who} has sent this case back, at {at}. Look at it again, then decide."
    ),
    "case_changed_reply": N_(
        "Nothing was done: {who} has replied that it is put right, at {at}. Look at it again, then decide."
    ),
    "case_changed_verify": N_(
        "Nothing was done: {who} has verified this case, at {at}. Look at it again, then decide."
    ),
    "case_changed_rework": N_(
        "Nothing was done: {who} has sent this case for rework, at {at}. Look at it again, then decide."
    ),
    "case_changed_close": N_(
        "Nothing was done: {who} has closed this case, at {at}. Look at it again, then decide."
    ),
    "case_changed_reopen": N_(
        "Nothing was done: {who} has reopened this case, at {at}. Look at it again, then decide."
    ),
    "case_changed_resume": N_(
        "Nothing was done: {who} has let the clock of this case go on, at {at}. Look at it again, then decide."
    ),
    "case_changed_ask_postpone": N_(
        "Nothing was done: {who} has asked for more time, at {at}. Look at it again, then decide."
    ),
    "case_changed_grant_postpone": N_(
        "Nothing was done: {who} has granted more time, at {at}. Look at it again, then decide."
    ),
    "case_changed_refuse_postpone": N_(
        "Nothing was done: {who} has refused more time, at {at}. Look at it again, then decide."
    ),
    "case_changed_ask_suspend": N_(
        "Nothing was done: {who} has asked to suspend this case, at {at}. Look at it again, then decide."
    ),
    "case_changed_grant_suspend": N_(
        "Nothing was done: {who} has suspended this case, at {at}. Look at it again, then decide."
    ),
    "case_changed_refuse_suspend": N_(
        "Nothing was done: {who} has refused to suspend this case, at {at}. Look at it again, then decide."
    ),
    "case_changed_ask_appeal": N_(
        "Nothing was done: {who} has appealed, at {at}. Look at it again, then decide."
    ),
    "case_changed_grant_appeal": N_(
        "Nothing was done: {who} has granted the appeal, at {at}. Look at it again, then decide."
    ),
    "case_changed_refuse_appeal": N_(
        "Nothing was done: {who} has refused the appeal, at {at}. Look at it again, then decide."
    ),
}
