"""Cases as the reader calls things: states, steps, clocks, requests, and how a deadline stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geoservice.domain.cases import TERMINAL, Action, Stage, State
from geoservice.domain.clocks import Clock
from geoservice.services.cases import CaseView
from geoservice.web.texts import current_locale, gettext, ngettext
from geoservice.web.words import write_percent

if TYPE_CHECKING:
    from geoservice.domain.cases import Field
    from geoservice.services.case_lights import Light
    from geoservice.services.cases import CaseDetail, KindView, Proposal, RequestView


def word_of_state(state: State | str) -> str:
    """Return how a case stands."""
    return {
        State.REPORTED: gettext("To be opened"),
        State.OPENED: gettext("To be assigned"),
        State.ASSIGNED: gettext("To be accepted"),
        State.HANDLING: gettext("In hand"),
        State.SUSPENDED: gettext("Suspended"),
        State.REPLIED: gettext("To be verified"),
        State.VERIFIED: gettext("To be closed"),
        State.CLOSED: gettext("Closed"),
        State.REJECTED: gettext("Rejected"),
        State.JOINED: gettext("Joined"),
    }[State(state)]


def word_of_done(action: Action | str) -> str:
    """Return a step as the history tells it."""
    return _STEPS()[Action(action)][0]


def word_of_action(action: Action | str) -> str:
    """Return a step as its button offers it."""
    return _STEPS()[Action(action)][1]


def _STEPS() -> dict[Action, tuple[str, str]]:  # noqa: N802 - a table that needs the reader's language
    return {
        Action.REPORT: (gettext("Reported"), gettext("Tell of a problem")),
        Action.OPEN: (gettext("Opened"), gettext("Open: take it up as a case")),
        Action.REJECT: (gettext("Rejected"), gettext("Reject")),
        Action.JOIN: (gettext("Joined into another case"), gettext("Join into another case")),
        Action.SEPARATE: (gettext("Separated"), gettext("Separate again")),
        Action.ASSIGN: (gettext("Assigned"), gettext("Assign")),
        Action.ACCEPT: (gettext("Accepted"), gettext("Accept")),
        Action.SEND_BACK: (gettext("Returned"), gettext("Send back")),
        Action.REPLY: (gettext("Replied"), gettext("Reply: it is put right")),
        Action.VERIFY: (gettext("Verified"), gettext("Verify: it is put right")),
        Action.REWORK: (gettext("Sent for rework"), gettext("Not put right: rework")),
        Action.CLOSE: (gettext("Closed"), gettext("Close the case")),
        Action.REOPEN: (gettext("Reopened"), gettext("Reopen")),
        Action.RESUME: (gettext("Resumed"), gettext("Resume: the clock runs again")),
        Action.ASK_POSTPONE: (gettext("More time asked for"), gettext("Ask for more time")),
        Action.GRANT_POSTPONE: (gettext("More time granted"), gettext("Grant more time")),
        Action.REFUSE_POSTPONE: (gettext("More time refused"), gettext("Refuse more time")),
        Action.ASK_SUSPEND: (gettext("Suspension asked for"), gettext("Ask for suspension")),
        Action.GRANT_SUSPEND: (gettext("Suspended"), gettext("Suspend: the clock rests")),
        Action.REFUSE_SUSPEND: (gettext("Suspension refused"), gettext("Refuse the suspension")),
        Action.ASK_APPEAL: (gettext("Appealed"), gettext("Appeal")),
        Action.GRANT_APPEAL: (gettext("Appeal granted"), gettext("Grant the appeal")),
        Action.REFUSE_APPEAL: (gettext("Appeal refused"), gettext("Refuse the appeal")),
    }


def word_of_source(source: str) -> str:
    """Return where a case comes from."""
    return {
        "patrol": gettext("Patrol"),
        "inspection": gettext("Inspection"),
        "citizen": gettext("Citizen"),
        "gap": gettext("Blind spot"),
        "leader": gettext("Leader"),
        "desk": gettext("Dispatcher"),
        "import": gettext("Import"),
    }.get(source, source)


def word_of_clock(clock: str) -> str:
    """Return what a clock counts."""
    return {
        Clock.URGENT_HOURS: gettext("Hours, day and night"),
        Clock.WORKING_HOURS: gettext("Working hours"),
        Clock.WORKING_DAYS: gettext("Working days"),
        Clock.NATURAL_DAYS: gettext("Days"),
    }[Clock(clock)]


def write_limit(limit: float, clock: str) -> str:
    """Write so many units of a clock."""
    number: Any = int(limit) if float(limit).is_integer() else round(limit, 2)
    if clock == Clock.URGENT_HOURS:
        return ngettext("%(num)s hour day and night", "%(num)s hours day and night", number)
    if clock == Clock.WORKING_HOURS:
        return ngettext("%(num)s working hour", "%(num)s working hours", number)
    if clock == Clock.WORKING_DAYS:
        return ngettext("%(num)s working day", "%(num)s working days", number)
    return ngettext("%(num)s day", "%(num)s days", number)


def word_of_stage(stage: str) -> str:
    """Return what a clock of a case measures."""
    return {
        Stage.OPEN: gettext("Opening and assigning"),
        Stage.HANDLE: gettext("Putting right"),
        Stage.VERIFY: gettext("Verifying"),
    }[Stage(stage)]


def word_of_cause(cause: str) -> str:
    """Return why a deadline moved."""
    return {
        "postponed": gettext("More time granted"),
        "resumed": gettext("The clock had rested"),
        "calendar": gettext("The work calendar changed"),
        "shifts": gettext("The working hours changed"),
    }.get(cause, cause)


def word_of_request(kind: str) -> str:
    """Return what somebody asks for."""
    return {
        "postpone": gettext("More time"),
        "suspend": gettext("Suspension"),
        "appeal": gettext("Appeal"),
    }[kind]


def word_of_decision(asked: RequestView) -> str:
    """Return what became of a request."""
    if asked.decision is None:
        return gettext("waits for a decision")
    return gettext("granted") if asked.decision == "granted" else gettext("refused")


def name_of_kind(kind: CaseView | KindView) -> str:
    """Return the kind of a case in the reader's language."""
    if isinstance(kind, CaseView):
        return kind.kind_en if current_locale() == "en" else kind.kind_zh
    return kind.name_en if current_locale() == "en" else kind.name_zh


