"""What costs much and is asked for often, kept in this process for as long as nothing it was made of changes."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from geoservice.store.scope import EVERYTHING
from geoservice.store.table_changes import stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from sqlalchemy.orm import Session

    from geoservice.store.scope import Scope

Made = TypeVar("Made")

MOST_KEPT = 24
"""Answers a process holds; the largest, all zones of a city of 9 000, takes some megabytes."""

READS_ONLY = "reads_only"
"""What a session says in its `info` that will write nothing: a writer must see what it has just written itself."""


class Keeping:
    """The answers made last. Whoever asks for one that somebody is making waits for it."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._found: OrderedDict[Hashable, Any] = OrderedDict()
        self._making: dict[Hashable, Lock] = {}
        self._lock = Lock()

    def fetch(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return the answer with this key, made now if it is not there; a failure is kept by nobody."""
        with self._lock:
            making = self._making.setdefault(key, Lock())
        with making:
            try:
                with self._lock:
                    if key in self._found:
                        self._found.move_to_end(key)
                        found: Made = self._found[key]
                        return found
                made = make()
                with self._lock:
                    self._found[key] = made
                    while len(self._found) > self._most:
                        self._found.popitem(last=False)
                return made
            finally:
                with self._lock:
                    self._making.pop(key, None)


_KEEPING = Keeping()


def kept(
    session: Session,
    tables: Sequence[str],
    parts: Hashable,
    make: Callable[[], Made],
    keeping: Keeping = _KEEPING,
) -> Made:
    """Return what `make` makes of `tables` for this session's scope and `parts`, or what it made before.

    Only where the session reads and nothing else; what is kept must not be changed by whoever gets it. `tables` are all that
    `make` reads, each with the trigger note_table_change; `parts` name the question with every value it depends on. `keeping`:
    where answers are kept that must not drive out others.
    """
    if not session.info.get(READS_ONLY):
        return make()
    engine = session.get_bind().engine
    scope: Scope = session.info["scope"]
    key = (engine.url, EVERYTHING if scope.everything else scope, parts, stamp_of(engine, tables))
    return keeping.fetch(key, make)
