"""Ground handed over on a day: what somebody contracted until then, another contracts from then on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services.contracting import hold_contracts, row_of
from geoservice.services.seen import fingerprint
from geoservice.store import audit, contract_list, contract_rows, role_rows
from geoservice.store import contract_edits as store
from geoservice.store.contract_list import ContractFilter

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.store.contract_list import ListedContract
    from geoservice.store.contract_rows import ContractRow

    Span = tuple[date | None, date | None]


@dataclass(frozen=True)
class Wanted:
    """Who hands over to whom from which day on: everything, or the `chosen` contracts."""

    giver_id: int
    taker_id: int
    on: date
    chosen: frozenset[int] | None = None


@dataclass(frozen=True)
class Move:
    """What becomes of one contract: `ends` is None where all of it goes over, for it had not begun before the day.

    `begins` are the contracts of the successor; none where he holds the ground in this role himself all that time.
    """

    contract: ListedContract
    ends: date | None
    begins: tuple[ContractRow, ...]


@dataclass(frozen=True)
class HandOver:
    """A hand-over as it would be, or was, done; `digest` says exactly this one."""

    giver: tuple[int, str, str]  # id, code, name
    taker: tuple[int, str, str]
    on: date
    moves: tuple[Move, ...]
    digest: str


def preview(session: Session, wanted: Wanted) -> HandOver:
    """Return what would be handed over: what the giver holds on the day or will hold after it, or the chosen ones of these.

    NotFound without one of the two, BadRequest for one person or where nothing is left to hand over, Conflict where a
    chosen contract is not, or no longer, the giver's.
    """
    if wanted.giver_id == wanted.taker_id:
        raise BadRequest("hand_over_to_himself")
    giver, taker = _person(session, wanted.giver_id), _person(session, wanted.taker_id)
    open_then = _open_from(session, wanted.giver_id, wanted.on)
    if wanted.chosen is not None:
        if missing := wanted.chosen - {contract.id for contract in open_then}:
            raise Conflict("hand_over_moved_on", count=len(missing))
        open_then = [contract for contract in open_then if contract.id in wanted.chosen]
    if not open_then:
        raise BadRequest("hand_over_nothing", name=giver[2], day=wanted.on.isoformat())
    held = [row for _, row in contract_rows.stored_contracts(session, [wanted.taker_id])]
    moves = tuple(_move(contract, wanted.taker_id, wanted.on, held) for contract in open_then)
    digest = fingerprint([giver, taker, wanted.on, [(move.contract, move.begins) for move in moves]])
    return HandOver(giver, taker, wanted.on, moves, digest)


def hand_over(session: Session, wanted: Wanted, *, by: int | None, digest: str | None = None) -> HandOver:
    """Hand ground over, all at once → what was done; errors as those of `preview`.

    Conflict where it is no longer what the `digest` of a preview says.
    """
    hold_contracts(session)
    found = preview(session, wanted)
    if digest is not None and digest != found.digest:
        raise Conflict("hand_over_changed")
    for move in found.moves:
        _carry_out(session, move)
    detail = {
        "from": wanted.giver_id,
        "to": wanted.taker_id,
        "on": wanted.on.isoformat(),
        "contracts": [move.contract.id for move in found.moves],
    }
    audit.record(session, by, "contract.hand_over", "leader", str(wanted.giver_id), detail)
    return found


def _person(session: Session, leader_id: int) -> tuple[int, str, str]:
    leader = role_rows.leader_by_id(session, leader_id)
    if leader is None:
        raise NotFound("person_unknown", name=leader_id)
    return leader.id, leader.code, leader.name


def _open_from(session: Session, leader_id: int, on: date) -> list[ListedContract]:
    """Return the contracts somebody holds on a day or will hold after it."""
    listed, _ = contract_list.list_contracts(session, ContractFilter(on=on, when="all", leader_id=leader_id))
    return [contract for contract in listed if contract.valid_to is None or contract.valid_to > on]


def _move(contract: ListedContract, taker_id: int, on: date, held: list[ContractRow]) -> Move:
    begun = contract.valid_from is None or contract.valid_from < on
    row = replace(row_of(contract), leader_id=taker_id, valid_from=on if begun else contract.valid_from)
    taken = [(other.valid_from, other.valid_to) for other in held if other.subject == row.subject]
    begins = tuple(
        replace(row, valid_from=from_on, valid_to=until)
        for from_on, until in free_spans((row.valid_from, row.valid_to), taken)
    )
    return Move(contract, on if begun else None, begins)


def free_spans(whole: Span, taken: list[Span]) -> list[Span]:
    """Return the days of `whole` that no span of `taken` has; a span is from a day until before another, None is open."""
    free = [whole]
    for from_on, until in taken:
        left: list[Span] = []
        for start, end in free:
            apart = (until is not None and start is not None and until <= start) or (
                end is not None and from_on is not None and from_on >= end
            )
            if apart:
                left.append((start, end))
                continue
            if from_on is not None and (start is None or start < from_on):
                left.append((start, from_on))
            if until is not None and (end is None or until < end):
                left.append((until, end))
        free = left
    return free


def _carry_out(session: Session, move: Move) -> None:
    begins = list(move.begins)
    if move.ends is not None:
        store.update_contract(session, move.contract.id, replace(row_of(move.contract), valid_to=move.ends))
    elif begins:
        # It never was the giver's to end: the same contract goes over, and the history of changes says so.
        store.update_contract(session, move.contract.id, begins.pop(0))
    else:
        store.delete_contract(session, move.contract.id)
    for row in begins:
        store.insert_contract(session, row)
