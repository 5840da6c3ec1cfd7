"""GPX 1.0 and 1.1: the points of its tracks, with time, speed, course and accuracy where a device wrote them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.errors import InvalidFile
from geoservice.formats import xml
from geoservice.formats.times import Clock

if TYPE_CHECKING:
    from pathlib import Path

    from geoservice.formats.fixes import Fixes

MEASURES = {"speed": "speed_mps", "course": "heading_deg", "accuracy": "accuracy_m"}
WANTED = {"time", *MEASURES}


class _Points:
    """Hears a document's tags and gathers each `trkpt`."""

    def __init__(self, fixes: Fixes, device: str) -> None:
        self.fixes = fixes
        self.device = device
        self.clock = Clock("UTC")  # GPX says its times are UTC
        self.count = 0
        self.depth = 0
        self.point: dict[str, str] | None = None
        self.text: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """A tag opens."""
        name = xml.local_name(tag)
        self.depth += 1
        if self.depth == 1 and name != "gpx":
            raise InvalidFile("kind_mismatch", suffix=".gpx", kind="GPX")
        if self.depth > xml.DEEPEST:
            raise InvalidFile("nesting_too_deep")
        if name == "trkpt":
            self.count += 1
            self.point = dict(attributes)
        self.text.clear()

    def words(self, text: str) -> None:
        """Text between tags."""
        if self.point is not None:
            self.text.append(text)

    def end(self, tag: str) -> None:
        """A tag closes; with a `trkpt` a fix is complete."""
        self.depth -= 1
        if self.point is None:
            return
        name = xml.local_name(tag)
        if name == "trkpt":
            self._take(self.point)
            self.point = None
        elif name in WANTED:
            self.point.setdefault(name, "".join(self.text).strip())

    def _take(self, point: dict[str, str]) -> None:
        try:
            lon, lat = float(point["lon"]), float(point["lat"])
        except (KeyError, ValueError):
            self.fixes.refuse(
                self.count, "fix_coordinates", "lon lat", f"{point.get('lon')} {point.get('lat')}"
            )
            return
        try:
            time = self.clock.microseconds(point.get("time", ""))
        except (ValueError, OverflowError):
            self.fixes.refuse(self.count, "fix_time", "time", point.get("time"))
            return
        measured = {
            column: value
            for tag, column in MEASURES.items()
            if (value := _number(point.get(tag))) is not None
        }
        self.fixes.add(self.count, self.device, time, lon, lat, **measured)


def read_gpx(path: Path, device: str, fixes: Fixes) -> None:
    """Add every track point of a GPX file to `fixes`; its number in the file is its row."""
    points = _Points(fixes, device)
    parser = xml.safe_parser()
    parser.StartElementHandler, parser.EndElementHandler = points.start, points.end
    parser.CharacterDataHandler = points.words
    xml.parse(parser, xml.utf8_document(path))


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
