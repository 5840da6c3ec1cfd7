"""What shared maps, offline files and sheets say when something is wrong, and the words on a sheet."""

from __future__ import annotations

from geoservice.messages.marking import N_

SHARING: dict[str, str] = {
    "shared_map_closed": N_(
        "This link shows nothing: it never was, has ended or was taken back. Ask whoever sent it for another."
    ),
    "shared_map_name": N_("Say in 1 to {most} characters who the link is for."),
    "shared_map_days": N_("A link lasts from 1 to {most} days. Choose a number between."),
    "shared_map_people": N_("{value} can't be meant here. Choose none, names or phones."),
    "shared_map_origin": N_(
        "{value} is no origin. Write it as https://portal.example.cn: scheme, host and perhaps a port, without a path."
    ),
    "shared_map_origins": N_("A link may be framed by at most {most} origins. Name fewer."),
    "too_many_shared_maps": N_("You have {most} open links already. Revoke one that nobody opens."),
    "shared_map_unknown": N_("There is no such link of yours, or it was revoked already."),
    "leader_without_ground": N_(
        "Leader {leader} contracts no ground that you may see on {on}. Choose another, or enter his contracts."
    ),
    "no_leaders_with_ground": N_(
        "No leader contracts ground that you may see on {on}. Enter the contracts first."
    ),
    "map_ending_unknown": N_("{file} ends in neither .png nor .pdf. Name it so."),
    "chinese_font_missing": N_(
        "This server has no Chinese TrueType font to draw with. Ask your administrator to install fonts-wqy-microhei."
    ),
}

SHEET_WORDS: dict[str, str] = {
    "sheet_coverage": N_("Coverage and blind spots"),
    "sheet_all_leaders": N_("Sheets of all leaders"),
    "sheet_leader": N_("Ground of {name}"),
    "sheet_window": N_("{from_on} to {to_on}"),
    "sheet_as_of": N_("As of {at}"),
    "sheet_not_computed": N_("Blind spots not computed yet"),
    "sheet_made": N_("Printed {at}"),
    "sheet_hash": N_("SHA-256 of the inputs: {hash}"),
    "sheet_rate": N_("Coverage rate"),
    "sheet_covered": N_("Covered / to cover"),
    "sheet_gaps": N_("Blind spots"),
    "sheet_points": N_("Points visited"),
    "sheet_trend": N_("Day by day"),
    "sheet_trend_weeks": N_("Week by week"),
    "sheet_before": N_("before: {rate}"),
    "sheet_largest": N_("The largest blind spots"),
    "sheet_no_gaps": N_("No blind spot in these days."),
    "sheet_where": N_("Where"),
    "sheet_size": N_("Size"),
    "sheet_unseen": N_("Unseen for"),
    "sheet_overdue": N_("Points overdue"),
    "sheet_no_overdue": N_("No point is overdue."),
    "sheet_last_visit": N_("Last visit"),
    "sheet_never_visited": N_("never"),
    "sheet_more": N_("and {number} more"),
    "sheet_cases": N_("Open cases"),
    "sheet_orders": N_("Open orders"),
    "sheet_late": N_("of these late: {late}"),
    "sheet_contacts": N_("Who answers"),
    "sheet_north": N_("N"),
}
