"""What somebody wants in a plan: asked once, it waits until a patrol was there or it is dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.errors import BadRequest, NotFound
from geoservice.services.planning.values import Wanted
from geoservice.store import audit
from geoservice.store import wanted_rows as store
from geoservice.store.scope import EVERYTHING

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings

KINDS = ("gap", "point", "street", "place")
MOST_LABEL = 200
# A street that is wanted is looked at on the way along it, at a walk.
_WALK_M_PER_MINUTE = 72.0
_PLACE_MINUTES, _PLACE_WEIGHT = 5.0, 2.0


def want(  # noqa: PLR0913 - what, where, from when, by whom
    session: Session,
    *,
    kind: str,
    from_on: date,
    by: int | None,
    now: datetime,
    point_id: int | None = None,
    street_id: int | None = None,
    lonlat: tuple[float, float] | None = None,
    label: str = "",
) -> int:
    """Want a point, a street or a place (a gap's, or any) in a plan from a day on; return its id.

    The same again is no second: the id of the first comes back while nobody was there. Raises BadRequest, and NotFound for a point or street that
    is not there or not within the session's ground.
    """
    if kind not in KINDS or sum(each is not None for each in (point_id, street_id, lonlat)) != 1:
        raise BadRequest("wanted_unclear", kinds=", ".join(KINDS))
    new, zone_id = _described(session, kind, from_on, point_id, street_id, lonlat, label[:MOST_LABEL])
    known = store.same(session, new)
    if known is not None and not store.end_if_done(session, known, now):
        return known
    wanted_id = store.add(session, new, zone_id=zone_id, by=by, now=now)
    detail = {"kind": kind, "from_on": from_on.isoformat(), "label": new.label}
    audit.record(session, by, "wanted.add", "wanted", str(wanted_id), detail)
    return wanted_id


def _described(  # noqa: PLR0913 - one of three places
    session: Session,
    kind: str,
    from_on: date,
    point_id: int | None,
    street_id: int | None,
    lonlat: tuple[float, float] | None,
    label: str,
) -> tuple[store.NewWanted, int | None]:
    """Return the wish with what its point or street says of itself, and its zone."""
    if point_id is not None:
        point = store.point_facts(session, point_id)
        if point is None:
            raise NotFound("wanted_gone")
        new = store.NewWanted(
            "point", from_on, point_id=point_id, label=label or point.name, service_minutes=point.minutes,
            weight=point.weight,
        )  # fmt: skip
        return new, point.zone_id
    if street_id is not None:
        street = store.street_facts(session, street_id)
        if street is None:
            raise NotFound("wanted_gone")
        minutes = max(1.0, round(street.metres / _WALK_M_PER_MINUTE, 1))
        new = store.NewWanted(
            "street",
            from_on,
            street_id=street_id,
            label=label or street.name,
            service_minutes=minutes,
            weight=_PLACE_WEIGHT,
        )
        return new, street.zone_id
    lon, lat = lonlat or (0.0, 0.0)
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise BadRequest("wanted_off_earth")
    zone_id = store.zone_at(session, lon, lat, from_on)
    if zone_id is None and session.info.get("scope", EVERYTHING) != EVERYTHING:
        raise BadRequest("wanted_outside")
    kind = "place" if kind in {"point", "street"} else kind
    new = store.NewWanted(
        kind,
        from_on,
        lonlat=(lon, lat),
        label=label,
        service_minutes=_PLACE_MINUTES,
        weight=_PLACE_WEIGHT,
    )
    return new, zone_id


def drop_wanted(session: Session, wanted_id: int, *, by: int | None, now: datetime) -> None:
    """Want it no more; raises NotFound for what is not open, or not within the session's ground."""
    if not store.drop(session, wanted_id, now):
        raise NotFound("wanted_gone")
    audit.record(session, by, "wanted.drop", "wanted", str(wanted_id))


def wanted(session: Session, settings: Settings, *, now: datetime) -> list[Wanted]:
    """Return what waits to be planned or done, the oldest first; what a patrol did meanwhile is no longer among it."""
    rows = store.open_ones(session, settings.probable_visits_count, now)
    return [Wanted(**{**row._mapping, "ends": None if row.ends is None else tuple(row.ends)}) for row in rows]


def settle_wanted(session: Session, settings: Settings, *, now: datetime) -> list[int]:
    """Mark as done what was: a patrol said so at its stop, or somebody was at the point since; return the ids."""
    return store.settle(session, now, settings.probable_visits_count)
