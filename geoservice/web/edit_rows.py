"""One zone, point or street as it is to be edited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geoservice.store import editing_view
from geoservice.web.deployment import today

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def row_to_edit(session: Session, noun: str, thing_id: int) -> dict[str, Any] | None:
    """Read a row by what it is (zone, point or street) and its id; `geom` is WKB; None where this session sees none."""
    if noun == "zone":
        return editing_view.zone_to_edit(session, thing_id, today())
    read = {"point": editing_view.point_to_edit, "street": editing_view.street_to_edit}.get(noun)
    return read(session, thing_id) if read else None
