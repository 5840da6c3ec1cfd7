"""Every code a user may be shown → one sentence that says the problem and what to do about it.

A sentence is English here and translated by the catalogue under `translations/`; `N_` marks it for pybabel. Its
named values come from the error or problem: `{file}`, `{row}`, `{column}`, `{value}` and what its code carries.
"""

from __future__ import annotations

import string
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TRANSLATIONS = Path(__file__).parent / "translations"
UNKNOWN = "?"


def N_(text: str) -> str:  # noqa: N802 - the name that pybabel looks for
    """Mark a text for translation, and leave it as it is."""
    return text


FILES = {
    "invalid_file": N_(
        "The file can't be used. Check that it is the right file and that it opens in its own program."
    ),
    "file_missing": N_("There is no readable file {file}. Check the name and the permissions."),
    "file_empty": N_("The file {file} is empty. Save it again from the program it comes from."),
    "file_too_large": N_(
        "The file {file} is larger than {megabytes} MB. Split it, or send it zipped without what is not needed."
    ),
    "file_damaged": N_(
        "The file {file} is damaged: it can't be read as {kind}. Save it again from the program it comes from."
    ),
    "kind_unknown": N_("Files of the kind {suffix} can't be read. Save it as one of: {supported}."),
    "kind_mismatch": N_(
        "The name of {file} says {kind}, its content says otherwise. Give it the extension of what it really is, or save it as {kind}."
    ),
    "not_a_table": N_("{file} ({kind}) holds no table. Send a CSV, xlsx, xls or ods file."),
    "not_a_layer": N_("{file} ({kind}) holds a track, not zones, points or streets. Import it as tracks."),
    "not_a_track_file": N_(
        "{file} ({kind}) is no track file. Send GPX, GeoLife .plt, GeoJSON or a table with device, time, longitude and latitude."
    ),
    "reader_died": N_(
        "Reading {file} failed so badly that it was stopped: it is damaged, or made to do harm. Save it again from the program it comes from."
    ),
    "reader_too_slow": N_(
        "Reading {file} took longer than {seconds} seconds and was stopped. Split it into smaller files."
    ),
    "reader_out_of_memory": N_(
        "Reading {file} needs more memory than one file may take. Split it into smaller files."
    ),
    "too_many_features": N_("{file} holds more than {most} rows. Split it into smaller files."),
    "too_many_columns": N_(
        "{file} has {count} columns; {most} are the most that can be read. Remove those that are not needed."
    ),
    "more_rows_refused": N_(
        "{count} more rows were refused; the first ones are listed. Correct those and try again to see the rest."
    ),
    "layer_needed": N_("{file} holds several layers. Choose one of: {layers}."),
    "layer_unknown": N_("{file} has no layer {layer}. Choose one of: {layers}."),
    "database_unsafe": N_(
        "{file} holds tables that reach outside the file, and is refused. Export the layer to a new GeoPackage."
    ),
}

ARCHIVES = {
    "archive_broken": N_(
        "The zip file {file} is damaged, or packed in an unusual way. Pack it again as an ordinary zip."
    ),
    "archive_encrypted": N_("The zip file {file} is protected by a password. Send it without one."),
    "archive_unsafe": N_(
        "The zip file {file} holds an entry that points outside it ({entry}), and is refused. Pack it again."
    ),
    "archive_too_many_files": N_(
        "The zip file {file} holds {count} files; {most} are the most that are read. Pack only what belongs to one layer."
    ),
    "archive_too_large": N_(
        "The zip file {file} unpacks to more than can be read. Split the data into several files."
    ),
    "archive_holds_nothing": N_(
        "The zip file {file} holds nothing that can be read. It should hold one of: {supported}."
    ),
}

TEXTS = {
    "encoding_unknown": N_(
        "The text of {file} is neither UTF-8 nor GB18030. Name its encoding, for example with --encoding."
    ),
    "encoding_wrong": N_(
        "The text of {file} can't be read as {encoding}. Name the encoding it really has, or let it be found with auto."
    ),
    "encoding_unsupported": N_(
        "There is no encoding called {encoding}. Use utf-8, gb18030 or another usual name."
    ),
    "text_nul": N_("Row {row} of {file} holds a zero byte in its text. Remove it, or save the file again."),
    "text_surrogate": N_("Row {row} of {file} holds half of a character in its text. Type that text again."),
    "unreadable_text": N_("The text holds characters that can't be stored. Type it again."),
}

