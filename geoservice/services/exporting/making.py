"""Make one file of one layer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.domain.windows import Window, local_day
from geoservice.errors import NotAllowed
from geoservice.formats.writing import MANNERS, Format, write
from geoservice.formats.writing_values import Column, Features, Target, target_named
from geoservice.messages import sentence
from geoservice.services.exporting.asking import Asked
from geoservice.services.exporting.layers import WINDOW, Layer, layer_named
from geoservice.services.gap_reports import is_ready
from geoservice.store import export_rows as store
from geoservice.store.ground import read_deployment

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.exporting.asking import Wanted

DEFAULT_DAYS = 7
LARGE_ROWS = 200_000
# So many zones are looked through for blind spots at once where no report is ready.
LARGE_ZONES = 2_000
FIXES_OF_A_ROW = 20
TABLES = {
    "zones": "zone_version",
    "coverage": "zone_version",
    "points": "point",
    "point_states": "point",
    "streets": "street",
    "stretches": "street",
    "exclusions": "exclusion",
    "contracts": "contract",
    "check_ins": "check_in",
}


def _silent(_percent: int, _stage: str) -> None:
    """Tell nobody."""


def export(
    session: Session,
    settings: Settings,
    wanted: Wanted,
    folder: Path,
    *,
    now: datetime,
    progress: Callable[[int, str], None] = _silent,
) -> Path:
    """Write what is wanted into `folder`, of what this session sees → the file; it is there whole or not at all.

    `progress` takes per cent and a stage; what it raises ends the work.
    """
    layer = layer_named(wanted.layer)
    asked = asked_of(settings, wanted, now)
    target = target_of(session, layer, wanted)
    if layer.whole_city and not store.sees_everything(session):
        raise NotAllowed("export_whole_city")
    progress(5, "preparing")
    features = layer.read(session, settings, asked)
    if layer.when == WINDOW:
        features = _inside(features, asked)
    features = replace(features, target=target, notes=_notes(asked, target))
    path = folder / f"{file_name(features, asked)}.{wanted.format}"
    progress(60, "writing_file")
    write(path, wanted.format, features)
    return path


def asked_of(settings: Settings, wanted: Wanted, now: datetime) -> Asked:
    """Return the question with its days."""
    today = local_day(now, settings.zone_info)
    return Asked(wanted, today, now, wanted.filters.window or Window.ending(today, DEFAULT_DAYS))


def target_of(session: Session, layer: Layer, wanted: Wanted) -> Target:
    """Return the coordinates that are wanted; BadRequest for those that are not offered."""
    deployment = read_deployment(session)
    return target_named(wanted.crs, deployment.metric_epsg if deployment else None)


def is_large(session: Session, settings: Settings, wanted: Wanted, now: datetime) -> bool:
    """Tell whether making this file takes so long that nobody should wait for the page."""
    layer, asked = layer_named(wanted.layer), asked_of(settings, wanted, now)
    if layer.name in {"gaps", "unvisited"}:
        return not is_ready(session, asked.window) and store.count_rows(session, "zone_version") > LARGE_ZONES
    if layer.name == "tracks":
        since, before = asked.window.instants(settings.zone_info)
        fixes = store.count_fixes(session, since, before, wanted.filters.device)
        return fixes > LARGE_ROWS * FIXES_OF_A_ROW
    return layer.name in TABLES and store.count_rows(session, TABLES[layer.name]) > LARGE_ROWS


def formats_of(layer: Layer) -> list[Format]:
    """Return the formats that can hold a layer."""
    return [
        kind
        for kind, manner in MANNERS.items()
        if (layer.geometry is not None or manner.tables)
        and (kind is not Format.GPX or layer.geometry in {"Point", "LineString"})
    ]


def file_name(features: Features, asked: Asked) -> str:
    """Return what the file is called, without its ending; ASCII, and it says so when places are shifted."""
    layer = asked.wanted.layer
    days = f"{asked.on:%Y%m%d}"
    if layer_named(layer).when == WINDOW:
        days = f"{asked.window.from_on:%Y%m%d}-{asked.window.to_on:%Y%m%d}"
    return "_".join((layer, days, *(["GCJ02"] if features.target.is_shifted else [])))


def _notes(asked: Asked, target: Target) -> tuple[str, ...]:
    if not target.is_shifted:
        return ()
    return (sentence("export_shifted", {}, asked.wanted.locale),)


def _inside(features: Features, asked: Asked) -> Features:
    """Leave out what does not meet the box asked for; layers of ground were asked for it in the database."""
    bbox = asked.filters.bbox
    if bbox is None or features.shapes is None:
        return features
    west, south, east, north = shapely.bounds(features.shapes).T
    meets = (west <= bbox[2]) & (east >= bbox[0]) & (south <= bbox[3]) & (north >= bbox[1])
    kept = np.flatnonzero(meets)
    times = features.times
    if times is not None:
        times = times[np.repeat(meets, shapely.get_num_coordinates(features.shapes))]
    columns = tuple(Column(one.header, one.kind, one.values.take(kept)) for one in features.columns)
    return replace(features, columns=columns, shapes=features.shapes[kept], times=times)
