"""Contracts made, changed, ended and taken back one at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services.contract_words import day_after
from geoservice.services.importing.contracts import overlap, shown_days
from geoservice.services.seen import check_seen, fingerprint
from geoservice.store import audit, batches, contract_list, contract_rows
from geoservice.store import contract_edits as store
from geoservice.store.contract_rows import ContractRow

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.store.contract_list import ListedContract


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


def read_contract(session: Session, contract_id: int, on: date) -> ListedContract:
    """Return a contract with its names as of a day; NotFound without it."""
    found = contract_list.one_contract(session, contract_id, on)
    if found is None:
        raise NotFound("contract_not_there", id=contract_id)
    return found


def row_of(contract: ListedContract) -> ContractRow:
    """Return a listed contract as it is stored."""
    return ContractRow(
        contract.leader_id,
        contract.role,
        contract.ground,
        contract.ground_id,
        contract.valid_from,
        contract.valid_to,
    )


def seen_of(contract: ListedContract) -> str:
    """Return what a form carries to say which state of a contract it was made from."""
    return fingerprint(_told(row_of(contract)))


def check_unchanged(contract: ListedContract, seen: str | None) -> None:
    """Refuse a change that was made from another state of the contract than the stored one."""
    check_seen(seen, _told(row_of(contract)), contract.leader_name)


def end_contract(
    session: Session, contract_id: int, last_on: date, *, by: int | None, seen: str | None = None
) -> ContractRow:
    """Let a contract end after a day → as it is now.

    BadRequest where that day lies before it begins, Conflict where it is over before that day or was changed since `seen`.
    """
    hold_contracts(session)
    stored = read_contract(session, contract_id, last_on)
    check_unchanged(stored, seen)
    row = row_of(stored)
    until = day_after(last_on)
    if row.valid_from and last_on < row.valid_from:
        raise BadRequest("contract_reversed", from_on=row.valid_from.isoformat(), last_on=last_on.isoformat())
    if row.valid_to and (until is None or row.valid_to <= until):
        raise Conflict("contract_over", days=shown_days(row))
    ended = replace(row, valid_to=until)
    store.update_contract(session, contract_id, ended)
    _note(session, by, "contract.end", contract_id, ended)
    return ended


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
    audit.record(session, by, action, "contract", str(contract_id), _told(row))


def _told(row: ContractRow) -> dict[str, int | str]:
    return {
        "leader_id": row.leader_id,
        "role": row.role,
        row.ground: row.ground_id,
        "valid_from": str(row.valid_from or ""),
        "valid_to": str(row.valid_to or ""),
    }
