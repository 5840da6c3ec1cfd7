"""`geoservice tracks receive`: fixes as lines of JSON or CSV, from a file or another program."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from geoservice.cli.coverage.options import answer_json
from geoservice.domain.tracks import Mode
from geoservice.errors import BadRequest
from geoservice.formats.positions import read_osmand
from geoservice.formats.text import text_fault
from geoservice.services import tracking
from geoservice.services.devices import LONGEST_CODE
from geoservice.services.positions import receive_fixes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TextIO

    from geoservice.cli import Context
    from geoservice.domain.positions import Position

Told = tuple[str, "Position", int]
NEEDED = ("device", "time", "lon", "lat")
_MODES = {mode.name.lower(): int(mode) for mode in Mode}
_AT_ONCE = 50_000


@click.command("receive")
@click.argument("file", type=click.File("r", encoding="utf-8-sig"), default="-")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def receive_command(context: Context, file: TextIO, as_json: bool) -> None:
    """Store fixes from FILE or standard input, one a line: JSON objects, or CSV under a header.

    Each has device, time (ISO 8601 or seconds since 1970), lon and lat; accuracy (m), speed (m/s), heading (degrees) and mode
    (foot, ebike, car) may be there. All are taken or none; what was sent before is stored once.
    """
    new = repeated = apart = 0
    refused: dict[str, int] = {}
    days: set[str] = set()
    with context.transaction() as session:
        for told in _batched(read_lines(file)):
            done, kept = receive_fixes(
                session, context.settings, _fixes(told), source="tracks receive", now=datetime.now(UTC)
            )
            new, repeated, apart = new + done.new, repeated + done.repeated, apart + kept
            days |= {day.isoformat() for day in done.days}
            for reason, count in done.refused.items():
                refused[reason] = refused.get(reason, 0) + count
    if as_json:
        answer_json(
            {"new": new, "repeated": repeated, "kept_apart": apart, "refused": refused, "days": sorted(days)}
        )
        return
    click.echo(f"{new} new, {repeated} repeated, {apart} newly kept apart; refused: {refused or 'none'}")
    click.echo(f"to be computed: {', '.join(sorted(days)) or 'nothing'}", err=True)


def read_lines(lines: Iterable[str]) -> Iterator[Told]:
    """Read (device, position, mode) a line; raises BadRequest that names the first line that can't be taken."""
    header: list[str] | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if line.lstrip().startswith("{"):
            yield _told(_object(line, number), number)
        elif header is None:
            header = [name.strip().lower() for name in next(csv.reader([line]))]
            _demand(header)
        else:
            cells = next(csv.reader([line]))
            if len(cells) != len(header):
                raise BadRequest("fixes_line_unreadable", line=number, value=line.strip()[:80])
            yield _told(dict(zip(header, cells, strict=True)), number)


def _batched(told: Iterator[Told]) -> Iterator[tuple[Told, ...]]:
    while part := tuple(islice(told, _AT_ONCE)):
        yield part


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BadRequest("fixes_line_unreadable", line=number, value=line.strip()[:80])
    _demand(found)
    return found


def _demand(names: Iterable[str]) -> None:
    missing = [name for name in NEEDED if name not in set(names)]
    if missing:
        raise BadRequest("fixes_columns_missing", missing=", ".join(missing))


def _told(row: Mapping[str, Any], number: int) -> Told:
    device = str(row["device"] if row["device"] is not None else "").strip()
    if not 1 <= len(device) <= LONGEST_CODE or text_fault(device):
        raise BadRequest("fixes_line_unreadable", line=number, value=device[:80])
    mode = _MODES.get(str(row.get("mode") or "foot").strip().lower())
    if mode is None:
        raise BadRequest("fixes_line_unreadable", line=number, value=str(row["mode"])[:80])
    fields = {
        "timestamp": row["time"], "lon": row["lon"], "lat": row["lat"], "accuracy": row.get("accuracy"),
        "speed_mps": row.get("speed"), "bearing": row.get("heading"),
    }  # fmt: skip
    return device, read_osmand(fields, number), mode


def _fixes(told: tuple[Told, ...]) -> tracking.Fixes:
    devices, positions, modes = zip(*told, strict=True)
    time_us, lon, lat, accuracy, speed, heading = zip(*positions, strict=True)
    return tracking.Fixes(
        np.array(devices, dtype=object), np.array(time_us, dtype=np.int64), np.array(lon, dtype=np.float64),
        np.array(lat, dtype=np.float64), np.array(accuracy, dtype=np.float32), np.array(speed, dtype=np.float32),
        np.array(heading, dtype=np.float32), np.array(modes, dtype=np.int16),
    )  # fmt: skip
