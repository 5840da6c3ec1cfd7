"""What ground a session may see; PostgreSQL's row-level security enforces it (see the policies in migrations)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """The ids a session may see, and as whom it sees his own; `everything` opens the whole city.

    `absent_ids`: leaders in whose place he acts. `above_ids`: zones above his, of which he learns who answers and nothing else.
    """

    everything: bool = False
    zone_ids: frozenset[int] = frozenset()
    point_ids: frozenset[int] = frozenset()
    street_ids: frozenset[int] = frozenset()
    account_id: int | None = None
    department_id: int | None = None
    leader_id: int | None = None
    absent_ids: frozenset[int] = frozenset()
    above_ids: frozenset[int] = frozenset()

    @property
    def leader_ids(self) -> frozenset[int]:
        """Return the leaders as whom he sees what is theirs."""
        return self.absent_ids if self.leader_id is None else self.absent_ids | {self.leader_id}


EVERYTHING = Scope(everything=True)
NOTHING = Scope()


def scope_settings(scope: Scope) -> dict[str, str]:
    """Return the `app.*` settings that the policies read; an unset one lets nothing through."""
    return {
        "everything": "on" if scope.everything else "off",
        "zones": _array(scope.zone_ids),
        "points": _array(scope.point_ids),
        "streets": _array(scope.street_ids),
        "account": _id(scope.account_id),
        "department": _id(scope.department_id),
        "leader": _id(scope.leader_id),
        "leaders": _array(scope.leader_ids),
        "above": _array(scope.above_ids),
    }


def _array(ids: frozenset[int]) -> str:
    return "{" + ",".join(map(str, sorted(ids))) + "}"


def _id(number: int | None) -> str:
    return "" if number is None else str(number)
