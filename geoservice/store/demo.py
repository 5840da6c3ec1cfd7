"""The demo city in the database: its rows in bulk, the mark that says so, and its removal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import shapely
from geoalchemy2 import WKBElement
from sqlalchemy import func, insert, select, text, update

from geoservice.store.coverage import Deployment
from geoservice.store.inspections import InspectionTask
from geoservice.store.orders import CaseWatch
from geoservice.store.points import Point
from geoservice.store.schema import metadata
from geoservice.store.streets import Street
from geoservice.store.tracks import Track
from geoservice.store.zones import SRID, Zone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

# What every deployment starts with, and what must never be lost.
_KEPT = frozenset(
    [
        "zone_level",
        "contract_role",
        "point_category",
        "audit_entry",
        "app_user",
        "case_kind",
        "work_shift",
        "order_rule",
        "order_desk",
        "score_formula",
        "checklist",
        "checklist_item",
    ]
)
# Users refer to these, so they go row by row once no user does.
_DELETED = ("zone", "member", "team", "leader", "department", "deployment")


def is_empty(session: Session) -> bool:
    """Tell whether nothing of anybody's is stored: no zone, point, street or track."""
    return all(session.scalar(select(table.id).limit(1)) is None for table in (Zone, Point, Street, Track))


def is_demo(session: Session) -> bool:
    """Tell whether what is stored was marked as the demo city."""
    return bool(session.scalar(select(Deployment.is_demo)))


def mark_demo(session: Session) -> None:
    """Say of everything stored that it is the demo city."""
    session.execute(update(Deployment).values(is_demo=True))


def line(shape: shapely.Geometry) -> WKBElement:
    """Return a shape in lon/lat as these tables take it."""
    return WKBElement(shapely.to_wkb(shape), srid=SRID)


def add_numbered(session: Session, table: str, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert rows → their ids, in the order of the rows."""
    into = metadata.tables[table]
    return list(session.scalars(insert(into).returning(into.c.id, sort_by_parameter_order=True), rows))


def add_joining(session: Session, table: str, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that have no id of their own."""
    session.execute(insert(metadata.tables[table]), rows)


def add_login_like(session: Session, known: str, row: dict[str, Any]) -> int:
    """Insert a user with the password of another one → his id."""
    users = metadata.tables["app_user"]
    password_hash = select(users.c.password_hash).where(users.c.login == known).scalar_subquery()
    added = insert(users).values(**row, password_hash=password_hash).returning(users.c.id)
    return int(session.execute(added).scalar_one())


def tasks_of(session: Session, inspection_id: int) -> list[tuple[int, date]]:
    """Return (id, day) of the tasks of an inspection, in the order of their days."""
    wanted = select(InspectionTask.id, InspectionTask.on_day).where(
        InspectionTask.inspection_id == inspection_id
    )
    return [
        (row.id, row.on_day)
        for row in session.execute(wanted.order_by(InspectionTask.on_day, InspectionTask.id))
    ]


def next_order_at(session: Session) -> datetime | None:
    """Return when the next order falls due of those that can be foreseen."""
    return session.scalar(
        select(func.min(CaseWatch.look_at)).where(CaseWatch.look_at > datetime.fromtimestamp(0, UTC))
    )


def remove(session: Session) -> None:
    """Remove everything but the words every deployment starts with and the audit trail.

    A user that the trail names stays, closed and under another login, so that the trail still says who it was.
    """
    emptied = [table.name for table in metadata.sorted_tables if table.name not in _KEPT.union(_DELETED)]
    session.execute(text(f"TRUNCATE {', '.join(emptied)}"))
    session.execute(
        text("DELETE FROM app_user u WHERE NOT EXISTS (SELECT FROM audit_entry a WHERE a.user_id = u.id)")
    )
    session.execute(
        text(
            "UPDATE app_user SET active = false, session_epoch = session_epoch + 1, role = 'member', leader_id = NULL, "
            "member_id = NULL, department_id = NULL, scope_zone_id = NULL, login = 'removed-' || id || '-' || login WHERE login NOT LIKE 'removed-%'"
        )
    )
    session.execute(text("UPDATE case_kind SET department_id = NULL"))
    for table in _DELETED:
        session.execute(text(f"DELETE FROM {table}"))
