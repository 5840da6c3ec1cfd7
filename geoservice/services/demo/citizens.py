"""What citizens send, where the deployment takes it: one report taken up and answered, one refused, one that waits."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from geoservice.services import citizens
from geoservice.services.citizens import Snapshot
from geoservice.services.demo.courses import Course
from geoservice.store import citizen_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geoservice.services.demo.findings import Finder
    from geoservice.services.demo.histories import Follower
    from geoservice.services.demo.story import Story, Thread

_TAKEN = (18, "小区门口共享单车堆成一片，老人出行不便", "parking", "小区门口共享单车堆放")
_REFUSED = (8, "楼上装修噪声太大", "室内装修噪声请向物业或公安部门反映，感谢您的关注。")
_WAITING_H, _WAITING = 3.0, "公园健身器材螺丝松了，怕孩子受伤"
_ANSWER = "您反映的车辆已全部清理，并增设停放线。感谢您对城市管理的支持。"


def threads(finder: Finder, follower: Follower, story: Story) -> Iterator[Thread]:
    """Yield what happens to citizens' reports; nothing where the public form is closed."""
    if follower.settings.citizen_reports:
        yield _taken_up(finder, follower, story)
        yield _refused(finder, follower, story)
        yield _waiting(finder, follower, story)


def _taken_up(finder: Finder, follower: Follower, story: Story) -> Thread:
    back, words, kind, title = _TAKEN
    at = _on(story, back, finder)
    yield at
    report_id = _sent(finder, follower, "old_compound", words, at)
    at += timedelta(minutes=50)
    yield at
    session, desk = follower.session, follower.crew.dispatcher
    report = citizens.read_report(session, report_id)
    new = citizens.case_for(report, kind, title, words)
    case = citizens.take_up(session, follower.settings, report_id, new, by=desk, now=at)
    story.begin(follower.follow(case, Course(pace=0.5)))
    at += timedelta(days=4)
    yield at
    citizens.answer(session, report_id, _ANSWER, by=desk.account_id or 0, now=at)


def _refused(finder: Finder, follower: Follower, story: Story) -> Thread:
    back, words, reply = _REFUSED
    at = _on(story, back, finder)
    yield at
    report_id = _sent(finder, follower, "old_compound", words, at)
    at += timedelta(hours=2)
    yield at
    by = follower.crew.dispatcher.account_id or 0
    citizens.refuse(follower.session, report_id, reply, by=by, now=at)


def _waiting(finder: Finder, follower: Follower, story: Story) -> Thread:
    at = story.now - timedelta(hours=_WAITING_H)
    yield at
    _sent(finder, follower, "park", _WAITING, at)


def _sent(finder: Finder, follower: Follower, category: str, words: str, at: datetime) -> int:
    mine = [
        shape
        for place, shape in zip(finder.city.places, finder.city.place_shapes, strict=True)
        if place.category == category
    ]
    shape = mine[int(finder.rng.integers(len(mine)))]
    name = UUID(bytes=finder.rng.bytes(16))
    sent = Snapshot(words, round(shape.x, 6), round(shape.y, 6), "", name)
    citizens.take_in(follower.session, follower.settings, sent, [], now=at)
    stored = citizen_rows.report_of_uuid(follower.session, name)
    assert stored is not None
    return stored.id


def _on(story: Story, back: int, finder: Finder) -> datetime:
    return datetime.combine(
        story.now.astimezone(finder.zone).date() - timedelta(days=back), time(10, 20), finder.zone
    )
