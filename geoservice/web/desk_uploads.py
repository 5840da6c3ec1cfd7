"""Files on their way in: streamed to a folder of ours while the request is read, and gone with it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from flask import g, request

from geoservice.services.desk import Received
from geoservice.web.deployment import current_settings
from geoservice.web.receiving import incoming_folder

if TYPE_CHECKING:
    from geoservice.config import Settings


def stream_to_disk(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let this request's files go straight to disk, beside where they will be kept."""
    settings = current_settings()
    request._get_file_stream = lambda *_told, **_more: _open_file(settings)  # type: ignore[method-assign]


def uploaded_files(field: str) -> list[Received]:
    """Return what was sent in a field of the form; a field left empty is nothing."""
    files = [file for file in request.files.getlist(field) if file.filename]
    for file in files:
        file.stream.flush()
    return [Received(name=str(file.filename), path=Path(str(file.stream.name))) for file in files]


def remove_uploads(_error: BaseException | None) -> None:
    """Remove what came with this request and was not moved to where it is kept."""
    for path in g.get("uploads", ()):
        path.unlink(missing_ok=True)


def _open_file(settings: Settings) -> IO[bytes]:
    file = tempfile.NamedTemporaryFile(dir=incoming_folder(settings), prefix="upload-", delete=False)  # noqa: SIM115 - the request closes it
    g.setdefault("uploads", []).append(Path(file.name))
    return cast("IO[bytes]", file)
