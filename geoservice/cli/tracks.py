"""`geoservice tracks`: what was recorded, and taking away what should not have been."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.answers import user_named
from geoservice.cli.coverage.options import answer_json
from geoservice.cli.imports import Day
from geoservice.cli.receiving import receive_command
from geoservice.services import tracking

if TYPE_CHECKING:
    from datetime import date

    from geoservice.cli import Context
    from geoservice.services.tracking import Corrected

_MODES = {1: "foot", 2: "ebike", 3: "car"}


class Instant(click.ParamType[Any]):
    """An instant as 2026-01-31T08:15; without an offset it is the city's time."""

    name = "YYYY-MM-DDTHH:MM[:SS][+HH:MM]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read it, or say how it is written."""
        try:
            instant = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no instant; write it as 2026-01-31T08:15", param, ctx)
        if instant.tzinfo is None and ctx is not None:
            instant = instant.replace(tzinfo=ctx.obj.settings.zone_info)
        return instant


@click.group()
def tracks() -> None:
    """Receive fixes, list tracks; delete one, or cut a span out of it."""


tracks.add_command(receive_command)


@tracks.command("list")
@click.option("--from", "from_on", type=Day(), help="tracks that reach into this day or a later one")
@click.option("--to", "to_on", type=Day(), help="tracks that began on this day or before")
@click.option("--device", metavar="CODE", help="of one device")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="the newest only")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def list_command(context: Context, /, **given: Any) -> None:
    """List tracks, the oldest first."""
    with context.transaction() as session:
        found = tracking.list_tracks(
            session, context.settings, (given["from_on"], given["to_on"]), device=given["device"],
            limit=given["limit"],
        )  # fmt: skip
    if given["as_json"]:
        answer_json({"tracks": [{**asdict(track), "mode": _MODES[track.mode]} for track in found]})
        return
    zone = context.settings.zone_info
    for track in found:
        began, ended = (at.astimezone(zone) for at in (track.started_at, track.ended_at))
        click.echo(
            f"{track.id:>8}  {began:%Y-%m-%d %H:%M} – {ended:%Y-%m-%d %H:%M}  {track.fix_count:>6} fixes  "
            f"{_MODES[track.mode]:<5}  {track.device}  {track.source}"
        )


@tracks.command("delete")
@click.argument("track_id", metavar="ID", type=int)
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def delete_command(context: Context, track_id: int, by: str | None, as_json: bool) -> None:
    """Delete a track with its fixes; `coverage compute` then takes back what only it saw."""
    with context.transaction() as session:
        done = tracking.delete_track(session, context.settings, track_id, by=user_named(session, by))
    _say(track_id, done, as_json)


@tracks.command("cut")
@click.argument("track_id", metavar="ID", type=int)
@click.option("--since", type=Instant(), required=True, help="the first instant that goes")
@click.option("--before", type=Instant(), required=True, help="the first instant that stays")
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def cut_command(context: Context, /, track_id: int, **given: Any) -> None:
    """Take the fixes of a span out of a track; `coverage compute` then takes back what only they saw."""
    with context.transaction() as session:
        done = tracking.cut_track(
            session, context.settings, track_id, given["since"], given["before"],
            by=user_named(session, given["by"]),
        )  # fmt: skip
    _say(track_id, done, given["as_json"])


def _say(track_id: int, done: Corrected, as_json: bool) -> None:
    days: list[date] = list(done.days)
    if as_json:
        answer_json({"track": track_id, "fixes": done.fixes, "days": days})
        return
    click.echo(f"{done.fixes} fixes of track {track_id} removed")
    click.echo(f"to be computed again: {', '.join(map(str, days)) or 'nothing'}", err=True)
