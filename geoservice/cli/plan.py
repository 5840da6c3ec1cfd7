"""`geoservice plan`: what is due, solving, showing, comparing and publishing plans of patrols."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.answers import user_named
from geoservice.cli.coverage.options import answer_json, say
from geoservice.cli.imports import Day
from geoservice.cli.plan_show import short, show
from geoservice.cli.plan_streets import streets
from geoservice.errors import BadRequest, GeoServiceError
from geoservice.services import planning
from geoservice.store import point_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.cli import Context

NEWEST = 50


@click.group()
def plan() -> None:
    """Plans of patrols: who goes where on which day, in what order, and what is left out and why."""


plan.add_command(streets)


def wish_options(command: Callable[..., None]) -> Callable[..., None]:
    """Options that say what a plan is asked for."""
    for option in (
        click.option("--most", "most_stops", type=int, default=300, show_default=True, help="so many stops at most"),
        click.option("--keep-zones", type=click.Choice(planning.KEEPS), default="soft", show_default=True,
                     help="whether teams keep to their zones"),
        click.option("--without", multiple=True, type=click.Choice(["due", "overdue", "gaps", "wanted"]),
                     help="leave this out"),
        click.option("--teams", metavar="A,B", default="", help="only these teams"),
        click.option("--zone", "zones", metavar="CODE", multiple=True, help="only this zone and all below it"),
        click.option("--days", type=click.IntRange(1), default=1, show_default=True, help="so many days"),
        click.option("--on", "from_on", type=Day(), required=True, help="the first day"),
    ):  # fmt: skip
        command = option(command)
    return command


def wish_of(given: Mapping[str, Any], **more: Any) -> planning.Wish:
    """Return what the options ask for."""
    from_on: date = given["from_on"]
    return planning.Wish(
        from_on=from_on,
        to_on=from_on + timedelta(days=given["days"] - 1),
        zone_codes=given["zones"],
        team_codes=tuple(code.strip() for code in given["teams"].split(",") if code.strip()),
        include=planning.Include(**{name: name not in given["without"] for name in ("due", "overdue", "gaps", "wanted")}),
        most_stops=given["most_stops"],
        keep_zones=given["keep_zones"],
        **more,
    )  # fmt: skip


@plan.command("due")
@wish_options
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def due_command(context: Context, /, as_json: bool, **given: Any) -> None:
    """Show what is due on the days, the most urgent first, and the load against the teams' hours."""
    with context.transaction() as session:
        found = planning.due(session, context.settings, wish_of(given), now=datetime.now(UTC))
    if as_json:
        answer_json(asdict(found))
        return
    for stop in found.stops:
        value = "" if stop.why[1] is None else f" {stop.why[1]}"
        click.echo(
            f"{stop.weight:7.2f}  {stop.kind:<6} {stop.code:<20} {stop.why[0]}{value:<14} {stop.label}"
        )
    counts = ", ".join(f"{count} {why}" for why, count in found.counts.items()) or "nothing"
    click.echo(
        f"{counts}; {found.left_out} more left out, {found.already_planned} planned already; about {found.load_hours:.1f} "
        f"hours of work, {found.team_hours:.1f} hours of teams"
    )


@plan.command("solve")
@wish_options
@click.option("--seconds", type=float, default=10.0, show_default=True, help="what the solver may take")
@click.option("--seed", type=int, default=1, show_default=True, help="of the solver")
@click.option("--name", default="", help="what the plan is called")
@click.option(
    "--based-on",
    "based_on_id",
    type=int,
    metavar="ID",
    help="a plan from which this one should differ little",
)
@click.option("--publish", "publishing", is_flag=True, help="publish it at once")
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def solve_command(context: Context, /, **given: Any) -> None:
    """Ask for a plan, solve it here and show it."""
    wish = wish_of(given, **{name: given[name] for name in ("seconds", "seed", "name", "based_on_id")})
    with context.transaction() as session:
        by = user_named(session, given["by"])
        asked = planning.ask(session, context.settings, wish, by=by, now=datetime.now(UTC))
    solve_here(context, asked.id, by)
    with context.transaction() as session:
        view = planning.read(session, asked.id)
        if given["publishing"]:
            now = datetime.now(UTC)
            planning.publish(session, context.settings, view.id, version=view.version, by=by, now=now)
            view = planning.read(session, asked.id)
    show(view, context.locale, as_json=given["as_json"])


def solve_here(context: Context, plan_id: int, by: int | None) -> None:
    """Solve a plan in this process; a line on the terminal says how far it is, an interrupt makes do with the best so far."""
    try:
        with context.transaction() as session:
            draft = planning.prepare(session, context.settings, plan_id, now=datetime.now(UTC))
            around = planning.streets_of(session, draft)
        with _interrupted() as stop:
            solved = planning.work_out(draft, around, say, stop)
    except GeoServiceError:
        with context.transaction() as session:
            planning.failed(session, plan_id)
        raise
    say(100, "")
    with context.transaction() as session:
        planning.keep(session, draft, solved, by=by, now=datetime.now(UTC))


