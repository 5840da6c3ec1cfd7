"""Who may do what: the roles, the permissions, and the one table that joins them."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a user is, one each."""

    ADMINISTRATOR = "administrator"
    DISPATCHER = "dispatcher"
    GIS = "gis"
    LEADER = "leader"
    MEMBER = "member"


class Permission(StrEnum):
    """What a route asks for at its door."""

    SEE_OWN_GROUND = "see_own_ground"  # the map of what one contracted
    SEE_CITY = "see_city"  # zones, coverage and gaps of one's scope
    COMPUTE_COVERAGE = "compute_coverage"
    PLAN = "plan"  # patrols, teams and the calendar they work by; live positions
    IMPORT = "import"  # boundaries, points, streets, tracks, contracts
    PATROL = "patrol"  # one's own patrols and tracks
    MANAGE_USERS = "manage_users"
    SEE_AUDIT = "see_audit"


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(Permission) - {Permission.SEE_OWN_GROUND, Permission.PATROL},
    Role.DISPATCHER: frozenset({Permission.SEE_CITY, Permission.COMPUTE_COVERAGE, Permission.PLAN}),
    Role.GIS: frozenset({Permission.SEE_CITY, Permission.IMPORT, Permission.COMPUTE_COVERAGE}),
    Role.LEADER: frozenset({Permission.SEE_OWN_GROUND}),
    Role.MEMBER: frozenset({Permission.PATROL}),
}


def may(role: Role, permission: Permission) -> bool:
    """Tell whether `role` holds `permission`."""
    return permission in PERMISSIONS[role]
