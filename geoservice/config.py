"""Every setting of a deployment, read once from the environment into one frozen value."""

from __future__ import annotations

import math
import os
import re
import secrets
from dataclasses import dataclass, field, fields
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from geoservice.errors import BadSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_WEAK_KEYS = frozenset({"", "secret", "changeme", "change-me", "dev", "development", "password", "demo"})
_MIN_KEY_LENGTH = 32
_TILE_TEMPLATE = re.compile(r"(https?://([\w.\-]|\{s\})+(:\d{1,5})?|(?!//))/[\w./?&=%:,;+~@{}\-]*", re.ASCII)
_CODE_PART = re.compile(r"([1-9]\d?)(?:-([1-9]\d?))?")


def _setting(default: Any, about: str) -> Any:
    return field(default=default, metadata={"about": about})


@dataclass(frozen=True)
class Settings:
    """One field a setting; the environment variable is the field's name in capitals."""

    database_url: str = _setting(
        "postgresql+psycopg2:///geoservice", "PostgreSQL with PostGIS; a private cluster is used when unset"
    )
    redis_url: str = _setting("redis://127.0.0.1:6379/0", "Redis; a private one is used when unset")
    secret_key: str = _setting("", "signs sessions; at least 32 random characters outside demo mode")
    demo_mode: bool = _setting(False, "seeds the demo city and shows its logins")
    var_dir: Path = _setting(Path("var"), "where uploads, logs and the private servers keep their files")
    timezone: str = _setting("Asia/Shanghai", "the time zone in which a day is a day")
    default_locale: str = _setting("zh_Hans_CN", "language of a new visitor: zh_Hans_CN or en")
    calendar_country: str = _setting(
        "CN", "whose holidays the work calendar knows: a country, perhaps a part of it (CN, DE-BY)"
    )
    metric_epsg: int = _setting(0, "projected CRS of the raster; 0 chooses it from the first data imported")
    cell_m: float = _setting(5.0, "side of a raster cell, metres")
    reach_foot_m: float = _setting(30.0, "how far a patrol on foot sees, metres")
    reach_ebike_m: float = _setting(40.0, "how far a patrol on an e-bike sees, metres")
    reach_car_m: float = _setting(50.0, "how far a patrol in a car sees, metres")
    evening_from: time = _setting(time(18), "local time at which the day period ends and evening begins")
    night_from: time = _setting(time(22), "local time at which evening ends and night begins")
    morning_from: time = _setting(time(6), "local time at which night ends and day begins")
    max_speed_mps: float = _setting(41.7, "a faster segment is refused, metres per second (150 km/h)")
    max_gap_s: float = _setting(300.0, "a segment over a longer silence is refused, seconds")
    max_gap_m: float = _setting(1000.0, "a longer segment is refused, metres")
    max_accuracy_m: float = _setting(100.0, "a fix reported less accurate is refused, metres")
    max_clock_ahead_s: float = _setting(600.0, "a fix from further in the future is quarantined, seconds")
    min_gap_area_m2: float = _setting(1000.0, "a smaller unseen patch is no gap, square metres")
    history_days: int = _setting(365, "how far back 'days unseen' looks before it says never, days")
    street_piece_m: float = _setting(15.0, "streets are credited by pieces of about this length, metres")
    street_reach_m: float = _setting(20.0, "a piece of street is credited only from nearer fixes, metres")
    street_heading_deg: float = _setting(
        30.0, "and only where the patrol moved along it within this angle, degrees"
    )
    visit_radius_m: float = _setting(
        30.0, "a track visits a point from nearer than this, metres; a category may differ"
    )
    visit_dwell_s: float = _setting(
        30.0, "and only if it stays there so long, seconds; a category may differ"
    )
    visit_join_s: float = _setting(300.0, "absences shorter than this do not end a visit, seconds")
    probable_visits_count: bool = _setting(
        True, "a track's visit without a check-in keeps a point's interval too"
    )
    zone_code_pattern: str = _setting(
        "",
        "digits that each of the narrowest levels adds to a zone's code, such as 6+3+3+2-3; not checked when empty",
    )
    snap_tolerance_m: float = _setting(
        1.0, "gaps and overlaps between zones nowhere wider than this may be closed, metres"
    )
    base_map_url: str = _setting("", "XYZ template of the city's own base map; none when empty")
    base_map_attribution: str = _setting("", "credit line of that base map")
    base_map_max_zoom: int = _setting(18, "the closest zoom for which that base map has tiles")
    base_map_gcj02: bool = _setting(
        False, "that base map is in GCJ-02: shapes are shifted to lie right on it, for display only"
    )
    tianditu_key: str = _setting(
        "", "your key of Tianditu, which offers its map and its images; none when empty"
    )
    tianditu_attribution: str = _setting(
        "天地图 GS（2024）0568号 甲测资字1100471", "credit and map approval number shown on Tianditu's maps"
    )
    amap: bool = _setting(False, "offer the map and the images of Amap, which are in GCJ-02")
    amap_attribution: str = _setting(
        "© 高德地图 AutoNavi", "credit and map approval number shown on Amap's maps"
    )
    base_map_folder: str = _setting(
        "", "folder with PMTiles files, each a base map of its own that needs no internet; none when empty"
    )
    base_map_first: str = _setting(
        "",
        "what a map opens with: own, tianditu, tianditu-images, amap, amap-images, the name of a PMTiles file "
        "without its ending, or none; the first that there is when empty",
    )
    session_idle_minutes: int = _setting(30, "a session unused for longer ends, minutes")
    login_failures: int = _setting(5, "failed logins before an account is locked")
    login_lock_minutes: int = _setting(15, "how long a locked account stays locked, minutes")
    login_rate: str = _setting("30 per minute", "login attempts allowed per address")
    trusted_proxies: int = _setting(0, "reverse proxies in front whose X-Forwarded-* headers are believed")
    secure_cookies: bool = _setting(False, "send cookies over https only; set it behind TLS")
    public_url: str = _setting(
        "", "address at which people reach this service, for links in digests; no link when empty"
    )
    max_upload_mb: int = _setting(200, "largest request body, megabytes")
    citizen_reports: bool = _setting(
        False, "a public form on which citizens report what they see, at /snapshot"
    )
    citizen_rate: str = _setting("30 per hour", "citizens' reports allowed per address")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read every setting; raises BadSettings that names each missing or bad one at once."""
        source = os.environ if environ is None else environ
        hints = get_type_hints(cls)
        values: dict[str, Any] = {}
        faults: list[str] = []
        for item in fields(cls):
            raw = source.get(item.name.upper())
            if raw is None or raw == "":
                continue
            try:
                values[item.name] = _PARSERS[hints[item.name]](raw)
            except ValueError as error:
                faults.append(f"{item.name.upper()}={raw!r}: {error}")
        settings = cls(**values)
        faults += settings._faults()
        if faults:
            raise BadSettings("bad_settings", faults="; ".join(faults))
        if settings.demo_mode and not settings.secret_key:
            return cls(**{**values, "secret_key": secrets.token_urlsafe(48)})
        return settings

    def _faults(self) -> list[str]:
        faults = []
        if not self.demo_mode and _is_weak(self.secret_key):
            faults.append(
                f"SECRET_KEY: needs at least {_MIN_KEY_LENGTH} random characters outside demo mode "
                '(make one: python3 -c "import secrets; print(secrets.token_urlsafe(48))")'
            )
        faults += self._place_faults()
        if not self.morning_from < self.evening_from < self.night_from:
            faults.append("MORNING_FROM < EVENING_FROM < NIGHT_FROM must hold")
        positive = (
            "cell_m reach_foot_m reach_ebike_m reach_car_m max_speed_mps max_gap_s max_gap_m "
            "max_accuracy_m street_piece_m street_reach_m street_heading_deg visit_radius_m snap_tolerance_m session_idle_minutes login_failures login_lock_minutes max_upload_mb history_days"
        )
        faults += [
            f"{name.upper()}={getattr(self, name)!r}: must be above 0"
            for name in positive.split()
            if getattr(self, name) <= 0
        ]
        # What changes on the ground is looked for so far around it (migration 0005, tiles_around).
        faults += [
            f"{name.upper()}={getattr(self, name)!r}: at most 200"
            for name in ("street_reach_m", "visit_radius_m")
            if getattr(self, name) > 200
        ]
        if self.public_url and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", self.public_url):
            faults.append(f"PUBLIC_URL={self.public_url!r}: http:// or https:// and a host")
        faults += self._base_map_faults()
        if self.cell_m < 0.2:
            faults.append(f"CELL_M={self.cell_m!r}: at least 0.2")
        if self.zone_code_pattern and not _is_code_pattern(self.zone_code_pattern):
            faults.append(
                f"ZONE_CODE_PATTERN={self.zone_code_pattern!r}: numbers of digits joined by +, such as 6+3+3+2-3"
            )
        if self.max_gap_s > 6 * 3600:
            faults.append(f"MAX_GAP_S={self.max_gap_s!r}: at most 21600 (six hours)")
        return faults

    def _place_faults(self) -> list[str]:
        """What does not fit the place: its clock, its language, its holidays."""
        faults = []
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            faults.append(f"TIMEZONE={self.timezone!r}: no such time zone (for example Asia/Shanghai)")
        if self.default_locale not in {"zh_Hans_CN", "en"}:
            faults.append(f"DEFAULT_LOCALE={self.default_locale!r}: zh_Hans_CN or en")
        if not _is_country(self.calendar_country):
            faults.append(
                f"CALENDAR_COUNTRY={self.calendar_country!r}: no calendar of it is known (for example CN, SG, DE-BY)"
            )
        return faults

    def _base_map_faults(self) -> list[str]:
        faults = []
        if self.base_map_url and not is_tile_template(self.base_map_url):
            faults.append(
                f"BASE_MAP_URL={self.base_map_url!r}: an address with {{z}}, {{x}} and {{y}}, such as "
                "https://tiles.example.gov.cn/{z}/{x}/{y}.png"
            )
        if not 1 <= self.base_map_max_zoom <= 22:
            faults.append(f"BASE_MAP_MAX_ZOOM={self.base_map_max_zoom!r}: from 1 to 22")
        if self.tianditu_key and not re.fullmatch(r"[0-9a-f]{32}", self.tianditu_key):
            faults.append("TIANDITU_KEY: 32 digits and letters a to f, as its console shows them")
        if self.base_map_folder and not Path(self.base_map_folder).is_dir():
            faults.append(f"BASE_MAP_FOLDER={self.base_map_folder!r}: no such folder")
        return faults

    @property
    def zone_info(self) -> ZoneInfo:
        """The time zone in which a day is a day."""
        return ZoneInfo(self.timezone)


def is_tile_template(url: str) -> bool:
    """Whether `url` names tiles: http(s) or a path of this host, {z}, {x}, {y} or {-y}, perhaps {s} and {r}, nothing else in braces."""
    address = _TILE_TEMPLATE.fullmatch(url)
    if not address:
        return False
    names = re.findall(r"\{([^{}]*)\}", url)
    known = {"z", "x", "y", "-y", "s", "r"}
    return {"z", "x"} <= set(names) <= known and ("y" in names) != ("-y" in names)


def _is_weak(key: str) -> bool:
    return len(key) < _MIN_KEY_LENGTH or key.lower() in _WEAK_KEYS or len(set(key)) < 8


def _is_code_pattern(text: str) -> bool:
    parts = [_CODE_PART.fullmatch(part) for part in text.split("+")]
    return all(part is not None and int(part[1]) <= int(part[2] or part[1]) <= 20 for part in parts)


def _is_country(text: str) -> bool:
    if text == "CN":
        return True
    # Loading every country's name takes a tenth of a second, which the usual one need not wait for.
    import holidays

    code, _, part = text.partition("-")
    known = holidays.list_supported_countries()
    return code in known and (not part or part in known[code])


def _parse_bool(raw: str) -> bool:
    word = raw.strip().lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise ValueError("needs 1 or 0")


def _parse_float(raw: str) -> float:
    number = float(raw)
    if not math.isfinite(number):
        raise ValueError("needs a finite number")
    return number


_PARSERS: dict[Any, Callable[[str], Any]] = {
    str: str,
    int: int,
    float: _parse_float,
    bool: _parse_bool,
    Path: Path,
    time: time.fromisoformat,
}
