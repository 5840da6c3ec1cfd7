"""What can go wrong with contracts, deputies and hand-overs."""

from __future__ import annotations

from geoservice.messages.marking import N_

DUTY: dict[str, str] = {
    "contract_of_nobody": N_(
        "{file}, row {row}: none of its columns of roles names anybody. Fill one in, or leave the row out."
    ),
    "contract_reversed": N_(
        "It would end on {last_on}, before it begins on {from_on}. Check the days; the last day is included."
    ),
    "contract_not_there": N_("There is no contract {id}, or it is not for you. Load the list again."),
    "contract_over": N_("This contract ends earlier by itself ({days}). To make it longer, change its days."),
    "contract_begun": N_("This contract has begun, so it can only be ended. Say its last day."),
    "person_unknown": N_(
        "Nobody with the code or name {name} is known. Check it, or add this person under Departments."
    ),
    "person_ambiguous": N_("Several people are called {name}. Type the code of the right one: {codes}."),
    "ground_code_unknown": N_(
        "There is no {kind} with the code {code}, or it is not for you. Check the code."
    ),
    "ground_code_shared": N_("Several levels have a zone {code}. Type it with its level: {choices}."),
    "hand_over_to_himself": N_("Giver and successor are the same person. Choose somebody else."),
    "hand_over_nothing": N_("{name} holds no ground on {day} or later that could be handed over."),
    "hand_over_moved_on": N_(
        "{count} of the chosen contracts are no longer his or end before that day. Look at the preview again; nothing was changed."
    ),
    "hand_over_changed": N_(
        "Contracts were changed since you looked at this preview. Look at it again; nothing was handed over."
    ),
    "deputy_of_himself": N_("Nobody stands in for himself. Choose somebody else."),
    "deputy_already": N_(
        "He stands in already from {from_on} until before {until}. Choose other days, or end that first."
    ),
    "deputy_not_there": N_("There is no deputy {id}. Load the list again."),
    "deputy_over": N_(
        "This deputy is over earlier by itself (before {until}). Add a new one to make it longer."
    ),
    "role_code_unreadable": N_(
        "{value} can't be the code of a role. Use small letters a–z, digits and _, beginning with a letter."
    ),
    "role_code_taken": N_("There is a role {code} already. Rename that one, or choose another code."),
    "role_not_there": N_("There is no role {code}. Load the list again."),
    "role_of_leaders_stays": N_(
        "The role of leaders can't be removed: everything is counted by it. It can be renamed."
    ),
    "role_in_use": N_(
        "{contracts} contracts and {kinds} kinds of case name this role. End or change these first, or rename the role."
    ),
    "department_code_taken": N_("There is a department {code} already. Choose another code."),
    "department_not_there": N_("There is no department {id}. Load the list again."),
    "department_unknown": N_("There is no department with the code {code}. Add it first."),
    "leader_code_taken": N_("Somebody has the code {code} already. Choose another."),
    "phone_unreadable": N_("{value} is no telephone number. Use digits, spaces, + and -."),
}
