"""One search for everything with a name: zones, streets, points, leaders, patrols, cases; by name, initials of pinyin or code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.finding import NameIndex
from geoservice.domain.roles import Permission
from geoservice.store import case_lists
from geoservice.store import finding_rows as store
from geoservice.store.base import make_engine
from geoservice.store.case_lists import CaseFilters
from geoservice.store.kept import Keeping
from geoservice.store.table_changes import stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from datetime import date

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.store.finding_rows import Named

MOST_OF_A_KIND = 8
DAYS_OF_PATROLS = 7
"""Patrols of so many days before and after today are found."""
SHORTEST_OF_CASES = 2
"""Letters: cases are looked for by words in their texts, where one letter finds nearly all of them."""
KINDS = ("zone", "street", "point", "leader", "patrol", "case")


@dataclass(frozen=True)
class Found:
    """One thing that was found. `on`: a patrol's day; None for anything else."""

    kind: str
    id: int
    name: str
    code: str
    beside: str
    on: date | None = None


@dataclass(frozen=True)
class Findings:
    """What was found of one kind, the best first; `more`: not all of it is here."""

    kind: str
    rows: tuple[Found, ...]
    more: bool


@dataclass(frozen=True)
class GroundNames:
    """The names of all ground of a day in one index; `kinds` and `ids` in its order. Whoever asks sees of it what is his."""

    on: date
    index: NameIndex
    kinds: NDArray[np.int8]
    ids: NDArray[np.int64]


# The newest alone: what they were before is asked for by nobody.
_NAMES = Keeping(1)


def ground_names(
    settings: Settings, on: date, open_all: Callable[[], AbstractContextManager[Session]]
) -> GroundNames:
    """Return the names of all ground as of a day, kept by this process until a table changes.

    `open_all` opens a transaction that sees the whole city, where they must be read anew.
    """
    stamp = stamp_of(make_engine(settings.database_url), store.GROUND_TABLES)

    def read() -> GroundNames:
        with open_all() as session:
            return _read_names(session, on)

    return _NAMES.fetch((settings.database_url, stamp, on), read)


def _read_names(session: Session, on: date) -> GroundNames:
    rows = [
        (number, *row)
        for number, kind in enumerate(store.GROUND_KINDS)
        for row in store.names(session, kind, on)
    ]
    return GroundNames(
        on,
        NameIndex([(name, code) for _, _, name, code in rows]),
        np.array([row[0] for row in rows], np.int8),
        np.array([row[1] for row in rows], np.int64),
    )


@lru_cache(maxsize=8)
def _index(names: tuple[tuple[str, str], ...]) -> NameIndex:
    """Return the index of a short list of names, which stays the same from one letter that is typed to the next."""
    return NameIndex(names)


def find(
    session: Session, names: GroundNames, word: str, permissions: frozenset[Permission], *, locale: str
) -> list[Findings]:
    """Return what is found by a word, by kind: of the ground that the session sees, and what else a role may see."""
    if not word.strip():
        return []
    on = names.on
    found = [*_ground(session, names, word, locale), _leaders(session, word, on)]
    if Permission.PLAN in permissions:
        found.append(_patrols(session, word, on))
    if Permission.RUN_CASES in permissions and len(word) >= SHORTEST_OF_CASES:
        found.append(_cases(session, word))
    return [each for each in found if each.rows]


def _ground(session: Session, names: GroundNames, word: str, locale: str) -> list[Findings]:
    hits = names.index.find(word)
    kinds, on = names.kinds[hits], names.on
    findings = []
    for number, kind in enumerate(store.GROUND_KINDS):
        ids = names.ids[hits[kinds == number]].tolist()
        if ids and not session.info["scope"].everything:
            own = store.seen_ids(session, kind, on)
            ids = [one for one in ids if one in own]
        rows = store.ground(session, kind, ids[:MOST_OF_A_KIND], on, locale) if ids else []
        findings.append(_findings(kind, rows, len(ids)))
    return findings


def _leaders(session: Session, word: str, on: date) -> Findings:
    people = store.leaders(session, on, everybody=session.info["scope"].everything)
    hits = _index(tuple((one.name, one.code) for one in people)).find(word).tolist()
    return _findings("leader", [people[hit] for hit in hits[:MOST_OF_A_KIND]], len(hits))


def _patrols(session: Session, word: str, on: date) -> Findings:
    near = timedelta(days=DAYS_OF_PATROLS)
    patrols = store.patrols(session, on - near, on + near)
    # Those of today first, then by how far their day is.
    patrols.sort(key=lambda one: abs((one[0] - on).days))
    hits = _index(tuple((f"{one.name} {team}", one.code) for _, team, one in patrols)).find(word)
    chosen = [patrols[hit] for hit in sorted(hits.tolist())[:MOST_OF_A_KIND]]
    rows = tuple(Found("patrol", one.id, one.name, one.code, team, day) for day, team, one in chosen)
    return Findings("patrol", rows, len(hits) > len(rows))


def _cases(session: Session, word: str) -> Findings:
    found, more = case_lists.page(session, CaseFilters(text=word.strip()), None, MOST_OF_A_KIND)
    rows = tuple(Found("case", one.id, one.title, one.number, one.address) for one in found)
    return Findings("case", rows, more is not None)


def _findings(kind: str, rows: list[Named], count: int) -> Findings:
    return Findings(
        kind,
        tuple(Found(kind, row.id, row.name or row.code, row.code, row.beside) for row in rows),
        count > len(rows),
    )
