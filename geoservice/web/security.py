"""What every answer carries, and what no request may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from geoservice.errors import BadRequest
from geoservice.web.deployment import current_settings
from geoservice.web.identity import current_account

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.wrappers import Response

    from geoservice.config import Settings

FORM_BYTES = 1024 * 1024
UPLOADS = frozenset(
    {
        "desk.receive",
        "editing.save_changes",
        "own_tracks.receive",
        "cases.report",
        "cases.act",
        "handling.act",
        "telling.report",
        "telling.act",
        "field.check_in",
        "on_the_way.report",
        "inspecting.save",
        "inspecting.add_photos",
        "checklists.receive",
    }
)
"""Endpoints that take files, up to `settings.max_upload_mb`; every other form ends at FORM_BYTES."""

PUBLIC_UPLOADS = frozenset({"snapshots.send"})
PUBLIC_BYTES = 32 * 1024 * 1024
"""What strangers may send with a few photos, to endpoints that are open to them."""

# No inline script and no inline style, so no nonce either: pages load files of ours, and frames of ours.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "frame-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)

FRAMED_ELSEWHERE = "shared"
"""The blueprint whose pages other sites may frame: the policy of each says which, for which the older header has no words."""


def protect(app: Flask, settings: Settings) -> CSRFProtect:
    """Set cookies, limits, CSRF and headers; return what checks forms."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_NAME="geoservice",
        MAX_CONTENT_LENGTH=settings.max_upload_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,  # the session's own end is the limit
        WTF_CSRF_SSL_STRICT=False,  # behind a proxy the scheme seen here may be http
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.before_request(_refuse_unreadable)
    csrf = CSRFProtect(app)
    app.after_request(_set_headers)
    return csrf


def limit_logins(app: Flask, settings: Settings, endpoint: str) -> Limiter:
    """Allow so many logins an address; counted in Redis, or in this process while Redis is away. Return what counts."""
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=_limiter_storage(settings.redis_url),
        storage_options={"socket_timeout": 1, "socket_connect_timeout": 1},
        key_prefix="geoservice",
        in_memory_fallback_enabled=True,
        swallow_errors=True,
        headers_enabled=False,
    )
    app.view_functions[endpoint] = limiter.limit(settings.login_rate)(app.view_functions[endpoint])
    return limiter


def _limiter_storage(redis_url: str) -> str:
    return f"redis+{redis_url}" if redis_url.startswith("unix://") else redis_url


def _refuse_unreadable() -> None:
    """Refuse a form larger than any of ours, and text that PostgreSQL can't hold.

    Whoever is not known yet uploads nothing: a form is read before any door, for its token.
    """
    if request.endpoint in PUBLIC_UPLOADS and current_settings().citizen_reports:
        request.max_content_length = PUBLIC_BYTES
    elif request.endpoint not in UPLOADS or current_account() is None:
        request.max_content_length = FORM_BYTES
    texts = [request.path, *request.args.keys(), *request.args.values()]
    if request.method == "POST":
        texts += [*request.form.keys(), *request.form.values()]
    if any("\x00" in text for text in texts):
        raise BadRequest("unreadable_text")


def _set_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    if request.blueprint != FRAMED_ELSEWHERE:
        headers.setdefault("X-Frame-Options", "SAMEORIGIN")
    if request.is_secure:
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(), microphone=()")
    headers.setdefault("Cache-Control", "no-store")
    return response
