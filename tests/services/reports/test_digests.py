"""Digests: what they say, to whom they go, that a secret stays one; sent to a real server that may refuse."""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import text

from geoservice.domain.report_kinds import ReportKind
from geoservice.errors import BadRequest, NotFound
from geoservice.messages import SENTENCES
from geoservice.services import reports
from geoservice.services.reports import digests, sending
from tests.services.reports.kit import AFTER, make_week, town_with_cases

SECRET = "c4n4ry-s3cret"


class Listener(HTTPServer):
    """Keeps what it is sent and answers with `status`."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[dict] = []
        self.status = 200

    @property
    def address(self) -> str:
        return f"json://user:{SECRET}@127.0.0.1:{self.server_port}/hook"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def listener():
    server = Listener()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_digest_arrives_and_a_refusal_is_a_code_without_the_secret(listener, caplog):
    caplog.set_level(logging.DEBUG)
    assert sending.send(listener.address, "周调度 周报 2026-001", "覆盖率：无") == ""
    assert listener.got[0]["title"] == "周调度 周报 2026-001" and listener.got[0]["message"] == "覆盖率：无"
    listener.status = 403
    assert sending.send(listener.address, "t", "b") == "digest_refused:403"
    gone = f"json://user:{SECRET}@127.0.0.1:1/hook"
    assert sending.send(gone, "t", "b") == "digest_unreachable"
    assert sending.send("json://", "t", "b") == "digest_address_dead"
    assert SECRET not in caplog.text


def test_a_target_s_address_is_shown_to_nobody(session):
    kept = digests.add_target(session, "指挥部群", f"wecombot://{SECRET}", ["week", "month"], by=None)
    (shown,) = digests.targets(session)
    assert (shown.name, shown.scheme, shown.kinds, shown.active) == (
        "指挥部群",
        "wecombot",
        ("month", "week"),
        True,
    )
    assert SECRET not in repr(shown) and SECRET not in repr(kept)
    trail = session.scalar(text("SELECT string_agg(detail::text, ' ') FROM audit_entry"))
    assert "指挥部群" in trail and SECRET not in trail
    assert digests.targets_for(session, ReportKind.WEEK) == [kept.id]
    digests.set_active(session, kept.id, False, by=None)
    assert digests.targets_for(session, ReportKind.WEEK) == []
    digests.note_sent(session, kept.id, AFTER, "digest_refused:403")
    (shown,) = digests.targets(session)
    assert shown.error == ("digest_refused", {"status": "403"}) and shown.error[0] in SENTENCES
    digests.remove_target(session, kept.id, by=None)
    with pytest.raises(NotFound):
        digests.remove_target(session, kept.id, by=None)


@pytest.mark.parametrize(
    "address",
    ["", "https://example.com", "exec://rm", "dbus://", "wecombot://", "json://a b", "file:///etc/passwd"],
)
def test_what_is_no_address_is_refused_and_not_repeated(session, address):
    with pytest.raises(BadRequest) as caught:
        digests.add_target(session, "x", address, ["week"], by=None)
    assert caught.value.code == "digest_address_bad"
    assert set(caught.value.values) == {"schemes"}


def test_a_digest_says_numbers_none_and_the_link(session, settings):
    town_with_cases(session, settings)
    view = reports.publish(session, settings, make_week(session, settings).id, by=None, now=AFTER)
    public = replace(settings, public_url="https://city.example/geo/")
    title, body = digests.digest(public, view, "en")
    assert view.number in title and "2026-11-16 to 2026-11-22" in title
    assert "Closed of those due: 50.0 % (1 of 2)" in body
    assert "Coverage: none" in body and "0 %" not in body.split("\n")[0]
    assert body.endswith(f"https://city.example/geo/reports/{view.id}")
    assert "http" not in digests.digest(settings, view, "en")[1]
