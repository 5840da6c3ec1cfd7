"""What the live map and the devices say, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.maps.live import DeviceShape
from geoservice.services.live import places
from geoservice.web import words
from geoservice.web.texts import gettext, ngettext

if TYPE_CHECKING:
    from datetime import datetime

    from geoservice.services.live import LiveView
    from geoservice.store.device_rows import DeviceRow

_QUIET = {"missing", "silent"}
_KMH = 3.6


def word_of_state(state: str) -> str:
    """Return what a team does, or how a device was heard of."""
    return {
        "missing": gettext("Not out"),
        "silent": gettext("Silent"),
        "out": gettext("On patrol"),
        "unplanned": gettext("Out without a patrol"),
        "later": gettext("Starts later"),
        "over": gettext("Over"),
        "fresh": gettext("Reports"),
        "old": gettext("Silent, no patrol now"),
        "never": gettext("Never heard of"),
    }[state]


def write_age(at: datetime | None, now: datetime) -> str:
    """Return how long ago something was, as roughly as one would say it."""
    if at is None:
        return gettext("never")
    seconds = max(0, int((now - at).total_seconds()))
    if seconds < 60:
        return ngettext("%(num)s second ago", "%(num)s seconds ago", seconds)
    if seconds < 3600:
        return ngettext("%(num)s minute ago", "%(num)s minutes ago", seconds // 60)
    if seconds < 172_800:
        return ngettext("%(num)s hour ago", "%(num)s hours ago", seconds // 3600)
    return ngettext("%(num)s day ago", "%(num)s days ago", seconds // 86_400)


def device_shapes(view: LiveView) -> list[DeviceShape]:
    """Return the devices that have a place, as the map draws them."""
    return [_shape(row, view) for row in places(view)]


def _shape(row: DeviceRow, view: LiveView) -> DeviceShape:
    state = view.state_of[row.id]
    sign = "quiet" if state in _QUIET else "out" if state in {"out", "unplanned", "fresh"} else "old"
    facts = [
        (gettext("State"), word_of_state(state)),
        (gettext("Last position"), f"{write_age(row.last_at, view.now)}"),
        (gettext("Device"), row.code),
        (gettext("Team"), row.team or "–"),
        (gettext("Carried by"), row.member or "–"),
    ]
    if row.last_at is not None:
        facts.insert(2, (gettext("At"), words.write_instant(row.last_at)))
    if row.speed_mps is not None:
        facts.append((gettext("Speed"), gettext("%(speed)s km/h", speed=f"{row.speed_mps * _KMH:.0f}")))
    assert row.lon is not None
    assert row.lat is not None
    return DeviceShape(row.id, row.member or row.code, sign, row.lon, row.lat, tuple(facts))
