"""Reading a user's file from the safe side: stage it under a name of ours, let a child open it, take its answer."""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import geoservice
from geoservice.errors import InvalidFile
from geoservice.formats import framing
from geoservice.formats.drivers import gdal_environment
from geoservice.formats.staging import name_with_folders, refuse_unreadable, stage
from geoservice.formats.tables import FeatureTable, Limits, TrackTable
from geoservice.formats.text import AUTO

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

OUT_OF_MEMORY = "reader_out_of_memory"
LONGEST_ANSWER_BYTES = 8 << 20
PACKAGE_ROOT = Path(geoservice.__file__).parent.parent


class Reader:
    """One child process for many files, one after the other; it is started anew when a file breaks it.

    A context manager: leaving it ends the child. Not for use by two threads at once.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._child: subprocess.Popen[bytes] | None = None
        self._home: tempfile.TemporaryDirectory[str] | None = None
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child and remove what it left."""
        self._end()
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
        """The features of one layer of any file we read; InvalidFile with a code when it can't be.

        `layer` chooses among the layers of a GeoPackage or KML, the sheets of a workbook, the data sets of a zip.
        `lon`/`lat` or `wkt` name the columns of a sheet. `name` is what the user calls the file.
        """
        options = {"layer": layer, "encoding": encoding, "lon": lon, "lat": lat, "wkt": wkt}
        with self._asked("features", path, name, options) as answer:
            return framing.load_features(answer.folder, answer.name)

    def read_table(
        self, path: Path, *, sheet: str | int | None = None, encoding: str = AUTO, name: str | None = None
    ) -> FeatureTable:
        """The rows of a CSV or of a workbook's sheet (the first, or by name or place from 0), without geometry."""
        with self._asked("table", path, name, {"sheet": sheet, "encoding": encoding}) as answer:
            return framing.load_features(answer.folder, answer.name)

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
            self._exchange(request, shown)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return _Answer(folder / "out", shown)

    def _exchange(self, request: Mapping[str, Any], name: str) -> None:
        child = self._running()
        if child.stdin is None or child.stdout is None:
            raise RuntimeError("the child has no pipes")
        try:
            child.stdin.write(json.dumps(request).encode() + b"\n")
            child.stdin.flush()
        except BrokenPipeError:
            self._end()
            raise InvalidFile("reader_died", file=name) from None
        line = self._line(child, name)
        try:
            reply = json.loads(line)
            code = reply.get("code")
            problems = tuple(framing.problems_from(reply.get("problems", ()), name))
            values = {
                str(key): value
                for key, value in reply.get("values", {}).items()
                if key not in {"code", "problems", "file"}
            }
        except (ValueError, TypeError, AttributeError) as error:
            self._end()
            raise InvalidFile("reader_died", file=name) from error
        if code == OUT_OF_MEMORY:
            self._end()
        if code is not None:
            raise InvalidFile(str(code), problems=problems, file=name, **values)

    def _line(self, child: subprocess.Popen[bytes], name: str) -> bytes:
        """The child's answer; it is killed when that takes too long or grows too large."""
        assert child.stdout is not None
        ends = time.monotonic() + self.limits.wall_seconds
        line = bytearray()
        with selectors.DefaultSelector() as ready:
            ready.register(child.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                left = ends - time.monotonic()
                if left <= 0 or not ready.select(left):
                    self._end()
                    raise InvalidFile("reader_too_slow", file=name, seconds=self.limits.wall_seconds)
                chunk = os.read(child.stdout.fileno(), 1 << 16)
                line += chunk
                if not chunk or len(line) > LONGEST_ANSWER_BYTES:
                    too_slow = self._end() == -signal.SIGXCPU
                    raise InvalidFile(
                        "reader_too_slow" if too_slow else "reader_died",
                        file=name,
                        seconds=self.limits.cpu_seconds,
                    )
        return bytes(line)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is not None:
            self._end()
        if self._child is None:
            home = self._home_folder()
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-s", "-m", "geoservice.formats.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=home,
                env=_environment(home),
                start_new_session=True,
            )
        return self._child

    def _end(self) -> int | None:
        """Kill the child if there is one → how it ended, as `Popen.returncode` says it."""
        child, self._child = self._child, None
        if child is None:
            return None
        if child.stdin is not None:
            child.stdin.close()
        try:
            code = child.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            child.kill()
            code = child.wait()
        if child.stdout is not None:
            child.stdout.close()
        return code

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

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.folder.parent, ignore_errors=True)
        if isinstance(error, (ValueError, KeyError, TypeError, OSError, EOFError)):
            raise InvalidFile("reader_died", file=self.name) from error


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


def _environment(home: Path) -> dict[str, str]:
    """What the child sees: no secret, no proxy, no user's own Python."""
    kept = {key: value for key in ("PATH", "LD_LIBRARY_PATH", "TZDIR") if (value := os.environ.get(key))}
    return {
        **kept,
        **gdal_environment(str(home)),
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(PACKAGE_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
