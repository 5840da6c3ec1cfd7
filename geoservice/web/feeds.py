"""Calendars of patrols: the feeds behind secret links, and the page on which dispatchers make and revoke these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from geoservice.domain.roles import Permission
from geoservice.errors import BadRequest, NotAllowed, NotFound
from geoservice.services import feeds as service
from geoservice.web.deployment import current_settings, current_time, open_transaction
from geoservice.web.errors import status_of
from geoservice.web.identity import current_scope, guard, own_transaction, the_account
from geoservice.web.machine import WRONG_TOKENS
from geoservice.web.texts import gettext
from geoservice.web.words import say

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.errors import GeoServiceError

feeds = Blueprint("feeds", __name__, url_prefix="/feeds")
"""Open to whoever knows a secret: calendars know no login."""

feed_links = Blueprint("feed_links", __name__, url_prefix="/dispatch/feeds")
guard(feed_links, Permission.PLAN)


@feeds.get("/<string:secret>.ics")
def get_feed(secret: str) -> Response:
    """Send a team's published patrols; wrong secrets are counted like wrong tokens."""
    settings, now = current_settings(), current_time()
    with open_transaction() as session:
        feed = service.find_feed(session, settings, secret, now=now)
    if feed is None:
        current_app.extensions[WRONG_TOKENS]()
        raise NotFound("feed_unknown")
    with open_transaction(feed.scope) as session:
        body = service.feed_calendar(
            session,
            settings,
            feed,
            name=gettext("Patrols of %(team)s", team=feed.team.name),
            address_of=lambda patrol_id: url_for(
                "on_the_way.show_patrol", patrol_id=patrol_id, _external=True
            ),
            now=now,
        )
    answer = Response(body, content_type="text/calendar; charset=utf-8")
    answer.headers["Cache-Control"] = "private, max-age=300"
    answer.headers["Content-Disposition"] = 'inline; filename="patrols.ics"'
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@feed_links.before_request
def _whole_city_only() -> None:
    """A team's round may lead anywhere, so only who sees the whole city gives it away."""
    if not current_scope().everything:
        raise NotAllowed


@feed_links.get("/")
def show_feeds() -> Response:
    """List the links and offer to make one."""
    return _page()


@feed_links.post("/")
def make_feed() -> Response:
    """Make a link and show it, this once."""
    team, name = request.form.get("team", ""), request.form.get("name", "")
    try:
        with own_transaction() as session:
            secret = service.make_feed(session, team, name, by=the_account().id, now=current_time())
    except (BadRequest, NotFound) as error:
        return _page(error=error, typed={"team": team, "name": name})
    return _page(made=url_for("feeds.get_feed", secret=secret, _external=True))


@feed_links.post("/<int(max=2147483647):feed_id>/revoke")
def revoke_feed(feed_id: int) -> AnyResponse:
    """End a link at once."""
    with own_transaction() as session:
        service.revoke_feed(session, feed_id, by=the_account().id, now=current_time())
    flash(gettext("The link is revoked. Calendars that subscribed to it get nothing more."), "good")
    return redirect(url_for("feed_links.show_feeds"))


def _page(
    *, made: str = "", error: GeoServiceError | None = None, typed: dict[str, str] | None = None
) -> Response:
    with own_transaction() as session:
        feeds, teams = service.all_feeds(session), service.teams(session)
    page = render_template(
        "dispatch/feeds.html",
        feeds=feeds,
        teams=teams,
        made=made,
        problem=say(error.code, error.values) if error else "",
        typed=typed or {"team": "", "name": ""},
        longest_name=service.LONGEST_NAME,
    )
    return make_response(page, status_of(error) if error else 200)
