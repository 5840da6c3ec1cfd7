"""What is taken in by COPY is what was given, whatever it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from geoservice.store.incoming import joined_whole, take_in

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8
) | st.sampled_from(["\\N", "\\.", "\t", "a\r\nb", "\\", "\\t"])
ROW = st.tuples(
    st.none() | TEXT,
    st.none() | st.integers(-(2**31), 2**31 - 1),
    st.none() | st.floats(allow_nan=False),
    st.booleans(),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROW, min_size=1, max_size=8))
def test_cells_come_back_as_they_were(session: Session, rows: list[tuple]) -> None:
    kinds = {"word": "text", "number": "int", "share": "double precision", "truth": "boolean", "place": "int"}
    columns = dict(zip(kinds, [*zip(*rows, strict=True), range(len(rows))], strict=True))
    take_in(session, "incoming", kinds, columns)
    found = session.execute(text("SELECT word, number, share, truth FROM incoming ORDER BY place"))
    assert [tuple(row) for row in found] == rows


def test_no_row_looks_through_a_table_by_itself_that_was_empty_when_last_counted(session: Session) -> None:
    session.execute(text("ANALYZE zone, zone_version"))
    question = text("EXPLAIN SELECT FROM zone z JOIN zone_version v ON v.zone_id = z.id")
    with joined_whole(session):
        plan = "\n".join(session.scalars(question))
    assert "Join" in plan
    assert "Nested Loop" not in plan
    assert session.scalar(text("SHOW enable_nestloop")) == "on"
