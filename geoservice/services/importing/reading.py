"""Files of shapes, read a part of their rows after the other: what is written need not wait for what is still to be looked at."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geoservice.errors import InvalidFile
from geoservice.formats.reader import Reader
from geoservice.services.importing.on_earth import known_crs, on_earth
from geoservice.services.importing.row_list import Rows
from geoservice.services.importing.rows import header_of, refuse_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geoservice.domain.crs import Source
    from geoservice.formats.framing import StoredFeatures
    from geoservice.services.importing.columns import Header
    from geoservice.services.importing.flow import Report, Run
    from geoservice.services.importing.rows import Input


@dataclass(frozen=True)
class Reading:
    """Files that are open. `begins` (n, 2) in WGS 84: where their shapes begin, but for odd ones."""

    header: Header
    begins: NDArray[np.float64]
    _files: list[tuple[StoredFeatures, Source]]
    _report: Report

    def __len__(self) -> int:
        return sum(len(features) for features, _ in self._files)

    def parts(self) -> Iterator[Rows]:
        """All rows whose shape, if they have one, lies on Earth, a part in memory at a time; the others are rejected as they come."""
        for features, crs in self._files:
            for table in features.parts():
                yield on_earth(table, crs, self._report)


@contextmanager
def reading(source: Input, report: Report, run: Run, metric_epsg: int | None) -> Iterator[Reading]:
    """Open all files, for as long as the block lasts.

    One file that can't be read at all is an InvalidFile; among several it is one rejected entry.
    """
    files: list[tuple[StoredFeatures, Source]] = []
    begins = [np.empty((0, 2))]
    with Reader() as reader, ExitStack() as opened:
        for index, path in enumerate(source.paths):
            run.progress("reading", index / len(source.paths))
            try:
                features = opened.enter_context(
                    reader.open_features(
                        path,
                        layer=source.layer,
                        encoding=source.encoding,
                        lon=source.lon,
                        lat=source.lat,
                        wkt=source.wkt,
                    )
                )
                crs, begun = known_crs(
                    features, source.crs, report, swapped=source.swapped, metric_epsg=metric_epsg
                )
            except InvalidFile as error:
                refuse_file(error, path, report, alone=len(source.paths) == 1)
                continue
            report.rejected += features.problems
            files.append((features, crs))
            begins.append(begun)
        reader.let_go()
        header = header_of([features for features, _ in files], source.paths)
        yield Reading(header, np.concatenate(begins), files, report)


def read_rows(source: Input, report: Report, run: Run, metric_epsg: int | None) -> tuple[Header, Rows]:
    """All rows of all files at once, as `Reading.parts` has them."""
    with reading(source, report, run, metric_epsg) as found:
        return found.header, Rows.joined(list(found.parts()))