@contextmanager
def _interrupted() -> Iterator[Callable[[], bool]]:
    """Give a way to ask whether somebody pressed Ctrl-C, instead of ending at once."""
    pressed = Event()
    before = signal.signal(signal.SIGINT, lambda *_: pressed.set())
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)


@plan.command("list")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def list_command(context: Context, as_json: bool) -> None:
    """List the newest plans."""
    with context.transaction() as session:
        found = planning.recent(session, NEWEST)
    if as_json:
        answer_json({"plans": [asdict(one) for one in found]})
        return
    for one in found:
        sums = one.totals
        told = f"{sums['stops']} stops, {sums['unserved']} left out" if sums else "-"
        click.echo(
            f"{one.id:>5}  {one.from_on} – {one.to_on}  {one.state:<9} v{one.version:<3} {told:<28} {one.name}"
        )


@plan.command("show")
@click.argument("plan_id", metavar="ID", type=int)
@click.option("--version", type=int, help="this version instead of the one that counts")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def show_command(context: Context, plan_id: int, version: int | None, as_json: bool) -> None:
    """Show a plan: patrols with ordered stops and times, what is left out and why, and sums."""
    with context.transaction() as session:
        view = planning.read(session, plan_id, version)
    show(view, context.locale, as_json=as_json)


@plan.command("compare")
@click.argument("one_id", metavar="ONE", type=int)
@click.argument("other_id", metavar="OTHER", type=int)
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def compare_command(context: Context, one_id: int, other_id: int, as_json: bool) -> None:
    """Compare two plans: ways, hours, what is served, fairness, and the coverage expected of each."""
    with context.transaction() as session:
        found = planning.compare(session, context.settings, one_id, other_id)
    if as_json:
        answer_json(asdict(found))
        return
    for name, value in asdict(found.one).items():
        click.echo(f"{name:<14} {short(value):>20} {short(getattr(found.other, name)):>20}")
    click.echo(f"{len(found.moved)} stops changed their team or day")


@plan.command("publish")
@click.argument("plan_id", metavar="ID", type=int)
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.pass_obj
def publish_command(context: Context, plan_id: int, by: str | None) -> None:
    """Publish a plan as it is now; patrols that somebody has started stay as they are."""
    with context.transaction() as session:
        view = planning.read(session, plan_id)
        done = planning.publish(
            session, context.settings, plan_id, version=view.version, by=user_named(session, by), now=datetime.now(UTC)
        )  # fmt: skip
    click.echo(f"{len(done.published)} published, {len(done.removed)} taken back, {len(done.kept)} kept")


@plan.command("withdraw")
@click.argument("plan_id", metavar="ID", type=int)
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.pass_obj
def withdraw_command(context: Context, plan_id: int, by: str | None) -> None:
    """Take back the patrols of a plan that nobody has started."""
    with context.transaction() as session:
        view = planning.read(session, plan_id)
        done = planning.withdraw(
            session, context.settings, plan_id, version=view.version, by=user_named(session, by), now=datetime.now(UTC)
        )  # fmt: skip
    click.echo(f"{len(done.removed)} taken back, {len(done.kept)} kept")


@plan.command("want")
@click.option("--point", metavar="CODE", help="an inspection point")
@click.option("--at", metavar="LON,LAT", help="a place")
@click.option("--label", default="", help="what it is")
@click.option("--from", "from_on", type=Day(), help="not before this day (default: tomorrow)")
@click.option("--drop", "drop_id", type=int, metavar="ID", help="want it no more")
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.pass_obj
def want_command(context: Context, /, **given: Any) -> None:
    """Want a point or a place in the next plan; without options: list what is wanted."""
    now = datetime.now(UTC)
    with context.transaction() as session:
        by = user_named(session, given["by"])
        if given["drop_id"] is not None:
            planning.drop_wanted(session, given["drop_id"], by=by, now=now)
        elif given["point"] or given["at"]:
            tomorrow = now.astimezone(context.settings.zone_info).date() + timedelta(days=1)
            wanted_id = planning.want(
                session, **_place(session, given), label=given["label"], from_on=given["from_on"] or tomorrow,
                by=by, now=now,
            )  # fmt: skip
            click.echo(f"wanted: {wanted_id}", err=True)
        found = planning.wanted(session, context.settings, now=now)
    for one in found:
        click.echo(f"{one.id:>5}  {one.kind:<6} {one.code:<16} from {one.from_on}  {one.label}")


def _place(session: Session, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is wanted as the service takes it."""
    if given["point"]:
        return {
            "kind": "point",
            "point_id": point_rows.point_ids(session, [given["point"]]).get(given["point"], 0),
        }
    try:
        lon, lat = map(float, given["at"].split(","))
    except ValueError:
        raise BadRequest("wanted_off_earth") from None
    return {"kind": "place", "lonlat": (lon, lat)}
