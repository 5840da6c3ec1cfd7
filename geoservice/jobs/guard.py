"""RQ's Job, shut: whatever is written in Redis, a worker runs one function with one integer.

RQ takes the function, its arguments, callbacks and web hooks from the job's hash in Redis. With the JSON serializer there
is no pickle to load, but a hash edited to name `os.system` would still run it. Here the name is compared, never imported.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from rq.exceptions import NoSuchJobError
from rq.job import Job

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

RUN_JOB = "geoservice.jobs.run.run_job"


# How long a refused job stays in Redis for whoever wants to look at it.
REFUSED_KEPT_S = 3600

# What RQ would call, fetch or start besides the function; we use none of it.
_UNUSED = (
    "_success_callback_name",
    "_failure_callback_name",
    "_stopped_callback_name",
    "webhooks",
    "retries_left",
    "repeats_left",
    "rate_limit_key",
)


class RefusedJobError(Exception):
    """Redis holds a job that we did not write."""


class GuardedJob(Job):  # type: ignore[misc]
    """A job that can only be `run_job(<integer>)`; a hash that says anything else is refused when it is read."""

    @classmethod
    def fetch(cls, id: str, connection: Any, *args: Any, **kwargs: Any) -> Any:
        """Read a job; a refused one is reported and skipped, where RQ would run it, or let the worker quit over it."""
        try:
            return super().fetch(id, connection, *args, **kwargs)
        except NoSuchJobError:
            raise
        except Exception as error:  # whatever reading a hash of unknown origin may raise
            log.error("refused: job %.80r in Redis is not ours: %s", id, error)
            connection.expire(cls.key_for(id), REFUSED_KEPT_S)
            raise NoSuchJobError(f"refused {id!r}") from error

    def restore(self, raw_data: Any) -> None:
        """Read the hash; raises RefusedJobError unless it is a wake as `queue` writes it."""
        super().restore(raw_data)
        for name in _UNUSED:
            if vars(self).get(name):
                raise RefusedJobError(name.strip("_"))
        name, instance, args, kwargs = self.func_name, self.instance, self.args, self.kwargs
        if name != RUN_JOB or instance is not None:
            raise RefusedJobError(f"function {str(name)[:200]!r}")
        if kwargs or not isinstance(args, list | tuple) or [type(arg) for arg in args] != [int]:
            raise RefusedJobError("arguments")

    @property
    def func(self) -> Callable[[int], None]:
        """The one function, whatever the hash says."""
        from geoservice.jobs.run import run_job

        return run_job
