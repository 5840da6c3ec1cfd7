"""Ground handed over on a day: first the preview, then all of it or what is chosen, at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for

from geoservice.errors import BadRequest, Conflict
from geoservice.services import contract_words, contracting, handing_over, layers, told
from geoservice.services.handing_over import Wanted
from geoservice.web.contracts_door import (
    REFUSED,
    contracts,
    kind_words,
    last_day,
    need_whole_city,
    people_to_type,
    refused,
)
from geoservice.web.deployment import today
from geoservice.web.identity import own_transaction, the_account
from geoservice.web.texts import current_locale, gettext, ngettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.services.handing_over import HandOver


@contracts.get("/hand-over")
def show_hand_over() -> str | tuple[str, int]:
    """Ask who hands over to whom, and show what would be done once it is known."""
    need_whole_city()
    if not request.args.get("from"):
        return _page(None, None, request.args)
    try:
        with own_transaction() as session:
            found = handing_over.preview(session, _wanted(session, request.args))
    except REFUSED as error:
        problem, status = refused(error)
        return _page(None, problem, request.args), status
    return _page(found, None, request.args)


@contracts.post("/hand-over")
def hand_over() -> AnyResponse | tuple[str, int]:
    """Hand over what was chosen, unless it is no longer as it was shown."""
    need_whole_city()
    try:
        with own_transaction() as session:
            contracting.hold_contracts(session)
            wanted = _wanted(session, request.form)
            if handing_over.preview(session, wanted).digest != request.form.get("seen"):
                raise Conflict("hand_over_changed")
            chosen = frozenset(request.form.getlist("contract", type=int))
            if not chosen:
                raise BadRequest("field_needed", field=gettext("What is handed over"))
            done = handing_over.hand_over(session, replace(wanted, chosen=chosen), by=the_account().id)
    except REFUSED as error:
        problem, status = refused(error)
        return _page(None, problem, request.form), status
    count = len(done.moves)
    flash(ngettext("%(num)s contract is handed over.", "%(num)s contracts are handed over.", count), "good")
    return redirect(url_for("contracts.show_contracts", q=done.taker[1], on=done.on.isoformat()))


def _wanted(session: Session, words: Mapping[str, str]) -> Wanted:
    on = told.read_day(words.get("on", ""), "day")
    if on is None:
        raise BadRequest("field_needed", field="day")
    giver = contract_words.told_leader(session, words.get("from", ""))
    return Wanted(giver, contract_words.told_leader(session, words.get("to", "")), on)


def _page(found: HandOver | None, problem: str | None, words: Mapping[str, str]) -> str:
    with own_transaction() as session:
        named = people_to_type(session)
        roles = layers.role_names(session, current_locale())
    return render_template(
        "contracts/hand_over.html",
        found=found,
        problem=problem,
        words=words,
        people=named,
        roles=roles,
        kind_words=kind_words(),
        last_day=last_day,
        today=today(),
    )
