"""Tracks as they were received; for those who see the whole city."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from geoservice.domain.tracks import Mode
from geoservice.errors import NotFound
from geoservice.store import api_nouns, api_rows
from geoservice.web.api.answers import Answer, page_answer
from geoservice.web.api.models import Asked, Code, Instant, Page, Paged, Told
from geoservice.web.api.operations import SEE_CITY, Ask, Operation, offer

TAG = "tracks"


class Track(Told):
    """One batch of fixes of one device as it came in."""

    id: int = Field(examples=[1])
    device: str = Field(description="code of the device", examples=["D1"])
    mode: Literal["foot", "ebike", "car"]
    source: str = Field(examples=["D1.gpx"])
    started_at: datetime
    ended_at: datetime
    fix_count: int
    refused: dict[str, Any] = Field(description="reason → how many fixes were refused for it")
    received_at: datetime
    batch_id: int | None


class TracksQuery(Paged):
    """Which tracks: those with a fix in the span."""

    device: Code | None = None
    from_: Instant | None = Field(None, alias="from", description="ended at or after this instant")
    to: Instant | None = Field(None, description="began before this instant")


@offer(Operation("GET", "/tracks", TAG, Page[Track], SEE_CITY, query=TracksQuery, whole_city=True))
def list_tracks(ask: Ask[TracksQuery, None]) -> Answer:
    """List tracks, the newest first."""
    rows, total = api_rows.page(
        ask.session,
        api_nouns.TRACKS,
        ask.query.model_dump(by_alias=True),
        limit=ask.query.per_page,
        first=ask.query.first,
    )
    return page_answer(Page[Track], [_track(row) for row in rows], total, ask.query)


@offer(Operation("GET", "/tracks/{track_id}", TAG, Track, SEE_CITY, whole_city=True, errors=(404,)))
def get_track(ask: Ask[Asked, None], track_id: int) -> Answer:
    """Return one track."""
    row = api_rows.one(ask.session, api_nouns.TRACKS, {"id": track_id})
    if row is None:
        raise NotFound
    return Answer(_track(row))


def _track(row: dict[str, Any]) -> Track:
    return Track(**{**row, "mode": Mode(row["mode"]).name.lower()})
