"""The worker process: `python -m geoservice.jobs.worker`. It forks a work-horse for every job."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import secrets
import signal
import sys
import time
from threading import Timer
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from rq.serializers import JSONSerializer

from geoservice.domain.crs import to_metric
from geoservice.errors import BadSettings
from geoservice.jobs import log as job_log
from geoservice.jobs.guard import GuardedJob
from geoservice.jobs.kinds import preload
from geoservice.jobs.queue import open_queue
from geoservice.jobs.run import process_settings
from geoservice.services.ground import read_grid
from geoservice.store.base import make_engine, transaction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geoservice.config import Settings

log = logging.getLogger(__name__)

WORKER_TTL_S = 30
MAINTENANCE_S = 10

# After TERM the running job may go on for so long; then it is killed, and runs again when a worker is back.
GRACE_S = 6.0
_PAUSE_S = 1.0


class GuardedWorker(Worker):  # type: ignore[misc]
    """RQ's forking worker, which takes no orders from Redis but ids of jobs."""

    max_connection_wait_time = 5.0
    stopping = False

    def subscribe(self) -> None:
        """Don't listen for RQ's commands: jobs are cancelled in the `job` table, workers stopped by signals."""

    def unsubscribe(self) -> None:
        """Nothing was subscribed."""

    def execute_job(self, job: Any, queue: Any) -> None:
        """Run the job in a work-horse; our log lines carry its id meanwhile."""
        with job_log.job(job.id):
            super().execute_job(job, queue)

    def request_stop(self, signum: Any, frame: Any) -> None:
        """Stop once the running job is over, or its grace."""
        self.stopping = True
        super().request_stop(signum, frame)

    def handle_warm_shutdown_request(self) -> None:
        """Give the running job its grace."""
        if self.horse_pid:
            timer = Timer(GRACE_S, _kill_group, [self.horse_pid])
            timer.daemon = True
            timer.start()


def make_worker(settings: Settings, name: str) -> GuardedWorker:
    """Return a worker with a name that no earlier worker left behind in Redis."""
    connection = Redis.from_url(settings.redis_url, socket_connect_timeout=5, health_check_interval=30)
    return GuardedWorker(
        [open_queue(connection)],
        name=f"{name}-{secrets.token_hex(4)}",
        connection=connection,
        job_class=GuardedJob,
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL_S,
        maintenance_interval=MAINTENANCE_S,
        log_job_description=False,
    )


def serve(settings: Settings, name: str, *, burst: bool = False) -> None:
    """Work until told to stop (`burst`: until the queue is empty); outlive any trouble with Redis."""
    while True:
        # While RQ works it handles these signals itself, and leaves its handlers behind.
        signal.signal(signal.SIGTERM, _leave)
        signal.signal(signal.SIGINT, _leave)
        try:
            worker = make_worker(settings, name)
            log.info("worker %s: ready", worker.name)
            worker.work(burst=burst)
            if burst or worker.stopping:
                log.info("worker %s: stopped", worker.name)
                return
        except (RedisError, OSError) as error:
            log.warning("Redis does not answer, trying again: %s", error)
        time.sleep(_PAUSE_S)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m geoservice.jobs.worker", description=__doc__)
    parser.add_argument("--name", default=f"worker-{os.getpid()}", help="how the worker is called in the log")
    parser.add_argument("--burst", action="store_true", help="stop when the queue is empty")
    options = parser.parse_args(arguments)
    job_log.configure()
    try:
        settings = process_settings()
    except BadSettings as error:
        print(error.values["faults"], file=sys.stderr)
        return 2
    preload()
    learn_the_ground(settings)
    serve(settings, options.name, burst=options.burst)
    return 0


def learn_the_ground(settings: Settings) -> None:
    """Open the way to the deployment's metres, which takes 0.1 s: the jobs forked from this process have it then."""
    engine = make_engine(settings.database_url)
    try:
        with transaction(engine) as session:
            to_metric(read_grid(session).metric_epsg, np.zeros((1, 2)))
    except Exception as error:  # no database yet, or no data in it: the first job opens it
        log.info("nothing known of the ground yet: %s", error)
    finally:
        engine.dispose()  # a connection must not be shared with what is forked


def _leave(_signum: int, _frame: Any) -> NoReturn:
    raise SystemExit(0)


def _kill_group(pid: int) -> None:
    log.warning("the running job did not end in %.0f s: killed, it will run again", GRACE_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
