"""Everybody who contracted a piece of ground, as a page lists them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from geoservice.domain.contracts import KINDS, LEADER, Holding, with_deputies
from geoservice.services.layers import role_names
from geoservice.store import areas, deputy_rows, role_rows
from geoservice.store.areas import ContractedGround

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Responsible:
    """Somebody who answers for a piece of ground; `stands_in_for` names the absent one whose contract it is."""

    role: str
    name: str
    title: str
    phone: str
    is_me: bool
    stands_in_for: str = ""


@dataclass(frozen=True)
class AnsweredGround:
    """A zone, street or point, and everybody who contracted it."""

    kind: str
    code: str
    name: str
    people: tuple[Responsible, ...]


def responsible(session: Session, leader_id: int, on: date, *, locale: str) -> list[AnsweredGround]:
    """Return everything this leader contracted, zones first, each with everybody who contracted it too."""
    mine = areas.contracted_ground(session, leader_id, on)
    return _answered(session, mine, on, locale, leader_id)


def responsible_for_zones(
    session: Session, zone_ids: Collection[int], on: date, *, locale: str
) -> list[AnsweredGround]:
    """Return those of the zones that somebody contracted."""
    ground = ContractedGround(frozenset(zone_ids), frozenset(), frozenset())
    return _answered(session, ground, on, locale, None)


def _answered(
    session: Session, ground: ContractedGround, on: date, locale: str, leader_id: int | None
) -> list[AnsweredGround]:
    roles = role_names(session, locale)
    rows = sorted(
        areas.answering(session, on, ground),
        key=lambda row: (KINDS.index(row.kind), row.code, row.role != LEADER),
    )
    number_of = {
        place: number for number, place in enumerate(dict.fromkeys((row.kind, row.code) for row in rows))
    }
    holdings = with_deputies(
        [
            Holding(
                (row.kind, number_of[row.kind, row.code]),
                row.code,
                row.name,
                row.role,
                row.leader_id,
                row.leader,
            )
            for row in rows
        ],
        deputy_rows.stand_ins_on(session, on),
    )
    people = role_rows.leaders_by_ids(session, {holding.leader_id for holding in holdings})
    return [
        AnsweredGround(
            kind,
            code,
            name,
            tuple(
                Responsible(
                    roles.get(holding.role, holding.role),
                    holding.leader_name,
                    people[holding.leader_id].title,
                    people[holding.leader_id].phone,
                    holding.leader_id == leader_id,
                    holding.stands_in_for,
                )
                for holding in contracts
            ),
        )
        for (kind, code, name), contracts in groupby(
            holdings, key=lambda holding: (holding.ground[0], holding.code, holding.name)
        )
    ]
