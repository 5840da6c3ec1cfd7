"""One's own tokens for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for

from geoservice.errors import BadRequest
from geoservice.services import tokens
from geoservice.web.deployment import current_time, open_transaction
from geoservice.web.identity import guard, the_account
from geoservice.web.texts import gettext
from geoservice.web.words import say

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

programs = Blueprint("programs", __name__, url_prefix="/account/programs")
guard(programs, None)

DAYS = (30, 90, 365, 1095)
USUAL_DAYS = 365


@programs.get("/")
def show_tokens() -> Response:
    """List one's tokens and offer to make one."""
    return _page()


@programs.post("/")
def make_token() -> Response:
    """Make a token and show it, this once."""
    name = request.form.get("name", "")
    try:
        with open_transaction() as session:
            made, row = tokens.make_token(
                session, the_account(), name, now=current_time(), days=_days(request.form.get("days", ""))
            )
            made_name = row.name
    except BadRequest as error:
        return _page(problem=say(error.code, error.values), typed=name[: tokens.LONGEST_NAME], status=400)
    return _page(made=(made_name, made))


@programs.post("/<int(max=2147483647):token_id>/revoke")
def revoke_token(token_id: int) -> AnyResponse:
    """End a token at once."""
    with open_transaction() as session:
        tokens.revoke_token(session, the_account(), token_id, now=current_time())
    flash(gettext("The token is revoked. The program that used it is let in no more."), "good")
    return redirect(url_for("programs.show_tokens"))


def _days(written: str) -> int:
    if not (written.isdecimal() and len(written) < 6):
        raise BadRequest("token_days")
    return int(written)


def _page(
    *, made: tuple[str, str] | None = None, problem: str = "", typed: str = "", status: int = 200
) -> Response:
    with open_transaction() as session:
        listed = tokens.tokens_of(session, the_account(), now=current_time())
    return make_response(
        render_template(
            "account/programs.html",
            tokens=listed,
            made=made,
            problem=problem,
            typed=typed,
            days=DAYS,
            usual_days=USUAL_DAYS,
            longest_name=tokens.LONGEST_NAME,
            site=request.host_url.rstrip("/"),
        ),
        status,
    )
