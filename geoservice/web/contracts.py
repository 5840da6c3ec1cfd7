"""Who contracted which ground: listed, made, changed, ended, and what a piece of ground's contracts were before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for

from geoservice.errors import Conflict, NotFound
from geoservice.services import contract_words, contracting, layers, told
from geoservice.store import contract_list
from geoservice.store.contract_list import WHEN, ContractFilter
from geoservice.store.contract_rows import GROUNDS
from geoservice.web import contracts_handing, contracts_people, contracts_who
from geoservice.web.contracts_door import (
    LARGEST_ID,
    REFUSED,
    asked_day,
    contracts,
    kind_words,
    last_day,
    need_whole_city,
    people_to_type,
    refused,
    typed,
)
from geoservice.web.deployment import today
from geoservice.web.identity import current_scope, own_transaction, the_account
from geoservice.web.paging import PAGE_SIZE
from geoservice.web.texts import current_locale, gettext

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.errors import GeoServiceError
    from geoservice.store.contract_list import ListedContract

__all__ = ["contracts", "contracts_handing", "contracts_people", "contracts_who"]

CONTRACT = f"/<int(max={LARGEST_ID}):contract_id>"


@contracts.get("/")
def show_contracts() -> str:
    """List the contracts of a day, with a form for a new one."""
    return _list()


@contracts.post("/")
def add_contract() -> AnyResponse | tuple[str, int]:
    """Make a contract as the form says."""
    need_whole_city()
    words = typed(contract_words.FIELDS)
    try:
        with own_transaction() as session:
            row = contract_words.told_contract(session, words)
            contract_id = contracting.add_contract(session, row, by=the_account().id)
    except REFUSED as error:
        problem, status = refused(error)
        return _list(problem, words), status
    flash(gettext("The contract is made."), "good")
    return redirect(url_for("contracts.show_contract", contract_id=contract_id))


@contracts.get(CONTRACT)
def show_contract(contract_id: int) -> str:
    """Show one contract with forms to change and to end it."""
    with own_transaction() as session:
        return _page(session, contracting.read_contract(session, contract_id, today()))


@contracts.post(CONTRACT)
def save_contract(contract_id: int) -> AnyResponse | tuple[str, int]:
    """Let a contract be as the form says."""
    need_whole_city()
    words = typed(contract_words.FIELDS)
    try:
        with own_transaction() as session:
            contracting.hold_contracts(session)
            stored = contracting.read_contract(session, contract_id, today())
            contracting.check_unchanged(stored, request.form.get("seen", ""))
            contracting.change_contract(
                session,
                contract_id,
                contract_words.changed_contract(session, stored, words),
                by=the_account().id,
            )
    except REFUSED as error:
        return _refused_page(contract_id, error, words)
    flash(gettext("Saved."), "good")
    return redirect(url_for("contracts.show_contract", contract_id=contract_id))


@contracts.post(f"{CONTRACT}/end")
def end_contract(contract_id: int) -> AnyResponse | tuple[str, int]:
    """Let a contract end after the day that the form says."""
    need_whole_city()
    try:
        last_on = told.read_day(request.form.get("last_on", ""), "last_on") or today()
        with own_transaction() as session:
            contracting.end_contract(
                session, contract_id, last_on, by=the_account().id, seen=request.form.get("seen", "")
            )
    except REFUSED as error:
        return _refused_page(contract_id, error, {})
    flash(gettext("The contract ends on %(day)s.", day=last_on.isoformat()), "good")
    return redirect(url_for("contracts.show_contract", contract_id=contract_id))


@contracts.post(f"{CONTRACT}/remove")
def remove_contract(contract_id: int) -> AnyResponse | tuple[str, int]:
    """Take back a contract that has not begun yet."""
    need_whole_city()
    try:
        with own_transaction() as session:
            contracting.hold_contracts(session)
            stored = contracting.read_contract(session, contract_id, today())
            contracting.check_unchanged(stored, request.form.get("seen", ""))
            if not _is_coming(stored):
                raise Conflict("contract_begun")
            contracting.remove_contract(session, contract_id, by=the_account().id)
    except REFUSED as error:
        return _refused_page(contract_id, error, {})
    flash(gettext("The contract is taken back; the history of its ground still tells of it."), "good")
    return redirect(url_for("contracts.show_ground", kind=stored.ground, ground_id=stored.ground_id))


@contracts.get(f"/ground/<any({', '.join(GROUNDS)}):kind>/<int(max={LARGEST_ID}):ground_id>")
def show_ground(kind: str, ground_id: int) -> str:
    """Show every contract that a zone, street or point ever had, and every change of them."""
    with own_transaction() as session:
        rows = contract_list.contracts_of_ground(session, kind, ground_id, today())
        notes = (
            contract_list.notes_of_ground(session, kind, ground_id)
            if rows or current_scope().everything
            else []
        )
        roles = layers.role_names(session, current_locale())
    if not rows and not notes:
        raise NotFound
    return render_template(
        "contracts/ground.html",
        rows=rows,
        notes=notes,
        roles=roles,
        kind=kind,
        kind_words=kind_words(),
        last_day=last_day,
        state=_state,
    )


def _list(problem: str | None = None, words: dict[str, str] | None = None) -> str:
    asked = ContractFilter(
        on=asked_day(),
        when=_one_of("when", WHEN) or "now",
        role=request.args.get("role") or None,
        ground=_one_of("ground", GROUNDS),
        wanted=request.args.get("q", "").strip()[:64],
    )
    page = max(request.args.get("page", 1, type=int), 1)
    with own_transaction() as session:
        rows, total = contract_list.list_contracts(
            session, asked, limit=PAGE_SIZE, first=(min(page, 10_000) - 1) * PAGE_SIZE
        )
        roles = layers.role_names(session, current_locale())
        named = people_to_type(session)
    return render_template(
        "contracts/list.html",
        rows=rows,
        total=total,
        page=page,
        pages=-(-total // PAGE_SIZE) or 1,
        asked=asked,
        keep={name: value for name, value in request.args.items() if name != "page" and value},
        roles=roles,
        people=named,
        kind_words=kind_words(),
        when_words=_when_words(),
        last_day=last_day,
        state=_state,
        problem=problem,
        words=words or {},
        writes=current_scope().everything,
        today=today(),
    )


def _page(
    session: Session,
    contract: ListedContract,
    words: dict[str, str] | None = None,
    problem: str | None = None,
) -> str:
    return render_template(
        "contracts/contract.html",
        contract=contract,
        words={**_words_of(contract), **(words or {})},
        seen=request.form.get("seen", "") if problem else contracting.seen_of(contract),
        roles=layers.role_names(session, current_locale()),
        people=people_to_type(session),
        kind_words=kind_words(),
        last_day=last_day,
        state=_state(contract),
        problem=problem,
        writes=current_scope().everything,
        today=today(),
    )


def _refused_page(contract_id: int, error: GeoServiceError, words: dict[str, str]) -> tuple[str, int]:
    problem, status = refused(error)
    with own_transaction() as session:
        return _page(
            session, contracting.read_contract(session, contract_id, today()), words, problem
        ), status


def _words_of(contract: ListedContract) -> dict[str, str]:
    """Return a contract as its form shows it."""
    last = last_day(contract.valid_to)
    return {
        "leader": f"{contract.leader_code} · {contract.leader_name}",
        "role": contract.role,
        "kind": contract.ground,
        "code": contract.ground_code,
        "from": contract.valid_from.isoformat() if contract.valid_from else "",
        "to": last.isoformat() if last else "",
    }


def _is_coming(contract: ListedContract) -> bool:
    return contract.valid_from is not None and contract.valid_from > today()


def _state(contract: ListedContract) -> str:
    """Return how a contract stands today: coming, now or past."""
    if _is_coming(contract):
        return "coming"
    return "past" if contract.valid_to is not None and contract.valid_to <= today() else "now"


def _one_of(name: str, known: tuple[str, ...]) -> str | None:
    given = request.args.get(name, "")
    return given if given in known else None


def _when_words() -> dict[str, str]:
    return {
        "now": gettext("that hold on this day"),
        "coming": gettext("that begin later"),
        "past": gettext("that are over"),
        "all": gettext("of all days"),
    }