def look_of(case: CaseView, light: Light | None) -> str:
    """Return how the deadline of a case is drawn: calm, near, late, rests, or over where no clock runs."""
    return light.look if light else "over"


def word_of_look(look: str) -> str:
    """Return what the sign of a deadline says."""
    return {
        "calm": gettext("In time"),
        "near": gettext("Soon due"),
        "late": gettext("Overdue"),
        "rests": gettext("Clock rests"),
        "over": gettext("No deadline runs"),
    }[look]


def write_share(share: float) -> str:
    """Write which part of a limit is used up; it may be over 100 %."""
    return write_percent(round(share, 2))


def write_given(given: dict[str, Any], detail: CaseDetail) -> str:
    """Return how much time was asked for or granted with a step or a request, or until when; nothing where neither was."""
    clock = next((each.clock for each in reversed(detail.clocks) if each.stage == Stage.HANDLE), None)
    if "limit" in given and clock is not None:
        return f"+{write_limit(given['limit'], clock)}"
    return gettext("until %(day)s", day=given["until"]) if given.get("until") else ""


def word_of_field(action: Action, field: Field) -> str:
    """Return the label of what a step is given."""
    special = {
        (Action.REPLY, "note"): gettext("What was done"),
        (Action.ASK_POSTPONE, "limit"): gettext("How much more"),
        (Action.GRANT_POSTPONE, "limit"): gettext("How much more, if not what was asked"),
        (Action.ASK_SUSPEND, "until"): gettext("Until which day, if it is known"),
        (Action.GRANT_SUSPEND, "until"): gettext("Until which day, if not what was asked"),
    }
    usual = {
        "note": gettext("Why") if field.needed else gettext("Note, if there is something to say"),
        "department_id": gettext("Department"),
        "leader_id": gettext("Person who answers for the ground"),
        "into_id": gettext("Number of the other case"),
        "limit": gettext("How much"),
    }
    return special.get((action, field.name)) or usual.get(field.name, field.name)


def reason_of_proposal(proposal: Proposal, roles: dict[str, str]) -> str:
    """Return why a case would go to somebody."""
    if proposal.via is None:
        return gettext("Nobody answers for this place. Choose who should handle it.")
    if proposal.via == "kind":
        return gettext("This kind of case goes to this department.")
    role = roles.get(proposal.via, proposal.via)
    return gettext("By contract: %(role)s of %(ground)s.", role=role, ground=proposal.via_name or "")


def ends(state: State) -> bool:
    """Tell whether nothing more is to be done in this state."""
    return state in TERMINAL
