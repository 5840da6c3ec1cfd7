"""Writing edited zones as versions, and keeping what hangs on the ground in step with it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geoservice.domain.windows import local_day
from geoservice.services import ground
from geoservice.services.importing.rows import as_json, normal_wkb
from geoservice.services.importing.versions import Action, Timing, Version, decide
from geoservice.store import batches, editing_rows, placing, row_changes, zone_paths, zone_versions
from geoservice.store.zone_versions import NewZoneVersion

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.importing.versions import Decision
    from geoservice.store.editing_rows import EditedZone

_OPEN = "editing.edit"


@dataclass(frozen=True)
class Edit:
    """Who edits, when, and whether what was stored had been wrong all along."""

    by: int | None
    now: datetime
    correct: bool = False

    def today(self, settings: Settings) -> date:
        """The local day of the edit."""
        return local_day(self.now, settings.zone_info)

    def timing(self, settings: Settings, *, starts_today: bool = False) -> Timing:
        """From when it holds; what is wholly new holds since ever unless it `starts_today`."""
        day = self.today(settings)
        return Timing(day, day if starts_today else None, self.correct)


@dataclass(frozen=True)
class ZoneDraft:
    """A zone as it is to be; `geom` is normal WKB of a MultiPolygon."""

    zone_id: int
    name: str
    parent_id: int | None
    geom: bytes
    attributes: dict[str, Any]


@contextmanager
def editing_ground(session: Session, settings: Settings, edit: Edit) -> Iterator[None]:
    """Hold the ground while it is edited; at the end of the outermost edit, bring paths, places and masks in step.

    Several edits inside one another are one: what follows is done once for all of them.
    """
    if session.info.get(_OPEN):
        yield
        return
    batches.lock(session, "zones")
    row_changes.sign(session, edit.by)
    session.info[_OPEN] = True
    try:
        yield
    finally:
        session.info.pop(_OPEN)
    today = edit.today(settings)
    with editing_rows.whole_city(session):
        zone_paths.realign_paths(session, today, None, in_place=edit.correct)
        placing.place_points(session, today)
        placing.place_streets(session, today)
        ground.refresh_masks(session, settings)
        batches.settle(session, 1)


def write_zones(session: Session, drafts: Sequence[ZoneDraft], timing: Timing) -> None:
    """Write zones as they are to be: a new version from the day on, a correction in place, or nothing if it is the same."""
    with editing_rows.whole_city(session):
        stored = editing_rows.zone_history(session, [draft.zone_id for draft in drafts])
        inserts: list[NewZoneVersion] = []
        rewrites: dict[int, NewZoneVersion] = {}
        ends: list[int] = []
        for draft in drafts:
            content = (draft.name, draft.parent_id, draft.geom)
            decision = decide(_comparable(stored[draft.zone_id]), content, draft.attributes, timing)
            _sort(draft, decision, (inserts, rewrites, ends))
        zone_versions.end_versions(session, ends, timing.day)
        zone_versions.insert_versions(session, inserts, timing.day, None)
        zone_versions.rewrite_versions(session, list(rewrites), list(rewrites.values()), timing.day, None)


def end_zones(session: Session, zone_ids: Sequence[int], day: date) -> None:
    """Let zones be no more from `day` on."""
    with editing_rows.whole_city(session):
        ended = [
            version.version_id
            for versions in editing_rows.zone_history(session, zone_ids).values()
            for version in versions
            if version.valid_to is None or version.valid_to > day
        ]
        zone_versions.end_versions(session, ended, day)


def _comparable(stored: Sequence[EditedZone]) -> list[Version]:
    shapes = normal_wkb([zone.geom for zone in stored])
    return [
        Version(
            zone.version_id,
            zone.valid_from,
            zone.valid_to,
            (zone.name, zone.parent_id, shape),
            zone.attributes,
        )
        for zone, shape in zip(stored, shapes, strict=True)
    ]


def _sort(
    draft: ZoneDraft,
    decision: Decision,
    into: tuple[list[NewZoneVersion], dict[int, NewZoneVersion], list[int]],
) -> None:
    inserts, rewrites, ends = into
    version = NewZoneVersion(
        draft.zone_id, draft.name, draft.parent_id, draft.geom, decision.valid_from, decision.valid_to,
        as_json(draft.attributes),
    )  # fmt: skip
    match decision.action, decision.version:
        case Action.NEW, _:
            inserts.append(version)
        case Action.SUCCEED, Version(id=old):
            ends.append(old)
            inserts.append(version)
        case Action.REWRITE, Version(id=old):
            rewrites[old] = version
        case _:
            pass
