"""The dispatcher's pages: zones by coverage, worst first, and the city's map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from geoservice.domain.roles import Permission
from geoservice.maps.ages import band_colours
from geoservice.services import city
from geoservice.store import jobs
from geoservice.web import words
from geoservice.web.city_page import show_map, show_map_frame
from geoservice.web.deployment import current_settings, today
from geoservice.web.identity import guard, own_transaction
from geoservice.web.paging import page_of
from geoservice.web.reader import the_reader
from geoservice.web.texts import current_locale
from geoservice.web.windows import PRESETS, chosen_window

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.store.jobs import JobStatus

dispatch = Blueprint("dispatch", __name__, url_prefix="/dispatch")
guard(dispatch, Permission.SEE_CITY)
dispatch.add_url_rule("/map", view_func=show_map)
dispatch.add_url_rule("/map/frame", view_func=show_map_frame)

COMPUTATIONS = ("cover", "gap_report")


@dispatch.get("/")
def show_zones() -> str:
    """List the zones of one level by coverage, worst first, with the sums of the whole scope."""
    chosen, wanted = chosen_window(), request.args.get("q", "").strip()[:64]
    with own_transaction() as session:
        table = city.city_table(
            session,
            current_settings(),
            today(),
            chosen.window,
            request.args.get("level"),
            locale=current_locale(),
        )
        job = _open_job(session)
    found = city.search(table.rows, wanted)
    shown = page_of(found)
    return render_template(
        "dispatch/zones.html",
        table=table,
        rows=shown.rows,
        found=len(found),
        page=shown.number,
        pages=shown.pages,
        first=shown.first,
        wanted=wanted,
        chosen=chosen,
        presets=PRESETS,
        job=job,
    )


@dispatch.get("/zones/<int(max=2147483647):zone_id>")
def show_zone(zone_id: int) -> str:
    """Show one zone: its coverage, its blind spots, what lies below it and who answers for it."""
    chosen = chosen_window()
    with own_transaction() as session:
        zone = city.zone_page(session, current_settings(), zone_id, the_reader(), chosen.window)
    return render_template(
        "dispatch/zone.html",
        zone=zone,
        chosen=chosen,
        presets=PRESETS,
        bands=words.words_of_bands(zone.ages.days) if zone.ages else (),
        band_colours=band_colours,
    )


def _open_job(session: Session) -> JobStatus | None:
    """Return the computation that is under way, the first asked for first, or the one the address names."""
    newest = [job for job in jobs.recent(session, 20) if job.kind in COMPUTATIONS]
    under_way = [job for job in newest if job.state in {"queued", "running"}]
    named = request.args.get("job", type=int)
    return under_way[-1] if under_way else next((job for job in newest if job.id == named), None)
