"""`geoservice maps`: a leader's or the city's map as one offline file, PNG or PDF, and leaders' sheets of A4."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.coverage.options import DAY, PERIODS, say
from geoservice.domain.windows import Window, local_day
from geoservice.errors import BadRequest, InvalidFile, NotFound
from geoservice.formats.figure_pdf import figure_pdf
from geoservice.formats.figure_png import draw_png
from geoservice.formats.sheet_pdf import SheetBook
from geoservice.maps.inputs import inputs_sha256
from geoservice.maps.offline import offline_map
from geoservice.services import areas, city, sheets
from geoservice.services.areas import Reader, Show
from geoservice.services.city_area import city_area
from geoservice.services.leader_ground import leaders_with_ground, scope_of_leader
from geoservice.services.map_words import map_text
from geoservice.services.sheets import Asked
from geoservice.services.written import Written
from geoservice.store import people
from geoservice.store.base import transaction
from geoservice.store.kept import READS_ONLY
from geoservice.store.scope import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from geoservice.cli import Context
    from geoservice.maps.values import CityArea, LeaderArea
    from geoservice.store.people import Leader

CITY_MM = (277.0, 170.0)
OUT = click.option(
    "-o", "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="file to write"
)
LEADER = click.option("--leader", metavar="CODE", help="a leader's ground; else the whole city")
LEVEL = click.option("--level", help="of the city, zones of this level")
SHOW = click.option("--show", type=click.Choice([show.value for show in Show if show is not Show.AGES]), default=Show.GAPS.value, help="of the city, what lies on its zones")  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """Which days, when it is read, and in what language."""

    window: Window
    now: datetime
    written: Written

    def asked(self, context: Context, leader_id: int) -> Asked:
        """Return the question for one leader."""
        return Asked(
            leader_id, self.window, local_day(self.now, context.settings.zone_info), self.now, self.written
        )


def window_of_map(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --days, or --from and --to, and --period; the command gets them as `wanted`."""

    @wraps(command)
    def with_window(
        days: int, from_on: datetime | None, to_on: datetime | None, period: str | None, **others: Any
    ) -> Any:
        context: Context = click.get_current_context().obj
        now = datetime.now(UTC)
        window = Window.ending(local_day(now, context.settings.zone_info), days)
        if from_on or to_on:
            window = Window((from_on or to_on or now).date(), (to_on or from_on or now).date())
        window = Window(window.from_on, window.to_on, PERIODS[period] if period else None)
        wanted = Wanted(window, now, Written(context.locale, context.settings.zone_info))
        return command(wanted=wanted, **others)

    decorated: Callable[..., Any] = with_window
    for option in (
        click.option("--period", type=click.Choice(list(PERIODS)), help="only this part of each day"),
        click.option("--to", "to_on", type=DAY, metavar="DAY", help="last day, YYYY-MM-DD"),
        click.option("--from", "from_on", type=DAY, metavar="DAY", help="first day, YYYY-MM-DD"),
        click.option("--days", type=click.IntRange(1, 365), default=7, show_default=True, help="up to today"),
    ):
        decorated = option(decorated)
    return decorated


@click.group("maps")
def maps() -> None:
    """Maps as files: offline HTML, PNG, PDF, sheets of A4."""


