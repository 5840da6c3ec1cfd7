"""Streets cut into pieces, and each piece given to the zones and exclusions its midpoint lies in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.crs import to_metric
from geoservice.domain.pieces import PieceWords, piece_midpoints, pieces_inside, to_words
from geoservice.domain.streets import count_pieces
from geoservice.services.streets_loading import load_lines, to_lines
from geoservice.store import street_masks as store
from geoservice.store.ground import MASKED, lock_masks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from geoservice.domain.pieces import Pieces
    from geoservice.domain.streets import StreetLines

_SHAPES_AT_ONCE = 1_000
# So many streets, as an editor changes them, need only the shapes beside them, not the whole city.
_FEW_STREETS = 200


def refresh_streets(session: Session, metric_epsg: int, piece_m: float) -> None:
    """Cut the streets that are not cut yet, and find the pieces in every zone version and exclusion.

    New streets are held against all shapes, new shapes against all streets.
    """
    if not store.lacks_streets(session, piece_m):
        return
    lock_masks(session)
    cut = _cut(session, metric_epsg, piece_m)
    if len(cut.street_id):
        few = cut.street_id.tolist() if len(cut.street_id) <= _FEW_STREETS else None
        _give(session, metric_epsg, piece_midpoints(cut), cut=True, near=few)
    if any(store.shapes(session, kind, cut=False, after=0, limit=1) for kind in MASKED):
        for kind in MASKED.values():
            store.forget_uncut(session, kind)
        _give(session, metric_epsg, piece_midpoints(load_lines(session, metric_epsg, None)), cut=False)
    for kind in MASKED.values():
        store.mark_cut(session, kind)


def _cut(session: Session, metric_epsg: int, piece_m: float) -> StreetLines:
    rows = store.streets_to_cut(session, piece_m)
    ids = [street_id for street_id, _ in rows]
    ground = [(0, False)] * len(rows)
    lines = to_lines(metric_epsg, ids, [wkb for _, wkb in rows], np.ones(len(rows), np.int32), ground)
    edges = np.hypot(*np.diff(lines.xy, axis=0).T)
    edges[lines.starts[1:-1] - 1] = 0.0
    length = np.add.reduceat(edges, lines.starts[:-1]) if len(rows) else edges[:0]
    pieces = count_pieces(length, piece_m)
    if rows:
        store.set_cuts(session, ids, length, pieces)
    return replace(lines, piece_count=pieces)


def _give(
    session: Session, metric_epsg: int, pieces: Pieces, *, cut: bool, near: list[int] | None = None
) -> None:
    """Store which of the pieces lie in each shape whose streets are `cut`, or are not; `near`: their streets, if few."""
    for name, kind in MASKED.items():
        for words in _words(session, name, metric_epsg, pieces, (cut, near)):
            store.add_words(session, kind, words)


def _words(
    session: Session, kind: str, metric_epsg: int, pieces: Pieces, which: tuple[bool, list[int] | None]
) -> Iterator[PieceWords]:
    after, (cut, near) = 0, which
    while shapes := store.shapes(session, kind, cut=cut, after=after, limit=_SHAPES_AT_ONCE, near=near):
        after = shapes[-1][0]
        metric = to_metric(metric_epsg, np.array([shape for _, shape in shapes], dtype=object))
        found = [pieces_inside(polygon, pieces) for polygon in metric]
        owner = np.repeat([shape_id for shape_id, _ in shapes], [len(each) for each in found])
        inside = np.concatenate(found)
        yield to_words(owner.astype(np.int64), pieces.street_id[inside], pieces.number[inside])
