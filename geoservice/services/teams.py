"""Teams as plans see them: how they go, from where to where, when, what they can do and where they keep to."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import time
from typing import TYPE_CHECKING, Any

from geoservice.domain.tracks import Mode
from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services import told
from geoservice.services.seen import check_seen, fingerprint
from geoservice.store import audit, batches, team_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from geoservice.services.told import Place
    from geoservice.store.people import Member, Team

LONGEST_CODE = 40
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class TeamSetup:
    """What can be set of a team; no `end_depot`: back to the first; a rest of so many minutes lies within the break."""

    name: str
    mode: int = Mode.FOOT
    depot: Place | None = None
    end_depot: Place | None = None
    shift_from: time = time(8, 30)
    shift_to: time = time(17, 30)
    break_from: time | None = None
    break_to: time | None = None
    break_minutes: float = 0
    skills: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    active: bool = True


@dataclass(frozen=True)
class TeamView:
    """A team with its members; `seen` says which state of it this is."""

    id: int
    code: str
    setup: TeamSetup
    members: tuple[tuple[str, str], ...]  # code and name
    seen: str


def list_teams(session: Session) -> list[TeamView]:
    """Return every team, by code."""
    zones, members = team_rows.zone_codes_by_team(session), team_rows.members_by_team(session)
    return [
        _view(team, zones.get(team.id, []), members.get(team.id, [])) for team in team_rows.all_teams(session)
    ]


def read_team(session: Session, team_id: int) -> TeamView:
    """Return one team; NotFound without it."""
    found = next((team for team in list_teams(session) if team.id == team_id), None)
    if found is None:
        raise NotFound("team_not_there", team=team_id)
    return found


def team_of_code(session: Session, code: str) -> TeamView:
    """Return the team of a code; NotFound without it."""
    team = team_rows.team_by_code(session, code.strip())
    if team is None:
        raise NotFound("team_not_there", team=code.strip()[:LONGEST_CODE])
    return read_team(session, team.id)


def add_team(session: Session, code: str, name: str, *, by: int | None) -> TeamView:
    """Add a team that walks an ordinary day; it goes nowhere before it has a depot."""
    code = told.read_name(code, "code", LONGEST_CODE)
    name = told.read_name(name, "name")
    batches.lock(session, "teams")
    if team_rows.team_by_code(session, code) is not None:
        raise Conflict("team_code_taken", code=code)
    team = team_rows.add_team(session, code, name)
    audit.record(session, by, "team.add", "team", str(team.id), {"code": code})
    return read_team(session, team.id)


def change_team(
    session: Session, team_id: int, words: Mapping[str, str], *, by: int | None, seen: str | None = None
) -> TeamView:
    """Set of a team what is told, as people write it; the rest stays.

    NotFound without the team, Conflict when it is no longer as it was `seen`, BadRequest for what can't be.
    """
    team = team_rows.team_by_id(session, team_id)
    if team is None:
        raise NotFound("team_not_there", team=team_id)
    before = read_team(session, team_id)
    check_seen(seen, _stored(before.setup), before.setup.name)
    setup = told_setup(before.setup, words)
    zones = team_rows.zone_ids(session, setup.zones)
    if missing := [code for code in setup.zones if code not in zones]:
        raise BadRequest("zones_not_there", codes=", ".join(missing[:5]))
    if setup == before.setup:
        return before
    _store(session, team, setup)
    team_rows.set_zones(session, team_id, zones.values())
    changed = {name: value for name, value in _stored(setup).items() if value != _stored(before.setup)[name]}
    audit.record(session, by, "team.change", "team", str(team_id), {"code": team.code, **changed})
    return read_team(session, team_id)


def told_setup(before: TeamSetup, words: Mapping[str, str]) -> TeamSetup:
    """Return the setup with what is told in place of what was; BadRequest names what can't be read or can't be."""
    changed: dict[str, Any] = {name: _READ[name](value, name) for name, value in words.items()}
    setup = replace(before, **changed)
    if setup.shift_from >= setup.shift_to:
        raise BadRequest("shift_reversed", starts=_clock(setup.shift_from), ends=_clock(setup.shift_to))
    if (setup.break_from is None) != (setup.break_to is None):
        raise BadRequest("break_half_told")
    if setup.break_from is None or setup.break_to is None:
        if setup.break_minutes:
            raise BadRequest("break_half_told")
        return setup
    if not setup.break_minutes:
        raise BadRequest("break_half_told")
    if not setup.shift_from <= setup.break_from < setup.break_to <= setup.shift_to:
        raise BadRequest("break_outside_shift", starts=_clock(setup.break_from), ends=_clock(setup.break_to))
    if setup.break_minutes > told.minutes_between(setup.break_from, setup.break_to):
        raise BadRequest("break_too_long", starts=_clock(setup.break_from), ends=_clock(setup.break_to))
    return setup


def _mode(text: str, _field: str) -> int:
    word = text.strip().lower()
    found = next((mode for mode in Mode if word in {mode.name.lower(), str(mode.value)}), None)
    if found is None:
        raise BadRequest("mode_unknown", value=word[:20], modes=", ".join(mode.name.lower() for mode in Mode))
    return found


def _yes(text: str, _field: str) -> bool:
    return text.strip().lower() in {"1", "yes", "true", "on"}


_READ: dict[str, Any] = {
    "name": told.read_name,
    "mode": _mode,
    "depot": told.read_place,
    "end_depot": told.read_place,
    "shift_from": told.read_needed_clock,
    "shift_to": told.read_needed_clock,
    "break_from": told.read_clock,
    "break_to": told.read_clock,
    "break_minutes": lambda text, field: told.read_minutes(text, field, _DAY_MINUTES),
    "skills": told.read_words,
    "zones": lambda text, _field: tuple(sorted(told.read_codes(text))),
    "active": _yes,
}
FIELDS = tuple(_READ)


def _clock(at: time) -> str:
    return f"{at:%H:%M}"


def _stored(setup: TeamSetup) -> dict[str, Any]:
    """Return a setup as JSON holds it."""
    return {
        name: _clock(value) if isinstance(value, time) else list(value) if isinstance(value, tuple) else value
        for name, value in asdict(setup).items()
    }


def _store(session: Session, team: Team, setup: TeamSetup) -> None:
    for name, value in asdict(setup).items():
        if name in {"depot", "end_depot"}:
            setattr(team, name, team_rows.place_for(value))
        elif name != "zones":
            setattr(team, name, list(value) if name == "skills" else value)
    session.flush()


def _view(team: Team, zones: list[str], members: list[Member]) -> TeamView:
    setup = TeamSetup(
        name=team.name,
        mode=team.mode,
        depot=team_rows.place_of(team.depot),
        end_depot=team_rows.place_of(team.end_depot),
        shift_from=team.shift_from,
        shift_to=team.shift_to,
        break_from=team.break_from,
        break_to=team.break_to,
        break_minutes=team.break_minutes,
        skills=tuple(team.skills),
        zones=tuple(sorted(zones)),
        active=team.active,
    )
    people = tuple((member.code, member.name) for member in members)
    return TeamView(team.id, team.code, setup, people, fingerprint(_stored(setup)))
