"""What the usual coverage by the hour is made from and kept in: the result of the newest job that made it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

KIND = "usual_hours"


def newest(session: Session) -> dict[str, Any]:
    """Return what the newest finished job of the kind made; nothing before the first."""
    found: dict[str, Any] | None = session.scalar(
        text(
            "SELECT result FROM job WHERE kind = :kind AND state = 'done' AND result IS NOT NULL ORDER BY id DESC LIMIT 1"
        ),
        {"kind": KIND},
    )
    return found or {}


def scope_zones(session: Session) -> list[int]:
    """Return the zones to which somebody's view of the city is limited."""
    query = (
        "SELECT DISTINCT scope_zone_id FROM app_user WHERE active AND scope_zone_id IS NOT NULL ORDER BY 1"
    )
    return list(session.scalars(text(query)))


def devices_of_day(session: Session, day: date) -> list[int]:
    """Return the devices of which anything is known of a day."""
    return list(
        session.scalars(
            text("SELECT device_id FROM device_day WHERE day = :day ORDER BY device_id"), {"day": day}
        )
    )
