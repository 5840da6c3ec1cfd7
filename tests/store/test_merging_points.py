"""Merging points is what a dictionary does: new codes come, told values replace, what is not told stays."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from geoservice.store import batches
from geoservice.store.point_incoming import IncomingPoints, pack_points

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

NOW = datetime(2026, 3, 2, tzinfo=UTC)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from(["", "市场", "a\tb", "\\N"]),
    "address": st.sampled_from(["", "中心路 1 号"]),
    "category": st.sampled_from(["market", "other"]),
    "weight": st.none() | st.sampled_from([0.0, 0.1, 2.0]),
    "service_minutes": st.none() | st.just(5.0),
}
UNTOLD = {"name": "", "address": "", "category": "other", "weight": None, "service_minutes": None}


@st.composite
def files(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The rows of one file: each tells the same of VALUES."""
    told = draw(st.sets(st.sampled_from(sorted(VALUES))))
    return [
        {
            "code": code,
            "place": draw(st.sampled_from([(114.0, 22.0), (114.0, 22.1)])),
            "attributes": draw(st.sampled_from([{}, {"a": 1}, {"a": 1.5, "b": 'x"\\'}])),
            **{name: draw(VALUES[name]) for name in sorted(told)},
        }
        for code in draw(st.lists(st.sampled_from("ABCD"), min_size=1, unique=True))
    ]


@settings(max_examples=9, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(files(), max_size=4))
def test_merging_points_is_merging_dictionaries(
    session: Session, given_files: list[list[dict[str, Any]]]
) -> None:
    kept: dict[str, dict[str, Any]] = {}
    with session.begin_nested() as nested:
        batch = batches.add_batch(session, kind="points", files=[], options={}, by=None, at=NOW)
        for rows in given_files:
            new, changed = 0, 0
            for row in rows:
                before = kept.get(row["code"])
                after = {**(before or UNTOLD), **row}
                after["name"] = after["name"] or row["code"]
                new, changed = new + (before is None), changed + (before is not None and before != after)
                kept[row["code"]] = after
            columns = {name: [row[name] for row in rows] for name in rows[0] if name != "place"}
            columns["geom"] = [shapely.Point(row["place"]).wkb for row in rows]
            columns["attributes"] = [json.dumps(row["attributes"]) for row in rows]
            incoming = IncomingPoints(session, batch)
            incoming.take_in([pack_points(columns)], date(2026, 3, 2))
            known = incoming.compare()
            incoming.change()
            assert (sum(incoming.add()), [*known.values()].count(False)) == (new, changed)
        stored = session.execute(
            text(
                "SELECT code, name, address, category, weight, service_minutes, attributes, ST_X(geom), ST_Y(geom) "
                "FROM point WHERE batch_id = :batch"
            ),
            {"batch": batch},
        )
        found = {
            code: {"code": code, "place": (x, y), **dict(zip(("name", "address", "category", "weight", "service_minutes", "attributes"), rest, strict=True))}
            for code, *rest, x, y in stored
        }  # fmt: skip
        assert found == kept
        nested.rollback()
