"""What pages, commands and their questions are answered with."""

from __future__ import annotations

from geoservice.messages.marking import N_

GENERAL = {
    "error": N_("Something went wrong. Try again, and tell the administrator if it happens again."),
    "not_found": N_("This does not exist, or is not for you. Begin at the start page, or search for it."),
    "not_allowed": N_("You may not do this. Ask the administrator for the permission."),
    "conflict": N_("Somebody else changed this first. Load it again and repeat your change."),
    "bad_request": N_("The question makes no sense as it was asked. Check what you entered."),
    "service_unavailable": N_("A part of the system does not answer now. Try again in a minute."),
    "bad_settings": N_("The settings can't be used: {faults}"),
    "database_unavailable": N_(
        "The database does not answer. Check that it runs and that DATABASE_URL is right."
    ),
    "extensions_missing": N_(
        "The database lacks the extensions {extensions}. Ask its administrator to create them."
    ),
    "window_reversed": N_("The window from {from_on} to {to_on} ends before it begins. Swap the two days."),
}

ACCOUNTS = {
    "login_needed": N_("Please log in; your session may have ended."),
    "old_password_wrong": N_(
        "The current password is not right. Type it again, or ask your administrator for a new one."
    ),
    "passwords_differ": N_("The two new passwords are not the same. Type both again."),
    "password_length": N_("A password needs {least} to {most} characters."),
    "password_easy": N_("This password is too easy to guess. Choose another one."),
    "login_invalid": N_("A login needs 1 to 64 characters."),
    "login_taken": N_("The login {login} exists already. Choose another one."),
    "user_leader_missing": N_("Choose which leader this user is."),
    "user_department_missing": N_("Choose which department this user handles cases for."),
    "leader_unknown": N_("There is no leader with the code {leader}. Import the contracts first."),
    "member_unknown": N_("There is no patrol member with the code {member}."),
    "last_administrator": N_("This is the last administrator; make another one first."),
    "user_unknown": N_("There is no such user. Load the list of users again."),
    "unknown_language": N_("This language is not offered. Choose one of those at the top of the page."),
    "user_role_unknown": N_("There is no such role. Choose one from the list."),
}

PAGES = {
    "unknown_map_layer": N_("{value} is no map layer. Choose one of: {layers}."),
    "unknown_file_type": N_("{value} is no kind of file written here. Choose one of: {types}."),
    "nothing_to_export": N_("There is nothing to write into a file for these days."),
    "bad_period": N_(
        "{period} is no part of a day. Choose one of: {periods}; leave it out for the whole day."
    ),
    "bad_day": N_("{day} is not a day; write it as 2026-01-31."),
    "window_too_long": N_("A window holds at most {days} days. Choose a shorter one."),
    "point_not_here": N_(
        "There is no such point, or it is not for you. Load the map again, or search for it."
    ),
    "zone_not_here": N_(
        "There is no such zone on this day, or it is not for you. Choose another day, or search for it."
    ),
}

QUESTIONS = {
    "window_without_data": N_(
        "There is no coverage from {from} to {to} yet. Import tracks, then run coverage compute."
    ),
    "suggest_budget_needed": N_(
        "Give a budget: either a number of posts (--posts) or minutes (--minutes), not both."
    ),
    "suggest_posts_bad": N_("{value} is no number of posts. Give a whole number from 1 to {most}."),
    "suggest_minutes_bad": N_("{value} minutes are no budget. Give more than 0 and at most {most}."),
    "suggest_seconds_bad": N_("{value} seconds are no time to compute. Give more than 0 and at most {most}."),
    "suggest_no_gaps": N_("There are no blind spots in this window and ground: there is nothing to do."),
    "suggest_budget_too_small": N_(
        "Nothing that closes a blind spot fits the budget, or no street or open ground leads to one. Give a larger budget."
    ),
    "suggest_post": N_(
        "Stand on {street} at {lon}, {lat}: closes {area} m² of blind spots in {zones}, {share} % of their weight; {minutes} minutes with the way there and back."
    ),
    "suggest_post_open": N_(
        "Stand at {lon}, {lat}, on open ground that no street comes near: closes {area} m² of blind spots in {zones}, {share} % of their weight; {minutes} minutes with the way there and back."
    ),
    "suggest_detour": N_(
        "Go {length} m along {street} and back: closes {area} m² of blind spots in {zones}, {share} % of their weight; {minutes} minutes with the way there and back."
    ),
    "suggest_detour_open": N_(
        "Walk {length} m from {lon}, {lat} across open ground that no street comes near, and back: closes {area} m² of blind spots in {zones}, {share} % of their weight; {minutes} minutes with the way there and back."
    ),
    "leader_without_zones": N_(
        "The leader {leader} has no zone under contract on {on}. Choose another leader, or import the contract."
    ),
    "plan_without_routes": N_(
        "No patrol with a route is planned for {day}. Give patrols of that day a route, or choose another day."
    ),
    "level_not_offered": N_("There is no level {level}. Choose one of those the page offers."),
    "level_without_zones": N_(
        "There are no zones of the level {level}. Import them, or choose another level."
    ),
    "zone_unknown": N_("There is no zone with the code {code}. Check the code, or import the zone."),
    "ground_unknown": N_("There is no {kind} with the code {code} on {day}. Check the code and the day."),
    "no_data_yet": N_(
        "There is no ground yet. Import zones first: the city's coordinate system is chosen from them."
    ),
    "track_unknown": N_("There is no track {id}. It may have been deleted."),
    "span_reversed": N_("The span from {since} until {before} ends before it begins. Swap the two times."),
    "span_without_fixes": N_(
        "Track {id} has no fixes from {since} until {before}. `tracks list` shows when it began and ended."
    ),
    "device_unknown": N_("There is no device {device}. `tracks list` shows the devices there are."),
    "process_lost": N_(
        "A process of the computation ended before its work was done. Run it again: what is done stays."
    ),
    "job_not_found": N_("There is no job {id}. It may be so old that it was removed."),
    "job_kind_not_found": N_(
        "There is no kind of job called {kind}. Update the workers to the version of the web."
    ),
    "file_not_writable": N_("{file} can't be written: {reason}. Choose another place, or free the disk."),
}

EXPLANATIONS = {
    "gap_score": N_("{hectares} ha × {days} days unseen = {score}"),
    "gap_score_never": N_("{hectares} ha × {days} days in which it was never seen = {score}"),
    "gap_score_points": N_(
        "{hectares} ha × (1 + {weight} for {points} point(s)) × {days} days unseen = {score}"
    ),
    "gap_score_points_never": N_(
        "{hectares} ha × (1 + {weight} for {points} point(s)) × {days} days in which it was never seen = {score}"
    ),
    "stretch_score": N_("{hectometres} × 100 m × {days} days unseen = {score}"),
    "stretch_score_never": N_("{hectometres} × 100 m × {days} days in which it was never seen = {score}"),
}
