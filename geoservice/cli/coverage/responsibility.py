"""`coverage responsibility`: who answers for what, where nobody or two do, and each leader's own coverage."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.coverage.options import DAY, answer_json, fresh_report, window_json
from geoservice.domain.contracts import KINDS
from geoservice.domain.windows import Window
from geoservice.services import ground, leaders
from geoservice.services import responsibility as service

if TYPE_CHECKING:
    from datetime import datetime

    from geoservice.cli import Context
    from geoservice.services.leaders import LeaderRow
    from geoservice.services.responsibility import Answered, ChainBreak, Oddities


@click.command()
@click.option("--on", type=DAY, metavar="DAY", help="the day whose contracts count, YYYY-MM-DD")
@click.option("--kind", type=click.Choice(KINDS), help="ground of one kind only")
@click.option("--code", metavar="CODE", help="one zone, street or point; needs --kind")
@click.option(
    "--leaders", "of_leaders", is_flag=True, help="each leader's own coverage; needs --from and --to"
)
@click.option("--from", "from_on", type=DAY, metavar="DAY", help="first day of the window of --leaders")
@click.option("--to", "to_on", type=DAY, metavar="DAY", help="last day of the window of --leaders")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def responsibility(context: Context, /, of_leaders: bool, **given: Any) -> None:
    """Show who answers for each zone, street and point on a day, and what is wrong with the contracts.

    With --from and --to the breaks between successive contracts are those of that window, else of the day.
    """
    if of_leaders:
        _show_leaders(context, _window(given), as_json=given["as_json"])
    elif given["code"] is not None:
        _show_one(context, _day(given), given["kind"], given["code"], as_json=given["as_json"])
    else:
        _show_all(context, _day(given), given)


def _day(given: dict[str, Any]) -> datetime:
    day: datetime | None = given["on"] or given["to_on"]
    if day is None:
        raise click.UsageError("say which day with --on")
    return day


def _window(given: dict[str, Any]) -> Window:
    if given["from_on"] is None or given["to_on"] is None:
        raise click.UsageError("--leaders needs --from and --to")
    return Window(given["from_on"].date(), given["to_on"].date())


def _show_leaders(context: Context, window: Window, *, as_json: bool) -> None:
    with context.transaction() as session:
        ground.refresh_masks(session, context.settings)
        fresh_report(session, context.settings, window)
        rows = leaders.leader_rows(session, context.settings, window)
    if as_json:
        answer_json({"window": window_json(window), "leaders": [asdict(row) for row in rows]})
        return
    for row in rows:
        click.echo(_leader_line(row))


def _leader_line(row: LeaderRow) -> str:
    score = "–" if row.gap_score is None else f"{row.gap_score:.0f}"
    return (
        f"{row.rank or '–':>4}  {_rate(row.rate)}  {row.code:<12} {row.name}  {row.zone_count} zones  "
        f"streets {_rate(row.street_rate).strip()} of {row.street_length_m / 1000:.1f} km  "
        f"points {row.visited}/{row.points}  gaps {score}"
    )


def _rate(rate: float | None) -> str:
    return "   –  " if rate is None else f"{100 * rate:5.1f}%"


def _show_one(context: Context, on: datetime, kind: str | None, code: str, *, as_json: bool) -> None:
    if kind is None:
        raise click.UsageError("--code needs --kind")
    with context.transaction() as session:
        ground.refresh_masks(session, context.settings)
        found = service.who_answers(session, on.date(), kind=kind, code=code)
    if as_json:
        answer_json({"on": on.date(), "ground": [_ground_json(each) for each in found]})
        return
    _print_grounds(found)


def _show_all(context: Context, on: datetime, given: dict[str, Any]) -> None:
    day = on.date()
    window = Window(given["from_on"].date() if given["from_on"] else day, day)
    kind = given["kind"]
    with context.transaction() as session:
        ground.refresh_masks(session, context.settings)
        found = service.resolve(session, day, kind=kind)
        odd = service.oddities(session, window, found)
    breaks = [each for each in odd.breaks if kind in {None, each.kind}]
    if given["as_json"]:
        answer_json(
            {
                "on": day,
                "ground": [_ground_json(each) for each in found],
                "nobody": [_ground_json(each) for each in odd.nobody],
                "two_leaders": [_ground_json(each) for each in odd.two],
                "idle_leaders": [asdict(leader) for leader in odd.idle],
                "breaks": [_break_json(each) for each in breaks],
            }
        )
        return
    _print_grounds(found)
    _print_oddities(odd, breaks)


def _ground_json(each: Answered) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "code": each.code,
        "name": each.name,
        "answers": [asdict(answer) for answer in each.answers],
    }


def _break_json(each: ChainBreak) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "code": each.code,
        "name": each.name,
        "role": each.role,
        "nobody": each.days.is_hole,
        "from": each.days.from_on,
        "to": each.days.to_on,
        "before": each.days.before,
        "after": each.days.after,
    }


def _print_grounds(found: list[Answered]) -> None:
    for each in found:
        people = ", ".join(
            f"{answer.role} {answer.name} ({'direct' if answer.direct else f'{answer.via_kind} {answer.via_code}'})"
            for answer in each.answers
        )
        click.echo(f"{each.kind:<7} {each.code:<16} {each.name}  {people or '–'}")


def _print_oddities(odd: Oddities, breaks: list[ChainBreak]) -> None:
    click.echo(f"{len(odd.nobody)} without a leader")
    for each in odd.nobody:
        click.echo(f"  {each.kind:<7} {each.code:<16} {each.name}")
    click.echo(f"{len(odd.two)} with several leaders")
    for each in odd.two:
        names = ", ".join(leader.name for leader in each.leaders)
        click.echo(f"  {each.kind:<7} {each.code:<16} {each.name}  {names}")
    click.echo(f"{len(odd.idle)} leaders with nothing")
    for leader in odd.idle:
        until = f"until {leader.until_on}" if leader.until_on else "never had any"
        click.echo(f"  {leader.code:<12} {leader.name}  {until}")
    click.echo(f"{len(breaks)} breaks between contracts")
    for one in breaks:
        what = "nobody" if one.days.is_hole else "both"
        click.echo(
            f"  {one.kind:<7} {one.code:<16} {one.role:<12} {one.days.from_on} – {one.days.to_on}: {what} "
            f"({one.days.before} → {one.days.after})"
        )
