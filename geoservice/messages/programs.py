"""What programs are told: tokens, OGC API, REST."""

from __future__ import annotations

from geoservice.messages.marking import N_
from geoservice.messages.ogc import OGC

PROGRAMS: dict[str, str] = {
    **OGC,
    "token_name_length": N_(
        "Give the token a name of 1 to {most} characters, such as the program that will use it."
    ),
    "token_days": N_("A token lasts from 1 to 3650 days. Choose a number between."),
    "too_many_tokens": N_("You have {most} tokens already. Revoke one that nobody uses."),
    "unavailable_for_now": N_(
        "A part of the system does not answer now. Nothing is lost; try again in a minute."
    ),
    "query_unreadable": N_("{field} in the address: {problem}. See /api/v1/docs for what it may be."),
    "body_unreadable": N_("{field}: {problem}. See /api/v1/docs for what the body may hold."),
    "json_needed": N_("Send the body as JSON, with the header Content-Type: application/json."),
    "json_unreadable": N_("The body is not JSON in UTF-8. Check quotes, commas and the encoding."),
    "json_too_deep": N_("The body is nested more than {most} levels deep. Flatten it."),
    "json_not_finite": N_("The body holds {value}, which is no number. Leave the field out, or send null."),
    "json_number_too_long": N_("The body holds a whole number of more than 18 digits. Send a smaller one."),
    "if_match_needed": N_(
        "Say which state you are changing: send the ETag that you read in the header If-Match."
    ),
    "row_is_newer": N_(
        "Somebody changed this since you read it. Look at what it is now, and repeat your change with the new ETag."
    ),
    "key_not_uuid": N_("{value} is no UUID. Send a fresh UUID in the header Idempotency-Key."),
    "key_used_for_another": N_(
        "The number {key} was used for another request. Send a fresh UUID with each new request."
    ),
    "geometry_needs_repair": N_(
        "This polygon has to be repaired, which changes its area. Look at the repair, then send it, or set accept_repairs."
    ),
    "geometry_ring_open": N_("A ring of the polygon is open. End it with the position it began with."),
    "geometry_off_earth": N_(
        "A latitude lies outside -90 to 90. Send longitude first, then latitude, in degrees."
    ),
    "whole_city_only": N_(
        "This is for accounts that see the whole city. Ask the administrator, or use one that does."
    ),
    "off_your_ground": N_("This would lie outside the ground you look after. Place it inside."),
    "refers_to_nothing": N_(
        "This names something that is not there any more, or is still used. Check the codes and ids."
    ),
    "leader_not_there": N_("There is no leader {id}. GET /api/v1/leaders lists them."),
    "ground_not_there": N_("There is no {kind} {id}. Check the id."),
    "contract_role_unknown": N_("There is no role {value}. GET /api/v1/contract-roles lists them."),
    "validity_reversed": N_("It would end on {to_on}, before it begins on {from_on}. Check the days."),
    "contract_held_then": N_(
        "Contract {id} gives the same ground to the same leader in the same role for {days}. End that one first."
    ),
    "geometry_too_large": N_("This shape is larger than a city. Check its coordinates, or split it."),
    "exclusion_is_past": N_("The exclusion {code} has ended; its past stays as it was. Make a new one."),
    "member_code_unknown": N_(
        "There is no patrol member with the code {code}. GET /api/v1/members lists them."
    ),
    "member_speaks_for_himself": N_("You check in for yourself. Leave member out."),
}
