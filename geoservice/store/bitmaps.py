"""Bitmaps in and out: day tiles merged by OR, masks of zones and exclusions, and the counts of a window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import text

from geoservice.domain.coverage import Tiles
from geoservice.store.base import statement
from geoservice.store.copying import BITMAP, DAY_ZERO, INT2, INT4, copy_in, copy_out
from geoservice.store.window_pieces import for_copy, pieces_of, window_values

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray
    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from geoservice.domain.windows import Window

PERIODS_A_DAY = 4  # room for three, numbered from 1
TILE = {"tx": INT4, "ty": INT4, "bits": BITMAP}
AMONG = "(tx, ty) IN (SELECT * FROM unnest(CAST(:tx AS int[]), CAST(:ty AS int[])))"
# Whose ground a leaf is: every zone's above it, or every group's that names one of them. Zones of different roots share
# no owner, groups may.
ZONES_OWN = "SELECT a.zone_id AS owner, l.id FROM leaf l CROSS JOIN LATERAL unnest(l.path) AS a(zone_id)"
_GROUPS_OWN = (
    # Paths are unrolled so that the two sides can be hashed: thousands of leaves against thousands of members.
    "SELECT DISTINCT g.owner, l.id FROM leaf l CROSS JOIN LATERAL unnest(l.path) AS a(zone_id) "
    "JOIN unnest(CAST(:groups AS int[]), CAST(:members AS int[])) AS g(owner, zone_id) ON g.zone_id = a.zone_id"
)


def day_slot(ordinal: NDArray[np.int32], period: NDArray[np.int8]) -> NDArray[np.int64]:
    """Return the slot under which a day and period travel through the kernels."""
    return ordinal.astype(np.int64) * PERIODS_A_DAY + period


def lock_week(session: Session, day: date, *, alone: bool) -> None:
    """Until commit: many may merge bits into a day's week side by side, a rebuild in it wants the week alone."""
    function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    monday = day.toordinal() - day.weekday()
    session.execute(text(f"SELECT {function}(hashtext('coverage week'), :monday)"), {"monday": monday})


def merge_days(session: Session, tiles: Tiles) -> None:
    """OR the tiles (slot: `day_slot`) into days and weeks; any order and any repetition gives the same bits.

    Rows are taken in one order by everybody, so that two workers can't wait for each other.
    """
    _stage(session, tiles)
    session.execute(
        text(
            "INSERT INTO coverage_tile AS t (day, period, tx, ty, bits) "
            "SELECT day, period, tx, ty, bits FROM incoming_tile ORDER BY day, period, tx, ty "
            "ON CONFLICT (day, period, tx, ty) DO UPDATE SET bits = t.bits | excluded.bits"
        )
    )
    session.execute(
        text(
            "INSERT INTO coverage_week AS w (monday, tx, ty, bits) "
            "SELECT date_trunc('week', day)::date AS monday, tx, ty, bit_or(bits) FROM incoming_tile "
            "GROUP BY 1, tx, ty ORDER BY 1, tx, ty "
            "ON CONFLICT (monday, tx, ty) DO UPDATE SET bits = w.bits | excluded.bits"
        )
    )


def replace_days(session: Session, day: date, where: NDArray[np.int32], tiles: Tiles) -> None:
    """Put `tiles` in place of all that is stored of `day` on the tiles `where` (n, 2: tx, ty)."""
    values = {"day": day, "tx": where[:, 0].tolist(), "ty": where[:, 1].tolist()}
    session.execute(text(f"DELETE FROM coverage_tile WHERE day = :day AND {AMONG}"), values)
    session.execute(
        text(f"DELETE FROM coverage_week WHERE monday = date_trunc('week', CAST(:day AS date)) AND {AMONG}"),
        values,
    )
    session.execute(
        text(
            "INSERT INTO coverage_week (monday, tx, ty, bits) SELECT date_trunc('week', CAST(:day AS date)), tx, ty, "
            "bit_or(bits) FROM coverage_tile WHERE day >= date_trunc('week', CAST(:day AS date)) "
            f"AND day < date_trunc('week', CAST(:day AS date)) + interval '7 days' AND {AMONG} GROUP BY tx, ty"
        ),
        values,
    )
    merge_days(session, tiles)


