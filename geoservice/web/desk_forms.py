"""The forms of the import desk: what may be said of a file, with what was guessed, remembered or chosen filled in."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from geoservice.errors import BadRequest
from geoservice.services import layers, levels
from geoservice.services.desk import KINDS, guess_columns, options_of, roles_of, saved_columns
from geoservice.services.importing.columns import FILE_NAME, NO_COLUMN
from geoservice.web import desk_words
from geoservice.web.texts import current_locale, gettext
from geoservice.web.words import word_of_import

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from geoservice.services.desk import Draft, OptionInfo, RoleInfo

FILE_OPTIONS = ("layer", "encoding", "crs", "swapped", "lon", "lat", "wkt")
"""Options about the file itself, asked in the first step; the others belong to the second."""
ASKED_APART = frozenset({"repairs"})
COMPOSED = frozenset({"code", "name"})
"""Roles that several columns may make together, such as row and column of a grid."""
ENCODINGS = ("utf-8", "gb18030", "big5")
SAMPLES_SHOWN = 3
LONGEST_SAMPLE = 20

Choice = tuple[str, str]
"""(value, words)."""


@dataclass(frozen=True)
class Field:
    """One field of a form. `sort`: select, checkbox, day or text; `origin`: where its value comes from, "" for nowhere.

    `composed`: the columns it is put together from, as a template; None where it can't be.
    """

    name: str
    label: str
    sort: str
    value: str
    choices: tuple[Choice, ...] = ()
    required: bool = False
    origin: str = ""
    composed: str | None = None


@dataclass(frozen=True)
class Offered:
    """Everything the two steps before the check offer."""

    kind: str
    kinds: tuple[Choice, ...]
    kind_is_guess: bool
    file_options: frozenset[str]
    layers: tuple[Choice, ...]
    encodings: tuple[Choice, ...]
    crs_groups: list[tuple[str, list[Choice]]]
    crs: str
    file_fields: tuple[Field, ...]
    roles: tuple[Field, ...]
    options: tuple[Field, ...]


def offered(session: Session, draft: Draft) -> Offered:
    """Return the forms of a draft."""
    seen = draft.seen
    guessed = (seen.get("guess") or {}).get("kind") or ""
    kind = draft.kind or guessed
    options = {option.name: option for option in options_of(kind)} if kind else {}
    columns = _columns(seen)
    return Offered(
        kind=kind,
        kinds=tuple((each, word_of_import(each)) for each in KINDS),
        kind_is_guess=bool(guessed) and draft.kind in (None, guessed),
        file_options=frozenset(name for name in FILE_OPTIONS if name in options or not kind),
        layers=_layers(seen),
        encodings=_encodings(seen),
        crs_groups=desk_words.words_of_crs(),
        crs=draft.choices.get("crs", ""),
        file_fields=tuple(
            _option(options[name], draft.choices, columns, {}, (seen.get("guess") or {}).get("columns") or {})
            for name in ("swapped", "lon", "lat", "wkt")
            if name in options
        ),
        roles=_roles(session, kind, draft, columns) if kind else (),
        options=_options(session, options, draft.choices, columns),
    )


def composed_name(name: str) -> str:
    """Return the field beside a column's in which several are put together."""
    return f"composed.{name}"


def read_columns(form: Mapping[str, str], chosen: dict[str, str], kind: str) -> None:
    """Put in place what several columns make together; BadRequest where a column that is needed is neither chosen nor made."""
    for role in roles_of(kind) if kind else ():
        name = f"column.{role.role}"
        if composed := form.get(composed_name(name), "").strip():
            chosen[name] = composed
        elif role.required and chosen.get(name) == "":
            raise BadRequest("column_unchosen", column=desk_words.word_of_role(kind, role.role))


def known_names(kind: str) -> frozenset[str]:
    """Return the fields of a form that mean something for this kind; without one, those that say how to read the file."""
    if not kind:
        return frozenset({"kind", *FILE_OPTIONS})
    named = {option.name for option in options_of(kind)} | {f"column.{role.role}" for role in roles_of(kind)}
    return frozenset({"kind", *named})


def _roles(session: Session, kind: str, draft: Draft, columns: tuple[Choice, ...]) -> tuple[Field, ...]:
    fields = [field["name"] for field in draft.seen.get("fields") or []]
    saved = saved_columns(session, kind, fields) or {}
    guessed = guess_columns(kind, fields, is_table=bool(draft.seen.get("is_table")))
    return tuple(_role(kind, role, columns, (draft.choices, saved, guessed)) for role in roles_of(kind))


