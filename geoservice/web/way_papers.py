"""What a patrol takes along: its round as a file, and a sheet to print. For its members and for dispatchers alike."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Response, render_template

from geoservice.formats.writing import MANNERS
from geoservice.maps.way_sheet import draw_sheet_map
from geoservice.services.way_files import FORMATS, way_format, write_way_file
from geoservice.web.deployment import current_settings, current_time
from geoservice.web.sending import name_file
from geoservice.web.texts import current_locale
from geoservice.web.way_words import word_of_mode_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from geoservice.services.on_the_way import Way

__all__ = ["FORMATS", "send_way", "sheet_page"]

MAP_MM = (182.0, 105.0)


def send_way(way: Way, ending: str) -> Response:
    """Send a round as a file; BadRequest for a format it does not come in."""
    kind = way_format(ending)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"patrol_{way.patrol.on_day:%Y%m%d}_{way.patrol.id}.{kind}"
        write_way_file(path, kind, way, current_settings(), current_locale())
        body, plain = path.read_bytes(), path.name
    answer = Response(body, content_type=MANNERS[kind].content_type)
    named = f"{way.patrol.on_day:%Y%m%d}_{way.patrol.team_name}_{way.patrol.route_name}.{kind}"
    return name_file(answer, plain, named)


def sheet_page(way: Way, streets: Sequence[BaseGeometry], back: str) -> str:
    """Return the sheet to print, on the streets around; `back`: the address of the page it belongs to."""
    stops = [(stop.row.position, stop.row.lon, stop.row.lat, stop.state) for stop in way.stops]
    return render_template(
        "field/patrol_sheet.html",
        way=way,
        drawn=draw_sheet_map(stops, way.line, streets, *MAP_MM),
        back=back,
        printed_at=current_time(),
        mode_word=word_of_mode_number,
    )
