"""Several processes over the days that wait: each walks all of them, in an order of its own.

They start far apart and towards each other. What one has in its hands the others pass over (`FOR UPDATE SKIP LOCKED`), so
they never do a thing twice, and who has done its share helps with what is left.
"""

from __future__ import annotations

import multiprocessing
import signal
from dataclasses import dataclass
from itertools import chain, groupby, pairwise
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, cast

from geoservice.errors import GeoServiceError, ServiceUnavailable
from geoservice.services import covering
from geoservice.services.covering import Covered
from geoservice.store.base import make_engine, transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import date
    from multiprocessing.connection import Connection

    from sqlalchemy.orm import Session

    from geoservice.config import Settings


@dataclass(frozen=True)
class _Trouble:
    """An error that a user may be shown, on its way from one process to another."""

    kind: type[GeoServiceError]
    code: str
    values: dict[str, Any]


def walk(
    transaction: Callable[[], AbstractContextManager[Session]], settings: Settings, days: Sequence[date]
) -> Iterator[tuple[int, Covered]]:
    """Compute what waits on the days, in their order; yield how many days are done, and what each transaction did."""
    for done, day in enumerate(days):
        yield done, Covered()
        while covered := _cover_some(transaction, settings, day):
            yield done, covered


def orders(days: Sequence[date], workers: int) -> list[list[date]]:
    """Return an order of all days (sorted) for each worker.

    Calendar weeks are dealt out in runs to pairs of workers, who walk their run towards each other, then the others'. A
    rebuild wants its week alone: so two meet in a week only at the end.
    """
    weeks = [list(week) for _, week in groupby(days, key=lambda day: day.toordinal() - day.weekday())]
    pairs = -(-workers // 2)
    cuts = [len(weeks) * pair // pairs for pair in range(pairs + 1)]
    runs = [list(chain(*weeks[low:high])) for low, high in pairwise(cuts)]
    found = []
    for worker in range(workers):
        own, *others = runs[worker // 2 :] + runs[: worker // 2]
        found.append([*(own[::-1] if worker % 2 else own), *chain(*others)])
    return found


def walk_together(settings: Settings, days: Sequence[date], workers: int) -> Iterator[tuple[int, Covered]]:
    """As `walk`, by processes of their own; raises what any of them raised.

    They are forked from a server that holds the modules and nothing else: connections and threads must not be shared.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["geoservice.jobs.crew", "geoservice.jobs.warm"])
    crew = []
    try:
        for order in orders(days, workers):
            listening, speaking = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(settings, order, speaking), daemon=True)
            process.start()
            speaking.close()
            crew.append((process, listening))
        yield from _listen([listening for _, listening in crew])
    finally:
        for process, listening in crew:
            listening.close()
            process.terminate()
            process.join()


def _listen(listening: list[Connection]) -> Iterator[tuple[int, Covered]]:
    """Yield what the crew says until each has said that it is done."""
    seen: set[date] = set()
    while listening:
        for one in cast("list[Connection]", wait(listening)):
            try:
                said = one.recv()
            except EOFError:
                raise ServiceUnavailable("process_lost") from None
            if said is None:
                listening.remove(one)
                continue
            if isinstance(said, _Trouble):
                raise said.kind(said.code, **said.values)
            day, covered = said
            seen.add(day)
            yield len(seen) - 1, covered


def _work(settings: Settings, days: Sequence[date], speaking: Connection) -> None:
    """Walk the days and tell of each step; the last word is None, or what went wrong."""
    # At the keyboard the interrupt reaches every process; the one that started the crew ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    engine = make_engine(settings.database_url)
    try:
        for done, covered in walk(lambda: transaction(engine), settings, days):
            speaking.send((days[done], covered))
        speaking.send(None)
    except GeoServiceError as error:
        speaking.send(_Trouble(type(error), error.code, error.values))
    except BrokenPipeError:
        # Whoever asked is gone: what is committed stays, the rest still waits.
        return


def _cover_some(
    transaction: Callable[[], AbstractContextManager[Session]], settings: Settings, day: date
) -> Covered | None:
    with transaction() as session:
        return covering.cover_some(session, settings, day)
