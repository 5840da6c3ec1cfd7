"""What the import desk says."""

from __future__ import annotations

from geoservice.messages.marking import N_

DESK: dict[str, str] = {
    "repair_not_wanted": N_(
        "Row {row} of {file} crosses or touches itself; repairing it would change its area by {percent} %. Draw it anew, or take the repairs."
    ),
}
