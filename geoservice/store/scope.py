"""What ground a session may see; PostgreSQL's row-level security enforces it (see the policies in migrations)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """The ids a session may see; `everything` opens the whole city."""

    everything: bool = False
    zone_ids: frozenset[int] = frozenset()
    point_ids: frozenset[int] = frozenset()
    street_ids: frozenset[int] = frozenset()


EVERYTHING = Scope(everything=True)
NOTHING = Scope()


def scope_settings(scope: Scope) -> dict[str, str]:
    """Return the `app.*` settings that the policies read; an unset one lets nothing through."""
    return {
        "everything": "on" if scope.everything else "off",
        "zones": _array(scope.zone_ids),
        "points": _array(scope.point_ids),
        "streets": _array(scope.street_ids),
    }


def _array(ids: frozenset[int]) -> str:
    return "{" + ",".join(map(str, sorted(ids))) + "}"
