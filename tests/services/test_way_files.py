"""A round as a file, read back by GDAL, is the round; so is a team's calendar, read back by another library."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import numpy as np
import pyogrio.raw
import pytest
import shapely
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from geoservice.config import Settings
from geoservice.errors import BadRequest
from geoservice.formats.ical import CalendarEvent, write_calendar
from geoservice.formats.writing import Format
from geoservice.services.on_the_way import Way, WayPatrol, WayStop, place_stops
from geoservice.services.way_files import way_format, write_way_file

SETTINGS = Settings(database_url="postgresql://nobody@/none", redis_url="unix:///none", secret_key="x" * 40)
EIGHT = datetime(2026, 3, 18, 0, 30, tzinfo=UTC)

# Any letters, those that XML and iCalendar escape among them; no line ends, which readers fold.
words = st.text(
    st.one_of(
        st.sampled_from("<>&\"';,:\\中文鸟😀é ()"),
        st.characters(codec="utf-8", categories=("L", "N", "P", "S")),
    ),
    min_size=1,
    max_size=20,
).map(lambda text: f"a{text}z")
lons = st.floats(-179, 179).map(lambda x: round(x, 6))
lats = st.floats(-84, 84).map(lambda y: round(y, 6))


@st.composite
def ways(draw) -> Way:
    places = draw(st.lists(st.tuples(lons, lats), min_size=1, max_size=6))
    known = draw(st.booleans())
    line = (
        shapely.LineString(draw(st.lists(st.tuples(lons, lats), min_size=2, max_size=5))) if known else None
    )
    rows = [
        WayStop(
            n, n, None, draw(words), draw(words), draw(st.sampled_from(["", "东门路 7 号"])), lon, lat, 5.0, 600.0 * n, 600.0 * n + 300
        )
        for n, (lon, lat) in enumerate(places, 1)
    ]  # fmt: skip
    patrol = WayPatrol(
        7, date(2026, 3, 18), "published", EIGHT, None, None, None, "R", draw(words), 1, 1, "T1", draw(words), line
    )  # fmt: skip
    return Way(patrol, place_stops(patrol, rows))


def _read(path: Path, layer: str | None = None) -> tuple[np.ndarray, dict]:
    meta, _, shapes, columns = pyogrio.raw.read(path, layer=layer)
    return shapely.from_wkb(shapes), dict(zip(meta["fields"].tolist(), columns, strict=True))


@hypothesis_settings(max_examples=7)
@given(way=ways())
def test_gdal_reads_the_stops_and_the_line_of_every_format(way):
    stops = np.array([(stop.row.lon, stop.row.lat) for stop in way.stops])
    names = [f"{stop.row.position} {stop.name}" for stop in way.stops]
    arrive = [
        f"{EIGHT.astimezone(ZoneInfo('Asia/Shanghai')) + timedelta(minutes=10 * n):%H:%M}"
        for n in range(1, len(names) + 1)
    ]
    with tempfile.TemporaryDirectory() as folder:
        for kind in (Format.KML, Format.GEOJSON):
            path = Path(folder) / f"round.{kind}"
            write_way_file(path, kind, way, SETTINGS, "en")
            shapes, columns = _read(path)
            kinds = shapely.get_type_id(shapes)
            assert np.allclose(shapely.get_coordinates(shapes[kinds == 0]), stops, atol=1e-7)
            named = columns["Name" if kind is Format.KML else "name"][kinds == 0]
            assert list(named) == names
            assert [str(told)[11:16] for told in columns["arrive"][kinds == 0]] == arrive
            assert (kinds == 1).sum() == (way.line is not None)
            if way.line is not None:
                assert np.allclose(
                    shapely.get_coordinates(shapes[kinds == 1]), shapely.get_coordinates(way.line), atol=1e-7
                )
        path = Path(folder) / "round.gpx"
        write_way_file(path, Format.GPX, way, SETTINGS, "en")
        shapes, columns = _read(path, "waypoints")
        assert np.allclose(shapely.get_coordinates(shapes), stops, atol=1e-7)
        assert list(columns["name"]) == names
        assert all(clock in told for clock, told in zip(arrive, columns["desc"], strict=True))
        tracks, _ = _read(path, "tracks")
        assert len(tracks) == (way.line is not None)
        if way.line is not None:
            assert np.allclose(shapely.get_coordinates(tracks), shapely.get_coordinates(way.line), atol=1e-7)


def test_other_formats_are_refused_by_name():
    with pytest.raises(BadRequest) as refused:
        way_format("shp")
    assert refused.value.values["types"] == "gpx, geojson, kml"


zones = st.sampled_from(["Asia/Shanghai", "Asia/Urumqi", "Europe/Berlin", "America/New_York", "UTC"])
instants = st.integers(0, 6 * 365 * 86400).map(
    lambda s: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
)
events = st.builds(
    CalendarEvent,
    uid=st.uuids().map(str),
    summary=words,
    start=st.one_of(instants, st.dates(date(2024, 1, 1), date(2030, 1, 1))),
    description=st.lists(words, max_size=3).map("\n".join),
    location=st.one_of(st.just(""), words),
    place=st.one_of(st.none(), st.tuples(lons, lats)),
)


@hypothesis_settings(max_examples=18)
@given(found=st.lists(events, max_size=5), name=words, zone=zones)
def test_a_calendar_read_back_is_what_was_written_at_the_same_instants(found, name, zone):
    body = write_calendar("u", name, found, ZoneInfo(zone), now=EIGHT)
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    read = icalendar.Calendar.from_ical(body)
    assert read["X-WR-CALNAME"] == name
    assert len(read.events) == len(found)
    for event, wanted in zip(read.events, found, strict=True):
        assert (event["UID"], event["SUMMARY"]) == (wanted.uid, wanted.summary)
        assert event.get("DESCRIPTION", "") == wanted.description
        assert event.get("LOCATION", "") == wanted.location
        assert event["DTSTART"].dt == wanted.start
        if isinstance(wanted.start, datetime) and zone != "UTC":
            assert event["DTSTART"].params["TZID"] == zone
            assert zone in {rules["TZID"] for rules in read.timezones}
        if wanted.place:
            assert (event["GEO"].longitude, event["GEO"].latitude) == pytest.approx(wanted.place)
