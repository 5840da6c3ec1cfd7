"""What to do about the gaps of a window, kept as the job's result until somebody looks."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from geoservice.domain.tracks import Mode
from geoservice.domain.windows import Period, Window
from geoservice.errors import BadRequest
from geoservice.services import suggest as service
from geoservice.services.suggestions import Wanted, suggestion_json
from geoservice.store import areas
from geoservice.store.scope import EVERYTHING, Scope

if TYPE_CHECKING:
    from geoservice.jobs.work import Work


def suggest(work: Work) -> dict[str, Any]:
    """Suggest what closes most gap of the window `from`–`to` (`period`) on a budget of `posts` or `minutes`.

    Arguments that may be absent: `zone` or `leader` (codes), `mode` (foot, ebike, car), `seconds` for the solver, and
    `within`, the id of a zone: the work then sees this zone and what lies below it, and nothing else.
    """
    args = work.args
    window = Window(date.fromisoformat(args["from"]), date.fromisoformat(args["to"]), _period(args))
    with work.transaction(_scope(work, window.to_on)) as session:
        wanted = Wanted(
            mode=_mode(args),
            posts=args.get("posts"),
            minutes=args.get("minutes"),
            zone_ids=service.ground_of(
                session, window.to_on, zone=args.get("zone"), leader=args.get("leader")
            ),
            time_limit_s=args.get("seconds", Wanted.time_limit_s),
        )
        return suggestion_json(service.suggest(session, work.settings, window, wanted, work.progress))


def _scope(work: Work, on: date) -> Scope:
    within = work.args.get("within")
    if within is None:
        return EVERYTHING
    with work.transaction() as session:
        return Scope(zone_ids=areas.subtree_ids(session, frozenset({within}), on))


def _period(args: dict[str, Any]) -> Period | None:
    return Period[args["period"].upper()] if args.get("period") else None


def _mode(args: dict[str, Any]) -> Mode:
    name = args.get("mode", "foot").upper()
    if name not in Mode.__members__:
        raise BadRequest
    return Mode[name]
