"""Everything that is known of streets in a window, read once: what was seen, what is excluded, what lies in which zone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.street_tally import Ground, join_groups
from geoservice.services.coverage import has_data
from geoservice.store import street_coverage as store
from geoservice.store.kept import kept
from geoservice.store.zones_of_day import zones_on

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.domain.street_tally import Lengths, Network
    from geoservice.domain.windows import Window
    from geoservice.store.zones_of_day import ZoneOn


READ = (
    "coverage_run",
    "coverage_tile",
    "coverage_week",
    "exclusion",
    "street",
    "zone",
    "zone_level",
    "zone_version",
)
"""The tables that tell of every change: what was seen of streets is written with a run, what of them lies where with its zone."""


@dataclass(frozen=True)
class Words:
    """Sets of pieces: whose (n,), the place of the word in the network (n,), and its bits (n,)."""

    owner: NDArray[np.int64]
    place: NDArray[np.int64]
    bits: NDArray[np.uint64]


@dataclass(frozen=True)
class Survey:
    """The streets and zones of a window's last day; `leaves`: the pieces in each leaf, owner: its place in `zones`."""

    network: Network
    ground: Ground
    zones: Sequence[ZoneOn]
    leaves: Words
    has_data: bool

    def inside(self, zone_ids: Iterable[int]) -> NDArray[np.uint64]:
        """Return the pieces in zones and all below them, as bits of all words."""
        wanted = frozenset(zone_ids)
        among = np.array([not wanted.isdisjoint(zone.path) for zone in self.zones], dtype=bool)
        return self.gather(among[self.leaves.owner] if len(among) else among)

    def gather(self, rows: NDArray[np.bool_]) -> NDArray[np.uint64]:
        """OR rows of `leaves` into bits of all words."""
        return self.network.gather(self.leaves.place[rows], self.leaves.bits[rows])

    def pieces_of_streets(self, street_ids: Collection[int]) -> NDArray[np.uint64]:
        """Return every piece of streets, as bits of all words."""
        among = np.isin(self.network.street_id, list(street_ids))
        return np.where(among[self.network.street_of_word], self.network.whole, np.uint64(0))

    def by_zone(self, chosen: Sequence[int]) -> Lengths:
        """Measure zones (places in `zones`): each the union of the leaves at or below it, every piece once."""
        group_of = {self.zones[place].zone_id: group for group, place in enumerate(chosen)}
        above = [[group_of[zone_id] for zone_id in zone.path if zone_id in group_of] for zone in self.zones]
        count = np.array([len(groups) for groups in above], np.int64)
        flat = np.array([group for groups in above for group in groups], np.int64)
        start = np.cumsum(count) - count
        each = count[self.leaves.owner]
        row = np.repeat(np.arange(len(self.leaves.owner)), each)
        turn = np.arange(len(row)) - np.repeat(np.cumsum(each) - each, each)
        group = flat[start[self.leaves.owner[row]] + turn]
        joined = join_groups(group, self.leaves.place[row], self.leaves.bits[row])
        return self.ground.lengths(*joined, len(chosen))

    def by_group(self, bits: NDArray[np.uint64], group_of_street: NDArray[np.int64], count: int) -> Lengths:
        """Measure the pieces `bits` (all words), added up for each group of streets (s,)."""
        group = group_of_street[self.network.street_of_word]
        return self.ground.lengths(group, np.arange(len(bits)), bits, count)


def survey(session: Session, window: Window) -> Survey:
    """Return what is known of streets in a window, which nobody may change; zones and exclusions are those of its last day."""
    return kept(session, READ, ("survey", window), lambda: _read(session, window))


def _read(session: Session, window: Window) -> Survey:
    network = store.network(session)
    zones = zones_on(session, window.to_on)
    leaf_of_version = {zone.version_id: place for place, zone in enumerate(zones) if zone.is_leaf}
    rows = store.zone_words(session, sorted(leaf_of_version))
    place = network.place(rows["street_id"], rows["word"])
    known = place >= 0
    owner = _owners(leaf_of_version, rows["version_id"][known])
    leaves = Words(owner, place[known], rows["pieces"][known].astype(np.int64).view(np.uint64))
    seen = _gathered(network, store.seen_words(session, window))
    excluded = _gathered(network, store.excluded_words(session, window.to_on))
    return Survey(network, Ground(network, seen, excluded), zones, leaves, has_data(session, window))


def _owners(leaf_of_version: dict[int, int], version_id: NDArray[np.int32]) -> NDArray[np.int64]:
    versions = np.array(sorted(leaf_of_version), np.int64)
    places = np.array([leaf_of_version[version] for version in versions.tolist()], np.int64)
    owners: NDArray[np.int64] = places[np.searchsorted(versions, version_id)]
    return owners


def _gathered(network: Network, rows: NDArray[np.void]) -> NDArray[np.uint64]:
    return network.gather(network.place(rows["street_id"], rows["word"]), rows["pieces"].astype(np.int64))
