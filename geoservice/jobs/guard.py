"""RQ's Job, shut: whatever is written in Redis, a worker runs one function with one integer.

RQ takes the function, its arguments, callbacks and web hooks from the job's hash in Redis. With the JSON serializer there
is no pickle to load, but a hash edited to name `os.system` would still run it. Here the name is compared, never imported.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from rq.exceptions import DeserializationError, NoSuchJobError
from rq.job import Job

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

RUN_JOB = "geoservice.jobs.run.run_job"


# What RQ would call, fetch or start besides the function; we use none of it.
_UNUSED: dict[str, Any] = {
    "_success_callback_name": None,
    "_failure_callback_name": None,
    "_stopped_callback_name": None,
    "webhooks": (),
    "retries_left": None,
    "repeats_left": None,
    "rate_limit_key": None,
}


class RefusedJobError(Exception):
    """Redis holds a job that we did not write."""


class GuardedJob(Job):  # type: ignore[misc]
    """A job that can only be `run_job(<integer>)`."""

    _forged = ""

    @classmethod
    def fetch(cls, id: str, *args: Any, **kwargs: Any) -> Any:
        """Read a job; one whose hash can't be read at all is skipped, where RQ would let the worker quit."""
        try:
            return super().fetch(id, *args, **kwargs)
        except (ValueError, TypeError, AttributeError) as error:
            log.error("refused: unreadable job %.80r in Redis: %s", id, error)
            raise NoSuchJobError(f"unreadable job {id!r}") from error

    def restore(self, raw_data: Any) -> None:
        """Read the hash, and drop all of it that makes RQ call or fetch something else."""
        super().restore(raw_data)
        for name, empty in _UNUSED.items():
            if vars(self).get(name):
                self._forged = name.strip("_")
            setattr(self, name, empty)

    @property
    def func(self) -> Callable[[int], None]:
        """The one function, once the hash has been found to ask for it in the one form; raises RefusedJobError."""
        from geoservice.jobs.run import run_job

        fault = self._fault()
        if fault:
            log.error("refused: forged job %s in Redis: %s", self.id, fault)
            raise RefusedJobError(fault)
        return run_job

    def _fault(self) -> str:
        if self._forged:
            return self._forged
        try:
            name, instance, args, kwargs = self.func_name, self.instance, self.args, self.kwargs
        except DeserializationError:
            return "unreadable data"
        if name != RUN_JOB or instance is not None:
            return f"function {str(name)[:200]!r}"
        if kwargs or not isinstance(args, list | tuple) or [type(arg) for arg in args] != [int]:
            return "arguments"
        return ""
