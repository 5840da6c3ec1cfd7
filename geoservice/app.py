"""The web application, put together from its parts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask

from geoservice.web import deployment
from geoservice.web.account import account, own
from geoservice.web.admin import admin
from geoservice.web.api import api
from geoservice.web.audit import audit
from geoservice.web.base_maps import attach_base_maps, base_maps
from geoservice.web.case_settings import case_settings
from geoservice.web.cases import cases
from geoservice.web.checklists import checklists
from geoservice.web.checks import checks
from geoservice.web.citizens import citizens
from geoservice.web.city_map import city_map
from geoservice.web.comparing import comparing
from geoservice.web.compression import attach_compression
from geoservice.web.contracts import contracts
from geoservice.web.deployment import system_clock
from geoservice.web.desk import desk
from geoservice.web.dispatch import dispatch
from geoservice.web.downloads import downloads
from geoservice.web.duty import duty
from geoservice.web.editing import editing
from geoservice.web.errors import attach_errors
from geoservice.web.evidence import evidence
from geoservice.web.feeds import feed_links, feeds
from geoservice.web.field import field
from geoservice.web.finding import finding
from geoservice.web.gis import gis
from geoservice.web.handling import handling
from geoservice.web.identity import attach_login
from geoservice.web.inspected import inspected
from geoservice.web.inspecting import inspecting
from geoservice.web.inspections import inspections
from geoservice.web.jobs import jobs
from geoservice.web.languages import attach_languages
from geoservice.web.leader import leader
from geoservice.web.live import live
from geoservice.web.machine import attach_machines, limit_wrong_tokens
from geoservice.web.measures import measures
from geoservice.web.offline import offline
from geoservice.web.ogc import ogc
from geoservice.web.on_the_way import on_the_way
from geoservice.web.orders import orders
from geoservice.web.orders_mine import my_orders
from geoservice.web.own_tracks import own_tracks
from geoservice.web.pages import attach_pages
from geoservice.web.patrol_requests import patrol_requests
from geoservice.web.patrols import patrols
from geoservice.web.photos import photos
from geoservice.web.plans import plans
from geoservice.web.positions import positions
from geoservice.web.programs import programs
from geoservice.web.reporting import reporting
from geoservice.web.reports import reports
from geoservice.web.security import limit_logins, protect
from geoservice.web.service import service
from geoservice.web.setup import setup
from geoservice.web.sharing import limit_openings, shared, sharing
from geoservice.web.sheets import sheets
from geoservice.web.snapshots import limit_snapshots, snapshots
from geoservice.web.static_files import attach_static_files
from geoservice.web.suggesting import suggesting
from geoservice.web.tasks import tasks
from geoservice.web.telling import telling
from geoservice.web.today import today
from geoservice.web.trends import trends

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from geoservice.config import Settings

STATIC = Path(__file__).resolve().parents[1] / "static"

BLUEPRINTS = (
    today,
    trends,
    finding,
    service,
    account,
    own,
    leader,
    comparing,
    dispatch,
    city_map,
    measures,
    duty,
    suggesting,
    plans,
    patrol_requests,
    patrols,
    live,
    setup,
    jobs,
    gis,
    desk,
    editing,
    checks,
    downloads,
    ogc,
    api,
    programs,
    admin,
    audit,
    field,
    offline,
    on_the_way,
    cases,
    case_settings,
    handling,
    telling,
    checklists,
    inspections,
    inspecting,
    inspected,
    evidence,
    photos,
    orders,
    my_orders,
    tasks,
    reports,
    reporting,
    contracts,
    citizens,
    snapshots,
    feeds,
    feed_links,
    own_tracks,
    positions,
    base_maps,
    sharing,
    shared,
    sheets,
)


def create_app(settings: Settings, *, clock: Callable[[], datetime] = system_clock, **config: Any) -> Flask:
    """Build the application of one deployment; `config` overrides Flask's own settings, for tests."""
    app = Flask("geoservice", static_folder=str(STATIC), static_url_path="/static")
    deployment.attach(app, settings, clock)
    attach_static_files(app)
    attach_compression(app)  # before everybody else, so that it is the last to touch an answer
    attach_login(app)  # first of all: how much a request may bring depends on who brings it
    csrf = protect(app, settings)
    app.config.update(config)
    attach_languages(app, settings)
    attach_pages(app, settings)
    attach_errors(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    csrf.exempt(positions)  # a device's token comes from no browser's session
    attach_machines(app, csrf, downloads, ogc, api)
    limiter = limit_logins(app, settings, "account.log_in")
    limit_wrong_tokens(app, settings, limiter)
    limit_snapshots(app, settings, limiter)
    attach_base_maps(app, settings)
    limit_openings(app, limiter)
    return app
