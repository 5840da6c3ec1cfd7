"""One search for everything: a page, and the piece of it that a box asks for while somebody types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request, url_for

from geoservice.domain.roles import PERMISSIONS, Permission, may
from geoservice.services import finding as service
from geoservice.web.deployment import current_settings, open_transaction, today
from geoservice.web.identity import guard, own_transaction, the_account
from geoservice.web.texts import current_locale, gettext
from geoservice.web.words import write_day

if TYPE_CHECKING:
    from geoservice.services.finding import Found

finding = Blueprint("finding", __name__, url_prefix="/find")
guard(finding, Permission.SEE_CITY)

LONGEST = 40


@finding.get("/")
def show_findings() -> str:
    """Show what is found by a word; only that, without a page around it, where a script asks."""
    wanted = request.args.get("q", "").strip()[:LONGEST]
    names = service.ground_names(current_settings(), today(), open_transaction)
    with own_transaction() as session:
        found = service.find(session, names, wanted, PERMISSIONS[the_account().role], locale=current_locale())
    return render_template(
        "finding/results.html" if "HX-Request" in request.headers else "finding/page.html",
        found=found,
        wanted=wanted,
        longest=LONGEST,
        total=sum(len(each.rows) for each in found),
        address=_address,
        beside=_beside,
        word_of_kind=_word_of_kind,
    )


def _address(one: Found) -> str:
    """Return the page that tells most about something."""
    match one.kind:
        case "zone":
            return url_for("dispatch.show_zone", zone_id=one.id)
        case "point":
            return url_for("measures.show_points", q=one.code)
        case "street":
            return url_for("duty.show_responsibility", q=one.code)
        case "patrol":
            return url_for("patrols.show_patrol", patrol_id=one.id)
        case "case":
            return url_for("cases.show_case", case_id=one.id)
    if may(the_account().role, Permission.RUN_CASES):
        return url_for("contracts.show_contracts", q=one.name)
    return url_for("duty.show_leaders")


def _beside(one: Found) -> str:
    parts = [one.code if one.name != one.code else "", write_day(one.on) if one.on else "", one.beside]
    return " · ".join(part for part in parts if part)


def _word_of_kind(kind: str) -> str:
    return {
        "zone": gettext("Zones"),
        "street": gettext("Streets"),
        "point": gettext("Points"),
        "leader": gettext("Leaders"),
        "patrol": gettext("Patrols"),
        "case": gettext("Cases"),
    }[kind]
