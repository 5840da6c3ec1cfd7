"""What became of the patrols somebody asked for, told until he says that he read it, in each browser of his."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from flask import request

from geoservice.services import patrol_requests
from geoservice.web.deployment import current_settings, current_time
from geoservice.web.identity import the_account

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Response

    from geoservice.services.patrol_requests import Request

TOLD_FOR = timedelta(days=14)
"""An answer is news for so long where nobody said that he read it."""
YEAR_S = 365 * 24 * 3600
_MOST_DIGITS = 17


def new_answers(requests: Iterable[Request]) -> list[Request]:
    """Return whoever is logged in's own requests that were answered since he read the last answer, the newest first."""
    since = max(current_time() - TOLD_FOR, _read_until())
    return patrol_requests.answers(requests, the_account().id, since)


def note_read(answer: Response, until: str) -> Response:
    """Let the browser remember up to which answer somebody has read; `until`: microseconds as the page named them."""
    if _instant(until) is not None:
        answer.set_cookie(
            _cookie(), until, max_age=YEAR_S, httponly=True, samesite="Lax", secure=current_settings().secure_cookies
        )  # fmt: skip
    return answer


def mark_of(answers: list[Request]) -> int:
    """Return the instant of the newest answer in microseconds, as `note_read` takes it."""
    newest = answers[0].answered_at if answers else None
    return 0 if newest is None else (newest - _EPOCH) // timedelta(microseconds=1)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _cookie() -> str:
    """Several people may read in one browser, one after the other."""
    return f"answers-read-{the_account().id}"


def _read_until() -> datetime:
    return _instant(request.cookies.get(_cookie(), "")) or _EPOCH


def _instant(text: str) -> datetime | None:
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        return None
    return _EPOCH + timedelta(microseconds=int(text))
