"""Redis may be written by somebody else: a worker still runs one function with one integer, and says what it refused."""

from __future__ import annotations

import json
import os
import pickle
import zlib

from redis import Redis
from rq import Queue

from geoservice.jobs.guard import RUN_JOB, GuardedJob
from geoservice.jobs.queue import connect, open_queue, wake
from tests.jobs.conftest import wait_until


class Pickled:
    """Runs a command when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


def forge(bench, **fields):
    """Push a true wake, then edit its hash as somebody with the Redis password could."""
    job_id = bench.ask("note")
    queue = open_queue(connect(bench.settings.redis_url))
    rq_id = queue.get_job_ids()[-1]
    queue.connection.hset(GuardedJob.key_for(rq_id), mapping=fields)
    return job_id, rq_id


def data(function, *args, instance=None, **kwargs):
    return zlib.compress(json.dumps([function, instance, args, kwargs]).encode())


def test_forged_jobs_are_refused_and_reported_and_the_worker_goes_on(bench, tmp_path):
    trap = tmp_path / "trap"
    touch = f"touch {trap}"
    pickled = pickle.dumps(Pickled(trap))
    forgeries = {
        "function": {"data": data("os.system", touch)},
        "instance": {"data": data("system", touch, instance="os")},
        "text argument": {"data": data(RUN_JOB, touch)},
        "boolean": {"data": data(RUN_JOB, True)},
        "two arguments": {"data": data(RUN_JOB, 1, 2)},
        "keyword": {"data": data(RUN_JOB, 1, on_success="os.system")},
        "pickle": {"data": zlib.compress(pickled)},
        "deep": {"data": zlib.compress(b"[" * 200_000)},
        "success callback": {"success_callback_name": "os.system"},
        "failure callback": {"failure_callback_name": "os.system", "data": data("os.system", touch)},
        "stopped callback": {"stopped_callback_name": "os.system"},
        "web hook": {"webhooks": json.dumps([{"url": "http://127.0.0.1:9/", "job_status": "finished"}])},
        "repeat": {"repeats_left": "5", "repeat_intervals": "[0]"},
        "retry": {"retries_left": "5"},
        "bad number": {"ttl": "soon"},
        "bad status": {"status": "happy"},
    }
    forged = [forge(bench, **fields) for fields in forgeries.values()]
    # These harm nothing, and the job behind them is a true one.
    harmless = [forge(bench, meta=pickled)[0], forge(bench, result=pickled)[0]]
    with Redis.from_url(bench.settings.redis_url) as redis:
        redis.rpush(open_queue(redis).key, "a:b", "../../x", "")
    after = bench.ask("note")

    worker = bench.start_worker()
    bench.until_state(after, "done")
    assert worker.poll() is None
    for job_id in harmless:
        assert bench.read(job_id).state == "done"
    log = bench.log()
    for (job_id, rq_id), name in zip(forged, forgeries, strict=True):
        assert bench.read(job_id).state == "queued", name
        assert f"refused: job '{rq_id}' in Redis is not ours" in log, name
    assert not trap.exists()


def test_rq_alone_would_have_run_it(bench, tmp_path):
    """Keeps the test above honest: the same edit, read by RQ's own Job with the same serializer, is callable."""
    _, rq_id = forge(bench, data=data("os.system", f"touch {tmp_path / 'trap'}"))
    plain = Queue("geoservice", connection=connect(bench.settings.redis_url), serializer="json")
    assert plain.fetch_job(rq_id).func is os.system
    assert open_queue(plain.connection).fetch_job(rq_id) is None


def test_a_refused_jobs_true_job_is_brought_back(bench):
    """Who edits a wake gains nothing and loses us nothing."""
    job_id, _ = forge(bench, data=data("os.system", "true"))
    bench.start_worker()
    wait_until(lambda: "is not ours" in bench.log(), "the refusal")
    bench.start_scheduler()
    bench.until_state(job_id, "done")
    assert bench.effects(job_id) == 1


def test_a_wake_holds_one_integer_and_no_pickle(bench):
    job_id = bench.ask("note")
    queue = open_queue(connect(bench.settings.redis_url))
    (rq_id,) = queue.get_job_ids()
    assert ":" not in rq_id
    written = queue.connection.hgetall(GuardedJob.key_for(rq_id))
    assert json.loads(zlib.decompress(written[b"data"])) == [RUN_JOB, None, [job_id], {}]


def test_waking_without_redis_is_logged_and_no_error(bench, caplog):
    from dataclasses import replace

    nowhere = replace(bench.settings, redis_url="redis://127.0.0.1:1/0")
    assert wake(nowhere, [1, 2]) is False
    assert "jobs [1, 2] wait for the scheduler" in caplog.text
    assert wake(nowhere, []) is True
