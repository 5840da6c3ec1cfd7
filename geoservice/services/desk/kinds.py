"""What each kind of import takes: which columns it knows, and what else can be said of a file."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("zones", "points", "streets", "exclusions", "contracts", "check_ins", "tracks")
SHAPED = frozenset({"zones", "points", "streets", "exclusions"})
YES, NO = "yes", "no"


@dataclass(frozen=True)
class RoleInfo:
    """Something that a column may hold; chosen as `column.<role>`. `hint` is its entry in the table of known headers."""

    role: str
    required: bool = False
    hint: str = ""


@dataclass(frozen=True)
class OptionInfo:
    """Something that can be said of a file. `sort` is how it is said.

    choice (one of `values`), text, day (2026-01-31), column (a field of the file), crs (auto, EPSG:n, gcj02, bd09), encoding (auto
    or a name), layer (one of those seen), level (a code of one), category (a code of one), timezone. The first of `values` is
    what holds when nothing is said.
    """

    name: str
    sort: str
    values: tuple[str, ...] = ()
    required: bool = False


_ANY = (OptionInfo("layer", "layer"), OptionInfo("encoding", "encoding"))
_PLACED = (
    *_ANY,
    OptionInfo("crs", "crs"),
    OptionInfo("swapped", "choice", (NO, YES)),
    OptionInfo("lon", "column"),
    OptionInfo("lat", "column"),
    OptionInfo("wkt", "column"),
)
_VERSIONED = (
    OptionInfo("valid_from", "day"),
    OptionInfo("full", "choice", (NO, YES)),
    OptionInfo("correct", "choice", (NO, YES)),
    OptionInfo("repairs", "choice", ("", "take", "leave")),
)

_ROLES: dict[str, tuple[RoleInfo, ...]] = {
    "zones": (
        RoleInfo("code", required=True, hint="zone_code"),
        RoleInfo("name", hint="zone_name"),
        RoleInfo("parent_code"),
    ),
    "points": (
        RoleInfo("code", hint="point_code"),
        RoleInfo("name", hint="point_name"),
        RoleInfo("category", hint="category"),
        RoleInfo("address", hint="address"),
        RoleInfo("interval", hint="interval"),
        RoleInfo("minutes", hint="minutes"),
        RoleInfo("weight", hint="weight"),
    ),
    "streets": (
        RoleInfo("code", hint="street_code"),
        RoleInfo("name", hint="street_name"),
        RoleInfo("street_class", hint="street_class"),
        RoleInfo("one_way", hint="one_way"),
    ),
    "exclusions": (
        RoleInfo("code", hint="exclusion_code"),
        RoleInfo("name", hint="exclusion_name"),
        RoleInfo("kind", hint="exclusion_kind"),
        RoleInfo("reason", hint="reason"),
    ),
    "contracts": (
        RoleInfo("leader", hint="leader"),
        RoleInfo("leader_name", hint="leader_name"),
        RoleInfo("kind", hint="ground_kind"),
        RoleInfo("code", required=True, hint="ground_code"),
        RoleInfo("level", hint="level"),
        RoleInfo("role", hint="role"),
        RoleInfo("from_on", hint="from"),
        RoleInfo("to_on", hint="to"),
    ),
    "check_ins": (
        RoleInfo("point", required=True, hint="check_in_point"),
        RoleInfo("time", required=True, hint="check_in_time"),
        RoleInfo("member", hint="check_in_member"),
        RoleInfo("result", required=True, hint="check_in_result"),
        RoleInfo("note", hint="check_in_note"),
    ),
    "tracks": (
        RoleInfo("device"),
        RoleInfo("time", required=True),
        RoleInfo("lon", required=True),
        RoleInfo("lat", required=True),
        RoleInfo("accuracy"),
        RoleInfo("speed"),
        RoleInfo("heading"),
        RoleInfo("mode"),
    ),
}
_OPTIONS: dict[str, tuple[OptionInfo, ...]] = {
    "zones": (
        OptionInfo("level", "level", required=True),
        *_PLACED,
        OptionInfo("parent_level", "level"),
        OptionInfo("parent_by_place", "choice", (NO, YES)),
        *_VERSIONED,
    ),
    "points": (*_PLACED, OptionInfo("category_value", "category")),
    "streets": _PLACED,
    "exclusions": (
        *_PLACED,
        OptionInfo("kind_value", "text"),
        OptionInfo("reason_value", "text"),
        *_VERSIONED,
    ),
    "contracts": (
        *_ANY,
        OptionInfo("kind_value", "choice", ("", "zone", "street", "point")),
        OptionInfo("level_value", "level"),
        OptionInfo("known_leaders_only", "choice", (NO, YES)),
    ),
    "check_ins": (*_ANY, OptionInfo("timezone", "timezone")),
    "tracks": (
        OptionInfo("crs", "crs"),
        OptionInfo("device", "text"),
        OptionInfo("mode", "choice", ("foot", "ebike", "car")),
        OptionInfo("timezone", "timezone"),
    ),
}


def roles_of(kind: str) -> tuple[RoleInfo, ...]:
    """Return what the columns of such a file may hold."""
    return _ROLES[kind]


def options_of(kind: str) -> tuple[OptionInfo, ...]:
    """Return what else can be said of such a file."""
    return _OPTIONS[kind]
