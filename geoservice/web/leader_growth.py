"""How coverage grew in the days of a leader's map: the piece of his page with the slider, and the image it steps through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, render_template

from geoservice.errors import NotFound
from geoservice.maps.growth import number_image
from geoservice.services import growing
from geoservice.services.areas import SHOWN
from geoservice.store.kept import kept
from geoservice.web.deployment import current_settings
from geoservice.web.identity import own_transaction
from geoservice.web.leader_door import leader, my_area, my_id
from geoservice.web.windows import chosen_window
from geoservice.web.words import write_day

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.domain.windows import Window
    from geoservice.services.growing import Growth


@leader.get("/growth")
def show_growth() -> str:
    """Show the slider over the days with the rates until each: a piece that the page asks for once somebody opens it."""
    chosen = chosen_window()
    with own_transaction() as session:
        found = _growth(session, chosen.window)
    days = [_written(one) for one in found.steps] if found else []
    return render_template("leader/growth.html", growth=found, days=days, chosen=chosen)


@leader.get("/growth.png")
def get_growth_image() -> Response:
    """Send the image whose grey is the number of the step in which the ground was first seen."""
    with own_transaction() as session:
        found = _growth(session, chosen_window().window)
    if found is None:
        raise NotFound
    return Response(number_image(found.first), content_type="image/png")


def _growth(session: Session, window: Window) -> Growth | None:
    zone_ids = tuple(zone.id for zone in my_area(session, window).zones)
    return kept(
        session,
        SHOWN,
        ("leader_growth", my_id(), window, zone_ids),
        lambda: growing.grow(session, current_settings(), window, zone_ids),
    )


def _written(step: Window) -> str:
    first, last = write_day(step.from_on), write_day(step.to_on)
    return last if first == last else f"{first} – {last}"