def _stage(session: Session, tiles: Tiles) -> None:
    session.execute(
        text(
            "CREATE TEMP TABLE IF NOT EXISTS incoming_tile (LIKE coverage_tile INCLUDING COMPRESSION) ON COMMIT DROP"
        )
    )
    session.execute(text("TRUNCATE incoming_tile"))
    copy_in(
        session,
        "incoming_tile",
        {"day": INT4, "period": INT2, **TILE},
        [
            tiles.slot // PERIODS_A_DAY - DAY_ZERO,
            tiles.slot % PERIODS_A_DAY,
            tiles.tx,
            tiles.ty,
            tiles.bits,
        ],
    )


def seen_in(session: Session, window: Window, where: NDArray[np.int64] | None = None) -> Tiles:
    """Return what was seen in a window, one bitmap a tile, on all tiles or among `where` (n, 2: tx, ty); slot 0."""
    pieces, values = pieces_of(window)
    if where is not None:
        pieces = f"SELECT * FROM ({pieces}) AS anywhere WHERE {AMONG}"
        values |= {"tx": where[:, 0].tolist(), "ty": where[:, 1].tolist()}
    rows = copy_out(
        session,
        for_copy(
            f"SELECT tx, ty, bit_or(bits) AS bits FROM ({pieces}) AS piece GROUP BY tx, ty ORDER BY tx, ty"
        ),
        TILE,
        values,
    )
    return as_tiles(np.zeros(len(rows), np.int64), rows)


def excluded_on(session: Session, on: date) -> Tiles:
    """Return the ground excluded on a day; slot 0."""
    rows = copy_out(
        session,
        "SELECT m.tx, m.ty, bit_or(m.bits) AS bits FROM exclusion_mask m JOIN exclusion e ON e.id = m.exclusion_id "
        "WHERE (e.valid_from IS NULL OR e.valid_from <= %(on)s) AND (e.valid_to IS NULL OR e.valid_to > %(on)s) "
        "GROUP BY m.tx, m.ty ORDER BY m.tx, m.ty",
        TILE,
        {"on": on},
    )
    return as_tiles(np.zeros(len(rows), np.int64), rows)


