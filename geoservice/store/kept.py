"""What costs much and is asked for often, kept in this process for as long as nothing it was made of changes."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from geoservice.store.scope import EVERYTHING
from geoservice.store.table_changes import stamps_of_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from sqlalchemy.orm import Session

    from geoservice.store.scope import Scope

Made = TypeVar("Made")

MOST_BYTES = 48 * 1024 * 1024
"""What a process holds, as written by pickle; as objects it is some three times as much. All zones of a city of 9 000 are 2 MB,
the ground of a leader 100 KB: room for the windows of a city and for hundreds of leaders, who would drive one another out if
answers were only counted."""

MOST_ANSWERS = 5_000

LARGEST_SHARE = 4
"""What would fill more than a quarter of the room alone is not kept: it would drive out everybody else's."""

READS_ONLY = "reads_only"
"""What a session says in its `info` that will write nothing: a writer must see what it has just written itself."""


STAMPS = "stamps"
"""In `info` too: what `stamps_of_tables` said when the session first asked."""


class Keeping:
    """The answers asked for last: so many, and together so many bytes where that is limited too.

    Whoever asks for one that somebody is making waits for it. `asked` and `made` count since the process began.
    """

    def __init__(self, most: int, most_bytes: int | None = None) -> None:
        self.asked = self.made = self.bytes = 0
        self._most = most
        self._most_bytes = most_bytes
        self._found: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._making: dict[Hashable, Lock] = {}
        self._lock = Lock()

    def fetch(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return the answer with this key, made now if it is not there; a failure is kept by nobody."""
        with self._lock:
            self.asked += 1
            making = self._making.setdefault(key, Lock())
        with making:
            try:
                with self._lock:
                    if key in self._found:
                        self._found.move_to_end(key)
                        found: Made = self._found[key][0]
                        return found
                made = make()
                self._keep(key, made)
                return made
            finally:
                with self._lock:
                    self._making.pop(key, None)

    def _keep(self, key: Hashable, made: object) -> None:
        size = 0 if self._most_bytes is None else len(pickle.dumps(made, protocol=pickle.HIGHEST_PROTOCOL))
        with self._lock:
            self.made += 1
            if LARGEST_SHARE * size > (self._most_bytes or 0):
                return
            self.bytes += size
            self._found[key] = made, size
            while len(self._found) > self._most or self.bytes > (self._most_bytes or 0):
                self.bytes -= self._found.popitem(last=False)[1][1]


ANSWERS = Keeping(MOST_ANSWERS, MOST_BYTES)


def kept(
    session: Session,
    tables: Sequence[str],
    parts: Hashable,
    make: Callable[[], Made],
    keeping: Keeping = ANSWERS,
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
    # Asked once a session, before anything is read that is kept under it: see `stamps_of_tables`.
    if STAMPS not in session.info:
        session.info[STAMPS] = stamps_of_tables(engine)
    stamps = session.info[STAMPS]
    state = tuple(stamps.get(table) for table in tables)
    return keeping.fetch((engine.url, EVERYTHING if scope.everything else scope, parts, state), make)
