"""Which pages there are: those that a role reaches by links from its start page, one of each kind."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from geoservice.app import create_app
from geoservice.config import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from playwright.sync_api import APIRequestContext
    from werkzeug.routing import MapAdapter

    from scripts.shots.city import City

ROLES = ("dispatcher", "gis", "administrator", "leader", "member", "inspector", "handler")
EMPTY_ROLES = ("admin",)
STRANGER = ""

# Pages that look different for each role although they are one.
OWN = frozenset({"tasks.show_own", "handling.show_cases"})

# States of a page that no link leads to first, and what somebody meets who may not, or asks for what is not there.
MORE = (
    ("dispatcher", "dispatch.show_map.ages", "/dispatch/map?show=ages"),
    ("dispatcher", "finding.show_findings.found", "/find/?q=dm"),
    ("dispatcher", "error.404", "/nowhere"),
    ("leader", "error.403", "/dispatch/"),
    (STRANGER, "account.show_login", "/login"),
    (STRANGER, "snapshots.show_form", "/snapshot/"),
    (STRANGER, "snapshots.show_answer", "/snapshot/answer"),
    (STRANGER, "shared.closed", "/shared/nobodys"),
)


@dataclass(frozen=True)
class Page:
    """What a picture is taken of; `role` is empty for a page that needs no login."""

    name: str
    role: str
    path: str


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get("href")
        if tag == "a" and address and "download" not in dict(attrs):
            self.found.append(address)


def login_of(role: str) -> str:
    return role if role in EMPTY_ROLES else f"demo-{role}"


def find_pages(
    requests_of: Callable[[City, str], APIRequestContext], city: City, roles: Sequence[str]
) -> list[Page]:
    """One page of each kind that any of the roles is shown, the first found; then those that no link leads to."""
    known: set[str] = set()
    found = [page for role in roles for page in _walk(requests_of(city, role), city.url, role, known)]
    more = [Page(name, role, path) for role, name, path in MORE if role in (*roles, STRANGER)]
    return [*found, *more]


def _walk(requests: APIRequestContext, url: str, role: str, known: set[str]) -> Iterator[Page]:
    waiting = deque(["/"])
    while waiting:
        path = waiting.popleft()
        answer = requests.get(f"{url}{path}", headers={"Accept": "text/html"}, fail_on_status_code=False)
        if not (answer.ok and answer.headers["content-type"].startswith("text/html")):
            continue
        name = endpoint_of(urlsplit(answer.url).path)
        if path == "/":
            known.add(name or "")
            yield Page(f"{name}", role, urlsplit(answer.url).path)
        else:
            yield Page(f"{name}.{role}" if name in OWN else str(name), role, path)
        waiting.extend(_new_links(answer.text(), answer.url, url, role, known))


def _new_links(html: str, here: str, url: str, role: str, known: set[str]) -> Iterator[str]:
    links = _Links()
    links.feed(html)
    for address in links.found:
        parts = urlsplit(urljoin(here, address))
        name = endpoint_of(parts.path) if f"{parts.scheme}://{parts.netloc}" == url else None
        # Files have an ending; what they hold is no page.
        if name is None or "." in parts.path.rpartition("/")[2]:
            continue
        kind = f"{name}.{role}" if name in OWN else name
        if kind not in known:
            known.add(kind)
            yield parts.path + (f"?{parts.query}" if parts.query else "")


@cache
def _routes() -> MapAdapter:
    return create_app(Settings(secret_key="k" * 40)).url_map.bind("localhost")


def endpoint_of(path: str) -> str | None:
    """The name of the view behind a path; None where there is none."""
    try:
        return str(_routes().match(path, method="GET")[0])
    except RequestRedirect as moved:
        return endpoint_of(urlsplit(moved.new_url).path)
    except HTTPException:
        return None
