"""Answers leave packed where the reader can unpack them, except where their size could tell a secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import current_app, request
from flask_compress import Compress

if TYPE_CHECKING:
    from flask import Flask, Response

PACKED_TYPES = (
    "text/html", "text/css", "text/plain", "text/csv", "text/calendar", "text/xml", "text/javascript", "application/json",
    "application/geo+json", "application/problem+json", "application/schema+json", "application/manifest+json",
    "application/vnd.oai.openapi+json", "application/vnd.mapbox-vector-tile", "application/vnd.google-earth.kml+xml",
    "application/gpx+xml", "application/xml", "image/svg+xml",
)  # fmt: skip
"""Text in all its forms, and vector tiles. Workbooks, archives, photos and drawings are packed as they are."""

CODINGS = ("zstd", "br", "gzip")
"""The quickest first: a large map is packed at every request."""

SMALLEST = 500

_CODING_IN_TAG = re.compile(rf':(?:{"|".join(CODINGS)})"')


def attach_compression(app: Flask) -> None:
    """Pack what the application answers."""
    app.config.update(
        COMPRESS_REGISTER=False,
        COMPRESS_MIMETYPES=PACKED_TYPES,
        COMPRESS_ALGORITHM=CODINGS,
        COMPRESS_ALGORITHM_STREAMING=CODINGS,
        COMPRESS_MIN_SIZE=SMALLEST,
        COMPRESS_BR_LEVEL=4,
        COMPRESS_EVALUATE_CONDITIONAL_REQUEST=False,  # whoever names a state compares it before anything is made
    )
    compress = Compress(app)

    def pack(response: Response) -> Response:
        if "Content-Range" in response.headers or not _may_pack():
            return response
        return compress.after_request(response)

    app.before_request(_read_tags_without_coding)
    app.after_request(pack)


def _read_tags_without_coding() -> None:
    """Read the tags a client names as we make them: a packed answer's has the coding added to it, for it is another text."""
    for name in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH"):
        if name in request.environ:
            request.environ[name] = _CODING_IN_TAG.sub('"', request.environ[name])


def _may_pack() -> bool:
    """Tell whether the size of the answer is of no use to an attacker.

    Compression beside a secret tells the secret to whoever makes a reader's browser ask again and again with guesses in the
    address, and counts the bytes (BREACH). Such questions come from pages of others. So whoever shows a session is answered
    plainly, unless the question came from a page of ours or from himself: browsers say so in Sec-Fetch-Site, and older ones,
    told to name no page of ours to others, in Referer. Without TLS there is nothing to guess. Beyond that the token in our
    forms is signed anew every second.
    """
    if current_app.config["SESSION_COOKIE_NAME"] not in request.cookies:
        return True
    site = request.headers.get("Sec-Fetch-Site")
    if site is None:
        return not request.is_secure or urlsplit(request.referrer or "").netloc == request.host
    return site in {"same-origin", "none"}
