"""Links that show one map to whoever holds them: a secret, an end, and what their maker may see when they are opened."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from geoservice.domain.roles import Permission, may
from geoservice.domain.windows import Period, Window, local_day
from geoservice.errors import BadRequest, GeoServiceError, NotAllowed, NotFound
from geoservice.formats.text import text_fault
from geoservice.maps.values import CityArea, LeaderArea
from geoservice.services import accounts
from geoservice.services.leader_ground import scope_for
from geoservice.store import audit, people
from geoservice.store import shared_maps as store
from geoservice.store.shared_maps import SharedMap

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.accounts import Account
    from geoservice.store.scope import Scope

LONGEST_NAME = 100
MOST_DAYS = 365
MOST_LINKS = 50
MOST_ORIGINS = 5
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ORIGIN = re.compile(rf"(https?)://({_LABEL}(?:\.{_LABEL})*)(?::([1-9]\d{{0,4}}))?/?")

Area = TypeVar("Area", bound=LeaderArea | CityArea)


class MapKind(StrEnum):
    """Which map a link shows."""

    LEADER = "leader"
    CITY = "city"


class People(StrEnum):
    """Whether a shared map names those who answer for the ground, and how to reach them."""

    NONE = "none"
    NAMES = "names"
    PHONES = "phones"


@dataclass(frozen=True)
class Wish:
    """What somebody wants to share. `shown` is the part of the map's address that chooses days, level and layer."""

    kind: MapKind
    name: str
    days: int
    shown: dict[str, Any]
    people: str = People.NONE
    origins: str = ""
    leader_id: int | None = None


@dataclass(frozen=True)
class ListedLink:
    """A link as its maker sees it, never its secret. `state`: open, ended or revoked."""

    id: int
    kind: str
    name: str
    leader: str | None
    shown: dict[str, Any]
    people: str
    origins: tuple[str, ...]
    made_by: str
    made_at: datetime
    ends_at: datetime
    opened_at: datetime | None
    revoked_at: datetime | None
    state: str


@dataclass(frozen=True)
class OpenedMap:
    """What a link shows now, and the scope to read it under."""

    kind: MapKind
    name: str
    leader_id: int | None
    window: Window
    level: str
    show: str
    people: People
    origins: tuple[str, ...]
    ends_at: datetime
    scope: Scope


def make_link(session: Session, settings: Settings, wish: Wish, *, by: Account, now: datetime) -> str:
    """Make a link of 256 random bits and return its secret, which nobody can do again; `session` must see everything."""
    name = wish.name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or text_fault(name):
        raise BadRequest("shared_map_name", most=LONGEST_NAME)
    if not 1 <= wish.days <= MOST_DAYS:
        raise BadRequest("shared_map_days", most=MOST_DAYS)
    if wish.people not in set(People):
        raise BadRequest("shared_map_people", value=wish.people[:20])
    if store.count_open(session, by.id, now) >= MOST_LINKS:
        raise BadRequest("too_many_shared_maps", most=MOST_LINKS)
    origins = read_origins(wish.origins)
    today = local_day(now, settings.zone_info)
    window_of(wish.shown, today)
    _scope_of(session, by, wish.kind, wish.leader_id, today)
    secret = secrets.token_urlsafe(32)
    link = SharedMap(
        secret_sha256=_hash(secret),
        kind=wish.kind.value,
        name=name,
        leader_id=wish.leader_id,
        shown=wish.shown,
        people=wish.people,
        origins=origins,
        made_by=by.id,
        made_at=now,
        ends_at=now + timedelta(days=wish.days),
    )
    store.add(session, link)
    detail = {"name": name, "kind": link.kind, "people": link.people, "ends_at": link.ends_at.isoformat()}
    audit.record(session, by.id, "share.make", "shared_map", str(link.id), detail)
    return secret


def links(session: Session, *, now: datetime) -> list[ListedLink]:
    """Return the links that the session sees, those that open first, then the newest first."""
    found = [
        ListedLink(
            link.id, link.kind, link.name, leader, link.shown, link.people, tuple(link.origins), maker, link.made_at,
            link.ends_at, link.opened_at, link.revoked_at, _state(link, now),
        )
        for link, maker, leader in store.all_links(session)
    ]  # fmt: skip
    return sorted(found, key=lambda link: link.state != "open")