@maps.command("sheet")
@click.option("--leader", metavar="CODE", help="one leader; else all who contract ground, a page each")
@window_of_map
@OUT
@click.pass_obj
def sheet_command(context: Context, leader: str | None, wanted: Wanted, out: Path) -> None:
    """Write a leader's sheet of A4 as PDF, or those of all leaders."""
    on = local_day(wanted.now, context.settings.zone_info)
    with context.transaction() as session:
        chosen = [_leader(session, leader)] if leader else leaders_with_ground(session, EVERYTHING, on)
        scopes = [(one.id, scope_of_leader(session, one.id, on, EVERYTHING)) for one in chosen]
    if not scopes:
        raise NotFound("no_leaders_with_ground", on=on.isoformat())
    book = SheetBook(wanted.written.say("sheet_all_leaders"), wanted.written.lang)
    for number, (leader_id, scope) in enumerate(scopes, 1):
        with transaction(context.engine, scope) as session:
            book.add(sheets.leader_sheet(session, context.settings, wanted.asked(context, leader_id)))
        say(100 * number // len(scopes), "sheets")
    _put(out, book.close())


@maps.command("offline")
@LEADER
@LEVEL
@SHOW
@window_of_map
@OUT
@click.pass_obj
def offline_command(
    context: Context, wanted: Wanted, out: Path, leader: str | None, level: str | None, show: str
) -> None:
    """Write a map as one HTML file that opens without a server."""
    area, heading = _area(context, wanted, leader, level, show)
    written = wanted.written
    text = map_text(written, heading, written.word("Show all the ground"))
    lines = (
        _days(wanted),
        sheets.as_of_words(area, written),
        written.say("sheet_made", at=written.instant(wanted.now)),
        sheets.hash_words(area, written),
    )
    _put(out, offline_map(area, text, heading, lines).encode("utf-8", "replace"))
    click.echo(inputs_sha256(area))


@maps.command("draw")
@LEADER
@LEVEL
@SHOW
@window_of_map
@OUT
@click.pass_obj
def draw_command(
    context: Context, wanted: Wanted, out: Path, leader: str | None, level: str | None, show: str
) -> None:
    """Draw a map for paper: a PNG or a PDF, by the ending of the file."""
    if out.suffix.lower() not in {".png", ".pdf"}:
        raise BadRequest("map_ending_unknown", file=out.name)
    area, heading = _area(context, wanted, leader, level, show)
    size = sheets.MAP_MM if leader else CITY_MM
    drawing, written = sheets.drawing_of(area, wanted.written, size), wanted.written
    if out.suffix.lower() == ".png":
        content = draw_png(drawing, notes={"Title": heading, "Inputs-SHA-256": inputs_sha256(area)})
    else:
        foot = f"{sheets.as_of_words(area, written)} · {sheets.hash_words(area, written)}"
        content = figure_pdf(drawing, f"{heading} · {_days(wanted)}", written.lang, foot)
    _put(out, content)
    click.echo(inputs_sha256(area))


def _area(
    context: Context, wanted: Wanted, leader: str | None, level: str | None, show: str
) -> tuple[LeaderArea | CityArea, str]:
    settings, written = context.settings, wanted.written
    on = local_day(wanted.now, settings.zone_info)
    reader = Reader(on, wanted.now, written.locale, written.visits)
    if leader:
        with context.transaction() as session:
            leader_id = _leader(session, leader).id
            scope = scope_of_leader(session, leader_id, on, EVERYTHING)
        with transaction(context.engine, scope) as session:
            area = areas.leader_area(session, settings, leader_id, wanted.window, reader)
        return area, written.say("sheet_leader", name=area.leader_name)
    with context.transaction() as session:
        session.info[READS_ONLY] = True
        chosen = city.choose_level(city.level_names(session, on, locale=written.locale), level)
        code = chosen.code if chosen else ""
        of_city = city_area(session, settings, wanted.window, code, reader, Show(show))
    return of_city, of_city.name or written.say("sheet_coverage")


def _leader(session: Session, code: str) -> Leader:
    leader = people.leader_by_code(session, code)
    if leader is None:
        raise NotFound("leader_unknown", leader=code[:40])
    return leader


def _days(wanted: Wanted) -> str:
    return sheets.days_words(wanted.window, wanted.written)


def _put(out: Path, content: bytes) -> None:
    """Write a file beside its place, then rename it into it."""
    try:
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".maps-") as folder:
            made = Path(folder) / "made"
            made.write_bytes(content)
            made.replace(out)
    except OSError as error:
        raise InvalidFile("file_not_writable", file=str(out), reason=error.strerror or str(error)) from error
    click.echo(f"{out}: {len(content):,} bytes", err=True)
