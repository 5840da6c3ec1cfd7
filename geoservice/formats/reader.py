"""Reading a user's file from the safe side: stage it under a name of ours, let a child open it, take its answer."""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from geoservice.errors import InvalidFile
from geoservice.formats import framing
from geoservice.formats.look import Look, load_look
from geoservice.formats.process import Child, ChildFailed, ChildTooSlow
from geoservice.formats.staging import name_with_folders, refuse_unreadable, stage
from geoservice.formats.tables import FeatureTable, Limits, TrackTable
from geoservice.formats.text import AUTO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

    from geoservice.formats.framing import StoredFeatures

LONGEST_FAULT = 4_000
OUT_OF_MEMORY = "reader_out_of_memory"

log = logging.getLogger(__name__)


class Reader:
    """One child process for many files, one after the other; it is started anew when a file breaks it.

    A context manager: leaving it ends the child. Not for use by two threads at once.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._child: Child | None = None
        self._home: tempfile.TemporaryDirectory[str] | None = None
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def let_go(self) -> None:
        """End the child; what it left stays, and whoever asks again starts another."""
        self._let_go()

    def close(self) -> None:
        """End the child and remove what it left."""
        self._let_go()
        if self._home is not None:
            self._home.cleanup()
            self._home = None

    def read_features(  # noqa: PLR0913 - each says where a user's geometry is
        self,
        path: Path,
        *,
        layer: str | None = None,
        encoding: str = AUTO,
        lon: str | None = None,
        lat: str | None = None,
        wkt: str | None = None,
        name: str | None = None,
    ) -> FeatureTable:
        """All features of one layer of any file we read; InvalidFile with a code when it can't be."""
        with self.open_features(
            path, layer=layer, encoding=encoding, lon=lon, lat=lat, wkt=wkt, name=name
        ) as features:
            return features.whole()

    @contextmanager
    def open_features(  # noqa: PLR0913 - as above
        self,
        path: Path,
        *,
        layer: str | None = None,
        encoding: str = AUTO,
        lon: str | None = None,
        lat: str | None = None,
        wkt: str | None = None,
        name: str | None = None,
    ) -> Iterator[StoredFeatures]:
        """As `read_features`, but the rows stay in files, gone afterwards, and are taken from there a part at a time.

        `layer` chooses among the layers of a GeoPackage or KML, the sheets of a workbook, the data sets of a zip.
        `lon`/`lat` or `wkt` name the columns of a sheet. `name` is what the user calls the file.
        """
        options = {"layer": layer, "encoding": encoding, "lon": lon, "lat": lat, "wkt": wkt}
        answer = self._asked("features", path, name, options)
        try:
            yield framing.load_features(answer.folder, answer.name)
        finally:
            answer.remove()

    def read_table(
        self, path: Path, *, sheet: str | int | None = None, encoding: str = AUTO, name: str | None = None
    ) -> FeatureTable:
        """The rows of a CSV or of a workbook's sheet (the first, or by name or place from 0), without geometry."""
        with self._asked("table", path, name, {"sheet": sheet, "encoding": encoding}) as answer:
            return framing.load_features(answer.folder, answer.name).whole()

    def read_tracks(
        self,
        path: Path,
        *,
        columns: Mapping[str, str] | None = None,
        timezone: str,
        device: str | None = None,
        name: str | None = None,
    ) -> TrackTable:
        """The fixes of one file: GPX, GeoLife .plt, GeoJSON or a sheet.

        `columns` maps roles (device, time, lon, lat, accuracy, speed, heading, mode) to a sheet's columns. Times
        without a zone are wall time in `timezone` (GPX and GeoLife: UTC). `device` overrules what the file says;
        a GeoLife file's is its folder, another's without one its own name. `name` may hold those folders.
        """
        shown = name or name_with_folders(path)
        options = {"columns": dict(columns) if columns else None, "timezone": timezone, "device": device}
        with self._asked("tracks", path, shown, options) as answer:
            return framing.load_tracks(answer.folder, answer.name)

    def look_at(  # noqa: PLR0913 - as above
        self,
        path: Path,
        *,
        layer: str | None = None,
        encoding: str = AUTO,
        lon: str | None = None,
        lat: str | None = None,
        wkt: str | None = None,
        name: str | None = None,
    ) -> Look:
        """What a file holds and looks like, read as it was asked for; InvalidFile when nothing can be said of it."""
        shown = name or name_with_folders(path)
        options = {"layer": layer, "encoding": encoding, "lon": lon, "lat": lat, "wkt": wkt}
        with self._asked("look", path, shown, options) as answer:
            return load_look(answer.folder)

    @contextmanager
    def read_photo(self, path: Path, *, timezone: str, name: str) -> Iterator[tuple[Mapping[str, Any], Path]]:
        """What a photo is, as the child says, and the folder of its copies, which is gone afterwards; see `photos`."""
        with self._asked("photo", path, name, {"timezone": timezone}) as answer:
            yield answer.reply.get("photo", {}), answer.folder

    def _asked(self, task: str, path: Path, name: str | None, options: Mapping[str, Any]) -> _Answer:
        shown = name or path.name
        refuse_unreadable(path, self.limits, shown)
        folder = self._new_folder()
        staged = stage(path, folder / "in", Path(shown).suffix)
        request = {
            "task": task,
            "path": str(staged),
            "name": shown,
            "folder": str(folder / "in"),
            "answer": str(folder / "out"),
            "limits": asdict(self.limits),
            "taken_out": staged.suffix == ".zip",
            **options,
        }
        try:
            reply = self._exchange(request, shown)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return _Answer(folder / "out", shown, reply)

    def _exchange(self, request: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        if self._child is None or not self._child.alive:
            self._let_go()
            self._child = Child(self._home_folder())
        try:
            line = self._child.ask(json.dumps(request).encode(), self.limits.wall_seconds)
            reply = json.loads(line)
            code = reply.get("code")
            problems = tuple(framing.problems_from(reply.get("problems", ()), name))
            values = {
                str(key): value
                for key, value in reply.get("values", {}).items()
                if key not in {"code", "problems", "file"}
            }
        except ChildTooSlow:
            self._let_go()
            raise InvalidFile("reader_too_slow", file=name, seconds=self.limits.cpu_seconds) from None
        except (ChildFailed, ValueError, TypeError, AttributeError) as error:
            self._let_go()
            raise InvalidFile("reader_died", file=name) from error
        if "fault" in reply:
            log.warning("reading %s met a fault of ours: %s", name, str(reply["fault"])[-LONGEST_FAULT:])
        if code == OUT_OF_MEMORY:
            self._let_go()
        if code is not None:
            raise InvalidFile(str(code), problems=problems, file=name, **values)
        return dict(reply)

    def _let_go(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end()

    def _home_folder(self) -> Path:
        if self._home is None:
            self._home = tempfile.TemporaryDirectory(prefix="geoservice-read-", ignore_cleanup_errors=True)
        return Path(self._home.name)

    def _new_folder(self) -> Path:
        self._count += 1
        folder = self._home_folder() / str(self._count)
        (folder / "in").mkdir(parents=True)
        (folder / "out").mkdir()
        return folder


class _Answer:
    """The folder with what the child read; it is removed when its reader is done, and an odd one is an InvalidFile."""

    def __init__(self, folder: Path, name: str, reply: Mapping[str, Any]) -> None:
        self.folder = folder
        self.name = name
        self.reply = reply

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()
        if isinstance(error, framing.NOT_SO_WRITTEN):
            raise InvalidFile("reader_died", file=self.name) from error

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder.parent, ignore_errors=True)


def read_features(  # noqa: PLR0913 - as above
    path: Path,
    *,
    layer: str | None = None,
    encoding: str = AUTO,
    lon: str | None = None,
    lat: str | None = None,
    wkt: str | None = None,
    limits: Limits | None = None,
    name: str | None = None,
) -> FeatureTable:
    """`Reader.read_features` in a child of its own."""
    with Reader(limits) as reader:
        return reader.read_features(
            path, layer=layer, encoding=encoding, lon=lon, lat=lat, wkt=wkt, name=name
        )


def read_table(
    path: Path,
    *,
    sheet: str | int | None = None,
    encoding: str = AUTO,
    limits: Limits | None = None,
    name: str | None = None,
) -> FeatureTable:
    """`Reader.read_table` in a child of its own."""
    with Reader(limits) as reader:
        return reader.read_table(path, sheet=sheet, encoding=encoding, name=name)


def read_tracks(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    timezone: str,
    device: str | None = None,
    limits: Limits | None = None,
    name: str | None = None,
) -> TrackTable:
    """`Reader.read_tracks` in a child of its own."""
    with Reader(limits) as reader:
        return reader.read_tracks(path, columns=columns, timezone=timezone, device=device, name=name)
