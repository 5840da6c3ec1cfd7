"""The dispatcher's home: today at a glance, each figure one click from its map or list; pieces of it refresh themselves."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template

from geoservice.domain.roles import Permission, may
from geoservice.domain.windows import Window
from geoservice.services import live, patrols
from geoservice.services import today as service
from geoservice.services.patrols.tallies import add_up
from geoservice.store.scope import EVERYTHING
from geoservice.web.day_curve import day_curve
from geoservice.web.deployment import current_settings, current_time
from geoservice.web.deployment import today as this_day
from geoservice.web.identity import current_scope, guard, own_transaction, the_account

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

today = Blueprint("today", __name__, url_prefix="/dispatch/today")
guard(today, Permission.SEE_CITY)

EVERY_S = 60


@today.get("/")
def show_home() -> str:
    """Show how the city stands now."""
    return render_template("dispatch/home.html", **_now())


@today.get("/now")
def show_now() -> str:
    """Show the figures alone: what the page asks for every minute."""
    return render_template("dispatch/home_poll.html", **_now())


@today.get("/patrols")
def show_patrols() -> str:
    """Show what the patrols of today do, which takes longer to find out: a piece that the page asks for by itself."""
    if not may(the_account().role, Permission.PLAN):
        return render_template("dispatch/home_patrols.html", counts=None)
    on, settings, now = this_day(), current_settings(), current_time()
    with own_transaction() as session:
        counts = list(patrols.count_patrols(session, settings, Window(on, on), now=now))
        teams = Counter(team.state for team in live.look(session, settings, now=now).teams)
    return render_template(
        "dispatch/home_patrols.html",
        counts=counts,
        under_way=sum(one.heard and not one.over for one in counts),
        unheard=sum(one.over and not one.heard for one in counts),
        late=teams["missing"],
        silent=teams["silent"],
        tally=add_up(one.tally for one in counts),
        on=on,
        now=now,
    )


def _now() -> dict[str, Any]:
    now, settings = current_time(), current_settings()
    with own_transaction() as session:
        ground = service.ground_now(session, settings, _scope_zone(), now=now)
        desk = _desk(session)
    local = now.astimezone(settings.zone_info)
    passed = (local - local.replace(hour=0, minute=0, second=0, microsecond=0)) / timedelta(hours=1)
    return {
        "ground": ground,
        "desk": desk,
        "curve": day_curve(ground.usual.by_hour, ground.usual.rate, ground.rate, passed),
        "days": service.WINDOW_DAYS,
        "every_s": EVERY_S,
        "on": this_day(),
        "now": now,
    }


def _scope_zone() -> int | None:
    return None if current_scope() == EVERYTHING else the_account().scope_zone_id


def _desk(session: Session) -> Any:
    if not may(the_account().role, Permission.RUN_CASES):
        return None
    return service.desk_now(session, now=current_time())
