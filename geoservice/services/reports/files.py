"""A report written as a file: an Excel workbook or a Word document."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from geoservice.errors import BadRequest, NotFound
from geoservice.services import evidence
from geoservice.services.reports.writing import document_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.reports.publishing import ReportView
    from geoservice.services.reports.writing import Reader

MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def write(
    session: Session, settings: Settings, view: ReportView, folder: Path, kind: str, reader: Reader
) -> Path:
    """Write a report into a folder as `kind` and return the file. `session` must see everything, for the photos."""
    if kind not in MEDIA_TYPES:
        raise BadRequest("report_file_unknown", value=kind[:20])
    path = folder / f"report-{view.kind}-{view.window.from_on}.{kind}"
    document = document_of(view, reader, _photos(session, settings))
    if kind == "xlsx":
        from geoservice.formats.writing_report import write_report_workbook

        write_report_workbook(path, document)
    else:
        from geoservice.formats.writing_report_docx import write_report_docx

        write_report_docx(path, document)
    return path


def photo_path(session: Session, settings: Settings, view: ReportView, name: str) -> Path:
    """Return the file of a photo that a report shows; NotFound for any other, and for one that is gone."""
    if not any(name in case["photos"] for case in view.content["cases"]):
        raise NotFound("photo_unknown")
    path = evidence.photo_folder(settings, evidence.sha256_of(session, UUID(name))) / evidence.LARGE
    if not path.is_file():
        raise NotFound("photo_unknown")
    return path


def _photos(session: Session, settings: Settings) -> Callable[[str], bytes | None]:
    def photo(name: str) -> bytes | None:
        try:
            sha256 = evidence.sha256_of(session, UUID(name))
        except NotFound:
            return None
        path = evidence.photo_folder(settings, sha256) / evidence.LARGE
        return path.read_bytes() if path.is_file() else None

    return photo
