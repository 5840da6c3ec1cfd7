"""Which map an address asks for: a leader's ground or the city's, at which level, and what is shown upon it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import request

from geoservice.domain.roles import Permission, may
from geoservice.errors import BadRequest, NotAllowed, NotFound
from geoservice.services import city
from geoservice.services.areas import Show
from geoservice.services.city_area import city_area
from geoservice.store import people
from geoservice.web.age_image import age_image
from geoservice.web.deployment import current_settings
from geoservice.web.identity import the_account
from geoservice.web.texts import current_locale

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.domain.windows import Window
    from geoservice.maps.values import CityArea
    from geoservice.services.areas import Reader
    from geoservice.services.city import LevelName


def admit_to_maps() -> None:
    """Turn away whoever sees no map: neither his own ground nor the city."""
    role = the_account().role
    if not (may(role, Permission.SEE_OWN_GROUND) or may(role, Permission.SEE_CITY)):
        raise NotAllowed


def asked_leader(session: Session) -> int | None:
    """Return whose map is meant: a leader's is his own, others name one by its code; None: the city's."""
    account, code = the_account(), request.args.get("leader", "")
    if may(account.role, Permission.SEE_OWN_GROUND):
        if account.leader_id is None:
            raise NotAllowed
        return account.leader_id
    if not code:
        return None
    leader = people.leader_by_code(session, code)
    if leader is None:
        raise NotFound("leader_unknown", leader=code[:40])
    return leader.id


def asked_show() -> Show:
    """Return what the city's map is to show: its blind spots unless the address names something else."""
    wanted = request.args.get("show", Show.GAPS)
    if wanted not in set(Show):
        raise BadRequest("unknown_map_layer", value=wanted[:40], layers=", ".join(Show))
    return Show(wanted)


def asked_level(session: Session, on: date) -> tuple[tuple[LevelName, ...], LevelName | None]:
    """Return a day's levels, and the one that the address names, or the finest that a map can draw."""
    levels = city.level_names(session, on, locale=current_locale())
    return levels, city.choose_level(levels, request.args.get("level"))


def city_ground(
    session: Session,
    window: Window,
    level: LevelName | None,
    show: Show,
    reader: Reader,
    *,
    drawn: bool = True,
) -> CityArea:
    """Return the city at one level; `drawn`: for the map itself, with the image of ages where they are what it shows."""
    area = city_area(session, current_settings(), window, level.code if level else "", reader, show)
    if not drawn or show is not Show.AGES:
        return area
    return replace(area, ages=age_image(session, window, shown=True))
