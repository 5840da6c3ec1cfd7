"""What users are told about teams, hours, templates and the work calendar."""

from __future__ import annotations

from geoservice.messages.marking import N_

SETUP: dict[str, str] = {
    "setup_changed_meanwhile": N_(
        "{name} was changed by somebody else after you had loaded it. Load it again to see what it is now; nothing was saved."
    ),
    "field_needed": N_("{field} is missing. Fill it in."),
    "clock_unreadable": N_("{value} is no time of day ({field}). Write it as 08:30."),
    "day_unreadable": N_("{value} is no day ({field}). Write it as 2026-01-31."),
    "place_unreadable": N_(
        "{value} is no place ({field}). Write longitude and latitude in degrees, longitude first: 116.3912,39.9066."
    ),
    "place_swapped": N_(
        "{value} looks swapped ({field}): latitude stands first. Write longitude first: 116.3912,39.9066."
    ),
    "place_off_earth": N_("{value} lies outside longitude ±180 or latitude ±90 ({field}). Correct it."),
    "minutes_unreadable": N_("{value} is no number of minutes from 0 to {most} ({field}). Correct it."),
    "too_many_words": N_("More than {most} words ({field}). Keep the most important ones."),
    "day_name_too_long": N_("The name of the day is longer than {most} characters. Shorten it."),
    "day_not_set": N_("Nothing was decided here of {day}: it is as the country's calendar says."),
    "working_unreadable": N_(
        "Row {row} of {file}: {value} in {column} does not say whether the day is worked on. Write working or resting (班 or 休)."
    ),
    "year_out_of_reach": N_("The calendar reaches from {first} to {last}; {year} lies outside. Choose another year."),
    "team_not_there": N_("There is no team {team}. `teams list` shows those there are."),
    "team_code_taken": N_("The team code {code} is taken already. Choose another."),
    "zones_not_there": N_("There is no zone with the code {codes}. Write codes of zones, apart by commas."),
    "shift_reversed": N_(
        "The work would end at {ends}, not after it begins at {starts}. Write the earlier time first; work past midnight needs two shifts."
    ),
    "break_half_told": N_(
        "A break needs its earliest and its latest time and its minutes. Fill in all three, or none."
    ),
    "break_outside_shift": N_(
        "The break from {starts} to {ends} does not lie within the shift, or ends before it begins. Correct it."
    ),
    "break_too_long": N_("The break is longer than from {starts} to {ends}. Give it more room, or fewer minutes."),
    "mode_unknown": N_("{value} is no way to go. Choose one of: {modes}."),
    "template_not_there": N_("There is no recurring patrol {template}. Load the list again."),
    "template_code_taken": N_("The code {code} belongs to another recurring patrol. Choose another."),
    "template_collides": N_(
        "The team is wanted then by the recurring patrol {other} ({name}). Choose other hours, weekdays or days; nothing was saved."
    ),
    "route_not_there": N_("There is no route {code}. Choose one of the list."),
    "weekdays_unreadable": N_("{value} are no weekdays. Choose at least one, from 1 (Monday) to 7 (Sunday)."),
    "days_unknown": N_("{value} are no days. Choose one of: {days}."),
    "point_not_there": N_("There is no point {point}. Load the list again."),
    "points_not_there": N_("There is no point with the code {codes}. Write codes of points, apart by commas."),
    "group_not_there": N_("There is no group {group}. Load the list again."),
    "group_kind_unknown": N_("{value} is no kind of group. Choose one of: {kinds}."),
    "group_size": N_("A group has {least} to {most} points; these are {count}. Add some, or take some out."),
    "opening_too_long": N_("The opening hours are longer than {most} characters. Shorten them."),
    "opening_unreadable": N_(
        "{value} are no opening hours. Write days from 1 (Monday) to 7 and times: 1-5 08:00-11:30,14:00-17:30; 6 09:00-12:00."
    ),
    "opening_days_unreadable": N_("The days of {value} can't be read. Write them as 1-5 or 1,3,5, Monday first."),
    "opening_reversed": N_(
        "{value} would close before it opens. What is open past midnight is two windows: 22:00-24:00 and, the day after, 00:00-02:00."
    ),
    "opening_overlap": N_("On day {day}, {one} and {other} overlap. Join them into one."),
}  # fmt: skip
