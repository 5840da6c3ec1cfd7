"""What a step is given, looked at field by field: what is missing or makes no sense is named."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING, Any

from geoservice.errors import BadRequest
from geoservice.store import case_places

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session

    from geoservice.domain.cases import Field, Transition

LONGEST_NOTE = 2000
MOST_UNITS = 1000
MOST_ID = 2**31 - 1


def take_given(
    session: Session, transition: Transition, given: Mapping[str, Any], on: date
) -> dict[str, Any]:
    """Return what was given, clean and ready for JSON; BadRequest names what is missing or wrong. `on` is today."""
    fields = {field.name: field for field in transition.fields}
    unknown = [name for name, value in given.items() if name not in fields and not _is_empty(value)]
    if unknown:
        raise BadRequest("case_given_unknown", name=unknown[0])
    clean = {
        name: _CLEAN[field.kind](session, field, given[name], on)
        for name, field in fields.items()
        if not _is_empty(given.get(name))
    }
    for field in transition.fields:
        if field.needed and field.name not in clean:
            raise BadRequest(f"case_{field.name}_needed")
    if transition.one_of and not any(name in clean for name in transition.one_of):
        raise BadRequest("case_to_needed")
    return clean


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _text(_session: Session, _field: Field, value: Any, _on: date) -> str:
    words = str(value).strip()
    if len(words) > LONGEST_NOTE:
        raise BadRequest("case_note_too_long", most=LONGEST_NOTE)
    return words


def _known(noun: str) -> Callable[[Session, Field, Any, date], int]:
    def look_up(session: Session, _field: Field, value: Any, _on: date) -> int:
        row_id = _whole(value)
        if row_id is None or not case_places.is_known(session, noun, row_id):
            raise BadRequest(f"case_{noun}_unknown", id=str(value)[:20])
        return row_id

    return look_up


def _case(_session: Session, _field: Field, value: Any, _on: date) -> int:
    row_id = _whole(value)
    if row_id is None:
        raise BadRequest("case_into_id_needed")
    return row_id


def _number(_session: Session, _field: Field, value: Any, _on: date) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 < number <= MOST_UNITS:
        raise BadRequest("case_limit_wrong", most=MOST_UNITS)
    return number


def _day(_session: Session, _field: Field, value: Any, on: date) -> str:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value).strip())
    except ValueError:
        day = on
    if day <= on:
        raise BadRequest("case_until_wrong")
    return day.isoformat()


def _whole(value: Any) -> int | None:
    try:
        number = int(str(value))
    except ValueError:
        return None
    return number if 0 < number <= MOST_ID else None


_CLEAN: dict[str, Callable[[Session, Field, Any, date], Any]] = {
    "text": _text,
    "department": _known("department"),
    "leader": _known("leader"),
    "case": _case,
    "number": _number,
    "day": _day,
}
