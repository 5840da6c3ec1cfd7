"""Plans: what is due, asking for patrols, looking at them, changing them, publishing them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from geoservice.domain.roles import Permission
from geoservice.errors import BadRequest, Conflict, GeoServiceError, NotFound
from geoservice.jobs.queue import wake
from geoservice.services import planning as service
from geoservice.services.planning.asking import started
from geoservice.services.planning.streets import ask_streets
from geoservice.store import jobs as job_rows
from geoservice.web import plan_words, words
from geoservice.web.deployment import current_settings, current_time
from geoservice.web.errors import status_of
from geoservice.web.identity import guard, own_transaction, the_account
from geoservice.web.plans_board import Missed, board_of, names_of
from geoservice.web.plans_forms import (
    SECONDS,
    change_of,
    choices,
    kept_of,
    streets_wish_of,
    typed_form,
    version_of,
    wanted_of,
    wish_of,
)
from geoservice.web.plans_maps import answer_map, shapes_of
from geoservice.web.texts import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.services.planning import PlanView
    from geoservice.store.jobs import JobStatus
    from geoservice.web.plans_board import Board

plans = Blueprint("plans", __name__, url_prefix="/dispatch/plans")
guard(plans, Permission.PLAN)

JOBS = {"points": "solve_plan", "streets": "plan_streets"}
LISTED = 50
DUE_LISTED = 200
PLAN = "/<int(max=2147483647):plan_id>"


@plans.get("/")
def show_plans() -> str:
    """List the newest plans, and what is wanted in the next one."""
    with own_transaction() as session:
        found = service.recent(session, LISTED)
        wanted = service.wanted(session, current_settings(), now=current_time())
    return render_template("dispatch/plans.html", plans=found, wanted=wanted, plan=plan_words)


@plans.get("/new")
def show_new() -> str:
    """Show what a plan can be made of."""
    return _new_page(typed_form(request.args))


@plans.get("/due")
def show_due() -> str:
    """Show what the form as it stands would plan, and how much work that is: a piece of the page, asked for again and again."""
    try:
        wish = wish_of(typed_form(request.args))
        with own_transaction() as session:
            due, problem = service.due(session, current_settings(), wish, now=current_time()), ""
    except (BadRequest, NotFound) as error:
        due, problem = None, words.say(error.code, error.values)
    return render_template(
        "dispatch/plan_due.html", due=due, problem=problem, most=DUE_LISTED, plan=plan_words
    )


@plans.post("/")
def ask() -> tuple[str, int] | AnyResponse:
    """Ask for a plan, which a worker solves; what can't be asked is said beside the form."""
    typed = typed_form(request.form)
    try:
        with own_transaction() as session:
            asked = _asked(session, typed)
            job_id = _ask_job(session, asked, {})
    except (BadRequest, NotFound) as error:
        return _new_page(typed, error), status_of(error)
    wake(current_settings(), [job_id])
    return redirect(url_for("plans.show_plan", plan_id=asked.id))


@plans.get(PLAN)
def show_plan(plan_id: int) -> str:
    """Show a plan: routes on a map, timetables side by side, what was left out; htmx gets the board alone."""
    with own_transaction() as session:
        return _plan_page(session, _board(service.read(session, plan_id), request.args))


@plans.get(PLAN + "/map")
def show_map(plan_id: int) -> Response:
    """Show the map of a plan, a page of its own for the frame."""
    with own_transaction() as session:
        return answer_map(session, _board(service.read(session, plan_id), request.args))


@plans.get(PLAN + "/shapes")
def get_shapes(plan_id: int) -> dict[str, Any]:
    """Send what the map draws, after the plan was changed in the page around it."""
    with own_transaction() as session:
        return shapes_of(_board(service.read(session, plan_id), request.args))


@plans.post(PLAN + "/change")
def change(plan_id: int) -> AnyResponse | str | tuple[str, int]:
    """Change a plan by hand; somebody else's change in between is shown, and this one offered again."""
    form = request.form
    asked, version = change_of(form)
    try:
        with own_transaction() as session:
            view = _changed(session, plan_id, asked, version)
    except (Conflict, BadRequest, NotFound) as error:
        return _refused(plan_id, error, asked)
    if "HX-Request" not in request.headers:
        return redirect(url_for("plans.show_plan", plan_id=plan_id, **kept_of(form)))
    return render_template("dispatch/plan_board.html", board=_board(view, form), plan=plan_words)


@plans.post(PLAN + "/resolve")
def resolve(plan_id: int) -> AnyResponse | tuple[str, int]:
    """Have the rest worked out again; pinned stops and locked patrols stay."""
    by, now, version = the_account().id, current_time(), version_of(request.form)
    args: dict[str, Any] = {}
    try:
        with own_transaction() as session:
            view = service.read(session, plan_id)
            if view.newest:
                service.resolve(session, current_settings(), plan_id, version=version, by=by, now=now)
                args["version"] = version
            job_id = _ask_job(session, view, args)
    except (Conflict, BadRequest) as error:
        return _refused(plan_id, error, {"do": "resolve"})
    wake(current_settings(), [job_id])
    return redirect(url_for("plans.show_plan", plan_id=plan_id, **kept_of(request.form)))


@plans.post(PLAN + "/publish")
def publish(plan_id: int) -> AnyResponse | tuple[str, int]:
    """Give the patrols to their teams."""
    return _send_out(plan_id, "publish")


