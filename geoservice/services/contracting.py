"""Contracts made, changed and taken back one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services.importing.contracts import overlap, shown_days
from geoservice.store import audit, batches, contract_rows
from geoservice.store import contract_edits as store

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.store.contract_rows import ContractRow


def hold_contracts(session: Session) -> None:
    """Wait until nobody else writes contracts; held until the transaction ends."""
    batches.lock(session, "contracts")


def add_contract(session: Session, row: ContractRow, *, by: int | None) -> int:
    """Make a contract → its id.

    NotFound without such a leader or ground, BadRequest where it ends before it begins or the role is unknown, Conflict where
    the same leader holds the same ground in the same role then.
    """
    hold_contracts(session)
    if not store.has_leader(session, row.leader_id):
        raise NotFound("leader_not_there", id=row.leader_id)
    if not store.has_ground(session, row.ground, row.ground_id):
        raise NotFound("ground_not_there", kind=row.ground, id=row.ground_id)
    _check(session, None, row)
    contract_id = store.insert_contract(session, row)
    _note(session, by, "contract.add", contract_id, row)
    return contract_id


def change_contract(session: Session, contract_id: int, row: ContractRow, *, by: int | None) -> None:
    """Let a contract be as `row` says; errors as those of `add_contract`."""
    _check(session, contract_id, row)
    store.update_contract(session, contract_id, row)
    _note(session, by, "contract.change", contract_id, row)


def remove_contract(session: Session, contract_id: int, *, by: int | None) -> None:
    """Take a contract back as if it had never been."""
    store.delete_contract(session, contract_id)
    audit.record(session, by, "contract.remove", "contract", str(contract_id))


def _check(session: Session, own_id: int | None, row: ContractRow) -> None:
    if row.role not in {role.code for role in contract_rows.roles(session)}:
        raise BadRequest("contract_role_unknown", value=row.role)
    if row.valid_from and row.valid_to and row.valid_to <= row.valid_from:
        raise BadRequest("validity_reversed", from_on=row.valid_from, to_on=row.valid_to)
    for held_id, held in contract_rows.stored_contracts(session, [row.leader_id]):
        if held_id != own_id and held.subject == row.subject and overlap(held, row):
            raise Conflict("contract_held_then", id=held_id, days=shown_days(held))


def _note(session: Session, by: int | None, action: str, contract_id: int, row: ContractRow) -> None:
    detail = {
        "leader_id": row.leader_id,
        "role": row.role,
        row.ground: row.ground_id,
        "valid_from": str(row.valid_from or ""),
        "valid_to": str(row.valid_to or ""),
    }
    audit.record(session, by, action, "contract", str(contract_id), detail)
