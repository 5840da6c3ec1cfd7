"""The import desk: drop files, see what they are, what they would do, then apply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from geoservice.domain.roles import Permission
from geoservice.errors import BadRequest, Conflict, GeoServiceError, InvalidFile
from geoservice.jobs.queue import wake
from geoservice.services import desk as service
from geoservice.store import jobs
from geoservice.web import desk_words
from geoservice.web.deployment import current_settings, current_time
from geoservice.web.desk_check import checked
from geoservice.web.desk_forms import known_names, offered, read_columns
from geoservice.web.desk_maps import draft_map, shapes_in
from geoservice.web.desk_uploads import remove_uploads, stream_to_disk, uploaded_files
from geoservice.web.errors import status_of
from geoservice.web.gis import only_by
from geoservice.web.identity import guard, own_transaction, the_account
from geoservice.web.texts import gettext
from geoservice.web.words import say

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session
    from werkzeug.exceptions import RequestEntityTooLarge
    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.services.desk import Draft
    from geoservice.store.jobs import JobStatus

desk = Blueprint("desk", __name__, url_prefix="/gis/import")
guard(desk, Permission.IMPORT)
desk.url_value_preprocessor(stream_to_disk)
desk.teardown_request(remove_uploads)

LISTED = 50
MB = 1024 * 1024
STEPS = {"look", "check"}
WITHOUT_TEMPLATE = frozenset({"tracks"})
DRAFT = "/<int(max=2147483647):draft_id>"

Answer = str | tuple[str, int]


@desk.get("")
def show_new() -> Answer:
    """Show where files are dropped, and what lies on the desk."""
    return _new_page()


@desk.post("")
def receive() -> Answer | AnyResponse:
    """Take files or a pasted list in, and ask for a look at them."""
    settings, by, now = current_settings(), the_account().id, current_time()
    text = request.form.get("text", "")
    try:
        with own_transaction() as session:
            if text.strip():
                draft_id = service.receive_text(session, settings, text, by=by, now=now)
            else:
                draft_id = service.receive(session, settings, uploaded_files("files"), by=by, now=now)
            job_id = service.ask(session, draft_id, "look", by=by)
    except (BadRequest, InvalidFile) as error:
        return _new_page(say(error.code, error.values), text), status_of(error)
    wake(settings, [job_id])
    return redirect(url_for("desk.show_draft", draft_id=draft_id), 303)


@desk.errorhandler(413)
def refuse_large(_error: RequestEntityTooLarge) -> Answer:
    """Say how large an upload may be; this happens before anybody is recognised."""
    most = current_settings().max_upload_mb
    code = "upload_too_large" if (request.content_length or 0) > most * MB else "paste_too_large"
    told = {"status": 413, "title": gettext("Too large"), "sentence": say(code, {"most": most})}
    return render_template("error.html", **told), 413


@desk.get(DRAFT)
def show_draft(draft_id: int) -> Answer:
    """Show the step a draft is at: what it is, what its columns hold, what it would do, or what it did."""
    return _draft_page(draft_id)


@desk.post(f"{DRAFT}/choose")
def choose(draft_id: int) -> Answer | AnyResponse:
    """Keep what was chosen, and ask for the step it leads to: another look, or a check."""
    wanted = request.form.get("then", "")
    if wanted not in STEPS | {""}:
        raise BadRequest
    by, job_id = the_account().id, None
    try:
        with own_transaction() as session:
            draft = _own_draft(session, draft_id)
            chosen = _chosen(draft)
            if chosen:
                service.choose(
                    session, current_settings(), draft_id, chosen, by=by, row_version=_row_version()
                )
                draft = _own_draft(session, draft_id)
            # Leaving the repaired rows out makes another import of it, which has to be checked.
            step = "check" if chosen.get("repairs") == "leave" else wanted
            if draft.state == "received":
                step = "look"
            if step:
                job_id = service.ask(session, draft_id, step, by=by, row_version=draft.row_version)
    except (BadRequest, Conflict) as error:
        return _draft_page(draft_id, error), status_of(error)
    return _leave(draft_id, job_id)


@desk.post(f"{DRAFT}/apply")
def apply(draft_id: int) -> Answer | AnyResponse:
    """Ask for the import that was checked."""
    try:
        with own_transaction() as session:
            _own_draft(session, draft_id)
            job_id = service.ask(session, draft_id, "apply", by=the_account().id, row_version=_row_version())
    except (BadRequest, Conflict) as error:
        return _draft_page(draft_id, error), status_of(error)
    return _leave(draft_id, job_id)


@desk.post(f"{DRAFT}/drop")
def drop(draft_id: int) -> Answer | AnyResponse:
    """Throw a draft away with its files."""
    try:
        with own_transaction() as session:
            _own_draft(session, draft_id)
            service.drop(session, current_settings(), draft_id, by=the_account().id)
    except Conflict as error:
        return _draft_page(draft_id, error), status_of(error)
    return redirect(url_for("desk.show_new"), 303)


@desk.get(f"{DRAFT}/map")
def show_map(draft_id: int) -> Response:
    """Show the map of what a draft would do, a page of its own for the frame."""
    with own_transaction() as session:
        _own_draft(session, draft_id)
        return draft_map(session, draft_id)


@desk.get(f"{DRAFT}/shapes")
def get_shapes(draft_id: int) -> dict[str, Any]:
    """Send the shapes of one view of that map as GeoJSON."""
    with own_transaction() as session:
        _own_draft(session, draft_id)
        return shapes_in(session, draft_id, request.args.get("bbox", ""))


@desk.context_processor
def words_of_the_desk() -> dict[str, Any]:
    """Give this area's templates its words."""
    return {"desk": desk_words, "has_page": current_app.view_functions.__contains__}


