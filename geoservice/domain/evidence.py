"""What may be odd about a photo: flags with their values and reasons. Whether anything is wrong is for a person to say."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

ALL_BITS = 0xFFFF_FFFF_FFFF_FFFF
BAND_BITS, BAND_MASK = 16, 0xFFFF
EARTH_RADIUS_M = 6_371_008.8

# Copies that were scaled, recompressed or brightened differ in 0 to 8 bits, other pictures in 16 and more (measured on
# generated scenes); with one bit probed in each of four bands, 7 is the furthest that is certainly found.
NEAR_SAME_BITS = 7
# Before and after are often taken from the same spot: only what is hardly distinguishable is said to be alike.
ALIKE_BITS = 5
# Phones among high buildings are off by some tens of metres, and the place in a photo may be from half a minute earlier.
PLACE_TOLERANCE_M = 200.0
TRACK_TOLERANCE_M = 300.0
# A fix tells where its device is for about so long: somebody on foot goes 300 m in it.
TRACK_WITHIN = timedelta(minutes=4)
# Who checks in or inspects takes the photo there and then; a form may lie open while he looks around.
SPOT_TOLERANCE = timedelta(minutes=30)
# A report or reply may be written at the desk in the evening.
DESK_TOLERANCE = timedelta(hours=24)
# Clocks of phones and cameras differ.
CLOCK_TOLERANCE = timedelta(minutes=10)
# Programs that change pictures, and apps that print whatever place and time is wanted into them; a phone's own firmware isn't one.
EDITORS = (
    "photoshop", "lightroom", "gimp", "snapseed", "picsart", "pixelmator", "affinity", "vsco", "canva", "facetune", "faceapp",
    "meitu", "美图", "美颜", "醒图", "xingtu", "retouch", "修图", "polarr", "paint.net", "krita", "darktable", "capture one",
    "luminar", "photoscape", "photopea", "picsew", "水印", "watermark", "稿定", "midjourney", "stable diffusion", "dall",
)  # fmt: skip


class Flag(StrEnum):
    """A reason to look at a photo."""

    SAME_PHOTO = "same_photo"
    NEAR_SAME = "near_same"
    ALIKE = "alike"
    TAKEN_ELSEWHERE = "taken_elsewhere"
    OFF_TRACK = "off_track"
    OTHER_TIME = "other_time"
    EDITED = "edited"
    NO_CAMERA = "no_camera"


@dataclass(frozen=True)
class Raised:
    """One flag with what it was measured by; `other_id` the photo it is about besides."""

    flag: Flag
    values: dict[str, Any] = field(default_factory=dict)
    other_id: int | None = None


@dataclass(frozen=True)
class Shot:
    """What a photo says of itself and what it is held against. Places are (lon, lat), times aware.

    `due_from`: the earliest it can have been taken (an "after" photo: when its case was reported); `on_the_spot`: it was to be
    taken where and when it was added.
    """

    at: datetime
    stage: str
    on_the_spot: bool
    place: tuple[float, float] | None
    taken_at: datetime | None
    taken_place: tuple[float, float] | None
    camera: str = ""
    software: str = ""
    due_from: datetime | None = None


@dataclass(frozen=True)
class Fix:
    """Where a person's device was."""

    at: datetime
    lon: float
    lat: float
    accuracy_m: float


@dataclass(frozen=True)
class Likeness:
    """Another photo, how many bits of the two perceptual hashes differ, and whether it is the very same file."""

    other_id: int
    bits: int
    same_file: bool


def flags_of(shot: Shot) -> list[Raised]:
    """Return what is odd about a photo by what it says of itself."""
    return [
        raised
        for raised in (_elsewhere(shot), _other_time(shot), _edited(shot), _no_camera(shot))
        if raised is not None
    ]


