"""The scheduler process: `python -m geoservice.jobs.scheduler`. It does what `periodic.PERIODIC` lists.

A plain loop, not `rq.cron`: that pickles what it enqueues, knows no transaction, and stands still without Redis, when
reconciling is needed most. Two schedulers, or one that runs late, do no harm: each entry runs under a lock of its name,
and jobs are asked for with a key.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from geoservice.config import Settings
from geoservice.errors import BadSettings, GeoServiceError
from geoservice.jobs import log as job_log
from geoservice.jobs.periodic import PERIODIC
from geoservice.jobs.queue import wake
from geoservice.store import jobs
from geoservice.store.base import make_engine, transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geoservice.jobs.periodic import Periodic

log = logging.getLogger(__name__)

# After a failure (the database is away) an entry is tried again this soon.
_RETRY_S = 5.0


def run_entry(settings: Settings, entry: Periodic, now: datetime) -> bool:
    """Run one entry of the list and wake the jobs it asked for; True when it ran here, or runs elsewhere now."""
    try:
        with transaction(make_engine(settings.database_url)) as session:
            if not jobs.only_here(session, entry.name):
                return True
            job_ids = list(entry.ask(session, settings, now))
    except GeoServiceError as error:
        log.warning("%s: %s", entry.name, error)
        return False
    except Exception:
        log.exception("%s: failed", entry.name)
        return False
    wake(settings, job_ids)
    return True


def run_due(
    settings: Settings, entries: Iterable[Periodic], due: dict[str, datetime], now: datetime
) -> datetime:
    """Run what is due, note in `due` when it is next, and return when to look again."""
    for entry in entries:
        if due.get(entry.name, now) <= now:
            next_due = entry.next_due(now, settings.zone_info)
            if not run_entry(settings, entry, now):
                next_due = min(next_due, now + timedelta(seconds=_RETRY_S))
            due[entry.name] = next_due
    return min(due.values())


def serve(settings: Settings, entries: Sequence[Periodic] = PERIODIC) -> None:
    """Run entries as they fall due until TERM or INT, which are waited for, so that they never cut one short."""
    stops = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)
    due: dict[str, datetime] = {}
    log.info("scheduler: %s", ", ".join(entry.name for entry in entries))
    while True:
        look_again = run_due(settings, entries, due, datetime.now(UTC))
        pause_s = max(0.0, (look_again - datetime.now(UTC)).total_seconds())
        if signal.sigtimedwait(stops, pause_s) is not None:
            log.info("scheduler: stopped")
            return


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m geoservice.jobs.scheduler", description=__doc__)
    parser.add_argument("--once", action="store_true", help="run every entry once and leave")
    options = parser.parse_args(arguments)
    job_log.configure()
    try:
        settings = Settings.from_env()
    except BadSettings as error:
        print(error.values["faults"], file=sys.stderr)
        return 2
    if options.once:
        ran = [run_entry(settings, entry, datetime.now(UTC)) for entry in PERIODIC]
        return 0 if all(ran) else 1
    serve(settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
