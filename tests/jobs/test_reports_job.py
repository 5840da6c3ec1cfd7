"""Drafts by the clock and by a job, a digest sent by one, and the same on the command line."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from geoservice.cli import main
from geoservice.jobs.periodic import reports as by_the_clock
from geoservice.jobs.run import execute
from geoservice.services import cases
from geoservice.services.reports import digests
from tests.services.cases.kit import NOW, lay, new_case
from tests.services.reports.test_digests import SECRET, Listener

FRIDAY = NOW + timedelta(days=9)  # the week of NOW is over, its month is not


@pytest.fixture
def town(bench, new_database):
    """A town with one case last week, in a database of its own."""
    bench.settings = replace(bench.settings, database_url=new_database(), public_url="https://city.example")
    with bench.transaction() as session:
        people = lay(session)
        cases.report(session, bench.settings, new_case(), by=people.reporter, now=NOW)
    return bench


@pytest.fixture
def run(town, monkeypatch):
    for name in ("database_url", "redis_url", "secret_key", "public_url"):
        monkeypatch.setenv(name.upper(), getattr(town.settings, name))

    def command(*arguments: str):
        answer = CliRunner().invoke(main, list(arguments))
        assert answer.exit_code == 0, answer.output
        return answer.stdout

    return command


def test_the_clock_asks_for_what_is_over_and_known_once(town):
    with town.transaction() as session:
        asked = list(by_the_clock(session, town.settings, FRIDAY))
        again = list(by_the_clock(session, town.settings, FRIDAY))
    assert (len(asked), again) == (1, [])  # last week; of yesterday, October and the summer nothing is known
    execute(town.settings, asked[0])
    job = town.read(asked[0])
    assert (job.state, job.args["kind"], job.result["number"]) == ("done", "week", "周报 2026-001")
    with town.transaction() as session:
        assert list(by_the_clock(session, town.settings, FRIDAY)) == []


def test_published_on_the_command_line_the_digest_reaches_a_server(town, run, tmp_path):
    server = Listener()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    with town.transaction() as session:
        target = digests.add_target(session, "群", server.address, ["day"], by=None)
        digests.add_target(session, "周报群", server.address, ["week"], by=None)
    yesterday = f"{datetime.now(UTC).astimezone(town.settings.zone_info).date() - timedelta(days=1)}"
    made = json.loads(run("reports", "make", "day", "--on", yesterday, "--json"))
    done = json.loads(run("reports", "publish", str(made["id"]), "--remarks", "好", "--json"))
    assert (done["state"], done["is_sound"], done["remarks"]) == ("published", True, "好")
    with town.transaction() as session:
        (job_id,) = session.scalars(text("SELECT id FROM job WHERE kind = 'send_digest'"))
    execute(town.settings, job_id)
    server.shutdown()
    thread.join()
    server.server_close()
    (got,) = server.got
    assert "日报" in got["title"] and f"https://city.example/reports/{made['id']}" in got["message"]
    assert town.read(job_id).result == {"sent": True}
    with town.transaction() as session:
        kept = next(one for one in digests.targets(session) if one.id == target.id)
        assert kept.last_at is not None and kept.error is None
        assert SECRET not in (session.scalar(text("SELECT string_agg(job::text, ' ') FROM job")) or "")

    listed = json.loads(run("reports", "list", "--json"))["reports"]
    assert [one["state"] for one in listed] == ["published"]
    shown = json.loads(run("reports", "show", str(made["id"]), "--json"))
    assert shown["content"]["city"]["rates"]["closing_rate"] == [0, 0]
    assert "none" in run("reports", "show", str(made["id"]))
    run("--lang", "zh_Hans_CN", "reports", "export", str(made["id"]), str(tmp_path / "r.xlsx"))
    assert (tmp_path / "r.xlsx").read_bytes().startswith(b"PK")
    rows = json.loads(run("ranking", "--from", yesterday, "--to", yesterday, "--of", "department", "--json"))[
        "rows"
    ]
    assert {row["name"] for row in rows} == {"环卫处", "市场监管局", "交警大队"}
    assert all(row["points"] is None and row["rank"] is None for row in rows)
    refused = CliRunner().invoke(main, ["reports", "publish", str(made["id"])])
    assert refused.exit_code == 1 and "stands still" in refused.output