TABLES = {
    "csv_invalid": N_(
        "{file} is no proper CSV ({reason}). Look for a quotation mark that is never closed, or save it again as CSV UTF-8."
    ),
    "row_too_long": N_(
        "Row {row} of {file} has more cells than the header. Put quotation marks around texts with commas, or complete the header."
    ),
    "row_too_short": N_("Row {row} of {file} has too few values. Complete it or delete it."),
    "column_unknown": N_("{file} has no column {column}. It has: {columns}."),
    "column_needed": N_("Say with {option} which column to use. {file} has: {columns}."),
    "column_role_unknown": N_("There is no role {role} for a column. The roles are: {roles}."),
    "coordinates_missing": N_(
        "{file} has no columns for longitude and latitude that are recognised. Name them; it has: {columns}."
    ),
    "coordinate_unreadable": N_(
        "Row {row}, column {column} of {file}: {value} is no coordinate. Write degrees such as 114.0579 or 114°03'28\"E."
    ),
    "wkt_unreadable": N_(
        "Row {row}, column {column} of {file}: this is no geometry in WKT. Export the column again."
    ),
    "sheet_unknown": N_("{file} has no sheet {sheet}. It has: {sheets}."),
    "sheet_too_large": N_(
        "The sheet {sheet} of {file} spans more than {most} cells. Delete empty rows and columns beyond the data."
    ),
    "workbook_locked": N_("The workbook {file} is protected by a password. Save it without one."),
}

JSON = {
    "json_invalid": N_("{file} is no valid JSON: look at line {line}, column {column}. Export it again."),
    "json_not_utf8": N_("{file} is not UTF-8, which JSON has to be. Save it as UTF-8."),
    "json_constant": N_(
        "{file} holds {value}, which is no number in JSON. Export it again without missing coordinates."
    ),
    "json_number": N_("{file} holds a number with thousands of digits. Export it again."),
    "number_not_finite": N_("Row {row} of {file} holds a number too large to keep. Correct it."),
    "nesting_too_deep": N_("{file} is nested too deeply to be map data. Export it again."),
    "geojson_not": N_("{file} is JSON, but not GeoJSON. Export it as a FeatureCollection."),
    "geojson_no_features": N_("The FeatureCollection in {file} has no list of features. Export it again."),
    "geojson_not_a_feature": N_(
        "Feature {row} of {file} is no GeoJSON feature. Export it again, or remove it."
    ),
    "geojson_properties": N_(
        "The properties of feature {row} of {file} are not a list of names and values. Correct or remove it."
    ),
    "geojson_geometry": N_(
        "Feature {row} of {file} has a geometry that is none of GeoJSON's. Correct or remove it."
    ),
    "geojson_coordinates": N_(
        "Feature {row} of {file} has coordinates that can't be read. Correct or remove it."
    ),
    "geojson_ring": N_(
        "Feature {row} of {file} has a ring that is not closed or has fewer than four positions. Close it."
    ),
    "xml_invalid": N_("{file} is no valid XML: {reason} in line {line}. Export it again."),
    "xml_doctype": N_(
        "{file} declares a document type, which is refused for safety. Export it again, or delete that line."
    ),
}

COORDINATES = {
    "crs_unreadable": N_(
        "The coordinate system {crs} is not known. Name it as EPSG:4490, EPSG:4547, gcj02 or bd09, for example."
    ),
    "crs_needed": N_(
        "{file} has projected coordinates such as {x}, {y} and does not say in which system. Name it, for example --crs EPSG:4547."
    ),
    "unknown_crs": N_(
        "The coordinates of {file}, such as {x}, {y}, fit no coordinate system that can be guessed. Name it, for example --crs EPSG:4547."
    ),
    "crs_does_not_fit": N_(
        "The coordinates of {file}, such as {x}, {y}, are impossible in {crs}. Name the system they are really in."
    ),
    "axes_swapped": N_(
        "The coordinates of {file}, such as {x}, {y}, have latitude (northing) first. Swap the two columns, or say that the axes are swapped."
    ),
    "coordinates_not_finite": N_("A coordinate is missing or no number. Export the geometry again."),
    "coordinates_out_of_range": N_("A coordinate is larger than any on Earth. Export the geometry again."),
    "crs_assumed": N_(
        "{file} does not name its coordinate system; {crs} fits its values and was taken. If shapes lie some hundred metres off, they are GCJ-02 or BD-09: import again and say so."
    ),
    "datum_rough": N_(
        "{file} is in {datum}, which can be placed to a few metres only. Ask for the data in CGCS2000."
    ),
    "far_from_meridian": N_(
        "{file} reaches longitude {lon}, more than 3° from the meridian {meridian} that this city measures by: areas there are too large. Check the coordinate system."
    ),
}

GEOMETRY = {
    "invalid_geometry": N_("Row {row} of {file}: the geometry can't be used. Draw it again."),
    "geometry_empty": N_("Row {row} of {file} has no geometry. Draw it, or remove the row."),
    "not_a_polygon": N_(
        "Row {row} of {file} is a {kind}; an area is needed. Choose the layer that holds the areas."
    ),
    "not_a_line": N_(
        "Row {row} of {file} is a {kind}; a line is needed. Choose the layer that holds the lines."
    ),
    "not_a_point": N_(
        "Row {row} of {file} is a {kind}; one point is needed. Choose the layer that holds the points."
    ),
    "zero_area": N_("Row {row} of {file} encloses no area. Draw it again."),
    "zero_length": N_("Row {row} of {file} is a line without length. Draw it again."),
    "too_many_vertices": N_("Row {row} of {file} has {count} vertices; {most} are the most. Simplify it."),
    "too_tangled": N_("Row {row} of {file} crosses itself more than {most} times. Draw it again."),
    "rings_repaired": N_(
        "Row {row} of {file} crossed or touched itself and was repaired. Look at it on the map."
    ),
    "parts_dropped": N_(
        "Row {row} of {file} had lines or points beside its areas; only the areas were kept."
    ),
    "area_changed": N_(
        "Repairing row {row} of {file} changed its area. Look at it on the map before you rely on it."
    ),
    "too_many_cells": N_("Cells of {size} m would be more than {most}. Choose a larger size."),
}

