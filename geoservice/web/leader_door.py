"""The door to the leader's pages, and what they share. No address carries a leader's id: who asks says whose ground it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from geoservice.domain.roles import Permission
from geoservice.errors import NotAllowed
from geoservice.services import areas
from geoservice.web.deployment import current_settings
from geoservice.web.identity import guard, the_account
from geoservice.web.reader import the_reader

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.domain.windows import Window
    from geoservice.maps.values import LeaderArea

leader = Blueprint("leader", __name__, url_prefix="/leader")
guard(leader, Permission.SEE_OWN_GROUND)


def my_area(session: Session, window: Window) -> LeaderArea:
    """Return the ground of whoever is logged in, as his page and his map show it."""
    return areas.leader_area(session, current_settings(), my_id(), window, the_reader())


def my_id() -> int:
    """Return as which leader somebody is logged in."""
    leader_id = the_account().leader_id
    if leader_id is None:
        raise NotAllowed
    return leader_id
