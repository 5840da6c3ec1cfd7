"""REST for programs: every noun under /api/v1, described by OpenAPI 3.1.

Operations are told once, in `offer(Operation(…))`: the route, what it needs, the models of query, body and answer. A thin
layer of our own does the rest, because the interface lives in an application whose pages, errors, sessions and guards are
already there: a framework that brings its own application class, error format and argument parsing would have to be turned
off piece by piece, and would still know nothing of scopes, If-Match, repeated requests and transactions.
"""

from geoservice.web.api import (
    cases,
    check_ins,
    contracts,
    coverage,
    description,
    exclusions,
    imports,
    inspections,
    jobs,
    orders,
    patrols,
    people,
    photos,
    points,
    problems,
    reports,
    responsibility,
    streets,
    suggestions,
    tracks,
    unseen,
    who,
    zones,
)
from geoservice.web.api.door import api

__all__ = [
    "api",
    "cases",
    "check_ins",
    "contracts",
    "coverage",
    "description",
    "exclusions",
    "imports",
    "inspections",
    "jobs",
    "orders",
    "patrols",
    "people",
    "photos",
    "points",
    "problems",
    "reports",
    "responsibility",
    "streets",
    "suggestions",
    "tracks",
    "unseen",
    "who",
    "zones",
]
