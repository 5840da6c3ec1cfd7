"""The words on a map in the reader's language, and the answer that carries a map."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Response

from geoservice.maps.assets import map_document
from geoservice.services import map_words
from geoservice.services.areas import SHOWN
from geoservice.store.kept import kept
from geoservice.web.base_maps import offered_base_map
from geoservice.web.deployment import current_settings
from geoservice.web.map_code import hand_code
from geoservice.web.measure_words import written_here
from geoservice.web.reader import the_reader
from geoservice.web.static_files import put_together, stamped_address

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    import folium
    from sqlalchemy.orm import Session

    from geoservice.maps.assets import MapDocument
    from geoservice.maps.text import MapText
    from geoservice.maps.values import BaseMap


def map_text(title: str, fit: str) -> MapText:
    """Return every word on a map; `fit` is what the button says that shows all of the ground again."""
    return map_words.map_text(written_here(), title, fit)


def base_map() -> BaseMap | None:
    """Return what may lie under the shapes of a map, None where nothing is configured."""
    return offered_base_map()


def static_address() -> str:
    """Return where static files lie for a map, without the slash at the end; it changes with any of them."""
    return stamped_address()


def kept_map(
    session: Session, parts: Hashable, draw: Callable[[], folium.Map], *, is_handed: bool = False
) -> Response:
    """Send a map of the session's scope; drawn anew only when something on it changed. `parts`: all else that it depends on.

    `is_handed`: the page around hands it its code, see `map_code`.
    """
    known = (parts, the_reader().key, base_map(), current_settings(), stamped_address())
    write = _handed if is_handed else _document
    return _answer_of(kept(session, SHOWN, ("map", known), lambda: write(draw())))


def map_answer(drawn: folium.Map) -> Response:
    """Send a map with the policy that lets exactly this page work, and nothing else."""
    return _answer_of(_document(drawn))


def _document(drawn: folium.Map) -> MapDocument:
    document = map_document(drawn)
    return replace(document, html=put_together(document.html))


def _handed(drawn: folium.Map) -> MapDocument:
    return hand_code(_document(drawn))


def _answer_of(document: MapDocument) -> Response:
    return Response(
        document.html,
        content_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": document.csp},
    )
