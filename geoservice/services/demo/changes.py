"""Who stood in for whom, and who handed ground over: what changes in the course of a year."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from geoservice.services import deputies, handing_over
from geoservice.services.deputies import NewDeputy
from geoservice.services.handing_over import Wanted
from geoservice.store import contract_list
from geoservice.store.contract_list import ContractFilter

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.services.demo.rows import Ids

# Who is away, who stands in, from how many days ago until how many ahead, why; by number of `people._LEADERS`.
_AWAY = (
    (4, 11, -3, 4, "党校学习"),
    (0, 23, -1, 2, "外出考察"),
    (2, 9, -38, -31, "年休假"),
    (14, 24, 9, 13, "外地培训"),
)
# Whose key streets of one role went to whom, how many of them, and how many days ago.
_GIVER, _TAKER, _ROLE, _COUNT, _DAYS_AGO = 9, 2, "traffic_police", 3, 45


def store_changes(session: Session, ids: Ids, today: date, by: int | None) -> None:
    """Store deputies of the past, of today and of days to come, and a hand-over of some weeks ago."""
    leaders = ids.leaders
    for leader, deputy, first, last, reason in _AWAY:
        first_on, last_on = (today + timedelta(days=days) for days in (first, last))
        new = NewDeputy(leaders[leader], leaders[deputy], first_on, last_on, reason)
        deputies.add_deputy(session, new, by=by)
    held, _ = contract_list.list_contracts(
        session, ContractFilter(on=today, when="all", leader_id=leaders[_GIVER])
    )
    chosen = [each.id for each in held if (each.role, each.ground) == (_ROLE, "street")][:_COUNT]
    on = today - timedelta(days=_DAYS_AGO)
    wanted = Wanted(leaders[_GIVER], leaders[_TAKER], on, frozenset(chosen))
    handing_over.hand_over(session, wanted, by=by)
