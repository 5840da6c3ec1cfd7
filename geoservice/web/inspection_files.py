"""Workbooks of checklists and inspections, sent as they are made."""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING

from flask import Response, request, send_file

from geoservice.formats.writing import MANNERS, Format
from geoservice.services.exporting import keeping
from geoservice.web import inspection_words
from geoservice.web.deployment import current_settings
from geoservice.web.sending import name_file
from geoservice.web.setup_door import refused as refused_by
from geoservice.web.words import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geoservice.errors import GeoServiceError


def send_workbook(write: Callable[[Path], None], name: str, zh: str) -> Response:
    """Send what `write` writes to a path; `zh` is what it is called in Chinese."""
    with keeping.passing_folder(current_settings()) as folder:
        path = folder / f"{name}.xlsx"
        write(path)
        stream = io.BytesIO(path.read_bytes())
    answer = send_file(stream, mimetype=MANNERS[Format.XLSX].content_type, conditional=False, etag=False)
    return name_file(answer, f"{name}.xlsx", f"{zh}.xlsx")


def reason_of(error: GeoServiceError) -> str:
    """Return why something was refused, its field named as the form names it."""
    values = dict(error.values)
    if "field" in values:
        values["field"] = inspection_words.word_of_field(str(values["field"]))
    return say(error.code, values)


def status_of(error: GeoServiceError) -> int:
    """Return the status of a refused form."""
    return refused_by(error)[1]


def asked_day(name: str) -> date | None:
    """Return a day of the form; None where it is none."""
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return None
