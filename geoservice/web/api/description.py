"""The description of the interface: as a document for programs, and as a page for people."""

from __future__ import annotations

import hashlib
import json

from flask import Response, make_response, render_template, request

from geoservice.web.api.document import describe
from geoservice.web.api.door import api

# Swagger UI marks a few things with style attributes of its own, and draws its icons from data addresses.
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


@api.get("/openapi.json")
def get_description() -> Response:
    """Send the document."""
    text = json.dumps(describe(), ensure_ascii=False)
    answer = Response(text, content_type="application/json")
    answer.set_etag(hashlib.sha256(text.encode()).hexdigest()[:32], weak=True)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.make_conditional(request)
    return answer


@api.get("/docs")
def show_docs() -> Response:
    """Show the document."""
    answer = make_response(render_template("api/docs.html"))
    answer.headers["Content-Security-Policy"] = DOCS_POLICY
    return answer
