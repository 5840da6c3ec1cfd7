"""What people say of a draft, refused when it makes no sense or somebody else was faster."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from geoservice.domain.crs import AUTO, EPSG_SPEC, SHIFTED
from geoservice.errors import BadRequest, Conflict, InvalidFile
from geoservice.formats.text import known_encoding, text_fault
from geoservice.services.desk.guessing import header_hash
from geoservice.services.desk.kinds import KINDS, OptionInfo, options_of, roles_of
from geoservice.services.desk.shelf import hold_draft
from geoservice.services.importing.columns import FILE_NAME, NO_COLUMN, PLACEHOLDER
from geoservice.services.importing.rows import LONGEST_TEXT
from geoservice.store import draft_items, point_rows, zone_versions
from geoservice.store import drafts as stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.store.drafts import Draft

COLUMN = "column."
PLACES = ("lon", "lat", "wkt")
# What changes how the file is read, so that what was seen holds no more.
LOOKED_WITH = {"layer", "encoding", "crs", "swapped", *PLACES}
KNOWN_SHOWN = 30


def choose(
    session: Session,
    _settings: Settings,
    draft_id: int,
    choices: Mapping[str, str],
    *,
    by: int | None,
    row_version: int,
) -> None:
    """Add to what was chosen; a blank value takes a choice back.

    Keys: `kind`, the names of `options_of(kind)` and `column.<role>` of `roles_of(kind)`; a column is a field, `@file` (the file's
    name), `@none`, or a template such as `{COL}-{ROW}`. BadRequest names what is unknown, Conflict `draft_changed` when
    `row_version` is not the newest, `draft_busy` while a job works on it, `draft_applied` when it is too late. Afterwards the
    state is `received` when the file has to be looked at again (another layer, encoding or CRS), else `looked`: a check is due.
    Only `repairs` = `take` leaves a checked draft checked.
    """
    draft = hold_draft(session, draft_id, row_version)
    if draft.state == "applied":
        raise Conflict("draft_applied")
    merged = {key: value.strip() for key, value in {**draft.choices, **choices}.items() if value.strip()}
    if merged.get("kind") != draft.kind:
        merged = {
            key: value for key, value in merged.items() if key in choices or key in LOOKED_WITH | {"kind"}
        }
    refuse_unknown(session, draft, merged)
    changed = {key for key in {*merged, *draft.choices} if merged.get(key) != draft.choices.get(key)}
    if changed:
        _write(session, draft, merged, changed)
    _save_mapping(session, draft, merged, by)


def refuse_unknown(session: Session, draft: Draft, choices: Mapping[str, str]) -> None:
    """BadRequest when a key is none of the draft's kind, or a value none of its key."""
    kind = choices.get("kind")
    if kind is not None and kind not in KINDS:
        _refuse("kind", kind, KINDS)
    options = {option.name: option for option in _options(kind)}
    roles = {f"{COLUMN}{role.role}" for role in roles_of(kind)} if kind else set()
    for key, value in choices.items():
        if key in roles:
            _refuse_column(key, value, fields_of(draft))
        elif key in options:
            _refuse_value(session, draft, options[key], value)
        elif key != "kind":
            raise BadRequest("choice_unknown", choice=key, known=_listed(["kind", *options, *sorted(roles)]))


def fields_of(draft: Draft) -> list[str]:
    """Return the fields that were seen in a draft's file."""
    return [str(field["name"]) for field in draft.seen.get("fields", [])]


def still_known(draft: Draft, seen: Mapping[str, Any]) -> dict[str, str]:
    """Return the choices without columns that the file, looked at again, has not."""
    fields = [str(field["name"]) for field in seen["fields"]]
    return {
        key: value
        for key, value in draft.choices.items()
        if not (key in PLACES or key.startswith(COLUMN)) or _is_column(value, fields)
    }


def _options(kind: str | None) -> Iterable[OptionInfo]:
    """What can be said: of a file whose kind is not known, what decides how it is read."""
    if kind is not None:
        return options_of(kind)
    return (option for option in options_of("zones") if option.name in LOOKED_WITH)


def _write(session: Session, draft: Draft, choices: dict[str, str], changed: set[str]) -> None:
    values: dict[str, Any] = {
        "kind": choices.get("kind"),
        "choices": choices,
        "row_version": draft.row_version + 1,
    }
    if draft.state == "checked" and changed == {"repairs"} and choices.get("repairs") == "take":
        stored.set_draft(session, draft.id, **values)  # what was checked took them too
        return
    must_look = draft.state == "received" or changed & LOOKED_WITH
    draft_items.delete_items(session, draft.id)
    stored.set_draft(session, draft.id, state="received" if must_look else "looked", report={}, **values)


def _save_mapping(session: Session, draft: Draft, choices: Mapping[str, str], by: int | None) -> None:
    columns = {key.removeprefix(COLUMN): value for key, value in choices.items() if key.startswith(COLUMN)}
    columns |= {key: choices[key] for key in PLACES if key in choices}
    kind, fields = choices.get("kind"), fields_of(draft)
    if kind and columns and fields:
        stored.save_mapping(session, kind, header_hash(fields), columns, by)


def _refuse_column(key: str, value: str, fields: Sequence[str]) -> None:
    if fields and not _is_column(value, fields):
        _refuse(key, value, fields)


def _is_column(value: str, fields: Sequence[str]) -> bool:
    folded = {field.strip().casefold() for field in fields}
    placed = PLACEHOLDER.findall(value)
    return (
        value in {FILE_NAME, NO_COLUMN}
        or value.casefold() in folded
        or (bool(placed) and all(name.strip().casefold() in folded for name in placed))
    )


def _refuse_value(session: Session, draft: Draft, option: OptionInfo, value: str) -> None:
    match option.sort:
        case "choice":
            known: Sequence[str] = option.values
        case "level":
            known = [level.code for level in zone_versions.levels(session)]
        case "category":
            known = [category.code for category in point_rows.categories(session)]
        case "layer":
            known = [str(layer["name"]) for layer in draft.seen.get("layers", [])] or [value]
        case "column":
            _refuse_column(option.name, value, fields_of(draft))
            return
        case _:
            known = [value] if _makes_sense(option.sort, value) else EXAMPLES[option.sort]
    if value not in known:
        _refuse(option.name, value, known)


EXAMPLES: dict[str, tuple[str, ...]] = {
    "text": ("…",),
    "day": ("2026-01-31",),
    "crs": ("auto", "EPSG:4490", "gcj02", "bd09"),
    "encoding": ("auto", "utf-8", "gb18030"),
    "timezone": ("Asia/Shanghai",),
}


def _makes_sense(sort: str, value: str) -> bool:
    try:
        match sort:
            case "day":
                date.fromisoformat(value)
            case "encoding":
                return value == AUTO or bool(known_encoding(value))
            case "crs":
                return value in {AUTO, *SHIFTED} or EPSG_SPEC.fullmatch(value) is not None
            case "timezone":
                return value in available_timezones()
            case _:
                return len(value) <= LONGEST_TEXT and text_fault(value) is None
    except (ValueError, InvalidFile):
        return False
    return True


def _refuse(key: str, value: str, known: Iterable[str]) -> None:
    raise BadRequest("choice_impossible", choice=key, value=value[:80], known=_listed(list(known)))


def _listed(known: Sequence[str]) -> str:
    return ", ".join(known[:KNOWN_SHOWN]) or "-"
