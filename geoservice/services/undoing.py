"""Undoing an import: every row it touched becomes what it was, or nothing changes and the reason is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from geoservice.domain.windows import local_day
from geoservice.errors import Conflict, NotFound
from geoservice.messages import in_each
from geoservice.messages.editing import USES
from geoservice.services import ground, tracking
from geoservice.store import audit, batches, placing, row_changes, undo_rows, zone_paths
from geoservice.store.imports import LEADERS_MADE, ImportBatch
from geoservice.store.undo_rows import CODES_SHOWN

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings

# kind of import → the noun whose rows it writes
NOUNS = {
    "zones": "zone_version",
    "points": "point",
    "streets": "street",
    "exclusions": "exclusion",
    "contracts": "contract",
    "check_ins": "check_in",
}


def _silent(_stage: str, _share: float) -> None:
    """Tell nobody."""


@dataclass
class Undone:
    """What undoing an import did: how many rows (fixes of tracks) it took away, and how many it put back."""

    batch: int
    kind: str
    removed: dict[str, int] = field(default_factory=dict)
    restored: dict[str, int] = field(default_factory=dict)


def undo_batch(
    session: Session,
    settings: Settings,
    batch_id: int,
    *,
    by: int | None,
    now: datetime,
    progress: Callable[[str, float], None] = _silent,
) -> Undone:
    """Take an import back. Must run in a session that sees everything.

    Raises NotFound, and Conflict when that was done already, or when what it brought was changed or is used since.
    """
    with batches.savepoint(session):
        batch = _lock(session, batch_id)
        done = Undone(batch_id, batch.kind)
        row_changes.sign(session, by, batch_id)
        progress("undoing", 0.0)
        if batch.kind == "tracks":
            _delete_tracks(session, settings, done, by, progress)
        else:
            _restore(session, settings, NOUNS[batch.kind], done)
            if made := batch.detected.get(LEADERS_MADE):
                done.removed["leader"] = undo_rows.delete_leaders(session, made, batch_id)
            progress("rasters", 0.5)
            _follow(session, settings, batch, now)
        row_changes.sign(session, by)
        batch.undone_at, batch.undone_by = now, by
        detail = {"removed": done.removed, "restored": done.restored}
        audit.record(session, by, f"import.undo_{batch.kind}", "import_batch", str(batch_id), detail)
    return done


def _lock(session: Session, batch_id: int) -> ImportBatch:
    """The batch, while no other import of its kind and no other undoing is under way."""
    batch = session.get(ImportBatch, batch_id)
    if batch is None:
        raise NotFound("batch_not_found", batch=batch_id)
    batches.lock(session, batch.kind)
    session.refresh(batch, with_for_update=True)
    if batch.undone_at is not None:
        raise Conflict("undone_already", batch=batch_id)
    return batch


def _restore(session: Session, settings: Settings, noun: str, done: Undone) -> None:
    _refuse_changed(session, settings, noun, done.batch)
    inserted = undo_rows.inserted_ids(session, noun, done.batch)
    _refuse_used(session, noun, inserted)
    zone_ids = undo_rows.zones_of(session, inserted) if noun == "zone_version" else []
    newest = undo_rows.newest_row_version(session, noun, done.batch)
    done.removed[noun] = undo_rows.delete_rows(session, noun, inserted)
    done.restored[noun] = undo_rows.restore_rows(session, noun, done.batch, newest)
    if zone_ids:
        bare = undo_rows.bare_zones(session, zone_ids, done.batch)
        _refuse_used(session, "zone", bare)
        done.removed["zone"] = undo_rows.delete_rows(session, "zone", bare)


def _refuse_changed(session: Session, settings: Settings, noun: str, batch_id: int) -> None:
    later = undo_rows.later_changes(session, noun, batch_id)
    if not later:
        return
    newest = later[0]
    raise Conflict(
        "changed_since_import",
        count=len(later),
        codes=_some({change.code for change in later}),
        by=newest.by,
        at=newest.at and f"{newest.at.astimezone(settings.zone_info):%Y-%m-%d %H:%M}",
    )


def _refuse_used(session: Session, noun: str, ids: list[int]) -> None:
    for kind, codes in undo_rows.users_of(session, noun, ids):
        raise Conflict("used_since_import", count=len(codes), codes=_some(codes), kind=in_each(USES[kind]))


def _some(codes: set[str] | list[str]) -> str:
    first = ", ".join(sorted(codes)[:CODES_SHOWN])
    return f"{first} …" if len(codes) > CODES_SHOWN else first


def _delete_tracks(
    session: Session,
    settings: Settings,
    done: Undone,
    by: int | None,
    progress: Callable[[str, float], None],
) -> None:
    track_ids = undo_rows.tracks_of(session, done.batch)
    fixes = 0
    for number, track_id in enumerate(track_ids):
        progress("undoing", number / len(track_ids))
        fixes += tracking.delete_track(session, settings, track_id, by=by).fixes
    done.removed |= {"track": len(track_ids), "fix": fixes}


def _follow(session: Session, settings: Settings, batch: ImportBatch, now: datetime) -> None:
    """Keep paths, places and masks in step with the rows that came back, as after an import."""
    today = local_day(now, settings.zone_info)
    if batch.kind == "zones":
        zone_paths.realign_paths(session, _day_of(batch, settings), batch.id, in_place=True)
    if batch.kind in ("zones", "points"):
        placing.place_points(session, today)
    if batch.kind in ("zones", "streets"):
        placing.place_streets(session, today)
    if batch.kind in batches.GROUND:
        ground.refresh_masks(session, settings)
        batches.settle(session, 1)


def _day_of(batch: ImportBatch, settings: Settings) -> date:
    """The day from which the import held."""
    told = batch.options.get("valid_from")
    return date.fromisoformat(told) if told else local_day(batch.created_at, settings.zone_info)
