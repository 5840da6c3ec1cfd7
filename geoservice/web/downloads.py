"""Files to take away: every list and layer in the format and CRS of choice; templates and refused rows for imports."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, send_file, url_for

from geoservice.domain.roles import PERMISSIONS, Permission, may
from geoservice.errors import Conflict, NotAllowed
from geoservice.formats.writing import MANNERS, Format, format_named
from geoservice.jobs.queue import wake
from geoservice.services import desk, exporting
from geoservice.services.exporting import Filters, Layer, Wanted, keeping
from geoservice.store import jobs as job_store
from geoservice.store.ground import read_deployment
from geoservice.web.deployment import current_settings, current_time, today
from geoservice.web.gis import only_by
from geoservice.web.identity import current_scope, own_transaction, the_account
from geoservice.web.job_pages import JOB, attach_job_pages, own_job
from geoservice.web.machine import guard_machine
from geoservice.web.sending import name_file
from geoservice.web.texts import current_locale
from geoservice.web.windows import PRESETS, chosen_window

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

KIND = "export"

downloads = Blueprint("downloads", __name__, url_prefix="/download")
guard_machine(downloads, Permission.SEE_CITY, Permission.SEE_OWN_GROUND)
attach_job_pages(
    downloads, f"/jobs/{JOB}", partial(own_job, KIND), "gis/downloads_job.html", "gis/downloads_box.html"
)

LANGUAGES = {"en": "en", "zh": "zh_Hans_CN", "zh_hans_cn": "zh_Hans_CN", "zh-cn": "zh_Hans_CN"}


@downloads.get("/")
def show_downloads() -> str:
    """List what can be taken away, by layer and format, for the days and coordinates chosen."""
    chosen, account = chosen_window(), the_account()
    with own_transaction() as session:
        deployment = read_deployment(session)
        metric_epsg = deployment.metric_epsg if deployment else None
    layers = exporting.layers_for(PERMISSIONS[account.role], everything=current_scope().everything)
    return render_template(
        "gis/downloads.html",
        layers=[layer for layer in layers if layer.name != "import_problems"],
        formats_of=exporting.formats_of,
        metric_epsg=metric_epsg,
        crs=request.args.get("crs", "4326")[:10],
        zone=request.args.get("zone", "").strip()[:100],
        templates=list(exporting.TEMPLATES) if may(account.role, Permission.IMPORT) else [],
        on=request.args.get("on", "")[:10],
        today=today(),
        chosen=chosen,
        presets=PRESETS,
    )


@downloads.get("/<string:layer>.<string:ext>")
def get_layer(layer: str, ext: str) -> AnyResponse:
    """Send a layer as a file; a large one is made in the background, and its page shown instead."""
    found = _layer(layer)
    wanted = Wanted(found.name, format_named(ext), request.args.get("crs") or "4326", _filters(), _language())
    settings, now = current_settings(), current_time()
    with own_transaction() as session:
        if exporting.is_large(session, settings, wanted, now):
            job_id = _ask(session, wanted)
        else:
            with keeping.passing_folder(settings) as folder:
                path = exporting.export(session, settings, wanted, folder, now=now)
                return _send(path, wanted.format, found)
    wake(settings, [job_id])
    return redirect(url_for("downloads.show_job", job_id=job_id), 303)


@downloads.get("/template/<string:kind>.xlsx")
def get_template(kind: str) -> Response:
    """Send the workbook to fill in for a kind of import."""
    _need(Permission.IMPORT)
    settings = current_settings()
    with keeping.passing_folder(settings) as folder:
        with own_transaction() as session:
            path = exporting.make_template(session, settings, kind, folder, _language(), now=current_time())
        return _send(path, Format.XLSX)


@downloads.get("/problems/<int(max=999999999):batch_id>.xlsx")
def get_problems(batch_id: int) -> Response:
    """Send what one import refused and repaired, as a table."""
    found = _layer("import_problems")
    wanted = Wanted(found.name, Format.XLSX, filters=Filters(batch=batch_id), locale=_language())
    settings = current_settings()
    with keeping.passing_folder(settings) as folder:
        with own_transaction() as session:
            path = exporting.export(session, settings, wanted, folder, now=current_time())
        return _send(path, Format.XLSX, found)


@downloads.get("/rejects/<int(max=2147483647):draft_id>.xlsx")
def get_rejects(draft_id: int) -> Response:
    """Send back the rows of a draft that an import would refuse or repair, each with what to do; `?all=1`: every row."""
    _need(Permission.IMPORT)
    settings = current_settings()
    with keeping.passing_folder(settings) as folder:
        with own_transaction() as session:
            draft = desk.read_draft(session, draft_id, only_by=only_by())
            path = exporting.draft_rejects(
                session, settings, draft, folder, _language(), all_rows=request.args.get("all") == "1"
            )
        return _send(path, Format.XLSX)


@downloads.get(f"/jobs/{JOB}/file")
def get_file(job_id: int) -> Response:
    """Send the file that a job made for whoever asked for it, and nobody else."""
    job = own_job(KIND, job_id)
    if job.state != "done" or not job.result:
        raise Conflict("export_not_ready")
    path = keeping.kept_file(current_settings(), job_id, Path(job.result["file"]).name)
    return _send(path, format_named(job.args["format"]), exporting.layer_named(job.args["layer"]))


def _layer(name: str) -> Layer:
    layer = exporting.layer_named(name)
    permissions = PERMISSIONS[the_account().role]
    if not exporting.may_have(layer, permissions, everything=current_scope().everything):
        raise NotAllowed("export_whole_city" if layer.whole_city else None)
    return layer


def _need(permission: Permission) -> None:
    if not may(the_account().role, permission):
        raise NotAllowed


def _filters() -> Filters:
    """Return which part the address asks for; its days as every page reads them."""
    named = {name: value for name, value in request.args.items() if name not in {"from", "to", "period"}}
    return replace(exporting.filters_from(named), window=chosen_window().window)


def _language() -> str:
    return LANGUAGES.get(request.args.get("lang", "").lower(), current_locale())


def _ask(session: Any, wanted: Wanted) -> int:
    """Ask for a file; a second click while the first waits is the same work."""
    by = the_account().id
    args = {**wanted.args, "by": by}
    key = f"export {json.dumps(args, sort_keys=True, ensure_ascii=False)}"
    return job_store.ask(session, KIND, args, dedupe_key=key, by=by)


def _send(path: Path, kind: Format, layer: Layer | None = None) -> Response:
    """Send a file that may be removed as soon as this returns: it is open, and Linux keeps what is open."""
    stream = path.open("rb")
    answer = send_file(stream, mimetype="application/octet-stream", conditional=False, etag=False)
    answer.content_type = MANNERS[kind].content_type  # as a mimetype it would get a second charset
    answer.content_length = path.stat().st_size
    name = path.name
    if layer is not None and _language() != "en":
        name = name.replace(layer.name, layer.zh, 1)
    return name_file(answer, path.name, name)
