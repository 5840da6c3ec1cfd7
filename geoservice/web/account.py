"""The public door: log in, log out, change language or password."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import refresh

from geoservice.errors import BadRequest
from geoservice.services import accounts
from geoservice.services.accounts import LOCALES
from geoservice.web.deployment import current_settings, current_time, open_transaction
from geoservice.web.identity import begin_session, current_account, end_session, guard, home_of, the_account
from geoservice.web.texts import gettext
from geoservice.web.words import say

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

account = Blueprint("account", __name__)
own = Blueprint("own", __name__, url_prefix="/account")
guard(own, None)

YEAR_S = 365 * 24 * 3600


@account.get("/")
def go_home() -> Response:
    """Send everybody to where his work begins."""
    visitor = current_account()
    return redirect(home_of(visitor) if visitor else url_for("account.show_login"))


@account.get("/login")
def show_login() -> str | Response:
    """Ask for login and password; in demo mode show the demo's."""
    visitor = current_account()
    if visitor:
        return redirect(home_of(visitor))
    return _login_page()


@account.post("/login")
def log_in() -> str | Response | tuple[str, int]:
    """Let somebody in, or say no without saying why."""
    login, password = request.form.get("login", "").strip(), request.form.get("password", "")
    with open_transaction() as opened:
        known = accounts.log_in(opened, current_settings(), login, password, now=current_time())
    if known is None:
        return _login_page(failed=login), 401
    begin_session(known)
    return redirect(_safe_next(request.form.get("next", "")) or home_of(known))


@account.post("/logout")
def log_out() -> Response:
    """End the session."""
    visitor = current_account()
    if visitor:
        with open_transaction() as opened:
            accounts.log_out(opened, visitor)
    end_session()
    return redirect(url_for("account.show_login"))


@account.post("/language")
def choose_language() -> Response:
    """Change the language, for this visitor and, once logged in, for good."""
    locale = request.form.get("locale", "")
    if locale not in LOCALES:
        raise BadRequest("unknown_language", locale=locale)
    visitor = current_account()
    if visitor:
        with open_transaction() as opened:
            accounts.set_locale(opened, visitor.id, locale)
    session["locale"] = locale
    answer = make_response(redirect(_safe_next(request.form.get("next", "")) or url_for("account.go_home")))
    answer.set_cookie(
        "locale",
        locale,
        max_age=YEAR_S,
        httponly=True,
        samesite="Lax",
        secure=current_settings().secure_cookies,
    )
    return answer


@own.get("/password")
def show_password() -> str:
    """Show the form for a new password."""
    return render_template("account/password.html", problem=None)


@own.post("/password")
def change_password() -> str | Response | tuple[str, int]:
    """Change one's password; every other session of this user ends."""
    form = request.form
    try:
        if form.get("new", "") != form.get("again", ""):
            raise BadRequest("passwords_differ")
        with open_transaction() as opened:
            changed = accounts.change_password(
                opened, the_account().id, form.get("old", ""), form.get("new", "")
            )
    except BadRequest as error:
        return render_template("account/password.html", problem=say(error.code, error.values)), 400
    begin_session(changed)
    refresh()
    flash(gettext("Your password is changed. Other sessions of yours have ended."), "good")
    return redirect(home_of(changed))


def _login_page(failed: str | None = None) -> str:
    settings = current_settings()
    demo = []
    if settings.demo_mode:
        with open_transaction() as opened:
            demo = accounts.demo_logins(opened, settings)
    return render_template(
        "account/login.html",
        failed=failed,
        demo=demo,
        next=_safe_next(request.values.get("next", "")),
        lock_minutes=settings.login_lock_minutes,
    )


def _safe_next(target: str) -> str:
    """Return `target` when it is a path of this site, else nothing: a login must not lead elsewhere."""
    parts = urlsplit(target.replace("\\", "/"))
    is_own_path = (
        not parts.scheme and not parts.netloc and parts.path.startswith("/") and not target.startswith("//")
    )
    return target if is_own_path and target.isprintable() else ""
