"""The words on a map in the reader's language, and the answer that carries a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, url_for

from geoservice.maps.assets import map_document
from geoservice.maps.text import MapText
from geoservice.maps.values import BaseMap
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
        layer_stretches=gettext("Unseen stretches"),
        layer_suggestions=gettext("Suggestions"),
        layer_ages=gettext("Last seen"),
        legend=gettext("Legend"),
        coverage=gettext("Coverage rate"),
        no_data=gettext("No data"),
        gap=gettext("Blind spot"),
        exclusion=gettext("Not counted"),
        point=gettext("Point"),
        my_point=gettext("My key point"),
        street=gettext("Street"),
        my_street=gettext("My key road"),
        stretch=gettext("Unseen stretch"),
        track=gettext("Track"),
        suggested_post=gettext("Suggested post"),
        suggested_detour=gettext("Suggested detour"),
        code=gettext("Code"),
        category=gettext("Category"),
        area=gettext("Area"),
        length=gettext("Length"),
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
        state=gettext("State"),
        visited_findings=gettext("Visited, with findings"),
        visited_clean=gettext("Visited, nothing found"),
        probable=gettext("Probably visited"),
        not_visited=gettext("Not visited"),
        last_visit=gettext("Last visit"),
        longest_unvisited=gettext("Longest without a visit"),
        due=gettext("Next visit"),
        due_ok=gettext("Not due yet"),
        due_today=gettext("Due today"),
        due_tomorrow=gettext("Due tomorrow"),
        due_overdue=gettext("Overdue"),
        due_never=gettext("Never visited"),
        overdue_sign=gettext("Overdue or never visited"),
        holding=gettext("Who answers for it"),
        held_by_one=gettext("One leader"),
        held_by_none=gettext("Nobody"),
        held_by_two=gettext("Two leaders or more"),
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
        write_length=words.write_length,
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