def _own_draft(session: Session, draft_id: int) -> Draft:
    return service.read_draft(session, draft_id, only_by=only_by())


def _row_version() -> int:
    version = request.form.get("row_version", "")
    if not (version.isdecimal() and len(version) < 10):
        raise BadRequest
    return int(version)


def _chosen(draft: Draft) -> dict[str, str]:
    """Return what the form says of a draft; a new kind leaves behind what only the old one asks."""
    form = request.form
    kind = form.get("kind") or draft.kind or (draft.seen.get("guess") or {}).get("kind") or ""
    if kind not in {"", *service.KINDS}:
        raise BadRequest("choice_impossible", choice="kind", value=kind[:80], known=", ".join(service.KINDS))
    known = known_names(kind)
    # Of a checkbox two values come: the hidden "no", then "yes" when it is ticked.
    chosen = {name: form.getlist(name)[-1].strip() for name in form if name in known}
    if form.get("other_crs", "").strip() and "crs" in known:
        chosen["crs"] = form["other_crs"].strip()
    read_columns(form, chosen, kind)
    if chosen and kind and draft.kind is None:
        chosen["kind"] = kind
    if chosen.get("kind", draft.kind) != draft.kind:
        chosen |= {name: "" for name in draft.choices if name not in known}
    return chosen


def _leave(draft_id: int, job_id: int | None) -> AnyResponse:
    if job_id is not None:
        wake(current_settings(), [job_id])
    return redirect(url_for("desk.show_draft", draft_id=draft_id), 303)


def _new_page(problem: str = "", text: str = "") -> str:
    settings = current_settings()
    with own_transaction() as session:
        found = service.drafts(session, only_by=only_by(), limit=LISTED)
    return render_template(
        "gis/desk_new.html",
        drafts=[draft for draft in found if draft.state != "applied"],
        problem=problem,
        text=text,
        most_mb=settings.max_upload_mb,
        most_bytes=settings.max_upload_mb * MB,
        kinds=[kind for kind in service.KINDS if kind not in WITHOUT_TEMPLATE],
    )


def _draft_page(draft_id: int, error: GeoServiceError | None = None) -> str:
    with own_transaction() as session:
        draft = _own_draft(session, draft_id)
        job = jobs.read(session, draft.job_id) if draft.job_id is not None else None
        step = _step(draft, job)
        shown = {
            "offered": offered(session, draft) if step in {"what", "columns"} else None,
            "checked": checked(session, draft) if step == "check" else None,
        }
    return render_template(
        f"gis/desk_{step}.html",
        draft=draft,
        job=job,
        step=step,
        problem=_sentence(draft, error) if error else "",
        title=_title(draft),
        **shown,
    )


def _sentence(draft: Draft, error: GeoServiceError) -> str:
    values = dict(error.values)
    if "choice" in values:
        values["choice"] = desk_words.word_of_choice(draft.kind or "", str(values["choice"]))
    return say(error.code, values)


def _step(draft: Draft, job: JobStatus | None) -> str:
    """Return what to show of a draft: the job that works on it, or the step that is next or asked for."""
    if job is not None and job.state in {"queued", "running"}:
        return "wait"
    if draft.state == "applied":
        return "done"
    if draft.state == "checked" and request.args.get("step") != "columns":
        return "check"
    return "what" if draft.state == "received" else "columns"


def _title(draft: Draft) -> str:
    names = [str(file["name"]) for file in draft.files]
    if not names:
        return gettext("Import")
    return (
        names[0]
        if len(names) == 1
        else gettext("%(name)s and %(number)s more", name=names[0], number=len(names) - 1)
    )
