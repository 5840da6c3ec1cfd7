"""What a property that can be asked for holds, and the value that a question names for it."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TypeAlias

from geoservice.errors import BadRequest


class Kind(StrEnum):
    """What a property holds. JSON can be read, not asked for."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"
    JSON = "json"


Value: TypeAlias = str | int | float | bool | date | datetime

_TRUTH = {"true": True, "false": False}


def value_of(name: str, kind: Kind, written: Value) -> Value:
    """Return a written value as the property's kind; raises BadRequest `filter_value` where it is none."""
    fitting = _fitting(kind, written)
    if fitting is None:
        raise BadRequest("filter_value", name=name, value=str(written)[:60], kind=kind.value)
    return fitting


def value_of_text(name: str, kind: Kind, text: str) -> Value:
    """Return the value that a query parameter's text means for a property."""
    if kind is Kind.BOOLEAN:
        return value_of(name, kind, _TRUTH.get(text.lower(), text))
    if kind in {Kind.INTEGER, Kind.NUMBER}:
        try:
            return value_of(name, kind, int(text) if text.lstrip("+-").isdecimal() else float(text))
        except ValueError:
            raise BadRequest("filter_value", name=name, value=text[:60], kind=kind.value) from None
    return value_of(name, kind, text)


def _fitting(kind: Kind, written: Value) -> Value | None:
    if kind is Kind.BOOLEAN:
        return written if isinstance(written, bool) else None
    if kind in {Kind.INTEGER, Kind.NUMBER}:
        is_number = isinstance(written, int | float) and not isinstance(written, bool)
        return written if is_number and _is_finite(written) else None
    if not isinstance(written, str):
        return None
    return written if kind is Kind.TEXT else _moment(kind, written)


def _is_finite(number: object) -> bool:
    try:
        return math.isfinite(float(number))  # type: ignore[arg-type]
    except OverflowError:
        return False


def _moment(kind: Kind, written: str) -> date | datetime | None:
    try:
        if kind is Kind.DATE:
            return date.fromisoformat(written)
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
