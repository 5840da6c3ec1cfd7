"""Sheets with a column for each role of a street or point (一街五管) instead of a row for each contract."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from geoservice.domain.contracts import LEADER
from geoservice.services.importing.columns import Column

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from geoservice.services.importing.columns import Header
    from geoservice.services.importing.row_list import Row

# What such sheets call the five, beside the names that the roles have in the deployment.
SHORT = {
    "交警": "traffic_police", "城管": "urban_management", "市监": "market_regulation", "市场监管": "market_regulation",
    "环卫": "sanitation", "社区干部": "community_cadre",
}  # fmt: skip
_BETWEEN = re.compile(r"[、,，;；/\n]+")


def role_columns(header: Header, roles: Mapping[str, str]) -> dict[str, Column]:
    """Role → its column, for every role but the leader's that a column is named after; none: a sheet of one contract a row.

    `roles`: name or code in small letters → code.
    """
    known = {**{name: code for name, code in SHORT.items() if code in set(roles.values())}, **roles}
    found: dict[str, Column] = {}
    for name in header.fields:
        code = known.get(name.strip().casefold())
        if code and code != LEADER and code not in found:
            found[code] = Column(name, (name,))
            header.used.add(name)
            header.guessed[code] = name
    return found


def names_roles(fields: Iterable[str]) -> bool:
    """Whether a header has a column named after one of the five."""
    return any(field.strip() in SHORT for field in fields)


def people_in(column: Column, row: Row) -> list[str]:
    """Codes or names of the people in one cell, apart by commas and the like."""
    words = (" ".join(word.split()) for word in _BETWEEN.split(column.text(row) or ""))
    return list(dict.fromkeys(word for word in words if word))
