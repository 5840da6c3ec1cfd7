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
    INSPECTOR = "inspector"
    HANDLER = "handler"


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
    REPORT_CASES = "report_cases"  # what one saw on the way
    HANDLE_CASES = "handle_cases"  # those of one's own department or ground, and the orders about them
    RUN_CASES = "run_cases"  # open, assign, verify and close them; orders, citizens' reports, doubtful photos
    INSPECT = "inspect"  # the inspections one was given
    PLAN_INSPECTIONS = "plan_inspections"  # checklists, samples, who inspects
    SEE_REPORTS = "see_reports"  # published ones
    PUBLISH_REPORTS = "publish_reports"


# What belongs to a person in the street or in an office, and to nobody else.
PERSONAL = {
    Permission.SEE_OWN_GROUND,
    Permission.PATROL,
    Permission.INSPECT,
    Permission.HANDLE_CASES,
    Permission.REPORT_CASES,
}
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(Permission) - PERSONAL,
    Role.DISPATCHER: frozenset(
        {
            Permission.SEE_CITY,
            Permission.COMPUTE_COVERAGE,
            Permission.PLAN,
            Permission.RUN_CASES,
            Permission.PLAN_INSPECTIONS,
            Permission.SEE_REPORTS,
            Permission.PUBLISH_REPORTS,
        }
    ),
    Role.GIS: frozenset(
        {Permission.SEE_CITY, Permission.IMPORT, Permission.COMPUTE_COVERAGE, Permission.SEE_REPORTS}
    ),
    Role.LEADER: frozenset(
        {
            Permission.SEE_OWN_GROUND,
            Permission.HANDLE_CASES,
            Permission.REPORT_CASES,
            Permission.SEE_REPORTS,
        }
    ),
    Role.MEMBER: frozenset({Permission.PATROL, Permission.REPORT_CASES}),
    Role.INSPECTOR: frozenset({Permission.INSPECT, Permission.REPORT_CASES}),
    Role.HANDLER: frozenset({Permission.HANDLE_CASES, Permission.SEE_REPORTS}),
}


def may(role: Role, permission: Permission) -> bool:
    """Tell whether `role` holds `permission`."""
    return permission in PERMISSIONS[role]