TRACKS = {
    "no_fixes": N_("{file} holds no GPS positions. Choose the file that holds the recorded track."),
    "plt_header": N_(
        "{file} lacks the six lines that begin a GeoLife .plt file. Choose another file, or import it as CSV."
    ),
    "track_columns_missing": N_(
        "{file} has no column that is recognised for: {missing}. Name them; it has: {columns}."
    ),
    "fix_coordinates": N_("Row {row} of {file}: {value} is no position. The fix was left out."),
    "fix_out_of_range": N_(
        "Row {row} of {file}: {value} lies outside longitude ±180 or latitude ±90. The fix was left out."
    ),
    "fix_at_null_island": N_(
        "Row {row} of {file} is at 0, 0, where a device writes that it had no position. The fix was left out."
    ),
    "fix_time": N_(
        "Row {row} of {file}: {value} is no time of a fix. Write it as 2026-01-31 08:15:00. The fix was left out."
    ),
    "fix_times_differ": N_(
        "Feature {row} of {file} has no time for each of its positions. Export it with times."
    ),
    "fix_not_a_line_or_point": N_("Feature {row} of {file} is neither a line nor a point. It was left out."),
}

GENERAL = {
    "error": N_("Something went wrong. Try again, and tell the administrator if it happens again."),
    "not_found": N_("This does not exist, or is not for you."),
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
    "old_password_wrong": N_("The current password is not right."),
    "passwords_differ": N_("The two new passwords are not the same."),
    "password_length": N_("A password needs {least} to {most} characters."),
    "password_easy": N_("This password is too easy to guess. Choose another one."),
    "login_invalid": N_("A login needs 1 to 64 characters."),
    "login_taken": N_("The login {login} exists already. Choose another one."),
    "leader_missing": N_("Choose which leader this user is."),
    "leader_unknown": N_("There is no leader with the code {leader}. Import the contracts first."),
    "member_unknown": N_("There is no patrol member with the code {member}."),
    "last_administrator": N_("This is the last administrator; make another one first."),
    "user_unknown": N_("There is no such user."),
    "unknown_language": N_("This language is not offered."),
    "unknown_role": N_("There is no such role."),
}

PAGES = {
    "unknown_map_layer": N_("{value} is no map layer. Choose one of: {layers}."),
    "unknown_file_type": N_("{value} is no kind of file written here. Choose one of: {types}."),
    "nothing_to_export": N_("There is nothing to write into a file for these days."),
    "unreadable_text": N_("The request holds characters that can't be stored."),
    "bad_period": N_(
        "{period} is no part of a day. Choose one of: {periods}; leave it out for the whole day."
    ),
    "bad_day": N_("{day} is not a day; write it as 2026-01-31."),
    "window_too_long": N_("A window holds at most {days} days. Choose a shorter one."),
    "zone_not_here": N_("There is no such zone on this day, or it is not for you."),
}

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
    "level_unknown": N_("There is no level {level}. Choose one of those the page offers."),
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
    "member_unknown": N_("There is no patrol member {id}. Check who is logged in."),
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

SENTENCES: dict[str, str] = {
    **CHECK_INS,
    **QUESTIONS,
    **EXPLANATIONS,
    **FILES,
    **ARCHIVES,
    **TEXTS,
    **TABLES,
    **JSON,
    **COORDINATES,
    **GEOMETRY,
    **TRACKS,
    **IMPORTS,
    **GENERAL,
    **ACCOUNTS,
    **PAGES,
}


def sentence(code: str, values: Mapping[str, Any] | None = None, locale: str = "en") -> str:
    """The sentence for a code in a language, its values filled in; a value that is missing reads "?".

    A code without a sentence of its own gets the general one, with the code, so that nobody is left with nothing.
    """
    template = SENTENCES.get(code)
    if template is None:
        return f"{_catalogue(locale).gettext(GENERAL['error'])} ({code})"
    return _Filler().format(_catalogue(locale).gettext(template), **(values or {}))


class _Filler(string.Formatter):
    """Fills names only: no attribute, no index and no format of a value is ever reached."""

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, str]:
        """The value of one name, as text."""
        value = kwargs.get(field_name)
        return (UNKNOWN if value is None else value), field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        """A value as text, whatever format a translation asks for."""
        return str(value)


@cache
def _catalogue(locale: str) -> Translations | NullTranslations:
    """The catalogue of a language, read from its .po so that nothing has to be compiled."""
    path = TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po"
    if not locale.replace("_", "").isalnum() or not path.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as stream:
        write_mo(compiled, read_po(stream, locale=locale))
    compiled.seek(0)
    return Translations(compiled)
