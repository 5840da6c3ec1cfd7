"""What is said to a program, or to whoever wrote it, about a question to the collections of features."""

from __future__ import annotations

from geoservice.messages.marking import N_

OGC: dict[str, str] = {
    "parameter_unknown": N_("There is no parameter {name} here. Known are: {known}."),
    "parameter_twice": N_("The parameter {name} is given more than once. Give it once."),
    "format_unknown": N_("There is no format {value} here. Use f={known}, or leave it out."),
    "collection_unknown": N_("There is no such collection, or it is not for you. There are: {known}."),
    "feature_unknown": N_("There is no feature {id} here, or it is not for you."),
    "feature_id": N_("{value} is no id of a feature. Ids are whole numbers."),
    "limit_unreadable": N_("limit={value} can't be used. Ask for 1 to {most} features a page."),
    "key_unreadable": N_(
        "{name}={value} is no place in the list. Follow the links next and prev instead of writing it."
    ),
    "after_and_before": N_("Use one of after and before, not both: a page begins on one side."),
    "bbox_unreadable": N_(
        "bbox={value} can't be read. Give four numbers with commas: west, south, east, north (or in the order of bbox-crs)."
    ),
    "bbox_reversed": N_(
        "The bbox is upside down: the lower corner comes first, then the upper one, in the axis order of bbox-crs."
    ),
    "bbox_outside": N_(
        "That box lies outside of what its coordinate system can show. Check its numbers and bbox-crs."
    ),
    "crs_unknown": N_("Coordinates are not served in {value}. Use one of: {known}."),
    "datetime_unreadable": N_(
        "{value} is no time. Give a day (2026-06-01), an instant (2026-06-01T08:00:00Z) or two of them with a slash between; .. leaves an end open."
    ),
    "datetime_reversed": N_("The end lies before the beginning. Put the earlier time first."),
    "too_many_days": N_("Tracks of at most {most} days are served at once. Ask for fewer days."),
    "filter_too_long": N_("The filter is too long. Use at most {most} characters."),
    "filter_too_deep": N_("The filter is nested too deeply. Use at most {most} levels of brackets and NOT."),
    "filter_syntax": N_('The filter can\'t be read from character {at} on, near "{near}". It is CQL2 text.'),
    "filter_property": N_("There is no property {name} to filter by. There are: {known}."),
    "filter_value": N_("{value} is no value that {name} can have. It holds: {kind}."),
    "filter_shape": N_(
        "The geometry of the filter is empty, crosses itself or can't be read. Check its WKT, or draw a simpler one."
    ),
    "filter_language": N_("Filters are not read in {value}. Use filter-lang=cql2-text, or leave it out."),
    "tile_unknown": N_(
        "There is no tile there. Zooms go from 0 to {most}; rows and columns from 0 to 2^zoom - 1."
    ),
}
