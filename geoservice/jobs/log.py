"""Logging of the background processes: every line says which job it belongs to."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT = "%(asctime)s %(levelname)s [%(process)d] job=%(job)s %(name)s: %(message)s"

# One for the whole process, not one a thread: a work-horse runs one job, and its heartbeat thread speaks of the same.
_current = "-"


@contextmanager
def job(job_id: object) -> Iterator[None]:
    """Mark every line written inside as belonging to this job."""
    global _current
    before, _current = _current, str(job_id)
    try:
        yield
    finally:
        _current = before


def configure(level: int = logging.INFO) -> None:
    """Send the log to stderr. RQ speaks only of trouble; what jobs do, `jobs.run` says itself."""
    handler = logging.StreamHandler()
    handler.addFilter(_name_job)
    handler.setFormatter(logging.Formatter(FORMAT))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("rq").setLevel(logging.WARNING)
    logging.getLogger("rq.worker").setLevel(logging.WARNING)


def _name_job(record: logging.LogRecord) -> bool:
    record.job = _current
    return True
