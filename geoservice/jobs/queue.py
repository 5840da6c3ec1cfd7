"""Waking workers through Redis. Nothing is lost with Redis: the `job` table knows what is to be done."""

from __future__ import annotations

import logging
import re
import secrets
from functools import cache
from typing import TYPE_CHECKING, Any

from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from geoservice.jobs.guard import RUN_JOB, GuardedJob

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geoservice.config import Settings

log = logging.getLogger(__name__)

QUEUE = "geoservice"

# A job that takes longer hangs: its work-horse is stopped, and the job failed.
JOB_TIMEOUT_S = 2 * 3600

# What RQ keeps of a refused or crashed run, for whoever looks into Redis.
_FAILURE_KEPT_S = 3600

_WAKE_ID = re.compile(r"job-(\d+)-[0-9a-f]+")


@cache
def connect(redis_url: str) -> Redis:
    """Return the connection pool for short questions: it gives up soon, so that no page waits for Redis."""
    return Redis.from_url(
        redis_url,
        socket_timeout=2,
        socket_connect_timeout=2,
        health_check_interval=30,
        retry=Retry(ConstantBackoff(0.05), 1),
    )


def open_queue(connection: Redis) -> Any:
    """Return the one queue, with the guarded Job class and no pickle."""
    return Queue(QUEUE, connection=connection, job_class=GuardedJob, serializer=JSONSerializer)


def wake(settings: Settings, job_ids: Iterable[int]) -> bool:
    """Tell the workers that these jobs wait; call it after the commit that asked for them.

    A job already waiting in Redis is not pushed again. When Redis does not answer, that is logged and False returned: the
    scheduler's reconcile wakes the jobs later. Every wake has an RQ id of its own, because two runs of one job
    may overlap for a moment and must not share a hash.
    """
    wanted = sorted(set(job_ids))
    if not wanted:
        return True
    try:
        queue = open_queue(connect(settings.redis_url))
        already = waiting(queue)
        with queue.connection.pipeline() as pipeline:
            for job_id in wanted:
                if job_id not in already:
                    _push(queue, job_id, pipeline)
            pipeline.execute()
    except (RedisError, OSError) as error:
        log.warning("Redis does not answer, jobs %s wait for the scheduler: %s", wanted[:20], error)
        return False
    return True


def waiting(queue: Any) -> set[int]:
    """Ids of the jobs that have a wake waiting in Redis."""
    found = (_WAKE_ID.fullmatch(wake_id) for wake_id in queue.get_job_ids())
    return {int(match[1]) for match in found if match}


def _push(queue: Any, job_id: int, pipeline: Any) -> None:
    queue.enqueue_call(
        RUN_JOB,
        args=(job_id,),
        timeout=JOB_TIMEOUT_S,
        result_ttl=0,
        failure_ttl=_FAILURE_KEPT_S,
        description=f"job {job_id}",
        job_id=f"job-{job_id}-{secrets.token_hex(4)}",
        pipeline=pipeline,
    )
