"""What can go wrong with checklists, samples and inspections."""

from __future__ import annotations

from geoservice.messages.marking import N_

INSPECTIONS: dict[str, str] = {
    "checklist_file_needed": N_("No file was chosen. Choose a workbook (xlsx) or a CSV with checklists."),
    "checklist_unknown": N_("There is no checklist {id}. Choose one from the list of checklists."),
    "checklist_published": N_(
        "“{name}”, version {version}, is published and stands still. Start a new version and change that."
    ),
    "checklist_no_draft": N_(
        "There is no draft of {category} to publish. Import one or start a new version first."
    ),
    "checklist_empty": N_("“{name}” has no items yet. Add at least one before it is published."),
    "checklist_from_past": N_(
        "A checklist can't hold from {day}, which is over. Choose {today} or a later day."
    ),
    "checklist_field_needed": N_("Item {item}: {field} is blank. Fill it in."),
    "checklist_field_long": N_("Item {item}: {field} is too long. Shorten it to {most} characters."),
    "checklist_weight_invalid": N_(
        "Item {item}: a weight must be above 0 and at most {most}. Correct the weight."
    ),
    "checklist_code_twice": N_(
        "The code {item} stands twice in this checklist. Give each item a code of its own."
    ),
    "checklist_kind_unknown": N_("Item {item}: there is no kind of case {value}. Choose one from the list."),
    "checklist_case_kind_unknown": N_("There is no kind of case {value}. Use one of: {kinds}."),
    "checklist_evidence_unknown": N_(
        "{value} does not say when a photo is asked for. Write none (不需要), on_fail (不合格时) or always (必须)."
    ),
    "checklist_too_long": N_("A checklist may have {most} items, not {count}. Leave some out."),
    "checklist_left_out": N_(
        "The checklist of {category} was left out whole, with {count} good rows, because of the rows above: without an item it would score otherwise. Correct them and import again."
    ),
    "inspection_unknown": N_("There is no inspection {id}. Choose one from the list of inspections."),
    "inspection_kind_unknown": N_("There is no kind of inspection {value}. Use one of: {kinds}."),
    "inspection_days_reversed": N_(
        "The last day, {to_on}, lies before the first, {from_on}. Turn them round."
    ),
    "inspection_days_past": N_("The first day, {from_on}, is over. Choose {today} or a later day."),
    "inspection_days_many": N_("An inspection may last {most} days. Choose a nearer last day."),
    "inspection_no_working_day": N_(
        "There is no working day between {from_on} and {to_on}. Choose other days, or let days of rest count too."
    ),
    "inspection_needs_inspectors": N_(
        "Nobody is chosen to inspect. Choose at least one inspector; an administrator adds accounts with that role."
    ),
    "inspection_inspector_unknown": N_("{login} is no active inspector. Choose from: {logins}."),
    "inspection_size_needed": N_("A random sample needs its size. Write how many points are to be drawn."),
    "inspection_number_invalid": N_(
        "{field}: {value} can't be used. Write a whole number from {least} to {most}."
    ),
    "inspection_points_needed": N_(
        "This kind of inspection goes to points that are named. Write their codes, separated by commas or lines."
    ),
    "inspection_points_unknown": N_(
        "{count} of these codes can't be inspected: {codes}. They are unknown, not in use, outside your area, or their category has no checklist in force."
    ),
    "inspection_nothing_to_draw": N_(
        "No point fits. Choose other categories or areas, or publish a checklist for the category."
    ),
    "inspection_too_many_tasks": N_(
        "This would make {count} tasks; at most {most} are made at once. Choose fewer points or days."
    ),
    "inspection_frame_changed": N_(
        "The points that may be drawn have changed since the preview. Look at the new preview and draw again."
    ),
    "inspection_cancelled": N_("The inspection “{name}” has been cancelled."),
    "inspection_over": N_("The inspection “{name}” ended on {day}; nothing is to be cancelled."),
    "inspection_task_unknown": N_(
        "This task is not yours, or its day has not come. What you inspect today is listed under “Inspections”."
    ),
    "inspection_result_unknown": N_(
        "There is no result to show: the point was not inspected yet, or lies outside your area."
    ),
    "inspection_task_over": N_(
        "The inspection “{name}” ended on {day}, and the time to send results is over. Tell your dispatcher."
    ),
    "inspection_done_already": N_("{point} was inspected already, on {at}. What was sent then stays."),
    "inspection_handed_over": N_("This point was handed over to {name} on {at}. Tell them what you found."),
    "inspection_nothing_to_hand_over": N_(
        "No point is chosen. Tick those that are to pass to the other inspector."
    ),
    "inspection_sent_elsewhere": N_(
        "This form was sent for another task already. Load the page again and fill it in once more."
    ),
    "inspection_answer_needed": N_(
        "“{item}” has no answer yet. Choose pass, fail or not applicable for every item."
    ),
    "inspection_answer_unknown": N_("“{value}” is no answer. Choose pass, fail or not applicable."),
    "inspection_item_unknown": N_("Item {item} does not belong to this checklist. Load the page again."),
    "inspection_photo_needed": N_("“{item}” needs a photo. Take one, then send again."),
    "inspection_note_long": N_("A note may have {most} characters. Shorten it."),
}
