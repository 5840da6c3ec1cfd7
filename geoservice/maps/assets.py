"""A map page that asks nobody but us: local script and style addresses, and its own content policy."""

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import folium
from branca.element import Element
from folium.elements import JSCSSMixin

from geoservice.maps.base_maps import image_sources, is_drawn_here
from geoservice.maps.canvas import CityCanvas
from geoservice.maps.values import BaseMap

LOCAL_ASSETS = {
    "leaflet": "node_modules/leaflet/dist/leaflet.js",
    "leaflet_css": "node_modules/leaflet/dist/leaflet.css",
    "Control.Fullscreen.js": "node_modules/leaflet.fullscreen/Control.FullScreen.js",
    "Control.FullScreen.css": "node_modules/leaflet.fullscreen/Control.FullScreen.css",
}
"""folium's name of a library → our copy, below the static folder."""

MAP_LIBRARIES = (LOCAL_ASSETS["leaflet"], LOCAL_ASSETS["Control.Fullscreen.js"])

NOT_NEEDED = frozenset(
    {
        "jquery",
        "bootstrap",
        "bootstrap_css",
        "awesome_markers",
        "awesome_markers_css",
        "awesome_markers_font_css",
        "awesome_rotate_css",
        "glyphicons_css",
    }
)
"""What folium loads for its own popups and icons, of which our maps use none."""

USE_DROPPED_LIBRARIES = (folium.Popup, folium.Icon)

OUR_SCRIPTS = (
    "js/map-draw.js",
    "js/map-lines.js",
    "js/map-points.js",
    "js/map-labels.js",
    "js/map-card.js",
    "js/map-frame.js",
    "js/map-growth.js",
    "js/map-follow.js",
)
"""In the order they need one another."""

OUR_STYLES = ("css/app.css", "css/map.css")
MAP_STYLES = (LOCAL_ASSETS["leaflet_css"], LOCAL_ASSETS["Control.FullScreen.css"], *OUR_STYLES)

BASE_MAP_SCRIPT, BASE_MAP_STYLE = "js/base-maps.js", "css/base-maps.css"
"""Only where there is something to choose from."""


class UnmappedAssetError(Exception):
    """A map element wants a library that the static folder does not hold."""


@dataclass(frozen=True, slots=True)
class MapDocument:
    """A finished page and the Content-Security-Policy it must be sent with."""

    html: str
    csp: str


def host_assets(drawn: CityCanvas, static_url: str = "/static") -> CityCanvas:
    """Point every element of the map at our own copies; raise UnmappedAssetError where there is none."""
    libraries: dict[str, str] = {}
    library_styles: dict[str, str] = {}
    for element in _family(drawn):
        if isinstance(element, USE_DROPPED_LIBRARIES):
            raise UnmappedAssetError(
                f"{type(element).__name__} needs jQuery or an icon font, which maps do without"
            )
        if isinstance(element, JSCSSMixin):
            libraries |= _localise(element.default_js, element, static_url)
            library_styles |= _localise(element.default_css, element, static_url)
            element.default_js = element.default_css = []
    chosen = drawn.base_map is not None
    scripts = (BASE_MAP_SCRIPT, *OUR_SCRIPTS) if chosen else OUR_SCRIPTS
    styles = (*OUR_STYLES, BASE_MAP_STYLE) if chosen else OUR_STYLES
    # Libraries first and ours behind them, so that a server may send each of the two as one file.
    drawn.default_js = [*libraries.items(), *((path, f"{static_url}/{path}") for path in scripts)]
    drawn.default_css = [*library_styles.items(), *((path, f"{static_url}/{path}") for path in styles)]
    return drawn


def map_document(drawn: CityCanvas) -> MapDocument:
    """Render the map, and write the policy that lets exactly this page work."""
    html = str(drawn.get_root().render())
    return MapDocument(html, map_csp(drawn.base_map, html))


def map_csp(base_map: BaseMap | None, html: str | None = None) -> str:
    """The policy of a map document: nothing but our files, this page's one script, and the base map's tiles.

    The page's last inline script is allowed by its hash; without `html` no inline script would run.
    `sandbox` keeps the document apart from the session even where it is opened outside its frame.
    """
    scripts = ["'self'"] if html is None else ["'self'", _last_script_hash(html)]
    images = ["'self'", "data:", *image_sources(base_map)]
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(scripts)}",
            "style-src 'self'",
            f"img-src {' '.join(images)}",
            *(["connect-src 'self'"] if is_drawn_here(base_map) else []),
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
            "sandbox allow-scripts",
        )
    )


def _localise(links: list[tuple[str, str]], element: Element, static_url: str) -> dict[str, str]:
    """The names and addresses with local addresses, without the libraries nothing uses."""
    wanted = [(name, address) for name, address in links if name not in NOT_NEEDED]
    for name, address in wanted:
        if name not in LOCAL_ASSETS and not address.startswith(static_url):
            raise UnmappedAssetError(
                f"{type(element).__name__} wants {name!r}, which LOCAL_ASSETS does not name"
            )
    return {name: f"{static_url}/{LOCAL_ASSETS[name]}" for name, _ in wanted if name in LOCAL_ASSETS}


def _last_script_hash(html: str) -> str:
    start = html.rindex("<script>") + len("<script>")
    script = html[start : html.index("</script>", start)]
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


def _family(element: Any) -> list[Any]:
    return [element, *(member for child in element._children.values() for member in _family(child))]
