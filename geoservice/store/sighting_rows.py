"""What device days show of streets, points and tiny zones: read where to look, replaced day by day as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from sqlalchemy import text

from geoservice.store.copying import DAY_ZERO, EPOCH_US, FLOAT4, INT2, INT4, INT8, copy_in, copy_out
from geoservice.store.window_pieces import window_values

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.domain.streets import Credits
    from geoservice.domain.tiny import TinySeen
    from geoservice.domain.visits import Stays
    from geoservice.domain.windows import Window

Bounds = tuple[float, float, float, float]  # west, south, east, north
_BOX = "geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)"
_CREDIT = ("device_id", "period", "street_id", "word", "pieces")


@dataclass(frozen=True)
class Spot:
    """An active point, lon/lat; None: its category leaves that to the setting."""

    point_id: int
    lon: float
    lat: float
    radius_m: float | None
    dwell_s: float | None


def streets_state(session: Session, around: Bounds) -> tuple[str, str]:
    """Return the database's name and a hash that is another as soon as any street that is cut and whose box meets the
    bounds comes, goes or is written: a row's xmin and ctid name its version.
    """
    row = session.execute(
        text(
            "SELECT current_database() AS name, coalesce(sum(hashtextextended(xmin::text || ctid::text, id)), 0)::text AS hash "
            f"FROM street WHERE piece_count IS NOT NULL AND {_BOX}"
        ),
        _named(around),
    ).one()
    return row.name, row.hash


def spots(session: Session, around: Bounds) -> list[Spot]:
    """Return the points that a track within the bounds may have visited, in order of id."""
    rows = session.execute(
        text(
            "SELECT p.id AS point_id, ST_X(geom) AS lon, ST_Y(geom) AS lat, c.visit_radius_m AS radius_m, "
            f"c.visit_dwell_s AS dwell_s FROM point p JOIN point_category c ON c.code = p.category WHERE active AND {_BOX} "
            "ORDER BY p.id"
        ),
        _named(around),
    )
    return [Spot(**row._mapping) for row in rows]


def tiny_zones(session: Session, below: int, around: Bounds) -> list[tuple[int, shapely.Geometry]]:
    """Return (version id, border in lon/lat) of the zone versions within the bounds with fewer than `below` cells."""
    rows = session.execute(
        text(
            f"SELECT id, ST_AsBinary(geom) AS wkb FROM zone_version WHERE cell_count < :below AND {_BOX} ORDER BY id"
        ),
        {"below": below, **_named(around)},
    )
    return [(row.id, shapely.from_wkb(bytes(row.wkb))) for row in rows]


def forget(session: Session, day: date, devices: Sequence[int]) -> None:
    """Delete what the devices' day showed of points and tiny zones."""
    for table in ("visit", "tiny_zone_seen"):
        session.execute(
            text(f"DELETE FROM {table} WHERE day = :day AND device_id = ANY(:devices)"),
            {"day": day, "devices": list(devices)},
        )


