"""Where the devices are now, and which teams should be on patrol and are not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from geoservice.domain.windows import local_day
from geoservice.store import device_rows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.store.device_rows import DeviceRow, PatrolNow

FRESH = timedelta(minutes=5)
"""A device heard of since then reports; phones that stand still tell less often than that for no longer."""

STATES = ("missing", "silent", "out", "unplanned", "later", "over")
"""What a team does, what needs a call first. missing: nothing since its patrol began; silent: not for a while."""


@dataclass(frozen=True)
class LiveTeam:
    """A team that has a patrol today, or reports without one. `last_at`: of the newest of its devices."""

    code: str
    name: str
    state: str
    patrol: PatrolNow | None
    last_at: datetime | None


@dataclass(frozen=True)
class LiveView:
    """What the dispatcher sees at `now`: teams that need a call first, devices newest fix first."""

    now: datetime
    teams: tuple[LiveTeam, ...]
    devices: tuple[DeviceRow, ...]
    state_of: dict[int, str]
    """Device id → what its team does; `fresh`, `old` or `never` where it has none with a patrol."""


def look(session: Session, settings: Settings, *, now: datetime) -> LiveView:
    """Return where everybody is, and who should be out."""
    devices = [row for row in device_rows.all_devices(session) if row.active]
    patrols = device_rows.patrols_on(session, local_day(now, settings.zone_info), settings.timezone)
    teams = _teams(devices, patrols, now)
    by_code = {team.code: team.state for team in teams}
    state_of = {
        row.id: _heard(row, now)
        if row.team_code not in by_code
        else _of_device(row, by_code[row.team_code], now)
        for row in devices
    }
    devices.sort(key=_last, reverse=True)
    return LiveView(now, tuple(teams), tuple(devices), state_of)


def _teams(devices: list[DeviceRow], patrols: list[PatrolNow], now: datetime) -> list[LiveTeam]:
    newest: dict[str, DeviceRow] = {}
    for row in sorted((row for row in devices if row.team_code and row.last_at), key=_last):
        newest[row.team_code or ""] = row
    wanted = {patrol.team_code: patrol for patrol in sorted(patrols, key=lambda each: _urgency(each, now))}
    found = []
    for code, patrol in wanted.items():
        last_at = newest[code].last_at if code in newest else None
        found.append(LiveTeam(code, patrol.team, _state(patrol, last_at, now), patrol, last_at))
    for code, row in newest.items():
        if code not in wanted and _heard(row, now) == "fresh":
            found.append(LiveTeam(code, row.team or code, "unplanned", None, row.last_at))
    return sorted(found, key=lambda team: (STATES.index(team.state), team.name, team.code))


def _urgency(patrol: PatrolNow, now: datetime) -> int:
    """Order a team's patrols so that the one that matters now comes last: over, later, due."""
    if _is_over(patrol, now):
        return 0
    return 1 if now < patrol.starts_at else 2


def _is_over(patrol: PatrolNow, now: datetime) -> bool:
    return patrol.status == "done" or patrol.finished_at is not None or now > patrol.ends_at


def _state(patrol: PatrolNow, last_at: datetime | None, now: datetime) -> str:
    fresh = last_at is not None and now - last_at <= FRESH
    if _is_over(patrol, now):
        return "unplanned" if fresh else "over"
    if now < patrol.starts_at:
        return "unplanned" if fresh else "later"
    if fresh:
        return "out"
    return "missing" if last_at is None or last_at < patrol.starts_at else "silent"


def _last(row: DeviceRow) -> float:
    return row.last_at.timestamp() if row.last_at else 0.0


def _heard(row: DeviceRow, now: datetime) -> str:
    if row.last_at is None:
        return "never"
    return "fresh" if now - row.last_at <= FRESH else "old"


def _of_device(row: DeviceRow, team: str, now: datetime) -> str:
    """What the team does, unless this device of it says otherwise."""
    heard = _heard(row, now)
    return team if heard != "fresh" or team in {"out", "unplanned"} else heard


def places(view: LiveView) -> Iterable[DeviceRow]:
    """Return the devices that have a place."""
    return (row for row in view.devices if row.lon is not None and row.lat is not None)
