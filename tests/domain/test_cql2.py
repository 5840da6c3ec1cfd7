"""Filters as CQL2 text: what is written is what is meant, and nothing else gets through."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoservice.domain import cql2
from geoservice.domain.filters import (
    All,
    Between,
    Compare,
    Constant,
    Filter,
    In,
    Intersects,
    IsNull,
    Like,
    Not,
    Some,
)
from geoservice.domain.queryables import Kind, value_of_text
from geoservice.errors import BadRequest

KINDS = {
    "name": Kind.TEXT,
    "number": Kind.INTEGER,
    "weight": Kind.NUMBER,
    "active": Kind.BOOLEAN,
    "valid_from": Kind.DATE,
    "at": Kind.INSTANT,
}
TEXTS = st.text(st.characters(exclude_characters="\x00\\", exclude_categories=["Cs"]), max_size=12)
VALUES = {
    "name": TEXTS,
    "number": st.integers(-(10**12), 10**12),
    "weight": st.floats(allow_nan=False, allow_infinity=False),
    "active": st.booleans(),
    "valid_from": st.dates(),
    "at": st.datetimes(timezones=st.just(UTC)),
}


def parse(text: str) -> Filter:
    return cql2.parse(text, KINDS, lambda shape: shape)


def write_value(value: object) -> str:
    match value:
        case bool():
            return str(value).upper()
        case str():
            return "'" + value.replace("'", "''") + "'"
        case datetime():
            return f"TIMESTAMP('{value.isoformat()}')"
        case date():
            return f"DATE('{value.isoformat()}')"
        case _:
            return repr(value)


def write(found: Filter) -> str:
    """The text of a filter, by the grammar of the standard and by nothing of ours."""
    match found:
        case Compare(name, sign, value):
            return f"{name} {sign} {write_value(value)}"
        case Like(name, pattern):
            return f'"{name}" like {write_value(pattern)}'
        case Between(name, low, high):
            return f"{name} BETWEEN {write_value(low)} AND {write_value(high)}"
        case In(name, values):
            return f"{name} IN ({', '.join(map(write_value, values))})"
        case IsNull(name):
            return f"{name} IS NULL"
        case _:
            return _write_joined(found)


def _write_joined(found: Filter) -> str:
    match found:
        case Constant(value):
            return str(value).upper()
        case Not(part):
            return f"NOT ({write(part)})"
        case _:
            word = " AND " if isinstance(found, All) else " OR "
            return word.join(f"({write(part)})" for part in found.parts)


def _about(name: str) -> st.SearchStrategy[Filter]:
    value = VALUES[name]
    kinds = [
        st.builds(Compare, st.just(name), st.sampled_from(sorted(cql2.MIRRORED)), value),
        st.builds(Between, st.just(name), value, value),
        st.builds(In, st.just(name), st.lists(value, min_size=1, max_size=3).map(tuple)),
        st.builds(IsNull, st.just(name)),
    ]
    return st.one_of(*kinds, st.builds(Like, st.just(name), value)) if name == "name" else st.one_of(*kinds)


LEAVES = st.one_of(st.sampled_from(sorted(KINDS)).flatmap(_about), st.builds(Constant, st.booleans()))
FILTERS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(All, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Some, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(FILTERS)
def test_a_filter_that_is_written_and_read_is_the_same(found):
    assert parse(write(found)) == found


@given(st.text(max_size=80))
def test_any_text_is_a_filter_or_a_sentence(text):
    """Nothing but a refusal with a code ever comes out of it."""
    try:
        parse(text)
    except BadRequest as error:
        assert error.code.startswith("filter_")


@given(
    st.lists(
        st.sampled_from(
            [
                "name",
                "'x'",
                "(",
                ")",
                "AND",
                "NOT",
                "=",
                "1e999",
                "IN",
                ",",
                "IS",
                "NULL",
                "LIKE",
                "S_INTERSECTS",
                "geometry",
                "POINT",
                "BBOX",
                "DATE",
            ]
        ),
        max_size=14,
    )
)
def test_any_words_are_a_filter_or_a_sentence(words):
    test_any_text_is_a_filter_or_a_sentence.hypothesis.inner_test(" ".join(words))


def test_and_binds_closer_than_or_and_not_closest():
    assert parse("NOT active = TRUE AND number = 1 OR number = 2") == Some(
        (All((Not(Compare("active", "=", True)), Compare("number", "=", 1))), Compare("number", "=", 2))
    )


def test_the_value_may_come_first_and_the_sign_turns_round():
    assert parse("3 < number") == Compare("number", ">", 3)
    assert parse("number NOT IN (1, 2)") == Not(In("number", (1, 2)))
    assert parse("name IS NOT NULL") == Not(IsNull("name"))
    assert parse("active") == Compare("active", "=", True)


def test_shapes_are_read_as_well_known_text_or_as_a_box():
    assert parse("S_INTERSECTS(geometry, POINT(114.05 22.53))") == Intersects(shapely.Point(114.05, 22.53))
    assert parse("s_intersects(geom, BBOX(1, 2, 3, 4))").shape.equals(shapely.box(1, 2, 3, 4))
    found = parse(
        "S_INTERSECTS(geometry, MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))) AND number = 1"
    )
    assert found.parts[0].shape.area == 1.0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "filter_syntax"),
        ("name =", "filter_syntax"),
        ("name = 'open", "filter_syntax"),
        ("name == 'x'", "filter_syntax"),
        ("name = 'x' --", "filter_syntax"),
        ("name = 'x'; DROP TABLE zone", "filter_syntax"),
        ("name LIKE 'ends with \\'", "filter_syntax"),
        ("pg_sleep(9) = 1", "filter_property"),
        ("password = 'x'", "filter_property"),
        ("number = 'x'", "filter_value"),
        ("number = 1e999", "filter_value"),
        ("name = 1", "filter_value"),
        ("number LIKE '1%'", "filter_value"),
        ("valid_from = DATE('2026-02-30')", "filter_value"),
        ("S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))", "filter_shape"),
        ("S_INTERSECTS(geometry, POLYGON((0 0, 1)))", "filter_shape"),
        ("S_INTERSECTS(name, POINT(1 2))", "filter_property"),
        ("(" * 60 + "active" + ")" * 60, "filter_too_deep"),
        ("NOT " * 60 + "active", "filter_too_deep"),
        ("name = '" + "x" * cql2.LONGEST + "'", "filter_too_long"),
    ],
)
def test_what_can_not_be_meant_is_refused_by_name(text, code):
    with pytest.raises(BadRequest) as caught:
        parse(text)
    assert caught.value.code == code


@given(st.text(max_size=12))
def test_a_parameter_is_a_value_of_its_kind_or_a_sentence(text):
    for name, kind in KINDS.items():
        try:
            value_of_text(name, kind, text)
        except BadRequest as error:
            assert error.code == "filter_value"
