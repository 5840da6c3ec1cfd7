"""Plans and their versions: what was asked, what counts, and what it costs to go between their places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, text, update

from geoservice.store.plans import Plan, PlanCosts, PlanVersion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class NewPlan:
    """A plan that is asked for. `wish` holds `within`, the zone whose ground its asker is kept to, or None."""

    name: str
    kind: str
    from_on: date
    to_on: date
    wish: Mapping[str, Any]
    based_on_id: int | None = None


@dataclass(frozen=True)
class Version:
    """One state of a plan; `after` is the version that it was made from, 0: nothing."""

    number: int
    content: dict[str, Any]
    change: dict[str, Any]

    @property
    def after(self) -> int:
        """The version that this one was made from."""
        return int(self.change.get("after", 0))


def add_plan(session: Session, new: NewPlan, *, by: int | None, now: datetime) -> int:
    """Insert a plan in the state asked; return its id."""
    plan_id: int = session.execute(
        insert(Plan)
        .values(
            name=new.name, kind=new.kind, from_on=new.from_on, to_on=new.to_on, wish=dict(new.wish),
            based_on_id=new.based_on_id, created_by=by, created_at=now,
        )
        .returning(Plan.id)
    ).scalar_one()  # fmt: skip
    return plan_id


def plan_of(session: Session, plan_id: int, *, lock: bool = False) -> Plan | None:
    """Return one plan as it is stored now; `lock` makes other changes of it wait."""
    query = select(Plan).where(Plan.id == plan_id).execution_options(populate_existing=True)
    return session.scalar(query.with_for_update() if lock else query)


def set_state(session: Session, plan_id: int, **values: Any) -> None:
    """Change columns of a plan: state, job_id, version_number, published_number, published_at, name."""
    session.execute(update(Plan).where(Plan.id == plan_id).values(**values))


def version_of(session: Session, plan_id: int, number: int) -> Version | None:
    """Return one version of a plan."""
    row = session.execute(
        select(PlanVersion.number, PlanVersion.content, PlanVersion.change).where(
            PlanVersion.plan_id == plan_id, PlanVersion.number == number
        )
    ).one_or_none()
    return None if row is None else Version(*row)


def version_after(session: Session, plan_id: int, number: int) -> int | None:
    """Return the latest version that was made from `number`: what redo goes to."""
    found: int | None = session.scalar(
        text(
            "SELECT max(number) FROM plan_version WHERE plan_id = :plan AND number > :number "
            "AND coalesce(CAST(change ->> 'after' AS int), 0) = :number"
        ),
        {"plan": plan_id, "number": number},
    )
    return found


def keep_version(
    session: Session,
    plan_id: int,
    content: Mapping[str, Any],
    change: Mapping[str, Any],
    *,
    by: int | None,
    now: datetime,
) -> int:
    """Add a version after the one that counts and let it count; return its number, which no other ever had.

    The plan's row must be locked (`plan_of`), or nobody else may know of it yet.
    """
    current = session.execute(
        select(Plan.version_number, func.coalesce(func.max(PlanVersion.number), 0).label("newest"))
        .outerjoin(PlanVersion, PlanVersion.plan_id == Plan.id)
        .where(Plan.id == plan_id)
        .group_by(Plan.id)
    ).one()
    number = int(current.newest) + 1
    session.execute(
        insert(PlanVersion).values(
            plan_id=plan_id,
            number=number,
            content=dict(content),
            change={**change, "after": current.version_number},
            made_by=by,
            made_at=now,
        )
    )
    set_state(session, plan_id, version_number=number)
    return number


def recent(session: Session, limit: int, zone_ids: Sequence[int] | None) -> list[Row[Any]]:
    """Return the newest plans with the totals of the version that counts; `zone_ids`: only of those kept to one of them."""
    return list(
        session.execute(
            text(
                "SELECT p.id, p.name, p.kind, p.state, p.from_on, p.to_on, p.version_number AS version, p.job_id, "
                "coalesce(v.content -> 'totals', '{}') AS totals, p.created_at, u.login AS created_by, p.published_at "
                "FROM plan p LEFT JOIN plan_version v ON v.plan_id = p.id AND v.number = p.version_number "
                "LEFT JOIN app_user u ON u.id = p.created_by "
                "WHERE CAST(:zones AS int[]) IS NULL OR CAST(p.wish ->> 'within' AS int) = ANY(:zones) "
                "ORDER BY p.id DESC LIMIT :limit"
            ),
            {"limit": limit, "zones": None if zone_ids is None else list(zone_ids)},
        )
    )


def keep_costs(session: Session, plan_id: int, mode: int, places: Mapping[str, int], payload: bytes) -> None:
    """Keep what it costs to go between the places of a plan in a mode, in place of what was kept."""
    session.execute(delete(PlanCosts).where(PlanCosts.plan_id == plan_id, PlanCosts.mode == mode))
    session.execute(
        insert(PlanCosts).values(plan_id=plan_id, mode=mode, places=dict(places), payload=payload)
    )


def costs_of(session: Session, plan_id: int) -> list[tuple[int, dict[str, int], bytes]]:
    """Return (mode, key → row of the matrices, payload) of a plan."""
    rows = session.execute(
        select(PlanCosts.mode, PlanCosts.places, PlanCosts.payload).where(PlanCosts.plan_id == plan_id)
    )
    return [(mode, places, bytes(payload)) for mode, places, payload in rows]
