"""`geoservice patrols`: patrols as planned and as done."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.coverage.options import answer_json, window_json
from geoservice.cli.imports import Day
from geoservice.domain.windows import Window, local_day
from geoservice.services import patrols as service

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from geoservice.cli import Context
    from geoservice.services.patrols import PatrolView, StopView, Tally

TEAM = click.option("--team", metavar="CODE", help="of one team")
JSON = click.option("--json", "as_json", is_flag=True, help="JSON on stdout")


@click.group()
def patrols() -> None:
    """Patrols as planned and as done."""


@patrols.command("list")
@click.option("--on", "on", type=Day(), help="one day; today unless days are given")
@click.option("--from", "from_on", type=Day(), help="first of several days")
@click.option("--to", "to_on", type=Day(), help="last of several days")
@TEAM
@JSON
@click.pass_obj
def list_command(context: Context, /, **given: Any) -> None:
    """List the patrols of a day or some days with what became of their stops."""
    window = _window(context, given)
    with context.transaction() as session:
        found = service.list_patrols(
            session, context.settings, window, now=datetime.now(UTC), team=given["team"]
        )
    if given["as_json"]:
        answer_json(
            {
                "window": window_json(window),
                "patrols": [patrol_json(view, with_stops=False) for view in found],
            }
        )
        return
    for view in found:
        click.echo(_line(view, context.settings.zone_info))
    if not found:
        click.echo("no patrol was published for these days", err=True)


@patrols.command("show")
@click.argument("patrol_id", metavar="ID", type=click.IntRange(1, 2**31 - 1))
@JSON
@click.pass_obj
def show_command(context: Context, patrol_id: int, as_json: bool) -> None:
    """Show one patrol stop by stop: planned, done, missed, out of order, extra."""
    with context.transaction() as session:
        view = service.find_patrol(session, context.settings, patrol_id, now=datetime.now(UTC))
    if as_json:
        answer_json(patrol_json(view))
        return
    zone = context.settings.zone_info
    click.echo(_line(view, zone))
    for stop in view.stops:
        click.echo(_stop_line(stop, zone))
    for extra in view.extras:
        click.echo(f"  +    {_clock(extra.arrived_at, zone)}  {extra.code} {extra.name}: not planned")
    if view.late_at:
        last = f"{view.late_at.astimezone(zone):%Y-%m-%d %H:%M}"
        click.echo(
            f"{view.late_count} positions arrived only after the day was over, the last {last}", err=True
        )
    if view.waiting:
        click.echo("some tracks are not computed yet: `coverage compute` may find more stops done", err=True)


@patrols.command("week")
@click.option("--of", "on", type=Day(), required=True, help="a day of the week, Monday to Sunday")
@TEAM
@JSON
@click.pass_obj
def week_command(context: Context, /, on: date, team: str | None, as_json: bool) -> None:
    """Count a week by team, and name what was missed."""
    with context.transaction() as session:
        week = service.week_of(session, context.settings, on, now=datetime.now(UTC), team=team)
    if as_json:
        rows = [{**asdict(one), "tally": tally_json(one.tally)} for one in (*week.teams, week.totals)]
        answer_json(
            {
                "window": window_json(week.window),
                "as_of": week.as_of,
                "late_positions": week.late_count,
                "waiting": week.waiting,
                "teams": rows[:-1],
                "totals": {name: value for name, value in rows[-1].items() if not name.startswith("team_")},
                "missed": [asdict(one) for one in week.missed],
                "unheard": [view.patrol_id for view in week.unheard],
            }
        )
        return
    for one in (*week.teams, week.totals):
        click.echo(
            f"{one.team_code or 'all':<8} {one.patrols:>3} patrols  {_counts(one.tally)}  "
            f"{one.actual_m / 1000:.1f} of {one.planned_m / 1000:.1f} km"
        )
    for missed in week.missed:
        since = f"made up on {missed.made_up_on}" if missed.made_up_on else "not yet made up"
        reason = f" ({missed.stop.reason})" if missed.stop.reason else ""
        click.echo(
            f"missed {missed.on_day} {missed.team_code}: {missed.stop.code} {missed.stop.label}{reason}; {since}"
        )


def patrol_json(view: PatrolView, *, with_stops: bool = True) -> dict[str, Any]:
    """A patrol as it stands in an answer; `with_stops` False leaves stops and extras out."""
    told = {**asdict(view), "planned_s": view.planned_s, "tally": tally_json(view.tally)}
    return told if with_stops else {name: told[name] for name in told if name not in {"stops", "extras"}}


def tally_json(tally: Tally) -> dict[str, Any]:
    """Counts with the rates they make; a rate of null: nothing is known."""
    return {**asdict(tally), "judged": tally.judged, "rate": tally.rate, "punctuality": tally.punctuality}


def _window(context: Context, given: dict[str, Any]) -> Window:
    first, last = given["from_on"] or given["to_on"], given["to_on"] or given["from_on"]
    if given["on"] and first:
        raise click.UsageError("give --on, or --from and --to")
    if first:
        return Window(first, last)
    day = given["on"] or local_day(datetime.now(UTC), context.settings.zone_info)
    return Window(day, day)


def _line(view: PatrolView, zone: ZoneInfo) -> str:
    hours = f"{_clock(view.starts_at, zone)} – {_clock(view.ends_at, zone)}"
    gone = "no track" if view.actual_m is None else f"{view.actual_m / 1000:.1f} km"
    heard = "" if view.heard else "  nothing heard"
    return f"{view.patrol_id:>6}  {view.on_day}  {hours}  {view.team_code:<8} {_counts(view.tally)}  {gone}{heard}"


def _counts(tally: Tally) -> str:
    on_time = f", {tally.on_time}/{tally.timed} on time" if tally.timed else ""
    return (
        f"{tally.done}/{tally.planned} done, {tally.missed} missed, {tally.out_of_order} out of order, "
        f"{tally.extra} extra{on_time}"
    )


def _stop_line(stop: StopView, zone: ZoneInfo) -> str:
    late = "" if stop.late_s is None else f"{stop.late_s / 60:+.0f} min"
    dwell = "" if stop.dwell_s is None else f"stayed {stop.dwell_s / 60:.0f} min"
    order = "" if stop.in_order else "out of order"
    told = (stop.outcome.value, order, stop.reason or "", late, dwell)
    times = f"{_clock(stop.planned_arrive_at, zone)} → {_clock(stop.arrived_at, zone)}"
    return f"  {stop.position:>3}  {times}  {stop.code} {stop.label}: {', '.join(filter(None, told))}"


def _clock(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%H:%M}" if moment else "  –  "
