"""Exclusions as they are listed: what, why, who, when, and how much of each zone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class ListedExclusion:
    """One version of an exclusion, valid from (None: since ever) until before `valid_to`.

    `area_m2` is that of its outline; `batch_id` the import that last wrote it, when and by whom (login and name), None where
    that is not known.
    """

    exclusion_id: int
    code: str
    kind: str
    name: str
    reason: str
    area_m2: float
    valid_from: date | None
    valid_to: date | None
    batch_id: int | None
    excluded_at: datetime | None
    excluded_by: str | None
    excluded_by_name: str | None


def listed(session: Session, on: date | None) -> list[ListedExclusion]:
    """Return the exclusions of a day, or every version there is, by code and oldest first."""
    rows = session.execute(
        text(
            "SELECT e.id AS exclusion_id, e.code, e.kind, e.name, e.reason, "
            "ST_Area(ST_Transform(e.geom, (SELECT metric_epsg FROM deployment))) AS area_m2, e.valid_from, e.valid_to, "
            "e.batch_id, b.created_at AS excluded_at, u.login AS excluded_by, u.name AS excluded_by_name "
            "FROM exclusion e LEFT JOIN import_batch b ON b.id = e.batch_id "
            "LEFT JOIN app_user u ON u.id = coalesce(b.created_by, e.created_by) "
            "WHERE CAST(:on AS date) IS NULL OR daterange(e.valid_from, e.valid_to) @> CAST(:on AS date) "
            "ORDER BY e.code, e.valid_from NULLS FIRST"
        ),
        {"on": on},
    )
    return [ListedExclusion(**row._mapping) for row in rows]
