"""Streets cut into pieces, and the pieces that lie in each version of a zone or exclusion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely
from sqlalchemy import text

from geoservice.store.bulk import run_in_chunks
from geoservice.store.copying import INT2, INT4, INT8, copy_in
from geoservice.store.ground import MASKED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.domain.pieces import PieceWords
    from geoservice.store.ground import Masked

# A street whose line changed lost its count by a trigger; with another length of pieces every count is wrong.
# PostgreSQL rounds halves to even, as numpy does (domain.streets.count_pieces).
_TO_CUT = "piece_count IS NULL OR piece_count <> greatest(1, round(length_m / :piece_m))"
# Water excludes the ground, not the bridge over it.
_EXCLUDES_STREETS = {"zone": "true", "exclusion": "kind <> 'water'"}


def lacks_streets(session: Session, piece_m: float) -> bool:
    """Tell whether a street is to be cut, or a zone version or exclusion has not been cut against the streets."""
    tests = [f"EXISTS (SELECT FROM street WHERE {_TO_CUT})"]
    tests += [f"EXISTS (SELECT FROM {kind.table} WHERE NOT streets_cut)" for kind in MASKED.values()]
    return bool(session.scalar(text(f"SELECT {' OR '.join(tests)}"), {"piece_m": piece_m}))


def streets_to_cut(session: Session, piece_m: float) -> list[tuple[int, bytes]]:
    """Return (id, WKB in lon/lat) of streets that are not cut, or into pieces of another length."""
    rows = session.execute(
        text(f"SELECT id, ST_AsBinary(geom) AS wkb FROM street WHERE {_TO_CUT} ORDER BY id"),
        {"piece_m": piece_m},
    )
    return [(row.id, bytes(row.wkb)) for row in rows]


def set_cuts(session: Session, ids: Sequence[int], length_m: NDArray[Any], piece_count: NDArray[Any]) -> None:
    """Store how streets are cut; what was known of their former pieces goes."""
    for table in ("zone_street", "exclusion_street", "street_seen"):
        session.execute(text(f"DELETE FROM {table} WHERE street_id = ANY(:ids)"), {"ids": list(ids)})
    run_in_chunks(
        session,
        "UPDATE street s SET length_m = r.length, piece_count = r.pieces FROM unnest(CAST(:ids AS int[]), "
        "CAST(:lengths AS float8[]), CAST(:counts AS int[])) AS r(id, length, pieces) WHERE s.id = r.id",
        {"ids": ids, "lengths": length_m.tolist(), "counts": piece_count.tolist()},
    )


def shapes(
    session: Session, kind: str, *, cut: bool, after: int, limit: int, near: Sequence[int] | None = None
) -> list[tuple[int, Any]]:
    """Return (id, geometry in lon/lat) of shapes that take pieces of streets, in order of id from `after` on.

    `cut`: those whose pieces are known (but for new streets), else those whose are not. `near`: only where one of these streets may
    run; None: everywhere.
    """
    beside = (
        f"AND EXISTS (SELECT FROM street s WHERE s.id = ANY(:near) AND s.geom && {MASKED[kind].table}.geom)"
    )
    rows = session.execute(
        text(
            f"SELECT id, ST_AsBinary(geom) AS wkb FROM {MASKED[kind].table} WHERE id > :after "
            f"AND streets_cut = :cut AND {_EXCLUDES_STREETS[kind]} {'' if near is None else beside} ORDER BY id LIMIT :limit"
        ),
        {"after": after, "limit": limit, "cut": cut, **({} if near is None else {"near": list(near)})},
    )
    return [(row.id, shapely.from_wkb(bytes(row.wkb))) for row in rows]


def forget_uncut(session: Session, kind: Masked) -> None:
    """Delete the pieces of shapes whose border changed."""
    session.execute(
        text(
            f"DELETE FROM {kind.streets} m USING {kind.table} s WHERE m.{kind.owner} = s.id AND NOT s.streets_cut"
        )
    )


def add_words(session: Session, kind: Masked, words: PieceWords) -> None:
    """Store the pieces of shapes."""
    if len(words.owner):
        copy_in(
            session,
            kind.streets,
            {kind.owner: INT4, "street_id": INT4, "word": INT2, "pieces": INT8},
            [words.owner, words.street_id, words.word, words.pieces],
        )


def mark_cut(session: Session, kind: Masked) -> None:
    """Say that every shape's pieces are known."""
    session.execute(text(f"UPDATE {kind.table} SET streets_cut = true WHERE NOT streets_cut"))