def _role(
    kind: str, role: RoleInfo, columns: tuple[Choice, ...], told: tuple[Mapping[str, str], ...]
) -> Field:
    chosen, saved, guessed = told
    found = (
        (chosen.get(f"column.{role.role}"), "chosen"),
        (saved.get(role.role), "saved"),
        (guessed.get(role.role), "guessed"),
    )
    value, origin = next(((value, origin) for value, origin in found if value), ("", ""))
    none: Choice = ("", gettext("choose …")) if role.required else (NO_COLUMN, gettext("not in this file"))
    choices = (none, *columns, (FILE_NAME, gettext("the file's name")))
    composed = None
    if role.role in COMPOSED and len(columns) > 1:
        composed = value if value not in dict(choices) else ""
        value = "" if composed else value
    if value and value not in dict(choices):
        choices = (*choices, (value, value))
    return Field(
        name=f"column.{role.role}",
        label=desk_words.word_of_role(kind, role.role),
        sort="select",
        value=value or none[0],
        choices=choices,
        required=role.required,
        origin="" if value == NO_COLUMN else origin,
        composed=composed,
    )


def _options(
    session: Session,
    options: Mapping[str, OptionInfo],
    chosen: Mapping[str, str],
    columns: tuple[Choice, ...],
) -> tuple[Field, ...]:
    wanted = [
        option for name, option in options.items() if name not in FILE_OPTIONS and name not in ASKED_APART
    ]
    named = _named_values(session, {option.sort for option in wanted})
    return tuple(_option(option, chosen, columns, named) for option in wanted)


def _named_values(session: Session, sorts: set[str]) -> dict[str, tuple[Choice, ...]]:
    """Return what the deployment itself names: its levels, its categories of points."""
    found: dict[str, tuple[Choice, ...]] = {}
    if "level" in sorts:
        found["level"] = tuple(
            (level.code, desk_words.name_of_level(level)) for level in levels.list_levels(session)
        )
    if "category" in sorts:
        found["category"] = tuple(sorted(layers.category_names(session, current_locale()).items()))
    return found


def _option(
    option: OptionInfo,
    chosen: Mapping[str, str],
    columns: tuple[Choice, ...],
    named: Mapping[str, tuple[Choice, ...]],
    guessed: Mapping[str, str] = MappingProxyType({}),
) -> Field:
    sort, choices = _sort_of(option, columns, named)
    if option.name in guessed:
        # What was guessed is not chosen by leaving it as it is, which would have the file read again.
        choices = (
            ("", gettext("found by its header: %(column)s", column=guessed[option.name])),
            *choices[1:],
        )
    first = option.values[0] if option.values else ""
    return Field(
        name=option.name,
        label=desk_words.word_of_option(option.name),
        sort=sort,
        value=chosen.get(option.name, first),
        choices=choices,
        required=option.required,
        origin="chosen" if option.name in chosen else "",
    )


def _sort_of(
    option: OptionInfo, columns: tuple[Choice, ...], named: Mapping[str, tuple[Choice, ...]]
) -> tuple[str, tuple[Choice, ...]]:
    nothing: Choice = ("", gettext("choose …") if option.required else gettext("as the file says"))
    if option.sort == "choice" and set(option.values) == {"no", "yes"}:
        return "checkbox", ()
    if option.sort == "choice":
        return "select", tuple(
            (value, desk_words.word_of_value(option.name, value)) for value in option.values
        )
    if option.sort == "column":
        return "select", (("", gettext("found by its header")), *columns)
    if option.sort in named:
        return "select", (nothing, *named[option.sort])
    return ("day" if option.sort == "day" else "text"), ()


def _columns(seen: Mapping[str, Any]) -> tuple[Choice, ...]:
    """Return the columns of the file, each with some of its values."""
    return tuple((field["name"], _with_samples(field)) for field in seen.get("fields") or [])


def _with_samples(field: Mapping[str, Any]) -> str:
    samples = [str(each) for each in field.get("samples") or [] if each not in (None, "")]
    cut = [each if len(each) <= LONGEST_SAMPLE else each[:LONGEST_SAMPLE] + "…" for each in samples]
    return f"{field['name']} ({', '.join(cut[:SAMPLES_SHOWN])})" if cut else str(field["name"])


def _layers(seen: Mapping[str, Any]) -> tuple[Choice, ...]:
    """Return the layers seen, each with how much of what it holds."""
    return tuple(
        (
            layer["name"],
            " · ".join(
                str(part)
                for part in (
                    layer["name"],
                    desk_words.word_of_geometry(layer.get("geometry")),
                    layer.get("features"),
                )
                if part is not None
            ),
        )
        for layer in seen.get("layers") or []
        if layer.get("name")
    )


def _encodings(seen: Mapping[str, Any]) -> tuple[Choice, ...]:
    """Return the encodings to choose from: those that were tried, then the usual ones."""
    names = dict.fromkeys(name.lower() for name in (*(seen.get("encodings") or {}), *ENCODINGS))
    return tuple((name, desk_words.word_of_encoding(name)) for name in names)
