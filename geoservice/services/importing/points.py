"""Points from a file: by their code, changed in place."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geoservice.errors import BadRequest
from geoservice.messages import LOCALES
from geoservice.services.importing.columns import Column, Header, shown
from geoservice.services.importing.first_rows import FirstRows
from geoservice.services.importing.flow import Report, Run, importing
from geoservice.services.importing.measurable import grid_of_most
from geoservice.services.importing.one_point import Categories, candidate_of
from geoservice.services.importing.point_columns import screen_points
from geoservice.services.importing.reading import reading
from geoservice.services.importing.rows import BadRow, Input, metric_epsg, other_json
from geoservice.services.importing.side_by_side import ahead
from geoservice.store import batches, placing, point_incoming, point_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.importing.row_list import Rows
    from geoservice.store.incoming import Packed


@dataclass(frozen=True)
class PointOptions:
    """Which columns of a file of points hold what; `category_value` is one category for all rows."""

    code: str | None = None
    name: str | None = None
    category: str | None = None
    category_value: str | None = None
    address: str | None = None
    interval: str | None = None
    minutes: str | None = None
    weight: str | None = None


@dataclass(frozen=True)
class Points:
    """The rows that can be taken, by columns of equal length: `places` WKB, `attributes` JSON, `told` as in `Candidate`."""

    rows: NDArray[np.intp]
    codes: list[str]
    places: list[bytes]
    told: dict[str, list[Any]]
    attributes: list[str]

    def __len__(self) -> int:
        return len(self.codes)

    def columns(self) -> dict[str, list[Any]]:
        """What the file tells, by column of the table."""
        return {"code": self.codes, "geom": self.places, "attributes": self.attributes, **self.told}

    def packed(self, first: int) -> Packed:
        """All of them as they are written, numbered from `first`."""
        return point_incoming.pack_points(self.columns(), first)


def import_points(
    session: Session, settings: Settings, source: Input, options: PointOptions, run: Run
) -> Report:
    """Take a file of points."""
    told = {
        **asdict(options),
        "crs": source.crs,
        "encoding": source.encoding,
        "lon": source.lon,
        "lat": source.lat,
    }
    with (
        importing(session, "points", source.parts(), told, run) as report,
        reading(source, report, run, metric_epsg(session)) as file,
    ):
        columns = _columns(session, file.header, options, source)
        report.detected["guessed"] = file.header.guessed
        if columns["code"] is None:
            report.detected["code_from"] = "name, address, lon, lat"
        categories = _categories(session)
        grid_of_most(session, settings, file.begins)
        firsts = FirstRows(shown(columns["code"]))

        def checked(rows: Rows) -> Points:
            return check_points(rows, file.header, columns, categories, report, firsts)

        run.progress("writing", 0.0)
        _apply(session, map(checked, file.parts()), (run, run.today(settings.zone_info), len(file)), report)
        batches.settle(session, report.written, "point")
    return report


def _columns(
    session: Session, header: Header, options: PointOptions, source: Input
) -> dict[str, Column | None]:
    columns = {
        "code": header.find("point_code", options.code),
        "name": header.find("point_name", options.name),
        "category": header.find("category", options.category) if options.category_value is None else None,
        **{
            name: header.find(name, getattr(options, name))
            for name in ("address", "interval", "minutes", "weight")
        },
    }
    if options.category_value is not None:
        known = {category.code for category in point_rows.categories(session)}
        if options.category_value not in known:
            raise BadRequest(
                "unknown_category", value=options.category_value, categories=", ".join(sorted(known))
            )
        columns["category"] = Column("--category-value", fixed=options.category_value)
    header.used |= {name for name in (source.lon, source.lat, source.wkt) if name}
    return columns


def _categories(session: Session) -> Categories:
    rows = point_rows.categories(session)
    codes = {name.casefold(): row.code for row in rows for name in (row.name_zh, row.name_en)}
    told = ("、".join(row.name_zh for row in rows), ", ".join(row.name_en for row in rows))
    return Categories(
        codes | {row.code.casefold(): row.code for row in rows}, dict(zip(LOCALES, told, strict=True))
    )


def check_points(
    rows: Rows,
    header: Header,
    columns: dict[str, Column | None],
    categories: Categories,
    report: Report,
    first_rows: FirstRows | None = None,
) -> Points:
    """The rows that are one point with a code of their own and values that make sense.

    `first_rows` knows the codes of what came before of the same file. Whole columns are looked at first; a row in which anything is
    odd is then looked at by itself, which says what it is.
    """
    sound, codes, told = screen_points(rows, columns, categories)
    places = rows.geometry()
    for index in np.flatnonzero(~sound).tolist():
        try:
            one = candidate_of(rows[index], columns, categories)
        except BadRow as bad:
            report.rejected.append(bad.args[0])
            continue
        sound[index], codes[index], places[index] = True, one.code, shapely.to_wkb(one.shape)
        for name, value in one.told.items():
            told[name][index] = value
    firsts = first_rows or FirstRows(shown(columns["code"]))
    return _without_repeated(rows, (sound, codes, places, told), header, firsts, report)


def _without_repeated(
    rows: Rows,
    checked: tuple[NDArray[np.bool_], list[str | None], list[bytes | None], dict[str, list[Any]]],
    header: Header,
    firsts: FirstRows,
    report: Report,
) -> Points:
    """The sound rows of what was checked, of each code the first."""
    sound, codes, places, told = checked
    kept = np.flatnonzero(sound)
    found = [code or "" for code in _at(codes, kept)]
    first = firsts.keep(found, rows, kept.tolist(), report)
    if len(first) < len(found):
        kept, found = kept[first], [found[place] for place in first]
    return Points(
        kept,
        found,
        _at(places, kept),
        {name: _at(cells, kept) for name, cells in told.items()},
        _at(other_json(rows, header), kept),
    )


def _at(cells: list[Any], places: NDArray[np.intp]) -> list[Any]:
    return cells if len(places) == len(cells) else [cells[place] for place in places.tolist()]


def _apply(session: Session, parts: Iterator[Points], course: tuple[Run, date, int], report: Report) -> None:
    """Write points that come in parts, each code once in all of them. `course`: the run, its day, and how many rows there are."""
    run, today, count = course
    if not count:
        return
    numbered = ahead(_packed(parts))
    incoming = point_incoming.IncomingPoints(session, report.batch_id)
    if incoming.stand_alone():
        for _, packed in numbered:
            incoming.take_in([packed], today)
            _add(incoming, run, count, report)
    else:
        codes: list[str] = []
        incoming.take_in(_noted(numbered, codes), today)
        known = incoming.compare()
        report.unchanged_codes = [codes[index] for index, is_same in known.items() if is_same]
        report.unchanged = len(report.unchanged_codes)
        report.changed = len(known) - report.unchanged
        if known:
            incoming.change()
        _add(incoming, run, count, report)
    placing.place_other_points(session, today, report.batch_id)


def _packed(parts: Iterator[Points]) -> Iterator[tuple[list[str], Packed]]:
    """The codes of each part, and all of it as it is written; the parts are numbered on."""
    count = 0
    for points in parts:
        yield points.codes, points.packed(first=count)
        count += len(points)


def _noted(numbered: Iterator[tuple[list[str], Packed]], codes: list[str]) -> Iterator[Packed]:
    for more, packed in numbered:
        codes += more
        yield packed


def _add(incoming: point_incoming.IncomingPoints, run: Run, count: int, report: Report) -> None:
    for added in incoming.add():
        report.new += added
        run.progress("writing", report.taken / count)
