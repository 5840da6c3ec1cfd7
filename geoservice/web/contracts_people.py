"""Who there is to answer: deputies during absence, departments with their people, and the roles of contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for

from geoservice.errors import BadRequest
from geoservice.services import contract_words, deputies, organisation, told
from geoservice.services.deputies import NewDeputy
from geoservice.store import deputy_rows
from geoservice.web.contracts_door import (
    LARGEST_ID,
    REFUSED,
    contracts,
    last_day,
    need_whole_city,
    people_to_type,
    refused,
    typed,
)
from geoservice.web.deployment import today
from geoservice.web.identity import own_transaction, the_account
from geoservice.web.texts import gettext

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response as AnyResponse

PERSON = ("code", "name", "title", "phone", "department_id")


@contracts.get("/deputies")
def show_deputies() -> str:
    """List who stands in for whom, with a form for a new deputy."""
    need_whole_city()
    return _deputies(None)


@contracts.post("/deputies")
def add_deputy() -> AnyResponse | tuple[str, int]:
    """Let somebody stand in for a leader."""
    return _write("contracts.show_deputies", _deputies, _add_deputy)


@contracts.post(f"/deputies/<int(max={LARGEST_ID}):deputy_id>/end")
def end_deputy(deputy_id: int) -> AnyResponse | tuple[str, int]:
    """Let somebody stand in no longer than until today; who has not begun does not begin."""

    def end(session: Session) -> None:
        deputies.end_deputy(session, deputy_id, today(), by=the_account().id)

    return _write("contracts.show_deputies", _deputies, end)


@contracts.get("/departments")
def show_departments() -> str:
    """List the departments with their leaders and handlers, and forms to change them."""
    need_whole_city()
    return _departments(None)


@contracts.post("/departments")
def add_department() -> AnyResponse | tuple[str, int]:
    """Add a department."""

    def add(session: Session) -> None:
        form = request.form
        organisation.add_department(session, form.get("code", ""), form.get("name", ""), by=the_account().id)

    return _write("contracts.show_departments", _departments, add)


@contracts.post(f"/departments/<int(max={LARGEST_ID}):department_id>")
def save_department(department_id: int) -> AnyResponse | tuple[str, int]:
    """Let a department be called otherwise."""

    def rename(session: Session) -> None:
        organisation.rename_department(
            session, department_id, request.form.get("name", ""), by=the_account().id
        )

    return _write("contracts.show_departments", _departments, rename)


@contracts.post("/people")
def add_person() -> AnyResponse | tuple[str, int]:
    """Add somebody who may contract ground."""

    def add(session: Session) -> None:
        organisation.add_leader(session, typed(PERSON), by=the_account().id)

    return _write("contracts.show_departments", _departments, add)


@contracts.post(f"/people/<int(max={LARGEST_ID}):person_id>")
def save_person(person_id: int) -> AnyResponse | tuple[str, int]:
    """Set a leader's name, post, telephone number and department."""

    def save(session: Session) -> None:
        organisation.change_leader(session, person_id, typed(PERSON), by=the_account().id)

    return _write("contracts.show_departments", _departments, save)


@contracts.get("/roles")
def show_roles() -> str:
    """List the roles in which ground is contracted, with forms to change them."""
    need_whole_city()
    return _roles(None)


@contracts.post("/roles")
def add_role() -> AnyResponse | tuple[str, int]:
    """Add a role."""

    def add(session: Session) -> None:
        form = request.form
        names = (form.get("name_zh", ""), form.get("name_en", ""))
        organisation.add_role(session, form.get("code", ""), *names, by=the_account().id)

    return _write("contracts.show_roles", _roles, add)


@contracts.post("/roles/<string(maxlength=64):code>")
def save_role(code: str) -> AnyResponse | tuple[str, int]:
    """Let a role be called otherwise."""

    def rename(session: Session) -> None:
        names = (request.form.get("name_zh", ""), request.form.get("name_en", ""))
        organisation.rename_role(session, code, *names, by=the_account().id)

    return _write("contracts.show_roles", _roles, rename)


@contracts.post("/roles/<string(maxlength=64):code>/remove")
def remove_role(code: str) -> AnyResponse | tuple[str, int]:
    """Remove a role that nobody holds."""

    def remove(session: Session) -> None:
        organisation.remove_role(session, code, by=the_account().id)

    return _write("contracts.show_roles", _roles, remove)


def _write(
    endpoint: str, page: Callable[[str | None], str], work: Callable[[Session], None]
) -> AnyResponse | tuple[str, int]:
    """Do what a form asks for and go back to its page; refused, show the page with the reason and what was typed."""
    need_whole_city()
    try:
        with own_transaction() as session:
            work(session)
    except REFUSED as error:
        problem, status = refused(error)
        return page(problem), status
    flash(gettext("Saved."), "good")
    return redirect(url_for(endpoint))


def _add_deputy(session: Session) -> None:
    form = request.form
    first = told.read_day(form.get("first_on", ""), "first_on")
    last = told.read_day(form.get("last_on", ""), "last_on")
    if first is None or last is None:
        raise BadRequest("field_needed", field="last_on" if first else "first_on")
    new = NewDeputy(
        contract_words.told_leader(session, form.get("leader", "")),
        contract_words.told_leader(session, form.get("deputy", "")),
        first,
        last,
        form.get("reason", ""),
    )
    deputies.add_deputy(session, new, by=the_account().id)


def _deputies(problem: str | None) -> str:
    with_past = request.args.get("past") == "yes"
    with own_transaction() as session:
        rows = deputy_rows.list_deputies(session, ending_after=None if with_past else today())
        named = people_to_type(session)
    return render_template(
        "contracts/deputies.html",
        rows=rows,
        people=named,
        problem=problem,
        form=request.form,
        last_day=last_day,
        with_past=with_past,
        today=today(),
    )


def _departments(problem: str | None) -> str:
    with own_transaction() as session:
        found = organisation.list_departments(session)
    unreachable = [leader for each in found for leader in each.leaders if not leader.phone]
    return render_template(
        "contracts/departments.html",
        departments=found,
        unreachable=len(unreachable),
        problem=problem,
        form=request.form,
    )


def _roles(problem: str | None) -> str:
    with own_transaction() as session:
        rows = organisation.list_roles(session)
    return render_template("contracts/roles.html", rows=rows, problem=problem, form=request.form)
