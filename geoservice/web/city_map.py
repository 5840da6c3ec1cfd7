"""What the city's map asks for as somebody looks around: tiles, rates, shapes, cards, and where patrols are."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from geoservice.domain.roles import Permission, may
from geoservice.errors import BadRequest, NotAllowed, NotFound
from geoservice.maps.ages import age_layer, age_rows
from geoservice.maps.city import PointColumns, pack_points, pack_rates
from geoservice.maps.layers import coverage_fill, exclusion_layer, gap_layer, zone_layer
from geoservice.maps.lines import stretch_layer
from geoservice.maps.live import live_shapes
from geoservice.maps.points import point_layer
from geoservice.maps.values import Window as ShownWindow
from geoservice.services import as_of
from geoservice.services import city_map as service
from geoservice.services.areas import SHOWN
from geoservice.services.city_points import point_field, point_tile
from geoservice.services.city_tiles import street_tiles, zone_tiles
from geoservice.services.live import look
from geoservice.services.told import read_place
from geoservice.store import map_rows
from geoservice.store.kept import kept
from geoservice.store.tile_rows import TilePlace
from geoservice.web import live_words
from geoservice.web.age_image import age_image
from geoservice.web.asked_area import asked_level
from geoservice.web.deployment import current_settings, current_time, today
from geoservice.web.identity import current_scope, guard, own_transaction, the_account
from geoservice.web.map_text import map_text
from geoservice.web.ogc_answers import not_modified, session_when_needed, with_etag
from geoservice.web.reader import the_reader
from geoservice.web.texts import gettext
from geoservice.web.windows import chosen_window

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from geoservice.domain.windows import Window
    from geoservice.maps.text import MapText
    from geoservice.services.city_tiles import MapTiles
    from geoservice.services.collections.reading import Reading

city_map = Blueprint("city_map", __name__, url_prefix="/dispatch/map")
guard(city_map, Permission.SEE_CITY)

MVT = "application/vnd.mapbox-vector-tile"
DEEPEST = 22
TILE = "<int(max=22):zoom>/<int(max=4194303):column>/<int(max=4194303):row>"


@city_map.get(f"/zones/<string(maxlength=60):level>/<day>/{TILE}")
def show_zones(level: str, day: str, zoom: int, column: int, row: int) -> Response:
    """Send the borders of a level on a day, one tile of them; with names where `names` asks for them."""
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise NotFound("not_found") from None
    return _tile(zone_tiles(level, on, named="names" in request.args), TilePlace(zoom, column, row))


@city_map.get(f"/streets/{TILE}")
def show_streets(zoom: int, column: int, row: int) -> Response:
    """Send the streets of one tile."""
    return _tile(street_tiles(), TilePlace(zoom, column, row))


@city_map.get(f"/points/{TILE}")
def show_points(zoom: int, column: int, row: int) -> Response:
    """Send the points of one tile as they stand in the window, put together where they are crowded."""
    window, args = chosen_window().window, request.args
    with own_transaction() as session:
        field = point_field(
            session, current_settings(), window, the_reader(),
            category=args.get("category", "")[:60], late="late" in args,
        )  # fmt: skip
    found = point_tile(field, TilePlace(zoom, column, row))
    alone = found.alone
    columns = PointColumns(
        ids=field.ids[alone],
        lon=field.lon[alone],
        lat=field.lat[alone],
        sign=field.category[alone],
        state=field.state[alone],
        late=field.late[alone],
        group_lon=found.lon,
        group_lat=found.lat,
        group_count=found.counts,
        group_late=found.late,
    )
    return _answer(
        json.dumps(pack_points(columns, field.categories), ensure_ascii=False, separators=(",", ":"))
    )


@city_map.get("/rates")
def show_rates() -> Response:
    """Send which light each zone of the level has, all of them at once."""
    window = chosen_window().window
    with own_transaction() as session:
        level = asked_level(session, today())[1]
        code = level.code if level else ""

        def make(text: MapText) -> dict[str, Any]:
            rows = service.zones_of(session, current_settings(), window, code)
            days = ShownWindow(window.from_on, window.to_on)
            now = days, as_of.computed_at(session, window)
            return pack_rates([row.zone_id for row in rows], [row.rate for row in rows], now, text)

        return _answer(_kept(session, ("rates", window, code), make))


@city_map.get("/shapes/<any(gaps, stretches, exclusions, ages):kind>")
def show_shapes(kind: str) -> Response:
    """Send what of one kind is worth showing, however large the city is."""
    window = chosen_window().window
    with own_transaction() as session:
        make = SHAPES[kind]
        return _answer(_kept(session, ("shapes", kind, window), lambda text: make(session, window, text)))


@city_map.get("/card/zone")
def show_zone_at() -> Response:
    """Send what there is to say of the zone that is named, or of the one at a place; nothing where there is none."""
    window = chosen_window().window
    with own_transaction() as session:
        zone_id = request.args.get("id", type=int)
        if zone_id is None:
            level = asked_level(session, today())[1]
            zone_id = map_rows.zone_at(session, level.code if level else "", window.to_on, *_place())
        if zone_id is None:
            return Response(status=204)
        zone = service.one_zone(session, current_settings(), window, zone_id, the_reader())
    text = _text()
    return _json(zone_layer([zone], text, coverage_fill(text)).shapes)


@city_map.get("/card/point/<int(max=2147483647):point_id>")
def show_point(point_id: int) -> Response:
    """Send what there is to say of a point."""
    with own_transaction() as session:
        window = chosen_window().window
        point = service.one_point(session, current_settings(), window, point_id, the_reader())
    return _json(point_layer([point], _text()).shapes)


@city_map.get("/devices")
def show_devices() -> Response:
    """Send where the devices were last, to whoever runs patrols."""
    if not may(the_account().role, Permission.PLAN):
        raise NotAllowed
    with own_transaction() as session:
        view = look(session, current_settings(), now=current_time())
    return _json(live_shapes(live_words.device_shapes(view)))


def _tile(tiles: MapTiles, place: TilePlace) -> Response:
    """Send one tile; 304 where the browser has it already, 204 where nothing lies."""
    if max(place.row, place.column) >= 2**place.zoom:
        raise NotFound("tile_unknown", most=DEEPEST)
    with session_when_needed() as session:
        reading: Reading = tiles.open(session, current_scope(), current_settings())
        etag = reading.tile_key(tiles.conditions, place)
        if same := not_modified(etag):
            return same
        tile = reading.tile(tiles.conditions, place)
    return with_etag(Response(tile, 200 if tile else 204, content_type=MVT), etag)


def _gaps(session: Session, window: Window, text: MapText) -> dict[str, Any]:
    urgent = service.urgent_gaps(session, current_settings(), window, the_reader())
    return gap_layer(urgent.shapes, text).shapes


def _stretches(session: Session, window: Window, text: MapText) -> dict[str, Any]:
    return stretch_layer(
        service.ranked_stretches(session, current_settings(), window, the_reader()), text
    ).shapes


def _exclusions(session: Session, window: Window, text: MapText) -> dict[str, Any]:
    return exclusion_layer(service.excluded_ground(session, current_settings(), window), text).shapes


def _ages(session: Session, window: Window, text: MapText) -> dict[str, Any]:
    ages = age_image(session, window, shown=True)
    return {**age_layer(ages, text).shapes, "rows": age_rows(ages)} if ages else {"rows": []}


SHAPES: dict[str, Callable[[Session, Window, MapText], dict[str, Any]]] = {
    "gaps": _gaps,
    "stretches": _stretches,
    "exclusions": _exclusions,
    "ages": _ages,
}


def _kept(session: Session, parts: tuple[Any, ...], make: Callable[[MapText], dict[str, Any]]) -> str:
    """Return an answer as JSON, made anew only when something in it changed."""
    text = _text()
    key = ("city_map", parts, the_reader().key, current_settings())
    return kept(session, SHOWN, key, lambda: _written(make(text)))


def _text() -> MapText:
    return replace(map_text(gettext("City map"), fit=""), map_label="")


def _written(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _json(values: dict[str, Any]) -> Response:
    return Response(
        _written(values), content_type="application/json", headers={"Cache-Control": "private, no-store"}
    )


def _answer(body: str) -> Response:
    """Send JSON that the browser may keep and asks about again: what has not changed is not sent twice."""
    answer = Response(body, content_type="application/json")
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Vary"] = "Accept-Language, Cookie"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _place() -> tuple[float, float]:
    place = read_place(request.args.get("at", "")[:60], "at")
    if place is None:
        raise BadRequest("place_unreadable", field="at", value="")
    return place