def where_masks_begin(session: Session, version_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return the first tile (tx, ty) of each version's mask that has one."""
    rows = session.execute(
        text(
            "SELECT zone_version_id, min(tx) AS tx, min(ty) AS ty FROM zone_mask WHERE zone_version_id = ANY(:ids) GROUP BY 1"
        ),
        {"ids": list(version_ids)},
    )
    return {row.zone_version_id: (row.tx, row.ty) for row in rows}


def zone_masks(session: Session, version_ids: Sequence[int]) -> Tiles:
    """Return the masks of zone versions; slot: the version's id."""
    rows = copy_out(
        session,
        "SELECT zone_version_id AS id, tx, ty, bits FROM zone_mask WHERE zone_version_id = ANY(%(ids)s) ORDER BY 1, 2, 3",
        {"id": INT4, **TILE},
        {"ids": list(version_ids)},
    )
    return as_tiles(rows["id"].astype(np.int64), rows)


def as_tiles(slot: NDArray[np.int64], rows: NDArray[np.void]) -> Tiles:
    """Return rows of `TILE` as tiles under the slots (n,)."""
    return Tiles(
        slot, rows["tx"].astype(np.int32), rows["ty"].astype(np.int32), np.ascontiguousarray(rows["bits"])
    )


def save_masks(session: Session, table: str, owner: str, tiles: Tiles) -> None:
    """Store masks; slot is the id of the owner named by the column `owner`."""
    copy_in(session, table, {owner: INT4, **TILE}, [tiles.slot, tiles.tx, tiles.ty, tiles.bits])


@dataclass(frozen=True)
class ZoneCount:
    """Cells of a zone's ground on the window's last day: all, excluded, and seen among the rest."""

    zone_id: int
    version_id: int
    level: str
    code: str
    name: str
    path: list[int]
    is_leaf: bool
    cells: int
    excluded: int
    covered: int


@dataclass(frozen=True)
class GroupCount:
    """Cells of the union of several zones' ground: all, excluded, and seen among the rest."""

    cells: int
    excluded: int
    covered: int


def count_zones(session: Session, window: Window, zone_ids: Sequence[int] | None = None) -> list[ZoneCount]:
    """Return the counts of every zone valid on the window's last day that the session may see, or of `zone_ids`."""
    return _count_zones(session, *pieces_of(window), window.to_on, zone_ids)


def count_groups(
    session: Session, window: Window, groups: Mapping[int, Collection[int]]
) -> dict[int, GroupCount]:
    """Return the counts of groups of zones by the group's number: each cell of their leaves once, however often named."""
    pairs = [(group, zone_id) for group, zone_ids in groups.items() for zone_id in zone_ids]
    values = {"groups": [group for group, _ in pairs], "members": [zone_id for _, zone_id in pairs]}
    pieces, of_window = pieces_of(window)
    rows = _count(
        session, _GROUPS_OWN, "SELECT owner, cells, excluded, covered FROM counted", pieces,
        {**of_window, **values, "on": window.to_on, "zones": sorted(set(values["members"]))},
    )  # fmt: skip
    found = {row.owner: GroupCount(int(row.cells), int(row.excluded), int(row.covered)) for row in rows}
    return {group: found.get(group, GroupCount(0, 0, 0)) for group in groups}


def count_planned(session: Session, tiles: Tiles, on: date) -> list[ZoneCount]:
    """Return the counts of every zone valid on a day as if `tiles` (any slots) were all that anybody saw."""
    session.execute(
        text("CREATE TEMP TABLE IF NOT EXISTS planned_tile (tx int, ty int, bits bit(65536)) ON COMMIT DROP")
    )
    session.execute(text("TRUNCATE planned_tile"))
    copy_in(session, "planned_tile", TILE, [tiles.tx, tiles.ty, tiles.bits])
    return _count_zones(session, "SELECT tx, ty, bits FROM planned_tile", {}, on, None)


def _count_zones(
    session: Session, pieces: str, values: dict[str, Any], on: date, zone_ids: Sequence[int] | None
) -> list[ZoneCount]:
    zones = None if zone_ids is None else list(zone_ids)
    rows = _count(
        session, ZONES_OWN, statement("zone_coverage"), pieces, {**values, "on": on, "zones": zones}
    )
    return [ZoneCount(**row._mapping) for row in rows]


def _count(
    session: Session, owned: str, answer: str, pieces: str, values: dict[str, Any]
) -> Sequence[Row[Any]]:
    """Count the cells of owners of leaves (`owned`: owner, id) by what `pieces` hold, and answer from `counted`."""
    family = "c.path[1]" if owned == ZONES_OWN else "0"
    asked = "\n".join((statement("ground_cells"), statement("cells_once"), answer))
    parts = {
        "{owned}": owned,
        "{family}": family,
        "{pieces}": f"SELECT 0 AS bucket, * FROM ({pieces}) AS one",
    }
    for name, part in parts.items():
        asked = asked.replace(name, part)
    return session.execute(text(asked), values).all()


def has_data(session: Session, window: Window) -> bool:
    """Tell whether anything at all was seen in the window."""
    return bool(
        session.scalar(
            text(
                "SELECT EXISTS (SELECT FROM coverage_tile WHERE day BETWEEN :from_on AND :to_on "
                "AND (CAST(:period AS int) IS NULL OR period = :period))"
            ),
            window_values(window),
        )
    )
