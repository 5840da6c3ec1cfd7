"""Doors that programs come through: a token over Basic or as bearer, or a browser's session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, current_app, g, request

from geoservice.domain.roles import Permission, may
from geoservice.errors import NotAllowed
from geoservice.services import tokens
from geoservice.store.base import ask_at_once
from geoservice.web.deployment import current_settings, current_time
from geoservice.web.identity import LoginNeeded, current_account, visitor_now

if TYPE_CHECKING:
    from flask import Blueprint, Flask
    from flask_limiter import Limiter
    from flask_wtf.csrf import CSRFProtect

    from geoservice.config import Settings
    from geoservice.web.identity import Visitor

CHALLENGE = 'Basic realm="GeoService", charset="UTF-8"'
WRONG_TOKENS = "geoservice-wrong-tokens"


def guard_machine(blueprint: Blueprint, *permissions: Permission) -> None:
    """Put a guard at the blueprint's door: whoever holds one of the permissions enters, by token or session.

    A request with an Authorization header is judged by it alone: no cookie helps a wrong token.
    """

    def let_in() -> None:
        if request.authorization is not None:
            g.visitor = _visitor_of_token()
            if g.visitor is None:
                count_wrong_token()
        account = current_account()
        if account is None:
            raise LoginNeeded
        if not any(may(account.role, permission) for permission in permissions):
            raise NotAllowed

    blueprint.before_request(let_in)
    blueprint.after_request(_challenge)


def attach_machines(app: Flask, csrf: CSRFProtect, *blueprints: Blueprint) -> None:
    """Let programs write without a form's token: a token in a header comes from no other site's page."""

    def demand() -> None:
        if request.authorization is None:
            csrf.protect()

    for blueprint in blueprints:
        csrf.exempt(blueprint)
        app.before_request_funcs.setdefault(blueprint.name, []).append(demand)


def limit_wrong_tokens(app: Flask, settings: Settings, limiter: Limiter) -> None:
    """Allow as many requests with a wrong token an address as logins.

    A right one passes whatever came before from its address: it can't be guessed, and many programs share an office's.
    """
    limiter.request_filter(_is_right_report)
    count = limiter.shared_limit(settings.login_rate, scope="wrong-tokens")
    app.extensions[WRONG_TOKENS] = count(lambda: None)


def count_wrong_token() -> None:
    """Count a wrong token against the address it came from; raises TooManyRequests."""
    g.wrong_token = True
    current_app.extensions[WRONG_TOKENS]()


def _is_right_report() -> bool:
    """Tell whether nothing is to be counted: phones report so often that looking for limits of theirs is felt."""
    return request.blueprint == "positions" and not g.get("wrong_token")


def _visitor_of_token() -> Visitor | None:
    """Return whose token the header holds; over Basic the login has to be his."""
    header = request.authorization
    if header is None:
        return None
    secret = header.token if header.type == "bearer" else header.password
    if not secret or "\x00" in secret:
        return None
    account = ask_at_once(
        current_settings().database_url,
        lambda session: tokens.account_of_token(session, secret, now=current_time()),
    )
    if account is None or (
        header.type == "basic" and (header.username or "").lower() != account.login.lower()
    ):
        return None
    return visitor_now(account)


def _challenge(response: Response) -> Response:
    """Ask a program for its token; a script of our own pages gets no box of the browser's."""
    if response.status_code == 401 and "X-Requested-With" not in request.headers:
        response.headers["WWW-Authenticate"] = CHALLENGE
    return response
