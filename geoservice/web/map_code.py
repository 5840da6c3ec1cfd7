"""A map whose frame is handed its scripts and styles by the page around it.

A browser keeps nothing for a frame of an origin of its own: every view of a map would fetch some 65 KB anew. For the page around they
are kept, so `static/js/map-begin.js` asks that page for their text. The policy names the hash of each: no other text runs.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from geoservice.maps.canvas import safe_text
from geoservice.web.static_files import text_at, text_of_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geoservice.maps.assets import MapDocument

BEGIN = "js/map-begin.js"
_TAG = re.compile(r'<link rel="stylesheet" href="([^"]+)"/>\s*|<script src="([^"]+)"></script>\s*')


def hand_code(document: MapDocument) -> MapDocument:
    """Return a map that asks for its code instead of fetching it; it must have begun as `map_document` writes it."""
    head, end, body = document.html.partition("</head>")
    files = [style or script for style, script in _TAG.findall(head)]
    before, _, last = body.rpartition("<script>")
    begin = text_of_file(BEGIN)
    named = safe_text(json.dumps(files))
    html = (
        f'{_TAG.sub("", head)}<meta name="map-code" content="{named}">\n<script>{begin}</script>\n{end}'
        f'{before}<script type="text/plain" id="map-last">{last}'
    )
    scripts = [begin, *(text_at(file) for file in files if not file.endswith(".css"))]
    styles = [text_at(file) for file in files if file.endswith(".css")]
    return replace(document, html=html, csp=_allowing(document.csp, scripts, styles))


def _allowing(csp: str, scripts: Iterable[str], styles: Iterable[str]) -> str:
    """Add the hashes of what is written into the document to its policy."""
    for directive, texts in (("script-src", scripts), ("style-src", styles)):
        hashes = " ".join(map(_hash_of, texts))
        csp = csp.replace(f"{directive} 'self'", f"{directive} 'self' {hashes}", 1)
    return csp


@lru_cache(maxsize=64)
def _hash_of(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
