"""Lists down to the day and the person (责任清单): what each has to do, by when, and whether it is done."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from geoservice.domain.cases import State
from geoservice.domain.roles import Permission, Role, may
from geoservice.domain.windows import day_start, local_day
from geoservice.errors import BadRequest, NotFound
from geoservice.services.accounts import as_account
from geoservice.services.day_lists import DayList, Task
from geoservice.services.unreached import unreached
from geoservice.store import deputy_rows, evidence_queue, people
from geoservice.store import task_rows as store
from geoservice.store.task_rows import Who

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.accounts import Account

DAYS_AROUND = 31
TO_HANDLE = {State.ASSIGNED: "case_accept", State.HANDLING: "case_reply"}
TO_RUN = {
    State.REPORTED: "case_open",
    State.OPENED: "case_assign",
    State.REPLIED: "case_verify",
    State.VERIFIED: "case_close",
}
DESK = "desk"
MOST_OF_DESK = 300  # cases; the most urgent of more

__all__ = ["DESK", "MOST_OF_DESK", "DayList", "Task", "check_day", "list_of", "list_of_login", "lists_of_day"]


@dataclass(frozen=True)
class _Day:
    """A local day."""

    on: date
    today: date
    since: datetime
    until: datetime

    @property
    def is_today(self) -> bool:
        return self.on == self.today


def check_day(on: date, today: date) -> None:
    """Refuse a day that is too far away; raises BadRequest."""
    if abs((on - today).days) > DAYS_AROUND:
        raise BadRequest("tasks_day_far")


def list_of(session: Session, settings: Settings, account: Account, on: date, *, now: datetime) -> DayList:
    """Return what somebody who logs in has to do on a day; the session sees what his lists may show.

    Inspections of days to come stay closed to whoever inspects.
    """
    day = _day(settings, on, now)
    leader_id = account.leader_id if account.role is Role.LEADER else None
    who = Who(
        account.id,
        account.member_id,
        account.department_id if account.role is Role.HANDLER else None,
        leader_id,
    )
    found: list[Task] = []
    if may(account.role, Permission.PATROL):
        found += [task for _, task in _patrols(session, day, who)]
    if may(account.role, Permission.INSPECT) and on <= day.today:
        found += [task for _, task in _inspections(session, day, who, settings)]
    if may(account.role, Permission.HANDLE_CASES):
        absent = deputy_rows.absent_leaders(session, leader_id, on) if leader_id is not None else frozenset()
        found += [task for owners, task in _handling(session, who, absent) if _is_his(owners, who, absent)]
        found += [task for owners, task in _orders(session, who) if _is_his(owners, who, absent)]
    if may(account.role, Permission.RUN_CASES):
        found += list(_desk(session, settings, on))
    return _sorted(DayList(account.name, account.role.value, account.login, on, ()), found, day)


def list_of_login(session: Session, settings: Settings, login: str, on: date, *, now: datetime) -> DayList:
    """Return the list of somebody by his login; raises NotFound."""
    user = people.user_by_login(session, login)
    if user is None or not user.active:
        raise NotFound("tasks_person_unknown", login=login[:64])
    return list_of(session, settings, as_account(user), on, now=now)


def lists_of_day(session: Session, settings: Settings, on: date, *, now: datetime) -> list[DayList]:
    """Return everybody's list of a day, those with something to do only: the desk's first, then by role and name."""
    day = _day(settings, on, now)
    by_owner: dict[str, list[Task]] = defaultdict(list)
    sources = (
        _patrols(session, day, None),
        _inspections(session, day, None, settings),
        _handling(session, None, ()),
        _orders(session, None),
    )
    for source in sources:
        for owners, task in source:
            for owner in owners:
                by_owner[owner].append(task)
    absent = _absent(session, on)
    found = [_sorted(DayList("", DESK, None, on, ()), _desk(session, settings, on), day)]
    for row in store.people(session):
        keys = _keys_of(row) + [
            f"leader:{one}" for one in absent.get(row.leader_id, ()) if row.role == Role.LEADER
        ]
        tasks = list({id(task): task for key in keys for task in by_owner.get(key, ())}.values())
        person = DayList(row.name, row.role, row.login, on, (), office=row.department or "")
        found.append(_sorted(person, tasks, day))
    return [one for one in found if one.tasks]


def _day(settings: Settings, on: date, now: datetime) -> _Day:
    today = local_day(now, settings.zone_info)
    check_day(on, today)
    zone = settings.zone_info
    return _Day(on, today, day_start(on, zone), day_start(on + timedelta(days=1), zone))


def _absent(session: Session, on: date) -> dict[int, set[int]]:
    """Return for whom each leader stands in on a day, also through others who do so."""
    direct: dict[int, set[int]] = defaultdict(set)
    for one in deputy_rows.stand_ins_on(session, on):
        direct[one.deputy_id].add(one.leader_id)
    found: dict[int, set[int]] = {}
    for deputy_id in direct:
        reached, ahead = set[int](), [deputy_id]
        while ahead:
            fresh = direct.get(ahead.pop(), set()) - reached
            reached |= fresh
            ahead += fresh
        found[deputy_id] = reached - {deputy_id}
    return found


def _keys_of(row: Any) -> list[str]:
    pairs = (
        ("account", row.account_id),
        ("member", row.member_id if row.role == Role.MEMBER else None),
        ("department", row.department_id if row.role == Role.HANDLER else None),
        ("leader", row.leader_id if row.role == Role.LEADER else None),
    )
    return [f"{name}:{number}" for name, number in pairs if number is not None]


def _is_his(owners: Iterable[str], who: Who, absent: Iterable[int]) -> bool:
    keys = {
        f"account:{who.account_id}",
        f"department:{who.department_id}",
        f"leader:{who.leader_id}",
        *(f"leader:{leader_id}" for leader_id in absent),
    }
    return any(owner in keys for owner in owners)


def _sorted(person: DayList, tasks: Iterable[Task], day: _Day) -> DayList:
    """Put the tasks of a list in order: what is open by when it is due, what is done at the end; what is due after the day apart."""
    far = datetime.max.replace(tzinfo=day.until.tzinfo)
    in_order = sorted(tasks, key=lambda task: (task.done, task.due_at or far, task.kind, task.number))
    mine = [task for task in in_order if not _is_later(task, day)]
    later = [task for task in in_order if _is_later(task, day)]
    return DayList(person.name, person.role, person.login, day.on, tuple(mine), tuple(later), person.office)


def _is_later(task: Task, day: _Day) -> bool:
    return task.kind in {"case_reply", "order_reply"} and task.due_at is not None and task.due_at >= day.until


def _patrols(session: Session, day: _Day, who: Who | None) -> Iterator[tuple[tuple[str, ...], Task]]:
    if who is not None and who.member_id is None:
        return
    rows: list[Any] = list(store.stops(session, day.on, day.since, day.until, who))
    for row in rows:
        due_at = row.ends_at
        if row.starts_at is not None and row.arrive_s is not None:
            due_at = row.starts_at + timedelta(seconds=row.arrive_s)
        kind = "stop" if row.point_id is None else "point"
        ids = {"patrol": row.patrol_id, "position": row.position}
        yield (
            (f"member:{row.member_id}",),
            Task(
                kind,
                row.name or f"{row.position}",
                row.address,
                due_at,
                ids,
                row.route,
                row.done or row.status == "done",
            ),
        )
    bare: list[Any] = list(store.bare_patrols(session, day.on, who))
    for row in bare:
        ids = {"patrol": row.patrol_id}
        yield (
            (f"member:{row.member_id}",),
            Task("patrol", row.route, "", row.ends_at, ids, done=row.status == "done"),
        )


def _inspections(
    session: Session, day: _Day, who: Who | None, settings: Settings
) -> Iterator[tuple[tuple[str, ...], Task]]:
    rows: list[Any] = list(store.inspections(session, day.on, who))
    for row in rows:
        due_at = day_start(min(row.on_day, row.to_on) + timedelta(days=1), settings.zone_info)
        task = Task("inspection", row.name, row.address, due_at, {"task": row.id}, row.inspection, row.done)
        yield (f"account:{row.inspector_id}",), task


def _handling(
    session: Session, who: Who | None, absent: Iterable[int]
) -> Iterator[tuple[tuple[str, ...], Task]]:
    """Yield cases to accept or to put right: whoever took one on has it, before that everybody of the department."""
    if who is not None and who.department_id is None and who.leader_id is None:
        return
    rows: list[Any] = list(store.cases(session, [state.value for state in TO_HANDLE], who, list(absent)))
    for row in rows:
        task = Task(
            TO_HANDLE[State(row.state)], row.title, row.place, row.due_at, {"case": row.id}, row.number
        )
        if row.handler_id is not None and row.state == State.HANDLING:
            yield (f"account:{row.handler_id}",), task
        elif row.department_id is not None:
            yield (f"department:{row.department_id}",), task
        elif row.leader_id is not None:
            yield (f"leader:{row.leader_id}",), task


def _orders(session: Session, who: Who | None) -> Iterator[tuple[tuple[str, ...], Task]]:
    if who is not None and who.department_id is None and who.leader_id is None:
        return
    rows: list[Any] = list(store.orders(session, who))
    for row in rows:
        kind = "order_reply" if row.received else "order_receipt"
        task = Task(kind, row.title, "", row.reply_due_at, {"order": row.id, "kind": row.kind}, row.number)
        owners = tuple(
            f"department:{one['department_id']}"
            if one.get("department_id")
            else f"leader:{one.get('leader_id')}"
            for one in row.recipients
        )
        yield owners, task


def _desk(session: Session, settings: Settings, on: date) -> Iterator[Task]:
    rows: list[Any] = list(store.cases(session, [state.value for state in TO_RUN], None, most=MOST_OF_DESK))
    for row in rows:
        yield Task(TO_RUN[State(row.state)], row.title, row.place, row.due_at, {"case": row.id}, row.number)
    asked: list[Any] = list(store.requests(session))
    for row in asked:
        yield Task(f"request_{row.kind}", row.title, "", None, {"case": row.case_id}, row.number)
    yield from unreached(session, settings, on, [state.value for state in TO_HANDLE])
    doubtful = evidence_queue.count_open(session)
    if doubtful:
        yield Task("photos", f"{doubtful}", "", None, {"count": doubtful})
