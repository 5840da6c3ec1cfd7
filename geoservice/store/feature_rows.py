"""Features of a collection as GeoJSON, written by PostgreSQL and passed on as bytes."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geoservice.domain.queryables import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from geoservice.store.feature_filters import Conditions
    from geoservice.store.feature_sources import Source

_HEADER_BYTES = 19


@dataclass(frozen=True)
class Form:
    """How a shape is written: in the CRS `epsg` (None: lon, lat as stored), northing first or not, with so many digits."""

    epsg: int | None = None
    northing_first: bool = False
    digits: int = 9


@dataclass(frozen=True)
class Slice:
    """Which features of all that fit: at most `limit` after or before a key, in the order of keys."""

    limit: int
    after: int | None = None
    before: int | None = None


@dataclass(frozen=True)
class FeaturePage:
    """Some features, `features` their JSON joined by commas; `has_more` on the side away from where the page began."""

    features: bytes
    count: int
    first: int | None
    last: int | None
    has_more: bool


def read_page(session: Session, conditions: Conditions, form: Form, part: Slice) -> FeaturePage:
    """Return one page of the features that fit."""
    source = conditions.source
    backwards = part.before is not None
    turn, direction = ("<", " DESC") if backwards else (">", "")
    edge = part.before if backwards else part.after
    begins = f"AND {source.key} {turn} %(edge)s" if edge is not None else ""
    order = ", ".join(f"{one}{direction}" for one in source.ordered_by)
    columns = ", ".join(f"{sql} AS c{number}" for number, (sql, _) in enumerate(source.columns.values()))
    # One more row than asked for tells whether there are more; it is never written out.
    sql = f"""
        SELECT count(*), min(id) FILTER (WHERE number <= %(limit)s), max(id) FILTER (WHERE number <= %(limit)s),
               string_agg({_feature(source, form)}, ',' ORDER BY id) FILTER (WHERE number <= %(limit)s)
        FROM (SELECT row_number() OVER () AS number, q.* FROM (
            SELECT {source.key} AS id, {source.shape} AS shape, {columns} FROM {source.rows}
            WHERE ({conditions.sql}) {begins} ORDER BY {order} LIMIT %(limit)s + 1) q) q
    """
    row = read_row(session, sql, {**conditions.values, "edge": edge, "limit": part.limit})
    count, first, last = (
        None if field is None else struct.unpack(">q", field)[0] for field in map(_long, row[:3])
    )
    return FeaturePage(row[3] or b"", min(count or 0, part.limit), first, last, (count or 0) > part.limit)


def read_feature(session: Session, conditions: Conditions, form: Form) -> bytes | None:
    """Return the one feature that fits as JSON; None where there is none."""
    source = conditions.source
    columns = ", ".join(f"{sql} AS c{number}" for number, (sql, _) in enumerate(source.columns.values()))
    sql = (
        f"SELECT string_agg({_feature(source, form)}, '') FROM (SELECT {source.key} AS id, {source.shape} AS shape, {columns} "
        f"FROM {source.rows} WHERE {conditions.sql} LIMIT 1) q"
    )
    return read_row(session, sql, conditions.values)[0]


def count_features(session: Session, conditions: Conditions) -> int:
    """Return how many features fit."""
    sql = f"SELECT count(*) FROM {conditions.source.rows} WHERE {conditions.sql}"
    found: int = struct.unpack(">q", read_row(session, sql, conditions.values)[0] or bytes(8))[0]
    return found


def read_extent(session: Session, conditions: Conditions) -> bytes:
    """Return {"bbox": [west, south, east, north] or null, "since": day or null} of what fits, as JSON."""
    source = conditions.source
    sql = f"""
        SELECT json_build_object('bbox', CASE WHEN box IS NOT NULL THEN
                   json_build_array(ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)) END, 'since', since)::text
        FROM (SELECT {source.reaches}{"" if source.extent else f" WHERE {conditions.sql}"}) q
    """
    return read_row(session, sql, conditions.values)[0] or b"{}"


def newest_gap_report(session: Session, lengths: tuple[int, ...]) -> bytes | None:
    """Return [from, to] of the newest report whose window has one of the lengths in days, the longest; None without any."""
    sql = """
        SELECT json_build_array(from_on, to_on)::text FROM gap_report WHERE period = 0 AND to_on - from_on + 1 = ANY(%(lengths)s)
        ORDER BY to_on DESC, from_on LIMIT 1
    """
    rows = read_rows(session, sql, {"lengths": list(lengths)})
    return rows[0][0] if rows else None


def read_row(session: Session, sql: str, values: Mapping[str, Any]) -> list[bytes | None]:
    """Return the single row of a query as the bytes of its fields, as they come over the wire."""
    return read_rows(session, sql, values)[0]


def read_rows(session: Session, sql: str, values: Mapping[str, Any]) -> list[list[bytes | None]]:
    """Return rows by binary COPY (format: see store/copying.py): nothing is decoded, escaped or copied twice."""
    out = io.BytesIO()
    cursor = session.connection().connection.cursor()
    statement = cursor.mogrify(sql, values).decode()
    cursor.copy_expert(f"COPY ({statement}) TO STDOUT (FORMAT binary)", out, size=1 << 20)
    body = out.getbuffer()
    rows, at = [], _HEADER_BYTES
    while (fields := struct.unpack_from(">h", body, at)[0]) >= 0:
        at += 2
        row: list[bytes | None] = []
        for _ in range(fields):
            length = struct.unpack_from(">i", body, at)[0]
            at += 4
            row.append(None if length < 0 else bytes(body[at : at + length]))
            at += max(length, 0)
        rows.append(row)
    return rows


def _long(field: bytes | None) -> bytes | None:
    """Return a number of 4 bytes as one of 8."""
    return field if field is None or len(field) == 8 else bytes(4) + field


def _feature(source: Source, form: Form) -> str:
    """SQL of a feature's JSON from the columns id, shape, c0, c1 …"""
    shape = f"ST_AsGeoJSON({_placed('shape', form)}, {form.digits}, 0)"
    pairs = " || ',".join(
        f'{"" if number else chr(39)}"{name}":\' || {_as_json(f"c{number}", kind)}'
        for number, (name, (_, kind)) in enumerate(source.columns.items())
    )
    return f"""'{{"type":"Feature","id":' || id || ',"geometry":' || coalesce({shape}, 'null') || ',"properties":{{' || {pairs} || '}}}}'"""


def _as_json(column: str, kind: Kind) -> str:
    """SQL of a value as JSON text: quoting is asked of PostgreSQL only where a text may need it."""
    if kind in {Kind.TEXT, Kind.NUMBER}:  # to_json knows what has no place in JSON: quotes, and NaN
        return f"coalesce(to_json({column})::text, 'null')"
    if kind is Kind.DATE:
        return f"coalesce('\"' || {column} || '\"', 'null')"
    if kind is Kind.INSTANT:
        written = f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
        return f"coalesce('\"' || {written} || '\"', 'null')"
    return f"coalesce({column}::text, 'null')"


def _placed(shape: str, form: Form) -> str:
    placed = f"ST_Transform({shape}, {form.epsg})" if form.epsg is not None else shape
    return f"ST_FlipCoordinates({placed})" if form.northing_first else placed
