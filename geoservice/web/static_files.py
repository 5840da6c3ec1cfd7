"""Scripts, styles and images: at addresses that change with them, so that a browser keeps them for good, and packed once for all."""

from __future__ import annotations

import gzip
import os
import re
import zlib
from functools import lru_cache
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING

import brotli
from flask import Response, current_app, g, request, send_from_directory, session, url_for
from werkzeug.exceptions import NotFound

from geoservice.maps.assets import MAP_LIBRARIES, MAP_STYLES, OUR_SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

ENDPOINT = "static"
LONG_CACHE = "public, max-age=31536000, immutable"
ASK_EACH_TIME = "no-cache"

OURS = ("css", "js", "img")
LIBRARIES = "package-lock.json"
"""What names the version of every library; they change with it alone."""

TOGETHER = "together/"
JOINED = {
    "page.css": (
        "node_modules/bootstrap/dist/css/bootstrap.min.css",
        "css/app.css",
        "css/pages.css",
        "css/keys.css",
        "css/leader.css",  # a style in the midst of a page holds what follows, on the leader's the map
    ),
    "page-libraries.js": (
        "node_modules/bootstrap/dist/js/bootstrap.bundle.min.js",
        "node_modules/htmx.org/dist/htmx.min.js",
    ),
    "page.js": ("js/map-code.js", "js/late.js", "js/map-bridge.js", "js/pages.js"),
    "leader.js": ("js/leader-days.js", "js/leader-ask.js", "js/leader-find.js", "js/growth.js"),
    "map.css": MAP_STYLES,
    "map-libraries.js": MAP_LIBRARIES,
    "map.js": OUR_SCRIPTS,
}
"""What pages and maps load as one file, for on a slow line each answer costs a journey. Our scripts begin with "use strict" and
go together; libraries, which may not, go by themselves."""

MAP_TAGS = {
    "map.css": ('<link rel="stylesheet" href="', '"/>'),
    "map-libraries.js": ('<script src="', '"></script>'),
    "map.js": ('<script src="', '"></script>'),
}
"""What stands around the address of each file in the head of a map."""

PACKED_TYPES = frozenset(
    {"text/css", "text/javascript", "application/javascript", "application/json", "image/svg+xml"}
)
"""What becomes smaller; images and fonts are packed as they are."""

SMALLEST = 500
MOST_KEPT = 400

_ADDRESS = re.compile(r"url\(\s*(['\"]?)(?!data:|#|/)([^'\")]+)\1\s*\)")
_MAP_OF_SOURCES = re.compile(r"(?m)^//# sourceMappingURL=.*$")


def attach_static_files(app: Flask) -> None:
    """Serve the static folder by this module, below /static/ and below /static/at-<stamp>/."""
    app.view_functions[ENDPOINT] = show_file
    app.add_url_rule(f"{app.static_url_path}/at-<stamp>/<path:filename>", ENDPOINT, show_file)
    app.after_request(_leave_session_out)


def _leave_session_out(answer: Response) -> Response:
    """Let no file vary by the cookie, which whoever looked at the session on the way would have it do: none depends on it."""
    if request.endpoint == ENDPOINT and not session.modified:
        session.accessed = False
    return answer


def asset(path: str) -> str:
    """Return a static file's address, which changes with the file."""
    file = _folder() / path
    return url_for(ENDPOINT, filename=path, v=_stamp_of(file) if file.exists() else None)


def together(name: str) -> str:
    """Return the address of what `JOINED` names; it changes with any file."""
    return url_for(ENDPOINT, stamp=_stamp_of_all(), filename=TOGETHER + name)


def put_together(html: str) -> str:
    """Return a map's document with one file in place of those in its head that come together."""
    head, end, body = html.partition("</head>")
    for name, (before, after) in MAP_TAGS.items():
        tags = (f"{before}{stamped_address()}/{path}{after}" for path in JOINED[name])
        head = re.sub(r"\s*".join(map(re.escape, tags)), f"{before}{together(name)}{after}", head, count=1)
    return f"{head}{end}{body}"


def stamped_address() -> str:
    """Return where static files lie, without the slash at the end; it changes with any of them.

    For documents that are put together from the addresses of files, and for styles that name images beside them.
    """
    return url_for(ENDPOINT, stamp=_stamp_of_all(), filename="").rstrip("/")


