"""Files that come with a form: on the disk while they are read, and nowhere afterwards."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.datastructures import FileStorage

    from geoservice.config import Settings


def incoming_folder(settings: Settings) -> Path:
    """Return the folder of files that are just coming in; it is made where it is missing."""
    folder = settings.var_dir / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def file_at_hand(settings: Settings, file: FileStorage, name: str) -> Iterator[Path]:
    """Put a file that was sent on the disk, under a name of ours, for as long as it is read."""
    with TemporaryDirectory(dir=incoming_folder(settings), prefix="file-") as own:
        path = Path(own) / name
        file.save(path)
        yield path
