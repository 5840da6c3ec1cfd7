"""What an import says of rows, and of check-ins."""

from __future__ import annotations

from geoservice.messages.marking import N_

IMPORTS = {
    "rows_rejected": N_(
        "{count} rows were rejected and nothing was written. Correct them, or import without --strict."
    ),
    "nothing_taken": N_(
        "None of the {count} rows could be taken; nothing was written. See what each one lacks."
    ),
    "file_has_no_rows": N_("The file has no rows. Choose the layer or sheet that holds the data."),
    "folder_holds_no_tracks": N_(
        "The folder {file} holds no track files (GPX, .plt, GeoJSON, CSV, xlsx). Choose another."
    ),
    "code_missing": N_("Row {row} of {file} has no code in {column}. Give it one, or choose another column."),
    "duplicate_code": N_(
        "Row {row} of {file} repeats the code {value}, which {first} has already. Give it a code of its own."
    ),
    "text_too_long": N_(
        "Row {row} of {file}: the text in {column} is longer than {most} characters. Shorten it."
    ),
    "unknown_parent": N_(
        "Row {row} of {file}: there is no zone {value} on {levels} to belong to. Import that level first, or correct the code (there are, for example: {known})."
    ),
    "parent_level_not_wider": N_(
        "The level {level} is not wider than that of the zones. Choose one of: {levels}."
    ),
    "no_parent_level": N_("There are no wider zones ({level}) to belong to. Import them first."),
    "zones_in_no_parent": N_("{count} zones lie in no zone of the level {level} and belong to none."),
    "unknown_level": N_("There is no level {level}. There are: {levels}. `zones levels add` adds one."),
    "level_invalid": N_(
        "{level} with rank {rank} can't be a level. Use letters, digits and _ for its code, and a rank from 1 to 999."
    ),
    "level_taken": N_("The level {level} has this code or this rank ({rank}) already. Choose another."),
    "axes_swapped_row": N_("Row {row} of {file} is at {value}: latitude stands first. Swap the two."),
    "at_null_island": N_(
        "Row {row} of {file} is at 0, 0, which means that nobody knew where it is. Correct it."
    ),
    "number_invalid": N_(
        "Row {row} of {file}: {value} in {column} is no number. Correct it, or leave it blank."
    ),
    "number_out_of_range": N_(
        "Row {row} of {file}: {value} in {column} does not lie between {least} and {most}. Correct it."
    ),
    "unknown_category": N_("There is no category {value}. Use one of: {categories}."),
    "day_invalid": N_("Row {row} of {file}: {value} in {column} is no day. Write it as 2026-01-31."),
    "ends_before_it_begins": N_(
        "Row {row} of {file} ends on {value}, before it begins on {from_on}. Swap or correct the days."
    ),
    "contract_overlaps": N_(
        "Row {row} of {file}: this leader has the same ground in the same role from {held} ({first}). Let one end before the other begins."
    ),
    "unknown_role": N_("Row {row} of {file}: there is no role {value}. Use one of: {roles}."),
    "unknown_ground": N_(
        "Row {row} of {file}: there is no {kind} with the code {value}. Import it first, or correct the code."
    ),
    "unknown_ground_kind": N_("{value} is no kind of ground. Use one of: {kinds}."),
    "zone_ambiguous": N_(
        "Row {row} of {file}: several levels have a zone {value} ({levels}). Say which with --level."
    ),
    "leader_missing": N_("Row {row} of {file} names no leader in {column}. Name one, or remove the row."),
    "leader_ambiguous": N_("Row {row} of {file}: several leaders are called {value}. Use a code: {codes}."),
    "unknown_leader": N_(
        "Row {row} of {file}: no leader has the code or name {value}. Correct it, or let unknown leaders be added."
    ),
    "fixes_refused": N_(
        "{count} fixes of {file} were refused: {value}. Check the device's clock and coordinates."
    ),
    "zone_too_large": N_(
        "Row {row} of {file} spans {value} (west, south, east, north), which is too large for the raster of this city. Check its coordinates, or split it."
    ),
    "timezone_unknown": N_("There is no time zone {timezone}. Write it as Asia/Shanghai."),
    "device_invalid": N_("{file} names a device that can't be kept ({value}). Name it with --device."),
    "zone_not_found": N_(
        "There is no zone {zone} (level {level}) today. `zones list` shows those there are."
    ),
    "zone_on_several_levels": N_(
        "Several levels have a zone {zone}: {levels}. Say which with --parent-level."
    ),
    "cell_code_taken": N_(
        "The code {zone} on {level} belongs to a zone of {parent}. Cut to another level, or rename that zone."
    ),
    "cell_size": N_("Cells of {size} m can't be cut. Choose a size from {least} to {most} m."),
    "user_not_found": N_("There is no active account {login}. `users list` shows those there are."),
}

CHECK_INS = {
    "check_in_in_future": N_("The check-in's time {at} is still to come. Set the device's clock right."),
    "check_in_too_old": N_("The check-in's time {at} is before 1990. Set the device's clock right."),
    "check_in_time_without_zone": N_("The check-in's time {at} names no time zone. Add one, such as +08:00."),
    "check_in_note_too_long": N_("The note has {length} characters; {most} are kept. Shorten it."),
    "check_in_place_invalid": N_(
        "Longitude {lon} and latitude {lat} are no place on Earth. Send both, or neither."
    ),
    "check_in_answer_needed": N_("Say how it is here: all is well, or with findings."),
    "check_in_sent_already": N_(
        "This form was sent already, at {at}, with another answer, and that is kept. Send it again if this is a new check-in."
    ),
    "account_without_member": N_(
        "Your account belongs to no patrol member, so it can't check in. Ask your administrator to link it."
    ),
    "point_unknown": N_("There is no point {point}. Check its code, or import it first."),
    "point_inactive": N_(
        "The point {point} is no longer inspected. Choose another, or let it be made active again."
    ),
    "member_id_unknown": N_("There is no patrol member {id}. Check who is logged in."),
    "row_point_inactive": N_(
        "Row {row} of {file}: the point {value} is no longer inspected. Make it active again, or remove the row."
    ),
    "row_time_invalid": N_(
        "Row {row} of {file}: {value} in {column} is no time. Write it as 2026-01-31 08:15."
    ),
    "row_time_in_future": N_("Row {row} of {file}: the time {value} is still to come. Correct it."),
    "row_time_too_old": N_("Row {row} of {file}: the time {value} is before 1990. Correct it."),
    "unknown_member": N_(
        "Row {row} of {file}: no patrol member has the code or name {value}. Correct it, or leave it blank."
    ),
    "member_ambiguous": N_("Row {row} of {file}: several members are called {value}. Use a code: {codes}."),
    "unknown_result": N_(
        "Row {row} of {file}: {value} in {column} is no result of a check-in. Write one of: {known}."
    ),
    "check_in_repeated": N_(
        "Row {row} of {file} has the same point, time and member as {first}. Remove one of them."
    ),
}
