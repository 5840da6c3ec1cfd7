"""What leaders ask patrols to look at, as dispatchers see it: with one click it is in the next plan, or declined with a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from geoservice.domain.roles import Permission
from geoservice.services import patrol_requests as service
from geoservice.web.deployment import current_time, today
from geoservice.web.identity import guard, own_transaction, the_account
from geoservice.web.request_words import word_of_request, word_of_step
from geoservice.web.texts import gettext

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

patrol_requests = Blueprint("patrol_requests", __name__, url_prefix="/dispatch/requests")
guard(patrol_requests, Permission.PLAN)

REQUEST = "/<int(max=2147483647):request_id>"
AT_HOME = 5


@patrol_requests.get("/")
def show_requests() -> str:
    """List what leaders ask for: what waits first, then what came of the rest."""
    with own_transaction() as session:
        found = service.listed(session, now=current_time())
    return render_template(
        "dispatch/requests.html",
        requests=found,
        word_of_request=word_of_request,
        word_of_step=word_of_step,
        longest_note=service.LONGEST_NOTE,
    )


@patrol_requests.get("/waiting")
def show_waiting() -> str:
    """Show what waits for an answer: a piece of the dispatcher's home that asks for itself."""
    with own_transaction() as session:
        found = service.listed(session, now=current_time(), waiting_only=True)
    return render_template("dispatch/requests_waiting.html", requests=found, most=AT_HOME)


@patrol_requests.post(REQUEST + "/plan")
def put_in_plan(request_id: int) -> AnyResponse:
    """Want it in tomorrow's plan, and lead to where that plan is made."""
    with own_transaction() as session:
        service.put_in_plan(
            session, request_id, from_on=today() + timedelta(days=1), by=the_account().id, now=current_time()
        )
    flash(gettext("It is on the list for the next plan; whoever asked sees that."), "good")
    return redirect(url_for("plans.show_new"))


@patrol_requests.post(REQUEST + "/decline")
def decline(request_id: int) -> AnyResponse:
    """Say why no patrol will come."""
    with own_transaction() as session:
        service.decline(
            session, request_id, request.form.get("reason", ""), by=the_account().id, now=current_time()
        )
    flash(gettext("Declined; whoever asked reads your reason."))
    return redirect(url_for("patrol_requests.show_requests"))
