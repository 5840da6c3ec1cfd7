"""Contracts from a sheet: which leader answers for which ground, in which role, from when to when."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from geoservice.errors import BadRequest
from geoservice.formats.values import as_day
from geoservice.services.importing.columns import Column, Header, shown
from geoservice.services.importing.contract_ground import Grounds, ground_kinds
from geoservice.services.importing.flow import Report, Run, importing
from geoservice.services.importing.leaders import Leaders
from geoservice.services.importing.role_columns import people_in, role_columns
from geoservice.services.importing.rows import BadRow, read_tables
from geoservice.store import contract_rows
from geoservice.store.contract_rows import DEFAULT_ROLE, GROUNDS, ContractRow
from geoservice.store.imports import LEADERS_MADE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geoservice.services.importing.row_list import Row

MOST_DAYS = date.max - timedelta(days=1)


@dataclass(frozen=True)
class ContractOptions:
    """Which columns of a sheet hold what. `to` is the last day in the file; the store keeps the day after it."""

    leader: str | None = None
    leader_name: str | None = None
    kind: str | None = None
    kind_value: str | None = None
    code: str | None = None
    level: str | None = None
    level_value: str | None = None
    role: str | None = None
    from_on: str | None = None
    to_on: str | None = None
    known_leaders_only: bool = False
    sheet: str | None = None
    encoding: str = "auto"


@dataclass(frozen=True)
class Columns:
    """The columns found; None where the file has none. With a column for each role, `by_role` has them and there is no `role`."""

    leader: Column | None
    leader_name: Column | None
    kind: Column | None
    code: Column
    level: Column | None
    role: Column | None
    from_on: Column | None
    to_on: Column | None
    by_role: Mapping[str, Column] = field(default_factory=dict)


def import_contracts(session: Session, paths: tuple[Path, ...], options: ContractOptions, run: Run) -> Report:
    """Take sheets of contracts."""
    with importing(session, "contracts", paths, asdict(options), run) as report:
        header, rows = read_tables(paths, report, sheet=options.sheet, encoding=options.encoding)
        roles = _roles(session)
        columns = _columns(header, options, roles)
        report.detected["guessed"] = header.guessed
        leaders = Leaders(
            session, rows, columns.leader, columns.leader_name, known_only=options.known_leaders_only
        )
        kind_of = ground_kinds(columns.kind, options.kind_value)
        grounds = Grounds(session, rows, kind_of, columns.code, columns.level)
        taken: list[tuple[Row, ContractRow]] = []
        for row in rows:
            try:
                from_on, to_on = _validity(row, columns)
                ground, ground_id = grounds.of(row)
                taken += [
                    (row, ContractRow(leader_id, role, ground, ground_id, from_on, to_on))
                    for role, leader_id in _people(row, columns, leaders, roles)
                ]
            except BadRow as bad:
                report.rejected.append(bad.args[0])
        report.more["leaders_created"] = len(leaders.created)
        if leaders.created:
            report.detected[LEADERS_MADE] = leaders.created
        _apply(session, taken, columns, report)
    return report


def _columns(header: Header, options: ContractOptions, roles: Mapping[str, str]) -> Columns:
    if options.kind_value is not None and options.kind_value not in GROUNDS:
        raise BadRequest("unknown_ground_kind", value=options.kind_value, kinds=", ".join(GROUNDS))
    role = header.find("role", options.role)
    by_role = {} if role else role_columns(header, roles)
    leader = (header.find if by_role else partial(header.need, option="--leader"))("leader", options.leader)
    # A column of names beside one of codes; guessed only where the leader was guessed too.
    name = (
        header.find("leader_name", options.leader_name) if options.leader_name or not options.leader else None
    )
    if name and leader and name.shown == leader.shown:
        header.guessed.pop("leader_name", None)
        name = None
    return Columns(
        leader=leader,
        leader_name=name,
        kind=None if options.kind_value else header.find("ground_kind", options.kind),
        code=header.need("ground_code", options.code, "--code"),
        level=Column("--level", fixed=options.level_value)
        if options.level_value
        else header.find("level", options.level),
        role=role,
        from_on=header.find("from", options.from_on),
        to_on=header.find("to", options.to_on),
        by_role=by_role,
    )


def _people(row: Row, columns: Columns, leaders: Leaders, roles: dict[str, str]) -> list[tuple[str, int]]:
    """Role and leader of each contract that a row holds: one, or those that its columns of roles name."""
    if not columns.by_role:
        return [(_role(row, columns.role, roles), leaders.of(row))]
    found = [
        (role, leaders.named(row, column.shown, word))
        for role, column in columns.by_role.items()
        for word in people_in(column, row)
    ]
    if columns.leader and (
        columns.leader.text(row) or (columns.leader_name and columns.leader_name.text(row))
    ):
        found.insert(0, (DEFAULT_ROLE, leaders.of(row)))
    if not found:
        raise BadRow(row.problem("contract_of_nobody"))
    return found


def _validity(row: Row, columns: Columns) -> tuple[date | None, date | None]:
    """The first day, and the day after the last; None is open."""
    from_on, to_on = _day(row, columns.from_on), _day(row, columns.to_on)
    if from_on and to_on and to_on < from_on:
        column = shown(columns.to_on)
        raise BadRow(
            row.problem("ends_before_it_begins", column, to_on.isoformat(), from_on=from_on.isoformat())
        )
    return from_on, to_on + timedelta(days=1) if to_on and to_on <= MOST_DAYS else None


def _day(row: Row, column: Column | None) -> date | None:
    if column is None:
        return None
    raw = column.value(row)
    try:
        return as_day(raw)
    except (ValueError, OverflowError) as error:
        raise BadRow(row.problem("day_invalid", column.shown, raw)) from error


def _roles(session: Session) -> dict[str, str]:
    """Code or name in either language, in small letters → code."""
    rows = contract_rows.roles(session)
    names = {name.casefold(): row.code for row in rows for name in (row.name_zh, row.name_en)}
    return (
        names | {row.code.casefold(): row.code for row in rows} | {"领导": DEFAULT_ROLE, "包抓": DEFAULT_ROLE}
    )


def _role(row: Row, column: Column | None, roles: dict[str, str]) -> str:
    name = column.text(row) if column else None
    if column is None or name is None:
        return DEFAULT_ROLE
    if name.casefold() not in roles:
        raise BadRow(
            row.problem("unknown_role", column.shown, name, roles=", ".join(sorted(set(roles.values()))))
        )
    return roles[name.casefold()]


def _apply(session: Session, taken: list[tuple[Row, ContractRow]], columns: Columns, report: Report) -> None:
    """Insert what is new, move the end of what began the same day, refuse what overlaps."""
    held: dict[Any, list[tuple[int | None, ContractRow, str]]] = {}
    for key, contract in contract_rows.stored_contracts(
        session, sorted({each.leader_id for _, each in taken})
    ):
        held.setdefault(contract.subject, []).append((key, contract, "-"))
    new: list[ContractRow] = []
    ends: list[tuple[int, date | None]] = []
    for row, contract in taken:
        others = held.setdefault(contract.subject, [])
        same = next(
            (each for each in others if each[0] is not None and each[1].valid_from == contract.valid_from),
            None,
        )
        clash = next((each for each in others if each is not same and overlap(each[1], contract)), None)
        if clash is not None:
            column = shown(columns.from_on)
            report.rejected.append(
                row.problem(
                    "contract_overlaps",
                    column,
                    shown_days(contract),
                    held=shown_days(clash[1]),
                    first=clash[2],
                )
            )
        elif same is None:
            new.append(contract)
            others.append((None, contract, row.place))
        elif same[1] == contract:
            report.unchanged += 1
        else:
            ends.append((same[0] or 0, contract.valid_to))
            others[others.index(same)] = (same[0], contract, row.place)
            report.changed += 1
    contract_rows.end_contracts(session, ends, report.batch_id)
    contract_rows.insert_contracts(session, new, report.batch_id)
    report.new = len(new)


def overlap(one: ContractRow, other: ContractRow) -> bool:
    """Whether two validities share a day."""
    return (one.valid_from or date.min) < (other.valid_to or date.max) and (other.valid_from or date.min) < (
        one.valid_to or date.max
    )


def shown_days(contract: ContractRow) -> str:
    """A validity as the user writes it: the last day included."""
    last = contract.valid_to - timedelta(days=1) if contract.valid_to else None
    return f"{contract.valid_from or '…'} – {last or '…'}"