def off_track(shot: Shot, fixes: Sequence[Fix]) -> Raised | None:
    """Return a flag where the photo's own place lies off everywhere its taker's devices were around that time.

    Devices that tell nothing of that time say nothing against him.
    """
    if shot.taken_place is None:
        return None
    moment = shot.taken_at or shot.at
    near = [fix for fix in fixes if abs(fix.at - moment) <= TRACK_WITHIN]
    if not near:
        return None
    away_m, nearest = min(
        ((_metres(shot.taken_place, (fix.lon, fix.lat)) - _known(fix.accuracy_m), fix) for fix in near),
        key=lambda pair: pair[0],
    )
    if away_m <= TRACK_TOLERANCE_M:
        return None
    return Raised(
        Flag.OFF_TRACK,
        {"metres": round(away_m), "at": nearest.at.isoformat(), "lon": nearest.lon, "lat": nearest.lat},
    )


def used_before(found: Likeness | None) -> Raised | None:
    """Return a flag for a photo that is the same as, or nearly, one used for something else."""
    if found is None:
        return None
    if found.same_file:
        return Raised(Flag.SAME_PHOTO, {}, found.other_id)
    if found.bits <= NEAR_SAME_BITS:
        return Raised(Flag.NEAR_SAME, {"bits": found.bits}, found.other_id)
    return None


def alike(found: Likeness | None) -> Raised | None:
    """Return a flag for an "after" that looks like the "before" of the same subject."""
    if found is None or not (found.same_file or found.bits <= ALIKE_BITS):
        return None
    return Raised(Flag.ALIKE, {"bits": 0 if found.same_file else found.bits}, found.other_id)


def bits_between(one: int, other: int) -> int:
    """Return in how many of their 64 bits two signed numbers differ."""
    return ((one ^ other) & ALL_BITS).bit_count()


def band_probes(phash: int) -> list[list[int]]:
    """For each of the four bands of 16 bits the values to look up: its own and those that differ in one bit.

    Two hashes that differ in at most 7 bits share one of them in some band: in four bands, one has at most one.
    """
    bands = [(phash >> shift) & BAND_MASK for shift in (48, 32, 16, 0)]
    return [[band, *(band ^ (1 << bit) for bit in range(BAND_BITS))] for band in bands]


def _elsewhere(shot: Shot) -> Raised | None:
    if shot.place is None or shot.taken_place is None:
        return None
    away_m = _metres(shot.place, shot.taken_place)
    return Raised(Flag.TAKEN_ELSEWHERE, {"metres": round(away_m)}) if away_m > PLACE_TOLERANCE_M else None


def _other_time(shot: Shot) -> Raised | None:
    if shot.taken_at is None:
        return None
    tolerance = SPOT_TOLERANCE if shot.on_the_spot else DESK_TOLERANCE
    early = shot.at - shot.taken_at
    too_early = shot.due_from is not None and shot.taken_at < shot.due_from - CLOCK_TOLERANCE
    if not too_early and -CLOCK_TOLERANCE <= early <= tolerance:
        return None
    return Raised(
        Flag.OTHER_TIME,
        {"minutes": round(early.total_seconds() / 60), "taken_at": shot.taken_at.isoformat(), "before_report": too_early},
    )  # fmt: skip


def _edited(shot: Shot) -> Raised | None:
    written = shot.software.casefold()
    return (
        Raised(Flag.EDITED, {"software": shot.software}) if any(name in written for name in EDITORS) else None
    )


def _no_camera(shot: Shot) -> Raised | None:
    return Raised(Flag.NO_CAMERA) if not shot.camera and shot.taken_at is None else None


def _metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Along the great circle (haversine)."""
    lon_1, lat_1, lon_2, lat_2 = map(math.radians, (*one, *other))
    half = (
        math.sin((lat_2 - lat_1) / 2) ** 2
        + math.cos(lat_1) * math.cos(lat_2) * math.sin((lon_2 - lon_1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(half, 1.0)))


def _known(accuracy_m: float) -> float:
    return accuracy_m if math.isfinite(accuracy_m) else 0.0
