"""What may be odd about a photo, said in the reader's language: a reason with its measure, never a verdict."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from geoservice.web import words
from geoservice.web.texts import gettext

if TYPE_CHECKING:
    from geoservice.services.evidence import RaisedFlag

MINUTES_AN_HOUR, MINUTES_A_DAY = 60, 1440


def word_of_flag(code: str) -> str:
    """Return a flag in two or three words."""
    return {
        "same_photo": gettext("Same photo used before"),
        "near_same": gettext("Nearly the same as another"),
        "alike": gettext("Before and after alike"),
        "taken_elsewhere": gettext("Taken elsewhere"),
        "off_track": gettext("Away from the track"),
        "other_time": gettext("Taken at another time"),
        "edited": gettext("Editing software"),
        "no_camera": gettext("No camera data"),
    }[code]


def reason_of(flag: RaisedFlag) -> str:
    """Return why a flag was raised, with what was measured."""
    values = flag.values
    match flag.code:
        case "same_photo":
            return gettext("The very same file was sent for something else before.")
        case "near_same":
            return gettext(
                "It looks like a photo that was sent for something else: %(bits)s of 64 features differ.",
                bits=values["bits"],
            )
        case "alike":
            return gettext(
                "After the work it looks as before: %(bits)s of 64 features differ.", bits=values["bits"]
            )
        case "taken_elsewhere":
            return gettext(
                "The place in the photo is %(length)s from where it belongs.",
                length=words.write_length(values["metres"]),
            )
        case "off_track":
            return gettext(
                "The place in the photo is %(length)s from where the taker's device was at %(time)s.",
                length=words.write_length(values["metres"]),
                time=words.write_instant(datetime.fromisoformat(values["at"])),
            )
        case "other_time":
            return _time(values)
        case "edited":
            return gettext("It was written by %(software)s.", software=values["software"])
        case _:
            return gettext(
                "It tells neither camera nor time: forwarded photos and screenshots don't, nor do some browsers."
            )


def word_of_verdict(verdict: str) -> str:
    """Return what a person made of a photo."""
    return {
        "accepted": gettext("valid as evidence"),
        "refused": gettext("not valid as evidence"),
        "unclear": gettext("unclear"),
    }[verdict]


def word_of_subject(kind: str) -> str:
    """Return what a photo belongs to."""
    return {
        "case": gettext("Case"),
        "task": gettext("Inspection"),
        "check_in": gettext("Check-in"),
        "stop_report": gettext("Stop of a patrol"),
        "citizen_report": gettext("Citizen's report"),
    }[kind]


def _time(values: dict[str, Any]) -> str:
    taken = words.write_instant(datetime.fromisoformat(values["taken_at"]))
    if values.get("before_report"):
        return gettext("The camera says %(time)s, which is before the problem was reported.", time=taken)
    minutes = values["minutes"]
    if minutes < 0:
        return gettext(
            "The camera says %(time)s, which is %(span)s after it was sent.", time=taken, span=_span(-minutes)
        )
    return gettext(
        "The camera says %(time)s, which is %(span)s before it was added.", time=taken, span=_span(minutes)
    )


def _span(minutes: int) -> str:
    if minutes < 2 * MINUTES_AN_HOUR:
        return words.write_minutes(minutes)
    if minutes < 2 * MINUTES_A_DAY:
        return gettext("%(number)s h", number=round(minutes / MINUTES_AN_HOUR))
    return words.write_days(round(minutes / MINUTES_A_DAY))


TOOLS: dict[str, Any] = {
    "word_of_flag": word_of_flag,
    "reason_of": reason_of,
    "word_of_verdict": word_of_verdict,
    "word_of_subject": word_of_subject,
}
