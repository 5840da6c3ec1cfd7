"""What can be wrong with a file and what is in it."""

from __future__ import annotations

from geoservice.messages.marking import N_

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
    "coordinate_blank": N_(
        "Row {row} of {file}: the column {column} is blank. Fill in longitude and latitude, or take the row out."
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
        "Row {row} of {file} crosses or touches itself; repaired, its area differs by {percent} %. Look at it on the map."
    ),
    "parts_dropped": N_(
        "Row {row} of {file} has lines or points beside its areas; only the areas are kept, which changes its area by {percent} %."
    ),
    "area_changed": N_(
        "Repairing row {row} of {file} changes its area by {percent} %. Look at it on the map before you take it."
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
