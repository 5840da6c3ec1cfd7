"""Contracts as people write them: whom a word means, which ground, from which day to which, both included."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from geoservice.domain.contracts import KINDS
from geoservice.errors import BadRequest, NotFound
from geoservice.services import told
from geoservice.store import contract_rows, point_rows, role_rows, street_rows
from geoservice.store.contract_rows import ContractRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from geoservice.store.contract_list import ListedContract

FIELDS = ("leader", "role", "kind", "code", "from", "to")
LONGEST_WORD = 64
_MOST_DAYS = date.max - timedelta(days=1)


@dataclass(frozen=True)
class Days:
    """From a day (None: since ever) until before another (None: without end)."""

    from_on: date | None
    until: date | None


def told_contract(session: Session, words: Mapping[str, str]) -> ContractRow:
    """Return the contract that words describe; BadRequest or NotFound names what is missing or unknown."""
    days = told_days(words.get("from", ""), words.get("to", ""))
    leader_id = told_leader(session, words.get("leader", ""))
    kind = words.get("kind", "")
    ground_id = told_ground(session, kind, words.get("code", ""))
    role = words.get("role", "") or contract_rows.DEFAULT_ROLE
    return ContractRow(leader_id, role, kind, ground_id, days.from_on, days.until)


def changed_contract(session: Session, stored: ListedContract, words: Mapping[str, str]) -> ContractRow:
    """Return a contract with other people, role or days; its ground stays. Errors as those of `told_contract`."""
    days = told_days(words.get("from", ""), words.get("to", ""))
    leader_id = told_leader(session, words["leader"]) if "leader" in words else stored.leader_id
    role = words.get("role", "") or stored.role
    return ContractRow(leader_id, role, stored.ground, stored.ground_id, days.from_on, days.until)


def told_days(first: str, last: str) -> Days:
    """Return a validity written as first and last day, the last included; an empty one is open."""
    return days_between(told.read_day(first, "first_on"), told.read_day(last, "last_on"))


def days_between(from_on: date | None, last_on: date | None) -> Days:
    """Return a validity of first and last day, the last included; BadRequest where it ends before it begins."""
    if from_on and last_on and last_on < from_on:
        raise BadRequest("contract_reversed", from_on=from_on.isoformat(), last_on=last_on.isoformat())
    return Days(from_on, day_after(last_on))


def day_after(last_on: date | None) -> date | None:
    """Return the first day on which something no longer holds."""
    return last_on + timedelta(days=1) if last_on and last_on <= _MOST_DAYS else None


def told_leader(session: Session, word: str) -> int:
    """Return the id of whom a code or a name means; BadRequest where several are called so, NotFound where nobody is."""
    plain = " ".join(word.split())[:LONGEST_WORD]
    if not plain:
        raise BadRequest("field_needed", field="leader")
    # A list that helps to type offers code and name together.
    code, _, name = plain.partition(" · ")
    found = role_rows.leaders_meant(session, code) or role_rows.leaders_meant(session, name or code)
    if not found:
        raise NotFound("person_unknown", name=plain)
    if len(found) > 1:
        raise BadRequest("person_ambiguous", name=plain, codes=", ".join(leader.code for leader in found[:8]))
    return found[0].id


def told_ground(session: Session, kind: str, word: str) -> int:
    """Return the id of a zone, street or point by its code; a zone's may be told with its level: grid:440399001001."""
    if kind not in KINDS:
        raise BadRequest("unknown_ground_kind", value=kind[:LONGEST_WORD], kinds=", ".join(KINDS))
    code = word.strip()[:LONGEST_WORD]
    if not code:
        raise BadRequest("field_needed", field="ground_code")
    if kind == "zone":
        return _zone(session, code)
    ids = (street_rows.street_ids if kind == "street" else point_rows.point_ids)(session, [code])
    if code not in ids:
        raise NotFound("ground_code_unknown", kind=kind, code=code)
    return ids[code]


def _zone(session: Session, word: str) -> int:
    level, _, code = word.rpartition(":")
    found = contract_rows.zones_by_code(session, [code]).get(code, [])
    fitting = [zone_id for its_level, zone_id in found if level in {"", its_level}]
    if not fitting:
        raise NotFound("ground_code_unknown", kind="zone", code=word)
    if len(fitting) > 1:
        choices = ", ".join(f"{its_level}:{code}" for its_level, _ in found)
        raise BadRequest("ground_code_shared", code=code, choices=choices)
    return fitting[0]
