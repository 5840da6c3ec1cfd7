"""What users are told about positions that devices report."""

from __future__ import annotations

from geoservice.messages.marking import N_

POSITIONS: dict[str, str] = {
    "position_missing": N_("Position {number}: “{field}” is missing. Send it with every position."),
    "position_number": N_(
        "Position {number}: “{field}” is {value}, which is no number. Send a plain number."
    ),
    "position_range": N_(
        "Position {number}: “{field}” is {value}; it lies between {least} and {most}. Send degrees of WGS 84."
    ),
    "position_time": N_(
        "Position {number}: “{field}” is {value}, which is no time. Send seconds or milliseconds since 1970, or ISO 8601."
    ),
    "too_many_positions": N_(
        "This body holds {count} positions; at most {most} are taken at once, so none was. Send them in parts."
    ),
    "positions_too_large": N_(
        "This body is larger than {most} bytes, so nothing of it was taken. Send the positions in parts."
    ),
    "positions_unreadable": N_(
        "The body is no JSON that this address understands: {problem}. Check which app this address is for."
    ),
    "positions_encrypted": N_(
        "This position is encrypted, and nobody here can read it. Switch off payload encryption in OwnTracks."
    ),
    "device_token_missing": N_(
        "There is no device token in this request. Copy address and token again from the page of devices."
    ),
    "device_token_wrong": N_(
        "No device has this token; it may have been revoked. Ask the dispatcher for a new one."
    ),
    "device_inactive": N_("The device {code} is switched off. Ask the dispatcher to switch it on."),
    "device_code_bad": N_(
        "Give the device a code of 1 to {most} characters, such as the plate or the phone's name."
    ),
    "device_exists": N_(
        "There is a device with the code {code} already. Choose another code, or use that one."
    ),
    "device_id_unknown": N_("There is no device with the number {id}. Choose one from the list."),
    "device_member_unknown": N_("There is no patrol member with the code {code}. Check the code."),
    "device_team_unknown": N_("There is no team with the code {code}. Check the code."),
    "fixes_line_unreadable": N_(
        "Line {line} is neither a JSON object nor a row under the header: {value}. Nothing was taken; correct it and repeat."
    ),
    "fixes_columns_missing": N_(
        "The fixes lack {missing}. Each needs device, time, lon and lat. Nothing was taken; correct them and repeat."
    ),
    "own_track_needs_gpx": N_("This is no GPX file. Export the track as GPX and choose that file."),
    "own_track_empty": N_(
        "The file holds no position with a time and a place. Export the recorded track, not a route."
    ),
}
