"""What is wrong with the ground: hierarchy, gaps and overlaps between siblings, points entered twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from geoservice.domain.roles import Permission
from geoservice.errors import BadRequest
from geoservice.maps.checks import CheckedZone, check_map
from geoservice.services import city
from geoservice.services.ground_checks.findings import CHECKS
from geoservice.services.ground_checks.remembering import remembered_report
from geoservice.services.ground_checks.snapping import apply_snap, fingerprint, propose_snap
from geoservice.store import check_rows
from geoservice.web.check_words import (
    fault_of,
    faults_of_snap,
    head_words,
    map_words,
    number,
    precise_area,
    square_metres,
)
from geoservice.web.deployment import current_settings, current_time, today
from geoservice.web.identity import guard, own_transaction, the_account
from geoservice.web.map_text import base_map, map_answer, static_address
from geoservice.web.paging import page_of
from geoservice.web.texts import current_locale, gettext, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.services.city import LevelName
    from geoservice.services.ground_checks.findings import Finding, GroundReport
    from geoservice.services.ground_checks.snapping import SnappedZone
    from geoservice.store.check_rows import ParentName

checks = Blueprint("checks", __name__, url_prefix="/gis/checks")
guard(checks, Permission.IMPORT)

MOST_ZONES = 12_000
"""A level with more zones is looked at below one zone at a time."""


@dataclass(frozen=True)
class Chosen:
    """What the address asks for: a level, perhaps the zone above, and the list that is shown."""

    levels: Sequence[LevelName]
    level: LevelName | None
    parents: Sequence[ParentName]
    parent_code: str | None
    check: str

    @property
    def is_too_much(self) -> bool:
        """Tell whether a zone above has to be chosen first."""
        return self.level is not None and self.parent_code is None and self.level.zone_count > MOST_ZONES

    @property
    def args(self) -> dict[str, Any]:
        """Return the part of an address that chooses the ground."""
        level = {"level": self.level.code} if self.level else {}
        return {**level, **({"parent": self.parent_code} if self.parent_code else {})}


@checks.get("/")
def show_checks() -> str:
    """List what is wrong with the zones of a level, one list at a time, with the counts of all."""
    with own_transaction() as session:
        chosen = _chosen(session)
        report = _report(session, chosen, CHECKS)
    shown = page_of(_all(report, chosen.check))
    return render_template(
        "gis/checks.html",
        chosen=chosen,
        report=report,
        result=next((one for one in report.results if one.check == chosen.check), None),
        faults=[fault_of(finding, shown.first + place) for place, finding in enumerate(shown.rows, start=1)],
        heads=head_words(),
        page=shown.number,
        pages=shown.pages,
        can_snap=chosen.check == "topology" and any(finding.can_snap for finding in _all(report, "topology")),
        tolerance_m=current_settings().snap_tolerance_m,
        has_pattern=bool(current_settings().zone_code_pattern),
        most_zones=MOST_ZONES,
    )


@checks.get("/map")
def show_map() -> Response:
    """Show the faults of one page of a list, a page of its own for the frame."""
    with own_transaction() as session:
        chosen = _chosen(session)
        report = _report(session, chosen, (chosen.check,))
        shown = page_of(_all(report, chosen.check))
        zones = _concerned(session, {zone_id for finding in shown.rows for zone_id in finding.zone_ids})
    faults = [fault_of(finding, shown.first + place) for place, finding in enumerate(shown.rows, start=1)]
    drawn = [fault.on_map for fault in faults if fault.on_map is not None]
    return map_answer(check_map(zones, drawn, map_words(), base_map(), static_address()))


@checks.get("/snap")
def show_snap() -> str:
    """Show what closing narrow gaps and overlaps would change, before it is done."""
    with own_transaction() as session:
        chosen = _chosen(session)
        proposed, tolerance = _proposed(session, chosen)
    shown = page_of(proposed)
    return render_template(
        "gis/checks_snap.html",
        chosen=chosen,
        rows=list(enumerate(shown.rows, start=shown.first + 1)),
        total=len(proposed),
        gained_m2=sum(max(zone.change_m2, 0.0) for zone in proposed),
        lost_m2=-sum(min(zone.change_m2, 0.0) for zone in proposed),
        farthest_m=max((zone.farthest_m for zone in proposed), default=0.0),
        seen=fingerprint(proposed),
        tolerance_m=tolerance,
        page=shown.number,
        pages=shown.pages,
        area=precise_area,
        square_metres=square_metres,
        number=number,
    )


@checks.get("/snap/map")
def show_snap_map() -> Response:
    """Show the zones as they are and the ground that would change hands, a page of its own for the frame."""
    with own_transaction() as session:
        chosen = _chosen(session)
        proposed, _ = _proposed(session, chosen)
    shown = page_of(proposed)
    zones = [CheckedZone(zone.zone_id, zone.code, zone.name, zone.before) for zone in shown.rows]
    words = map_words()
    changed = gettext("Ground that changes hands")
    words = replace(words, gap=changed, layer_gaps=changed, zone=gettext("Zone before"))
    return map_answer(
        check_map(zones, faults_of_snap(shown.rows, shown.first + 1), words, base_map(), static_address())
    )


@checks.post("/snap")
def snap() -> AnyResponse:
    """Give the zones the borders that were shown, if they are still the same."""
    with own_transaction() as session:
        chosen = _chosen(session)
        proposed, _ = _proposed(session, chosen)
        count = apply_snap(
            session,
            current_settings(),
            proposed,
            by=the_account().id,
            now=current_time(),
            seen=_given("seen"),
        )
    flash(ngettext("%(num)s zone has its new border.", "%(num)s zones have their new borders.", count))
    return redirect(url_for("checks.show_checks", check="topology", **chosen.args))


def _given(name: str) -> str:
    return str(request.values.get(name, "")).strip()


def _chosen(session: Session) -> Chosen:
    check = _given("check") or "topology"
    if check not in CHECKS:
        raise BadRequest("check_unknown", value=check[:40], checks=", ".join(CHECKS))
    levels = city.level_names(session, today(), locale=current_locale())
    level = city.choose_level(levels, _given("level") or None, most_zones=MOST_ZONES)
    parents = check_rows.parents_of(session, today(), level.code) if level else []
    return Chosen(levels, level, parents, _given("parent")[:100] or None, check)


def _report(session: Session, chosen: Chosen, only: Sequence[str]) -> GroundReport:
    """Check what is chosen; nothing where there is no zone, or too many for one page."""
    return remembered_report(
        session,
        current_settings(),
        today(),
        level=chosen.level.code if chosen.level else None,
        parent_code=chosen.parent_code,
        only=() if chosen.level is None or chosen.is_too_much else only,
    )


def _all(report: GroundReport, check: str) -> tuple[Finding, ...]:
    return next((one.findings for one in report.results if one.check == check), ())


def _concerned(session: Session, zone_ids: set[int]) -> list[CheckedZone]:
    borders = check_rows.borders_of(session, today(), sorted(zone_ids))
    return [CheckedZone(zone.zone_id, zone.code, zone.name, zone.geom) for zone in borders.values()]


def _proposed(session: Session, chosen: Chosen) -> tuple[list[SnappedZone], float]:
    """Propose new borders for what is chosen, with the tolerance that the address names."""
    tolerance = current_settings().snap_tolerance_m
    if given := _given("tolerance"):
        try:
            tolerance = float(given)
        except ValueError:
            raise BadRequest("snap_tolerance_unreadable", value=given[:20]) from None
    if chosen.level is None or chosen.is_too_much:
        return [], tolerance
    proposed = propose_snap(
        session,
        current_settings(),
        today(),
        chosen.level.code,
        parent_code=chosen.parent_code,
        tolerance_m=tolerance,
    )
    return proposed, tolerance
