"""Tracks from files and folders: every fix goes to the same door that a phone's upload goes through."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

import numpy as np

from geoservice.domain.crs import resolve_crs
from geoservice.errors import BadRequest, InvalidFile, Problem
from geoservice.formats.kinds import KIND_OF_SUFFIX, Kind
from geoservice.formats.reader import Reader
from geoservice.formats.text import text_fault
from geoservice.services import tracking
from geoservice.services.importing.flow import Report, Run, importing, storable
from geoservice.services.importing.rows import LONGEST_CODE, refuse_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.formats import TrackTable

MODES = {"foot": 1, "ebike": 2, "car": 3}
WORDS = {
    "walk": 1,
    "walking": 1,
    "步行": 1,
    "徒步": 1,
    "bike": 2,
    "bicycle": 2,
    "电动车": 2,
    "骑行": 2,
    "taxi": 3,
    "drive": 3,
    "汽车": 3,
    "车巡": 3,
}
TRACK_KINDS = {Kind.GPX, Kind.PLT, Kind.GEOJSON, Kind.CSV, Kind.WORKBOOK}
SOURCE_SHOWN = 200


@dataclass(frozen=True)
class TrackOptions:
    """What files of tracks are. `columns` maps roles (device, time, lon, lat …) to a sheet's columns; `mode` is foot,
    ebike or car where the file does not say; times without a zone are wall time in `timezone` (the deployment's).
    """

    device: str | None = None
    mode: str = "foot"
    columns: Mapping[str, str] | None = None
    timezone: str | None = None
    crs: str = "auto"


def track_files(paths: Iterable[Path]) -> list[Path]:
    """Files as they are named, folders as every file in them that may hold tracks, in a steady order.

    InvalidFile when a folder holds none.
    """
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(
            each
            for each in path.rglob("*")
            if each.is_file() and KIND_OF_SUFFIX.get(each.suffix.lower()) in TRACK_KINDS
        )
        if not inside:
            raise InvalidFile("folder_holds_no_tracks", file=path.name)
        found += inside
    return list(dict.fromkeys(found))


def import_tracks(
    session: Session, settings: Settings, paths: list[Path], options: TrackOptions, run: Run
) -> Report:
    """Take files of tracks; `new` and `unchanged` count fixes."""
    if options.timezone is not None and options.timezone not in available_timezones():
        raise BadRequest("timezone_unknown", timezone=options.timezone)
    files = track_files(paths)
    told = {**vars(options), "columns": dict(options.columns or {})}
    devices: set[str] = set()
    refused: Counter[str] = Counter()
    tracks = read = 0
    with importing(session, "tracks", files, told, run) as report, Reader() as reader:
        for index, path in enumerate(files):
            run.progress("reading", index / len(files))
            try:
                table = reader.read_tracks(
                    path,
                    columns=options.columns,
                    timezone=options.timezone or settings.timezone,
                    device=options.device,
                )
                fixes = _fixes(_with_sound_devices(table, report), options, report)
            except InvalidFile as error:
                refuse_file(error, path, report, alone=len(files) == 1)
                continue
            report.rejected += table.problems
            if not len(fixes.time_us):
                continue
            received = tracking.receive(
                session,
                settings,
                fixes,
                source=storable(table.file)[:SOURCE_SHOWN],
                batch_id=report.batch_id,
                now=run.now,
            )
            report.new += received.new
            report.unchanged += received.repeated
            refused.update(received.refused)
            report.rejected += [
                Problem("fixes_refused", file=storable(table.file), value=reason, values={"count": count})
                for reason, count in received.refused.items()
            ]
            tracks += len(received.track_ids)
            read += 1
            devices |= set(map(str, np.unique(table.device.astype(str))))
        report.more = {"files": read, "tracks": tracks, "devices": len(devices), "refused": dict(refused)}
    return report


def _with_sound_devices(table: TrackTable, report: Report) -> TrackTable:
    """Leave out the fixes of devices whose code can't be stored."""
    bad = {name for name in set(table.device.tolist()) if len(name) > LONGEST_CODE or text_fault(name)}
    if not bad:
        return table
    report.rejected += [
        Problem("device_invalid", file=table.file, value=storable(name)[:80]) for name in sorted(bad)
    ]
    kept = np.array([name not in bad for name in table.device.tolist()], dtype=bool)
    columns = {item.name: getattr(table, item.name) for item in fields(table)}
    return replace(
        table, **{name: value[kept] for name, value in columns.items() if isinstance(value, np.ndarray)}
    )


def _fixes(table: TrackTable, options: TrackOptions, report: Report) -> tracking.Fixes:
    """The fixes of one file in WGS 84."""
    places = np.column_stack([table.lon, table.lat])
    crs = resolve_crs(options.crs, None if options.crs != "auto" else "EPSG:4326", places)
    report.detected.setdefault("crs", crs.crs)
    moved = crs.to_lonlat(places)
    return tracking.Fixes(
        device=table.device,
        time_us=table.time,
        lon=moved[:, 0],
        lat=moved[:, 1],
        accuracy_m=table.accuracy_m,
        speed_mps=table.speed_mps,
        heading_deg=table.heading_deg,
        mode=_modes(table.mode, MODES[options.mode]),
    )


def _modes(words: NDArray[np.object_], default: int) -> NDArray[np.int16]:
    """Words for how a patrol moved → their numbers; the default where the file says nothing we know."""
    known = {**MODES, **WORDS}
    numbers = {word: known.get(str(word).strip().casefold(), default) for word in set(words.tolist())}
    return np.array([numbers[word] for word in words.tolist()], dtype=np.int16)