def lock_standing(session: Session, table: str, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Keep rows (n,) from being deleted until commit; return the ids of those that still stand."""
    rows = session.scalars(
        text(f"SELECT id FROM {table} WHERE id = ANY(:ids) ORDER BY id FOR KEY SHARE"),
        {"ids": np.unique(ids).tolist()},
    )
    return np.fromiter(rows, np.int64)


def put_credits(session: Session, day: date, devices: Sequence[int], credits: Credits) -> None:
    """Put pieces of streets in place of all that the devices' day showed; the slot is the period.

    A row that says what it said before stays: after a small change of the ground nearly all do.
    """
    held = copy_out(
        session,
        "SELECT device_id, period, street_id, word, pieces FROM street_seen "
        "WHERE day = %(day)s AND device_id = ANY(%(devices)s)",
        {"device_id": INT4, "period": INT2, "street_id": INT4, "word": INT2, "pieces": INT8},
        {"day": day, "devices": list(devices)},
    )
    before = [held[name].astype(np.int64) for name in _CREDIT]
    after = [
        column.astype(np.int64, copy=False)
        for column in (credits.device, credits.slot, credits.street_id, credits.word, credits.pieces)
    ]
    stay, old = _in_both(before, after)
    _take_credits(session, day, [column[~stay] for column in before[:4]])
    device, period, street, word, pieces = (column[~old] for column in after)
    keep = np.isin(street, lock_standing(session, "street", street))
    _add(
        session,
        "street_seen",
        {"day": INT4, "device_id": INT4, "street_id": INT4, "word": INT2, "period": INT2, "pieces": INT8},
        [
            np.full(keep.sum(), _postgres_day(day)), device[keep], street[keep], word[keep], period[keep], pieces[keep],
        ],
    )  # fmt: skip


def _take_credits(session: Session, day: date, keys: Sequence[NDArray[np.int64]]) -> None:
    """Delete rows of street_seen; keys: device, period, street, word, each (n,)."""
    if len(keys[0]) == 0:
        return
    session.execute(
        text(
            "DELETE FROM street_seen s USING unnest(CAST(:devices AS int[]), CAST(:periods AS smallint[]), "
            "CAST(:streets AS int[]), CAST(:words AS smallint[])) AS gone(device_id, period, street_id, word) "
            "WHERE s.day = :day AND s.device_id = gone.device_id AND s.period = gone.period "
            "AND s.street_id = gone.street_id AND s.word = gone.word"
        ),
        {
            "day": day,
            **dict(
                zip(("devices", "periods", "streets", "words"), (key.tolist() for key in keys), strict=True)
            ),
        },
    )


def _in_both(
    one: Sequence[NDArray[np.int64]], other: Sequence[NDArray[np.int64]]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which rows, given as columns, each of two tables shares with the other; neither holds a row twice."""
    columns = [np.concatenate(pair) for pair in zip(one, other, strict=True)]
    order = np.lexsort(columns[::-1])
    same = np.logical_and.reduce([column[order][1:] == column[order][:-1] for column in columns])
    shared = np.zeros(len(order), np.bool_)
    shared[order[1:][same]] = True
    shared[order[:-1][same]] = True
    return shared[: len(one[0])], shared[len(one[0]) :]


def add_visits(session: Session, day: date, stays: Stays, period: NDArray[np.int8]) -> None:
    """Store stays at points; `period` (n,) of each arrival."""
    keep = np.isin(stays.point_id, lock_standing(session, "point", stays.point_id))
    _add(
        session,
        "visit",
        {
            "day": INT4, "device_id": INT4, "point_id": INT4, "arrived_at": INT8, "left_at": INT8, "dwell_s": FLOAT4,
            "nearest_m": FLOAT4, "period": INT2,
        },
        [
            np.full(keep.sum(), _postgres_day(day)), stays.device[keep], stays.point_id[keep],
            stays.arrived_us[keep] - EPOCH_US, stays.left_us[keep] - EPOCH_US, stays.dwell_s[keep],
            stays.nearest_m[keep], period[keep],
        ],
    )  # fmt: skip


def add_tiny(session: Session, day: date, seen: TinySeen, lonlat: NDArray[np.object_]) -> None:
    """Store the ground of tiny zones, `lonlat` (n,) being its polygons; the slot is the period."""
    keep = np.isin(seen.version_id, lock_standing(session, "zone_version", seen.version_id))
    session.execute(
        text(
            "INSERT INTO tiny_zone_seen (day, device_id, zone_version_id, period, geom) "
            "SELECT :day, d, v, p, ST_Multi(ST_GeomFromWKB(g, 4326)) FROM unnest(CAST(:devices AS int[]), "
            "CAST(:versions AS int[]), CAST(:periods AS smallint[]), CAST(:shapes AS bytea[])) AS t(d, v, p, g)"
        ),
        {
            "day": day,
            "devices": seen.device[keep].tolist(),
            "versions": seen.version_id[keep].tolist(),
            "periods": seen.slot[keep].tolist(),
            "shapes": shapely.to_wkb(lonlat[keep]).tolist(),
        },
    )


def borders(session: Session, version_ids: Collection[int]) -> dict[int, shapely.Geometry]:
    """Return the borders of zone versions, lon/lat."""
    rows = session.execute(
        text("SELECT id, ST_AsBinary(geom) AS wkb FROM zone_version WHERE id = ANY(:ids)"),
        {"ids": list(version_ids)},
    )
    return {row.id: shapely.from_wkb(bytes(row.wkb)) for row in rows}


def tiny_seen(
    session: Session, window: Window, version_ids: Collection[int]
) -> list[tuple[int, shapely.Geometry]]:
    """Return (version id, ground seen in lon/lat) of tiny zones in a window, the same ground once only."""
    return _shapes(
        session,
        "SELECT DISTINCT zone_version_id AS id, ST_AsBinary(geom) AS wkb FROM tiny_zone_seen WHERE zone_version_id = ANY(:ids) "
        "AND day BETWEEN :from_on AND :to_on AND period = coalesce(CAST(:period AS smallint), period) ORDER BY 1, 2",
        {**window_values(window), "ids": list(version_ids)},
    )


def excluded_on(
    session: Session, on: date, version_ids: Collection[int]
) -> list[tuple[int, shapely.Geometry]]:
    """Return (version id, exclusion in lon/lat) of every exclusion valid on a day that meets a zone version."""
    return _shapes(
        session,
        "SELECT v.id, ST_AsBinary(e.geom) AS wkb FROM zone_version v JOIN exclusion e ON ST_Intersects(v.geom, e.geom) "
        "WHERE v.id = ANY(:ids) AND (e.valid_from IS NULL OR e.valid_from <= :on) "
        "AND (e.valid_to IS NULL OR e.valid_to > :on) ORDER BY v.id, e.id",
        {"on": on, "ids": list(version_ids)},
    )


def _add(
    session: Session, table: str, columns: dict[str, str], values: Sequence[NDArray[np.generic]]
) -> None:
    """Append rows by way of a temporary table: COPY into a table with row-level security is refused."""
    if len(values[0]) == 0:
        return
    session.execute(text(f"CREATE TEMP TABLE IF NOT EXISTS incoming_{table} (LIKE {table}) ON COMMIT DROP"))
    session.execute(text(f"TRUNCATE incoming_{table}"))
    copy_in(session, f"incoming_{table}", columns, values)
    names = ", ".join(columns)
    session.execute(text(f"INSERT INTO {table} ({names}) SELECT {names} FROM incoming_{table}"))


def _shapes(session: Session, query: str, values: dict[str, Any]) -> list[tuple[int, shapely.Geometry]]:
    return [(row.id, shapely.from_wkb(bytes(row.wkb))) for row in session.execute(text(query), values)]


def _named(around: Bounds) -> dict[str, float]:
    return dict(zip(("west", "south", "east", "north"), around, strict=True))


def _postgres_day(day: date) -> int:
    return day.toordinal() - DAY_ZERO
