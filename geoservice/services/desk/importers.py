"""From what was chosen for a draft to the import that does it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from geoservice.errors import BadRequest
from geoservice.services import importing
from geoservice.services.desk.choosing import COLUMN
from geoservice.services.desk.kinds import YES, roles_of
from geoservice.services.desk.shelf import file_paths
from geoservice.services.importing.columns import NO_COLUMN

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.importing import Report, Run
    from geoservice.store.drafts import Draft


def run_import(session: Session, settings: Settings, draft: Draft, run: Run) -> Report:
    """Import the files of a draft as was chosen."""
    if draft.kind is None:
        raise BadRequest("choice_needed", choice="kind")
    return IMPORTERS[draft.kind](session, settings, draft, run)


def valid_from(draft: Draft) -> date | None:
    """Return from when the import holds, if somebody said so."""
    told = draft.choices.get("valid_from")
    return date.fromisoformat(told) if told else None


def _zones(session: Session, settings: Settings, draft: Draft, run: Run) -> Report:
    columns = _columns(draft)
    if columns.get("parent_code") == NO_COLUMN:  # nothing is ever guessed for it
        columns.pop("parent_code")
    options = importing.ZoneOptions(
        level=draft.choices["level"],
        parent_level=draft.choices.get("parent_level"),
        parent_by_place=_is(draft, "parent_by_place"),
        **_versioned(draft),
        **columns,
    )
    return importing.import_zones(session, settings, _source(settings, draft), options, run)


def _points(session: Session, settings: Settings, draft: Draft, run: Run) -> Report:
    options = importing.PointOptions(category_value=draft.choices.get("category_value"), **_columns(draft))
    return importing.import_points(session, settings, _source(settings, draft), options, run)


def _streets(session: Session, settings: Settings, draft: Draft, run: Run) -> Report:
    options = importing.StreetOptions(**_columns(draft))
    return importing.import_streets(session, settings, _source(settings, draft), options, run)


def _exclusions(session: Session, settings: Settings, draft: Draft, run: Run) -> Report:
    options = importing.ExclusionOptions(
        kind_value=draft.choices.get("kind_value"),
        reason_value=draft.choices.get("reason_value"),
        **_versioned(draft),
        **_columns(draft),
    )
    return importing.import_exclusions(session, settings, _source(settings, draft), options, run)


def _contracts(session: Session, settings: Settings, draft: Draft, run: Run) -> Report:
    options = importing.ContractOptions(
        kind_value=draft.choices.get("kind_value"),
        level_value=draft.choices.get("level_value"),
        known_leaders_only=_is(draft, "known_leaders_only"),
        **_sheet(draft),
        **_columns(draft),
    )
    return importing.import_contracts(session, tuple(file_paths(settings, draft)), options, run)


def _check_ins(session: Session, settings: Settings, draft: Draft, run: Run) -> Report:
    options = importing.CheckInOptions(
        timezone=draft.choices.get("timezone"), **_sheet(draft), **_columns(draft)
    )
    return importing.import_check_ins(session, settings, tuple(file_paths(settings, draft)), options, run)


def _tracks(session: Session, settings: Settings, draft: Draft, run: Run) -> Report:
    columns = {role: column for role, column in _columns(draft).items() if column != NO_COLUMN}
    options = importing.TrackOptions(
        device=draft.choices.get("device"),
        mode=draft.choices.get("mode", "foot"),
        timezone=draft.choices.get("timezone"),
        crs=draft.choices.get("crs", "auto"),
        columns=columns or None,
    )
    return importing.import_tracks(session, settings, file_paths(settings, draft), options, run)


IMPORTERS: dict[str, Callable[[Session, Settings, Draft, Run], Report]] = {
    "zones": _zones,
    "points": _points,
    "streets": _streets,
    "exclusions": _exclusions,
    "contracts": _contracts,
    "check_ins": _check_ins,
    "tracks": _tracks,
}


def _source(settings: Settings, draft: Draft) -> importing.Input:
    choices = draft.choices
    return importing.Input(
        paths=tuple(file_paths(settings, draft)),
        crs=choices.get("crs", "auto"),
        swapped=_is(draft, "swapped"),
        encoding=choices.get("encoding", "auto"),
        layer=_layer(draft),
        lon=choices.get("lon"),
        lat=choices.get("lat"),
        wkt=choices.get("wkt"),
    )


def _layer(draft: Draft) -> str | None:
    """The layer that was chosen, else the one that was shown where one file has several."""
    told = draft.choices.get("layer")
    several = len(draft.seen.get("files", [])) == 1 and len(draft.seen.get("layers", [])) > 1
    return told or (draft.seen.get("layer") if several else None)


def _sheet(draft: Draft) -> dict[str, Any]:
    return {"sheet": _layer(draft), "encoding": draft.choices.get("encoding", "auto")}


def _versioned(draft: Draft) -> dict[str, Any]:
    return {
        "valid_from": valid_from(draft),
        "full": _is(draft, "full"),
        "correct": _is(draft, "correct"),
    }


def _columns(draft: Draft) -> dict[str, Any]:
    """The columns that were chosen, by role."""
    roles = roles_of(draft.kind or "")
    told = {role.role: draft.choices.get(f"{COLUMN}{role.role}") for role in roles}
    return {role: column for role, column in told.items() if column}


def _is(draft: Draft, option: str) -> bool:
    return draft.choices.get(option) == YES