def text_at(address: str) -> str:
    """Return the text that is sent at an address below `stamped_address()`."""
    path = address.removeprefix(f"{stamped_address()}/")
    if path.startswith(TOGETHER):
        return _joined(_folder(), JOINED[path.removeprefix(TOGETHER)], stamped_address()).decode()
    return text_of_file(path)


def text_of_file(path: str) -> str:
    """Return the text of a static file."""
    return (_folder() / path).read_text("utf-8")


def show_file(filename: str, stamp: str | None = None) -> Response:
    """Send a file, or several as one; what was asked for by its present stamp need never be asked for again."""
    if stamp is not None and filename.startswith(TOGETHER):
        plain = _joined_answer(filename.removeprefix(TOGETHER))
    else:
        plain = send_from_directory(_folder(), filename)
    plain.headers["Cache-Control"] = LONG_CACHE if _is_present(filename, stamp) else ASK_EACH_TIME
    if plain.mimetype not in PACKED_TYPES:
        return plain
    plain.vary.add("Accept-Encoding")
    coding = request.accept_encodings.best_match(PACKERS)
    if plain.status_code != 200 or coding is None or (plain.content_length or 0) < SMALLEST:
        return plain
    return _packed_answer(plain, coding)


def _joined_answer(name: str) -> Response:
    """Return several files as one."""
    if name not in JOINED:
        raise NotFound
    content = _joined(_folder(), JOINED[name], stamped_address())
    answer = Response(content, content_type=f"{guess_type(name)[0]}; charset=utf-8")
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _packed_answer(plain: Response, coding: str) -> Response:
    """Return the same answer packed, under a tag of its own: it is another text."""
    tag, _ = plain.get_etag()
    plain.direct_passthrough = False
    answer = Response(_packed(plain.get_data(), coding), headers=plain.headers)
    plain.close()
    answer.headers["Content-Encoding"] = coding
    answer.content_length = len(answer.get_data())
    answer.set_etag(f"{tag}:{coding}")
    answer.make_conditional(request)
    return answer


@lru_cache(maxsize=len(JOINED))
def _joined(folder: Path, paths: tuple[str, ...], home: str) -> bytes:
    """Return the text of several files as one that lies elsewhere; `home` is their folder's address, which changes with them."""
    between = "\n;\n" if paths[0].endswith(".js") else "\n"
    return between.join(_moved(folder / path, folder, home) for path in paths).encode()


def _moved(file: Path, folder: Path, home: str) -> str:
    """Return a file's text as it must read elsewhere: what a style names beside it is named by its whole address."""
    content = file.read_text("utf-8")
    if file.suffix == ".js":
        return _MAP_OF_SOURCES.sub("", content)
    beside = file.parent.relative_to(folder).as_posix()
    return _ADDRESS.sub(lambda found: f"url({home}/{os.path.normpath(f'{beside}/{found[2]}')})", content)


@lru_cache(maxsize=MOST_KEPT)
def _packed(content: bytes, coding: str) -> bytes:
    """Return a file's content packed; kept by the content itself, so that no change is ever missed."""
    return PACKERS[coding](content)


def _brotli(content: bytes) -> bytes:
    # Two levels below the best, which takes ten times as long to save another 3 %.
    packed: bytes = brotli.compress(content, quality=9)
    return packed


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, zlib.Z_BEST_COMPRESSION, mtime=0)


PACKERS: dict[str, Callable[[bytes], bytes]] = {"br": _brotli, "gzip": _gzip}
"""How a file is packed, by the name HTTP has for it, the best first."""


def _is_present(filename: str, stamp: str | None) -> bool:
    """Tell whether the address names the file as it is now: while servers are replaced it may name another."""
    if stamp is not None:
        return stamp == _stamp_of_all()
    return request.args.get("v") == _stamp_of(_folder() / filename)


def _folder() -> Path:
    return Path(current_app.static_folder or "")


def _stamp_of(file: Path) -> str:
    return f"{file.stat().st_mtime_ns // 1_000_000:x}"


def _stamp_of_all() -> str:
    """Return a text that is another one after any file has changed, come or gone; looked at once a request."""
    if "static_stamp" not in g:
        g.static_stamp = sha256("\n".join(_marks()).encode()).hexdigest()[:12]
    stamp: str = g.static_stamp
    return stamp


def _marks() -> Iterator[str]:
    folder = _folder()
    yield str((folder / LIBRARIES).stat().st_mtime_ns)
    for part in OURS:
        with os.scandir(folder / part) as files:
            yield from sorted(f"{part}/{file.name} {file.stat().st_mtime_ns}" for file in files)