@plans.post(PLAN + "/withdraw")
def withdraw(plan_id: int) -> AnyResponse | tuple[str, int]:
    """Take back the patrols that nobody has started."""
    return _send_out(plan_id, "withdraw")


@plans.get("/compare")
def show_comparison() -> str:
    """Show two plans side by side; the form alone until two are named."""
    one, other = request.args.get("one", type=int), request.args.get("other", type=int)
    found, problem = None, ""
    with own_transaction() as session:
        listed = [plan for plan in service.recent(session, LISTED) if plan.version]
        if one and other:
            try:
                found = service.compare(session, current_settings(), one, other)
            except (BadRequest, NotFound) as error:
                problem = words.say(error.code, error.values)
    return render_template(
        "dispatch/plan_compare.html",
        plans=listed,
        one=one,
        other=other,
        found=found,
        problem=problem,
        plan=plan_words,
        write=words,
    )


@plans.post("/wanted")
def want() -> AnyResponse | str:
    """Put a point, a street or a blind spot on the list for tomorrow's plan; twice is once."""
    asked = wanted_of(request.form)
    with own_transaction() as session:
        service.want(session, **asked, by=the_account().id, now=current_time())
    if "HX-Request" in request.headers:
        return render_template("dispatch/plan_wanted_note.html")
    flash(gettext("It will be in the next plan from %(day)s on.", day=words.write_day(asked["from_on"])))
    return redirect(url_for("plans.show_plans", _anchor="wanted"))


@plans.post("/wanted/<int(max=2147483647):wanted_id>/drop")
def drop_wanted(wanted_id: int) -> AnyResponse:
    """Want it no more."""
    with own_transaction() as session:
        service.drop_wanted(session, wanted_id, by=the_account().id, now=current_time())
    flash(gettext("It is no longer wanted."))
    return redirect(url_for("plans.show_plans", _anchor="wanted"))


def _new_page(typed: Mapping[str, Any], error: GeoServiceError | None = None) -> str:
    with own_transaction() as session:
        known = choices(session)
        earlier = [plan for plan in service.recent(session, LISTED) if plan.version]
    return render_template(
        "dispatch/plan_new.html",
        typed=typed,
        choices=known,
        earlier=earlier,
        seconds=SECONDS,
        problem=words.say(error.code, error.values) if error else "",
        plan=plan_words,
    )


def _asked(session: Session, typed: Mapping[str, Any]) -> PlanView:
    """Keep what a form asks for as a plan: of stops, or of every street of a zone."""
    by, now = the_account().id, current_time()
    if request.form.get("kind") == "streets":
        return ask_streets(session, streets_wish_of(typed), by=by, now=now)
    return service.ask(session, current_settings(), wish_of(typed), by=by, now=now)


def _ask_job(session: Session, view: PlanView, args: Mapping[str, Any]) -> int:
    by, kind = the_account().id, JOBS[view.kind]
    asked = {"plan": view.id, "by": by, **args}
    job_id = job_rows.ask(session, kind, asked, dedupe_key=f"{kind} {view.id}", by=by)
    started(session, view.id, job_id)
    return job_id


def _job_of(session: Session, view: PlanView) -> JobStatus | None:
    """Return the job that works the plan out, while it is under way or when it ended without a plan."""
    if view.job_id is None:
        return None
    try:
        job = job_rows.read(session, view.job_id)
    except NotFound:  # jobs are cleared away after a while
        return None
    return job if job.state != "done" else None


def _board(view: PlanView, asked: Mapping[str, str], missed: Missed | None = None) -> Board:
    return board_of(view, on=asked.get("on", "")[:10], stop=asked.get("open", "")[:200], missed=missed)


def _plan_page(session: Session, board: Board) -> str:
    template = "plan_board" if "HX-Request" in request.headers else "plan"
    job = _job_of(session, board.view)
    return render_template(f"dispatch/{template}.html", board=board, job=job, plan=plan_words)


def _changed(session: Session, plan_id: int, asked: Mapping[str, Any], version: int) -> PlanView:
    by, now = the_account().id, current_time()
    if asked["do"] == "undo":
        return service.undo(session, plan_id, version=version, by=by, now=now)
    if asked["do"] == "redo":
        return service.redo(session, plan_id, version=version, by=by, now=now)
    return service.change(session, current_settings(), plan_id, asked, version=version, by=by, now=now)


def _refused(plan_id: int, error: GeoServiceError, asked: Mapping[str, Any]) -> tuple[str, int]:
    """Show the plan as it is now, why the change was not made, and for a change that came too late the same again."""
    with own_transaction() as session:
        view = service.read(session, plan_id)
        missed = Missed(
            sentence=words.say(error.code, error.values),
            told=plan_words.word_of_change(asked, names_of(view.content)),
            fields={name: str(value) for name, value in asked.items()},
            again=isinstance(error, Conflict) and asked["do"] not in {"undo", "redo"},
        )
        return _plan_page(session, _board(view, request.form, missed)), status_of(error)


def _send_out(plan_id: int, do: str) -> AnyResponse | tuple[str, int]:
    act = service.publish if do == "publish" else service.withdraw
    by, now, version = the_account().id, current_time(), version_of(request.form)
    try:
        with own_transaction() as session:
            done = act(session, current_settings(), plan_id, version=version, by=by, now=now)
    except (Conflict, BadRequest) as error:
        return _refused(plan_id, error, {"do": do})
    for told, shown_as in plan_words.words_of_sending(done):
        flash(told, shown_as)
    return redirect(url_for("plans.show_plan", plan_id=plan_id, **kept_of(request.form)))
