"""Run one job by its id: the only function that a worker ever calls."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from functools import cache

from rq.timeouts import JobTimeoutException

from geoservice.config import Settings
from geoservice.errors import GeoServiceError, ServiceUnavailable
from geoservice.jobs import log as job_log
from geoservice.jobs.kinds import find_kind
from geoservice.jobs.work import JobCancelled, Superseded, Work
from geoservice.store import job_holds
from geoservice.store.base import make_engine, transaction

log = logging.getLogger(__name__)

# How long a job stays with a worker that fell silent: with a reconcile every 10 s it runs again after 40 s at most.
LEASE_S = 30.0


@cache
def process_settings() -> Settings:
    """Read the settings of this process once; a work-horse inherits them from its worker."""
    return Settings.from_env()


def run_job(job_id: int) -> None:
    """Take the job, do its work, write down how it ended. May run twice, late, or for a job long over."""
    execute(process_settings(), job_id)


def execute(settings: Settings, job_id: int) -> None:
    """Run a job with these settings; what went wrong with it is in the job's row, not in an exception."""
    with job_log.job(job_id):
        with transaction(make_engine(settings.database_url)) as session:
            taken = job_holds.take(session, job_id, now=datetime.now(UTC), lease_s=LEASE_S)
        if taken is None:
            log.info("nothing to do: over, cancelled, or in other hands")
            return
        work = Work(settings, taken, LEASE_S)
        log.info("%s: attempt %d", work.kind, work.attempt)
        began = time.monotonic()
        with work.heartbeat():
            end = _perform(work)
        log.info("%s: %s after %.2f s", work.kind, end, time.monotonic() - began)


def _perform(work: Work) -> str:
    try:
        returned = find_kind(work.kind)(work)
        if not work.is_done:
            work.result = work.result or returned
            with work.last_transaction():
                pass
    except Superseded:
        return "superseded: another worker has this job, or it was ended elsewhere; stopping"
    except JobCancelled:
        work.stop()
        return "cancelled"
    except (ServiceUnavailable, *job_holds.PASSING_ERRORS) as error:
        work.give_back()
        return f"given back for another attempt: {error}"
    except JobTimeoutException:
        work.fail("job_timed_out", {})
        return "failed: took too long"
    except GeoServiceError as error:
        work.fail(error.code, error.values)
        return f"failed: {error.code} {error.values}"
    except Exception as error:
        log.exception("%s: failed", work.kind)
        work.fail("internal_error", {"type": type(error).__name__})
        return "failed: internal_error"
    return "done"
