"""Streets as they are measured: their lines, and which of their pieces were seen, lie in a zone or are excluded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sqlalchemy import text

from geoservice.domain.street_tags import WORDS, level_and_tunnel
from geoservice.domain.street_tally import Network
from geoservice.store.copying import FLOAT8, INT2, INT4, INT8, copy_out

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.domain.windows import Window


class StreetLine(NamedTuple):
    """A street that is cut: its line (WKB, lon/lat), its pieces, its attributes if they say anything of levels."""

    street_id: int
    wkb: bytes
    piece_count: int
    attributes: dict[str, Any] | None


_SIDES = ("west", "south", "east", "north")
# Few streets say anything of bridges and tunnels; the attributes of the others need not travel.
TELLING = f"attributes::text ~* '{'|'.join(WORDS)}'"


def street_lines(session: Session, around: tuple[float, float, float, float] | None) -> list[StreetLine]:
    """Return the streets that are cut, in order of id: all, or those whose boxes meet (west, south, east, north)."""
    where = "" if around is None else "AND geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)"
    rows = session.execute(
        text(
            f"SELECT id, ST_AsBinary(geom) AS wkb, piece_count, CASE WHEN {TELLING} THEN attributes END AS attributes "
            f"FROM street WHERE piece_count IS NOT NULL {where} ORDER BY id"
        ),
        {side: float(around[place]) for place, side in enumerate(_SIDES)} if around else {},
    )
    return list(map(StreetLine._make, rows))


def shapes_of(session: Session, street_ids: Sequence[int]) -> list[bytes]:
    """Return the lines (WKB, lon/lat) of streets, in order of id."""
    rows = session.execute(
        text("SELECT ST_AsBinary(geom) AS wkb FROM street WHERE id = ANY(:ids) ORDER BY id"),
        {"ids": list(street_ids)},
    )
    return [bytes(row.wkb) for row in rows]


@dataclass(frozen=True)
class NamedStreet:
    """A street as it is listed."""

    street_id: int
    code: str
    name: str
    street_class: str


_WORD = {"street_id": INT4, "word": INT2, "pieces": INT8}
_VALID = "(v.valid_from IS NULL OR v.valid_from <= {0}) AND (v.valid_to IS NULL OR v.valid_to > {0})"


def network(session: Session) -> Network:
    """Return every street that is cut."""
    rows = copy_out(
        session,
        "SELECT id, length_m, piece_count FROM street WHERE piece_count IS NOT NULL ORDER BY id",
        {"id": INT4, "length_m": FLOAT8, "piece_count": INT4},
        {},
    )
    telling = session.execute(text(f"SELECT id, attributes FROM street WHERE {TELLING}"))
    tunnels = [row.id for row in telling if level_and_tunnel(row.attributes)[1]]
    ids = rows["id"].astype(np.int64)
    return Network(
        ids,
        rows["length_m"].astype(np.float64),
        rows["piece_count"].astype(np.int64),
        np.isin(ids, np.array(tunnels, np.int64)),
    )


def named_streets(session: Session, street_ids: Sequence[int]) -> list[NamedStreet]:
    """Return streets in order of id."""
    rows = session.execute(
        text("SELECT id AS street_id, code, name, street_class FROM street WHERE id = ANY(:ids) ORDER BY id"),
        {"ids": list(street_ids)},
    )
    return [NamedStreet(**row._mapping) for row in rows]


def zone_words(session: Session, version_ids: Sequence[int]) -> NDArray[np.void]:
    """Return (version_id, street_id, word, pieces) of the pieces in versions of zones."""
    return copy_out(
        session,
        "SELECT zone_version_id, street_id, word, pieces FROM zone_street WHERE zone_version_id = ANY(%(ids)s)",
        {"version_id": INT4, **_WORD},
        {"ids": list(version_ids)},
    )


def excluded_words(session: Session, on: date) -> NDArray[np.void]:
    """Return (street_id, word, pieces) of what is excluded on a day."""
    return copy_out(
        session,
        "SELECT m.street_id, m.word, bit_or(m.pieces) FROM exclusion_street m JOIN exclusion v ON v.id = m.exclusion_id "
        f"WHERE {_VALID.format('%(on)s')} GROUP BY 1, 2",
        _WORD,
        {"on": on},
    )


def seen_words(session: Session, window: Window) -> NDArray[np.void]:
    """Return (street_id, word, pieces) of what anybody saw in a window."""
    return copy_out(
        session,
        "SELECT street_id, word, bit_or(pieces) FROM street_seen WHERE day BETWEEN %(from_on)s AND %(to_on)s "
        "AND (%(period)s IS NULL OR period = %(period)s) GROUP BY 1, 2",
        _WORD,
        _window(window),
    )


def seen_by_day(
    session: Session, window: Window, wanted: tuple[list[int], list[int], list[int]]
) -> NDArray[np.void]:
    """Return (day, street_id, word, pieces): what of the pieces wanted (street ids, words, pieces) was seen on which day.

    `day` is the ordinal; a day may come more than once.
    """
    return copy_out(
        session,
        "SELECT s.day - date '0001-01-01' + 1, s.street_id, s.word, s.pieces & w.pieces FROM street_seen s "
        "JOIN unnest(%(streets)s::int[], %(words)s::int2[], %(pieces)s::bigint[]) AS w(street_id, word, pieces) "
        "USING (street_id, word) WHERE s.day BETWEEN %(from_on)s AND %(to_on)s "
        "AND (%(period)s IS NULL OR s.period = %(period)s) AND s.pieces & w.pieces <> 0",
        {"day": INT4, **_WORD},
        {**_window(window), **dict(zip(("streets", "words", "pieces"), wanted, strict=True))},
    )


def _window(window: Window) -> dict[str, Any]:
    period = None if window.period is None else int(window.period)
    return {"from_on": window.from_on, "to_on": window.to_on, "period": period}
