"""Contracts written one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, update

from geoservice.store.contracts import Contract
from geoservice.store.people import Leader
from geoservice.store.points import Point
from geoservice.store.streets import Street
from geoservice.store.zones import Zone

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.store.contract_rows import ContractRow

GROUND = {"zone": Zone, "street": Street, "point": Point}


def has_leader(session: Session, leader_id: int) -> bool:
    """Tell whether there is such a leader."""
    return session.get(Leader, leader_id) is not None


def has_ground(session: Session, kind: str, ground_id: int) -> bool:
    """Tell whether there is such a zone, street or point."""
    return session.get(GROUND[kind], ground_id) is not None


def insert_contract(session: Session, row: ContractRow) -> int:
    """Insert a contract → its id."""
    added: int = session.execute(insert(Contract).values(**_values(row)).returning(Contract.id)).scalar_one()
    return added


def update_contract(session: Session, contract_id: int, row: ContractRow) -> None:
    """Overwrite a contract."""
    session.execute(update(Contract).where(Contract.id == contract_id).values(**_values(row)))


def delete_contract(session: Session, contract_id: int) -> None:
    """Delete a contract; the history of changes keeps what it was."""
    session.execute(delete(Contract).where(Contract.id == contract_id))


def _values(row: ContractRow) -> dict[str, Any]:
    grounds = {f"{kind}_id": row.ground_id if kind == row.ground else None for kind in GROUND}
    return {
        "leader_id": row.leader_id,
        "role": row.role,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        **grounds,
    }
