"""The words on a map in the reader's language, and the answer that carries a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, url_for

from geoservice.maps.assets import map_document
from geoservice.maps.values import BaseMap, MapText
from geoservice.web import words
from geoservice.web.deployment import current_settings
from geoservice.web.languages import html_language
from geoservice.web.texts import current_locale, gettext

if TYPE_CHECKING:
    import folium


def map_text(title: str, fit: str) -> MapText:
    """Return every word on a map; `fit` is what the button says that shows all of the ground again."""
    return MapText(
        lang=html_language(current_locale()),
        title=title,
        map_label=gettext("Map of coverage and blind spots"),
        layer_zones=gettext("Zones"),
        layer_gaps=gettext("Blind spots"),
        layer_points=gettext("Points"),
        layer_streets=gettext("Streets"),
        layer_exclusions=gettext("Not counted"),
        layer_tracks=gettext("Tracks"),
        legend=gettext("Legend"),
        coverage=gettext("Coverage rate"),
        no_data=gettext("No data"),
        gap=gettext("Blind spot"),
        exclusion=gettext("Not counted"),
        point=gettext("Point"),
        my_point=gettext("My key point"),
        street=gettext("Street"),
        my_street=gettext("My key road"),
        code=gettext("Code"),
        category=gettext("Category"),
        area=gettext("Area"),
        covered=gettext("Covered"),
        excluded=gettext("Not counted"),
        gap_count=gettext("Blind spots"),
        zone=gettext("In zone"),
        leader=gettext("Responsible leader"),
        nobody=gettext("Nobody"),
        others=gettext("Also responsible"),
        days_unseen=gettext("Unseen for"),
        never=gettext("Never seen"),
        points_inside=gettext("Points inside"),
        window=gettext("Days"),
        computed_at=gettext("Computed at"),
        not_computed=gettext("Not computed yet"),
        zoom_in=gettext("Zoom in"),
        zoom_out=gettext("Zoom out"),
        fit=fit,
        full_screen=gettext("Full screen"),
        exit_full_screen=gettext("Leave full screen"),
        locate=gettext("Where am I?"),
        locate_failed=gettext("Your position can't be found"),
        my_position=gettext("My position"),
        close=gettext("Close"),
        layers=gettext("Layers"),
        write_area=words.write_area,
        write_percent=words.write_percent,
        write_count=words.write_count,
        write_days=words.write_days,
        write_day=words.write_day,
        write_instant=words.write_instant,
    )


def base_map() -> BaseMap | None:
    """Return the deployment's own base map, if it has one."""
    settings = current_settings()
    return BaseMap(settings.base_map_url, settings.base_map_attribution) if settings.base_map_url else None


def static_address() -> str:
    """Return where static files lie, without the slash at the end."""
    return url_for("static", filename="").rstrip("/")


def map_answer(drawn: folium.Map) -> Response:
    """Send a map with the policy that lets exactly this page work, and nothing else."""
    document = map_document(drawn)
    return Response(
        document.html,
        content_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": document.csp},
    )
