"""What the audit trail calls an act and its object, as a person would; the trail itself keeps codes (`noun.verb`)."""

from __future__ import annotations

from geoservice.messages.marking import N_
from geoservice.web.texts import gettext

# Acts that a verb alone does not tell.
ACTS: dict[str, str] = {
    "session.open": N_("Logged in"),
    "session.close": N_("Logged out"),
    "session.fail": N_("Login failed"),
    "session.refuse": N_("Login refused"),
    "user.lock": N_("Locked after failed logins"),
    "user.password": N_("Password changed"),
    "citizen_report.forget_contact": N_("Contact forgotten"),
    "device.token": N_("Token made"),
    "wanted.add": N_("Put into the next plan"),
    "wanted.drop": N_("Taken out of the next plan"),
}
VERBS: dict[str, str] = {
    "add": N_("Added"),
    "answer": N_("Answered"),
    "ask": N_("Asked"),
    "asked": N_("Asked"),
    "cancel": N_("Cancelled"),
    "change": N_("Changed"),
    "cut": N_("Cut"),
    "declined": N_("Declined"),
    "delete": N_("Deleted"),
    "disable": N_("Disabled"),
    "draft": N_("Drafted"),
    "drop": N_("Dropped"),
    "enable": N_("Enabled"),
    "end": N_("Brought to an end"),
    "give": N_("Handed out"),
    "hand_over": N_("Passed on"),
    "import": N_("Imported"),
    "join": N_("Joined together"),
    "judge": N_("Judged"),
    "make": N_("Created"),
    "merge": N_("Merged"),
    "publish": N_("Published"),
    "receipt": N_("Receipt given"),
    "receive": N_("Came in"),
    "redo": N_("Done again"),
    "refuse": N_("Turned down"),
    "remove": N_("Removed"),
    "rename": N_("Renamed"),
    "reply": N_("Answered"),
    "resolve": N_("Worked out anew"),
    "revoke": N_("Revoked"),
    "set": N_("Set"),
    "split": N_("Split"),
    "take": N_("Taken on"),
    "undo": N_("Taken back"),
    "unlock": N_("Unlocked"),
    "unset": N_("Set back"),
    "wanted": N_("Put into the next plan"),
    "withdraw": N_("Withdrawn"),
}
OBJECTS: dict[str, str] = {
    "access_token": N_("Token"),
    "calendar_day": N_("Day of the calendar"),
    "calendar_feed": N_("Calendar link"),
    "case_kind": N_("Kind of case"),
    "checklist": N_("Checklist"),
    "citizen_report": N_("Report from a citizen"),
    "contract": N_("Contract"),
    "contract_role": N_("Role of a contract"),
    "department": N_("Department"),
    "deputy": N_("Deputy"),
    "device": N_("Device"),
    "digest_target": N_("Digest"),
    "evidence": N_("Photo"),
    "exclusion": N_("Excluded ground"),
    "import_batch": N_("Import"),
    "import_draft": N_("Draft of an import"),
    "inspection": N_("Inspection"),
    "job": N_("Background work"),
    "leader": N_("Leader"),
    "order": N_("Supervision order"),
    "order_desk": N_("Office that issues orders"),
    "order_rule": N_("Rule of orders"),
    "patrol_request": N_("Request for a patrol"),
    "patrol_template": N_("Recurring patrol"),
    "plan": N_("Plan"),
    "point": N_("Point"),
    "point_group": N_("Group of points"),
    "point_rule": N_("Rule of a point"),
    "report": N_("Report"),
    "score_formula": N_("Formula"),
    "shared_map": N_("Shared map"),
    "street": N_("Street"),
    "team": N_("Team"),
    "track": N_("Track"),
    "user": N_("User"),
    "wanted": N_("Wish for a plan"),
    "work_shift": N_("Hours of work"),
    "zone": N_("Zone"),
}


def word_of_act(action: str) -> str:
    """An act such as `zone.merge` in words; a code that has none stays as it is."""
    verb = action.partition(".")[2]
    if action.startswith("import."):
        verb = "undo" if verb.startswith("undo_") else "import"
    word = ACTS.get(action) or VERBS.get(verb)
    return gettext(word) if word else action


def word_of_object(kind: str) -> str:
    """What an act was about; a code that has no word stays as it is."""
    word = OBJECTS.get(kind)
    return gettext(word) if word else kind
