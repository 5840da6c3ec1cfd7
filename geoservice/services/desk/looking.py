"""What the files of a draft are: layers, encoding, coordinates, fields, and some rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.desk.shelf import Draft


def look_at_draft(
    session: Session, settings: Settings, draft: Draft, progress: Callable[[str, float], None]
) -> dict[str, Any]:
    """Return what is seen in the files, as JSON.

    "file"; "files": [{"name", "features", "problem"}]; "layers": [{"file", "name", "features", "geometry"}]; "layer" (the one read);
    "encoding"; "encodings": {name: [[cell, …], …]} (the same rows in each, the first is the header); "crs"; "crs_notes":
    [{"code", "values"}]; "geometry" (Point, LineString, Polygon, None); "fields": [{"name", "samples"}]; "rows": [[cell, …]];
    "problems": [problem]; "guess": {"kind", "columns": {role: field}}; "saved": {role: field} or None; "shift": {…} or None.
    """
    raise NotImplementedError
