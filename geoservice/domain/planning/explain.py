"""Why what could have been done is in no patrol after all, and how much longer a shift would have to be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from geoservice.domain.planning.feasible import Ground, Orders, together_groups
from geoservice.domain.planning.mend import least_late, meets_its_apart, places
from geoservice.domain.planning.problem import LeftOut, Reason

if TYPE_CHECKING:
    from geoservice.domain.planning.problem import Job


def explain(ground: Ground, orders: Orders) -> list[LeftOut]:
    """Give every job that is left out its reason, in the order they were asked.

    Values: NO_TIME `minutes` and `shift` (so much longer and that shift could; absent when longer shifts do not help), APART and
    TOGETHER `with` (the job), NO_SKILL `skills`, NO_TEAM `missing` (depot, pin, zone or day).
    """
    served = {key for jobs in orders.values() for key in jobs} | {
        visit.job for one in ground.locked for visit in one.visits
    }
    mates = {key: group for group in together_groups(ground.problem) for key in group}
    found = []
    for job in ground.problem.jobs:
        if job.key in ground.left_out:
            found.append(ground.left_out[job.key])
        elif job.key not in served:
            found.append(_reason(ground, orders, job, mates.get(job.key, frozenset())))
    return found


def _reason(ground: Ground, orders: Orders, job: Job, mates: frozenset[str]) -> LeftOut:
    able = sorted(ground.allowed[job.key])
    fitting = list(places(ground, orders, job, able))
    meets = [meets_its_apart(ground, orders, place.shift, job.key) for place in fitting]
    if fitting and all(meets):
        return LeftOut(job.key, Reason.APART, {"with": str(meets[0])})
    if mates:
        return LeftOut(job.key, Reason.TOGETHER, {"with": min(mates - {job.key})})
    free = [key for key in able if meets_its_apart(ground, orders, key, job.key) is None]
    late = least_late(ground, orders, job, free)
    if late is None:
        return LeftOut(job.key, Reason.NO_TIME)
    over_s, shift_key = late
    return LeftOut(job.key, Reason.NO_TIME, {"minutes": max(1, math.ceil(over_s / 60)), "shift": shift_key})
