"""What can go wrong with reports, rankings and digests, and what a digest says."""

from __future__ import annotations

from geoservice.messages.marking import N_

REPORTS: dict[str, str] = {
    "report_unknown": N_("There is no report {id}, or it is not published. Choose one from the list."),
    "report_kind_unknown": N_("There is no report by {value}. Choose one of: {kinds}."),
    "report_subject_unknown": N_("Nothing is measured by {value}. Choose one of: {subjects}."),
    "report_file_unknown": N_("Reports are not written as {value}. Choose xlsx or docx."),
    "report_not_begun": N_("The period from {day} on has not begun yet. Choose an earlier day."),
    "report_made_early": N_(
        "This draft was made before {day} was over, so it lacks what came later. Make it again, then publish it."
    ),
    "report_published_already": N_(
        "Report {number} of this period is published. Withdraw it first if it must be issued again."
    ),
    "report_not_published": N_("Report {number} is not published, so it can't be withdrawn."),
    "report_frozen": N_(
        "Report {number} is published and stands still. Withdraw it and make a new one to change anything."
    ),
    "report_unsound": N_(
        "The content of report {number} does not have the hash that was written with it. Make it again."
    ),
    "report_remarks_long": N_("Remarks may have {most} letters at most. Shorten them."),
    "formula_missing": N_("No formula is in force on {day}. Add one that begins earlier."),
    "formula_name_bad": N_("A formula needs a name of at most {most} letters."),
    "formula_indicator_unknown": N_("There is no indicator {value}. Use one from the list."),
    "formula_empty": N_("No indicator has a weight for {subject}. Give at least one of them more than 0."),
    "formula_number_bad": N_("{name} is {value}, but must be a number from 0 to {most}."),
    "digest_nothing": N_(
        "No report of a kind that this target wants is published yet. Publish one, then send it."
    ),
    "digest_unknown": N_("This target is no longer there. Look at the list again."),
    "digest_name_bad": N_("A target needs a name of at most {most} letters."),
    "digest_kinds_missing": N_("Choose at least one kind of report that the target is to receive."),
    "digest_address_bad": N_(
        "This address can't be used. It must begin with one of {schemes} and be complete."
    ),
    "digest_refused": N_("The other side refused the digest with status {status}. Check the address."),
    "digest_unreachable": N_(
        "The other side could not be reached. Check the network and the address, then send it again."
    ),
    "digest_failed": N_("The digest could not be sent. Check the address, then send it again."),
    "digest_address_dead": N_(
        "The stored address can't be used any more. Remove the target and add it anew."
    ),
    "digest_title_day": N_("Daily report {number}, {from_on}"),
    "digest_title_week": N_("Weekly report {number}, {from_on} to {to_on}"),
    "digest_title_month": N_("Monthly report {number}, {from_on} to {to_on}"),
    "digest_title_quarter": N_("Quarterly report {number}, {from_on} to {to_on}"),
    "digest_red_zone": N_("Red list of zones: {names}"),
    "digest_black_zone": N_("Black list of zones: {names}"),
    "digest_red_leader": N_("Red list of leaders: {names}"),
    "digest_black_leader": N_("Black list of leaders: {names}"),
    "digest_red_department": N_("Red list of departments: {names}"),
    "digest_black_department": N_("Black list of departments: {names}"),
    "digest_red_person": N_("Red list of people: {names}"),
    "digest_black_person": N_("Black list of people: {names}"),
    "digest_link": N_("Read on: {link}"),
}
