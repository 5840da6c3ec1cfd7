"""Pages, single features, extents and tiles of a collection, kept as long as nothing they are made of changes."""

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from geoservice.services.collections.keeping import Shelf, key_of
from geoservice.store import feature_rows, feature_sources, table_changes, tile_rows
from geoservice.store.base import make_engine
from geoservice.store.feature_rows import FeaturePage, Form, Slice
from geoservice.store.scope import scope_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.collections.catalogue import Collection
    from geoservice.store.feature_filters import Conditions
    from geoservice.store.scope import Scope
    from geoservice.store.tile_rows import TilePlace


@dataclass(frozen=True)
class Matched:
    """A page, and how many features fit in all."""

    page: FeaturePage
    total: int


@dataclass(frozen=True)
class Reading:
    """One collection as one user may see it now; `stamp` changes whenever anything that it is made of does.

    Make it before anything is read: the stamp is then never newer than what is kept under it.
    """

    open_session: Callable[[], Session]
    collection: Collection
    shelf: Shelf
    stamp: str

    def key(self, *parts: object) -> str:
        """Return what names an answer made from these: the same key, the same bytes."""
        return key_of((self.stamp, *parts))

    def page(self, conditions: Conditions, form: Form, part: Slice) -> Matched:
        """Return a page; its features come from the shelf if they are there."""
        key = self.key("page", conditions.sql, conditions.values, form, part)
        packed = self.shelf.fetch(key, lambda: _pack(self._matched(conditions, form, part)))
        return _unpack(packed)

    def feature(self, conditions: Conditions, form: Form) -> bytes | None:
        """Return one feature as JSON; None where there is none."""
        return feature_rows.read_feature(self.open_session(), conditions, form)

    def extent(self, conditions: Conditions) -> dict[str, Any]:
        """Return `bbox` (west, south, east, north; None without features) and `since` (a day or None)."""
        key = self.key("extent", conditions.sql, conditions.values)
        made = self.shelf.fetch(key, lambda: feature_rows.read_extent(self.open_session(), conditions))
        found: dict[str, Any] = json.loads(made)
        return found

    def tile_key(self, conditions: Conditions, place: TilePlace) -> str:
        """Return what names a tile: its ETag, and where it is kept."""
        return self.key("tile", conditions.sql, conditions.values, place)

    def tile(self, conditions: Conditions, place: TilePlace) -> bytes:
        """Return a vector tile; empty where nothing lies."""
        return self.shelf.fetch(
            self.tile_key(conditions, place),
            lambda: tile_rows.read_tile(self.open_session(), conditions, self.collection.id, place),
        )

    def _matched(self, conditions: Conditions, form: Form, part: Slice) -> Matched:
        page = feature_rows.read_page(self.open_session(), conditions, form, part)
        if part.after is None and part.before is None and not page.has_more:
            return Matched(page, page.count)
        key = self.key("count", conditions.sql, conditions.values)
        counted = self.shelf.fetch(
            key, lambda: str(feature_rows.count_features(self.open_session(), conditions)).encode()
        )
        return Matched(page, int(counted))


def open_collection(
    open_session: Callable[[], Session], collection: Collection, scope: Scope, settings: Settings
) -> Reading:
    """Begin to read a collection for somebody with this scope; no session is opened before something has to be read."""
    changes = table_changes.stamp_of(make_engine(settings.database_url), collection.source.tables)
    stamp = key_of((_fingerprint(), collection.id, scope_settings(scope), changes))
    return Reading(open_session, collection, _shelf(settings.var_dir), stamp)


@cache
def _shelf(var_dir: Path) -> Shelf:
    return Shelf(var_dir / "cache" / "features")


@cache
def _fingerprint() -> str:
    """Return what changes with the statements themselves: another version of the program makes other bytes."""
    modules = (feature_rows, feature_sources, tile_rows)
    return key_of([inspect.getsource(module) for module in modules] + [tile_rows.statement_text()])


def _pack(found: Matched) -> bytes:
    page = found.page
    head = [found.total, page.count, page.first, page.last, page.has_more]
    return json.dumps(head).encode() + b"\n" + page.features


def _unpack(packed: bytes) -> Matched:
    end = packed.index(b"\n")
    total, count, first, last, has_more = json.loads(packed[:end])
    return Matched(FeaturePage(packed[end + 1 :], count, first, last, has_more), total)
