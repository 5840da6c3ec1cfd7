"""Maps to take away: as one offline file, as PNG and PDF, as a leader's sheet of A4, and all leaders' sheets by a job."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, redirect, render_template, request, url_for

from geoservice.domain.roles import Permission, may
from geoservice.errors import BadRequest, Conflict, NotAllowed
from geoservice.formats.figure_pdf import figure_pdf
from geoservice.formats.figure_png import draw_png
from geoservice.formats.sheet_pdf import sheets_pdf
from geoservice.jobs.queue import wake
from geoservice.jobs.sheets import FILE, KIND, ask_for_sheets
from geoservice.maps.inputs import inputs_sha256
from geoservice.maps.offline import offline_map
from geoservice.maps.values import LeaderArea
from geoservice.services import areas
from geoservice.services import sheets as service
from geoservice.services.exporting import keeping
from geoservice.services.leader_ground import scope_for
from geoservice.services.map_words import map_text
from geoservice.services.sheets import Asked
from geoservice.web.asked_area import admit_to_maps, asked_leader, asked_level, asked_show, city_ground
from geoservice.web.deployment import current_settings, current_time, open_transaction, today
from geoservice.web.identity import guard, own_transaction, the_account
from geoservice.web.job_pages import JOB, attach_job_pages, own_job
from geoservice.web.measure_words import written_here
from geoservice.web.reader import the_reader
from geoservice.web.sending import name_file
from geoservice.web.texts import current_locale
from geoservice.web.windows import chosen_window

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.formats.sheet_document import Sheet
    from geoservice.maps.values import CityArea
    from geoservice.services.written import Written
    from geoservice.store.scope import Scope

sheets = Blueprint("sheets", __name__, url_prefix="/sheets")
guard(sheets, None)
sheets.before_request(admit_to_maps)
attach_job_pages(sheets, f"/jobs/{JOB}", partial(own_job, KIND), "sheets/job.html", "sheets/job_box.html")

CITY_MM = (277.0, 170.0)


@sheets.get("/leader")
def show_sheet() -> str:
    """Show a leader's sheet as the page that is printed."""
    return render_template("sheets/sheet.html", sheet=_sheet(), args=_args())


@sheets.get("/leader.pdf")
def get_sheet() -> Response:
    """Send a leader's sheet as PDF."""
    sheet = _sheet()
    return _file(sheets_pdf([sheet], sheet.title, written_here().lang), "application/pdf", sheet.title, "pdf")


@sheets.get("/map.html")
def get_offline() -> Response:
    """Send the map as one file that opens without a server."""
    written = written_here()
    area, heading = _area(written)
    text = map_text(written, heading, written.word("Show all the ground"))
    lines = (
        _days(written),
        service.as_of_words(area, written),
        written.say("sheet_made", at=written.instant(current_time())),
        service.hash_words(area, written),
    )
    page = offline_map(area, text, heading, lines).encode("utf-8", "replace")
    return _file(page, "text/html; charset=utf-8", f"{heading} {_days(written)}", "html")


@sheets.get("/map.png")
def get_png() -> Response:
    """Send the map as an image; `?sheet=1`: as a leader's sheet shows it, to be shown in a page."""
    written = written_here()
    area, heading = _area(written)
    on_sheet = request.args.get("sheet") == "1" and isinstance(area, LeaderArea)
    numbers = service.numbers_of(area) if on_sheet and isinstance(area, LeaderArea) else None
    drawing = service.drawing_of(area, written, _size(area), numbers)
    image = draw_png(drawing, notes={"Title": heading, "Inputs-SHA-256": inputs_sha256(area)})
    return _file(image, "image/png", f"{heading} {_days(written)}", "png", inline=on_sheet)


@sheets.get("/map.pdf")
def get_pdf() -> Response:
    """Send the map alone as PDF."""
    written = written_here()
    area, heading = _area(written)
    title = f"{heading} · {_days(written)}"
    foot = f"{service.as_of_words(area, written)} · {service.hash_words(area, written)}"
    drawing = service.drawing_of(area, written, _size(area))
    return _file(figure_pdf(drawing, title, written.lang, foot), "application/pdf", title, "pdf")


@sheets.post("/all")
def ask_for_all() -> AnyResponse:
    """Ask for the sheets of all leaders in one PDF; a second click while the first waits is the same work."""
    _need_city()
    with own_transaction() as session:
        job_id = ask_for_sheets(session, dict(chosen_window().args), current_locale(), by=the_account().id)
    wake(current_settings(), [job_id])
    return redirect(url_for("sheets.show_job", job_id=job_id), 303)


@sheets.get(f"/jobs/{JOB}/file")
def get_file(job_id: int) -> Response:
    """Send the sheets that a job made to whoever asked for them, and nobody else."""
    job = own_job(KIND, job_id)
    if job.state != "done" or not job.result:
        raise Conflict("export_not_ready")
    path = keeping.kept_file(current_settings(), job_id, FILE)
    return _file(path.read_bytes(), "application/pdf", written_here().say("sheet_all_leaders"), "pdf")


def _need_city() -> None:
    if not may(the_account().role, Permission.SEE_CITY):
        raise NotAllowed


def _days(written: Written) -> str:
    return service.days_words(chosen_window().window, written)


def _leader_id() -> int | None:
    with open_transaction() as session:
        return asked_leader(session)


def _sheet() -> Sheet:
    leader_id = _leader_id()
    if leader_id is None:
        raise BadRequest("leader_unknown", leader="")
    asked = Asked(leader_id, chosen_window().window, today(), current_time(), written_here())
    with open_transaction(_scope_for(leader_id)) as session:
        return service.leader_sheet(session, current_settings(), asked)


def _scope_for(leader_id: int) -> Scope:
    with open_transaction() as session:
        return scope_for(session, the_account(), leader_id, today())


def _area(written: Written) -> tuple[LeaderArea | CityArea, str]:
    """Return what the address asks for, as its page would show it, and what it is called."""
    leader_id, settings, window = _leader_id(), current_settings(), chosen_window().window
    if leader_id is not None:
        with open_transaction(_scope_for(leader_id)) as session:
            area = areas.leader_area(session, settings, leader_id, window, the_reader())
        return area, written.say("sheet_leader", name=area.leader_name)
    show = asked_show()
    with own_transaction() as session:
        of_city = city_ground(session, window, asked_level(session, today())[1], show, the_reader())
    return of_city, of_city.name or written.say("sheet_coverage")


def _size(area: LeaderArea | CityArea) -> tuple[float, float]:
    return service.MAP_MM if isinstance(area, LeaderArea) else CITY_MM


def _args() -> dict[str, Any]:
    """Return the part of the address that other forms of the same sheet need."""
    code = request.args.get("leader", "")
    return {**chosen_window().args, **({"leader": code} if code else {})}


def _file(content: bytes, kind: str, name: str, ending: str, *, inline: bool = False) -> Response:
    """Send a map or a sheet under its name; `inline`: to be shown in a page."""
    answer = Response(content, content_type=kind)
    return name_file(answer, f"map.{ending}", f"{name}.{ending}", inline=inline)