def revoke_link(session: Session, link_id: int, *, by: Account, now: datetime) -> None:
    """End a link at once; NotFound where the session sees none that is open."""
    if not store.revoke(session, link_id, now):
        raise NotFound("shared_map_unknown")
    audit.record(session, by.id, "share.revoke", "shared_map", str(link_id))


def open_link(session: Session, settings: Settings, secret: str, *, now: datetime) -> OpenedMap:
    """Return what the link with this secret shows now, and note the opening; `session` must see everything.

    Whatever keeps it closed (never made, ended, revoked, its maker disabled or without that ground) is one NotFound.
    """
    link = store.open_by(session, _hash(secret), now)
    account = accounts.account_of(session, link.made_by) if link else None
    if link is None or account is None or not account.active:
        raise NotFound("shared_map_closed")
    kind, today = MapKind(link.kind), local_day(now, settings.zone_info)
    try:
        scope = _scope_of(session, account, kind, link.leader_id, today)
    except GeoServiceError:
        raise NotFound("shared_map_closed") from None
    store.note_opening(session, link.id, now)
    return OpenedMap(
        kind=kind,
        name=link.name,
        leader_id=link.leader_id,
        window=window_of(link.shown, today),
        level=str(link.shown.get("level", "")),
        show=str(link.shown.get("show", "")),
        people=People(link.people),
        origins=tuple(link.origins),
        ends_at=link.ends_at,
        scope=scope,
    )


def window_of(shown: dict[str, Any], today: date) -> Window:
    """Return the days of a link: so many up to today, or those two; of each the whole, or a period."""
    period = Period.named(str(shown.get("period", "")))
    if "days" in shown:
        return replace(Window.ending(today, int(shown["days"])), period=period)
    return Window(date.fromisoformat(shown["from"]), date.fromisoformat(shown["to"]), period)


def read_origins(text: str) -> list[str]:
    """Return the origins that a form names, one a line or between commas; each exact, so without wildcards."""
    words = [word for word in re.split(r"[\s,，;；]+", text.strip()) if word]
    found = list(dict.fromkeys(_origin(word) for word in words))
    if len(found) > MOST_ORIGINS:
        raise BadRequest("shared_map_origins", most=MOST_ORIGINS)
    return found


def hide_people(area: Area) -> Area:
    """Return an area on which nobody is named who answers for it."""
    return replace(
        area,
        zones=tuple(replace(zone, leader=None, others=()) for zone in area.zones),
        gaps=tuple(replace(gap, leader=None, others=()) for gap in area.gaps),
        stretches=tuple(replace(one, leader=None, others=()) for one in area.stretches),
    )


def _scope_of(session: Session, account: Account, kind: MapKind, leader_id: int | None, today: date) -> Scope:
    """Return what the maker may see of the map now; raises NotAllowed or NotFound where that is nothing."""
    if kind is MapKind.LEADER:
        if leader_id is None or people.leader_by_id(session, leader_id) is None:
            raise NotFound("shared_map_unknown")
        return scope_for(session, account, leader_id, today)
    if not may(account.role, Permission.SEE_CITY):
        raise NotAllowed
    return accounts.scope_of(session, account, today)


def _origin(word: str) -> str:
    scheme, _, host = word.partition("://")
    try:
        # Browsers compare a Chinese host by its ASCII form.
        plain = f"{scheme}://{host if host.isascii() else host.encode('idna').decode()}".lower()
    except UnicodeError:
        plain = ""
    found = _ORIGIN.fullmatch(plain)
    if not found or int(found[3] or 0) > 65535:
        raise BadRequest("shared_map_origin", value=word[:100])
    return plain.rstrip("/")


def _state(link: SharedMap, now: datetime) -> str:
    if link.revoked_at is not None:
        return "revoked"
    return "open" if link.ends_at > now else "ended"


def _hash(secret: str) -> bytes:
    # 256 random bits can't be guessed however fast the hash is.
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
