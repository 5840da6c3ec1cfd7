"""What somebody wants as a file: a layer, a format, coordinates, and which part of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from geoservice.domain.windows import Period, Window
from geoservice.errors import BadRequest
from geoservice.formats.writing import Format, format_named

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

LONGEST_WORD = 100


@dataclass(frozen=True)
class Filters:
    """Which part of a layer. A layer leaves aside what it does not know: a level means nothing to a point."""

    level: str | None = None
    zone: str | None = None
    window: Window | None = None
    bbox: tuple[float, float, float, float] | None = None
    on: date | None = None
    device: str | None = None
    batch: int | None = None

    @property
    def args(self) -> dict[str, Any]:
        """The filters as an address or a job's arguments name them."""
        named: dict[str, Any] = {
            "level": self.level,
            "zone": self.zone,
            "on": self.on and self.on.isoformat(),
            "bbox": self.bbox and ",".join(map(str, self.bbox)),
            "device": self.device,
            "batch": self.batch,
        }
        if self.window is not None:
            named |= {"from": self.window.from_on.isoformat(), "to": self.window.to_on.isoformat()}
            named["period"] = self.window.period.name.lower() if self.window.period else None
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True)
class Wanted:
    """What is wanted, and in whose language headers and words are written."""

    layer: str
    format: Format
    crs: str = "4326"
    filters: Filters = field(default_factory=Filters)
    locale: str = "zh_Hans_CN"

    @property
    def args(self) -> dict[str, Any]:
        """What is wanted as a job's arguments."""
        return {
            "layer": self.layer,
            "format": self.format.value,
            "crs": self.crs,
            "locale": self.locale,
            **self.filters.args,
        }


@dataclass(frozen=True)
class Asked:
    """A question with its answers at hand: the day, the instant and the window that hold."""

    wanted: Wanted
    today: date
    now: datetime
    window: Window

    @property
    def filters(self) -> Filters:
        """The part of the layer that is asked for."""
        return self.wanted.filters

    @property
    def on(self) -> date:
        """The day as of which ground is written."""
        return self.filters.on or self.today

    @property
    def chinese(self) -> bool:
        """Whether the reader reads Chinese."""
        return self.wanted.locale != "en"


def wanted_from(args: Mapping[str, Any]) -> Wanted:
    """Return what a job's arguments or an address say; raises BadRequest for what can't be meant."""
    return Wanted(
        layer=str(args["layer"]),
        format=format_named(str(args["format"])),
        crs=str(args.get("crs") or "4326"),
        filters=filters_from(args),
        locale="en" if str(args.get("locale", "")).startswith("en") else "zh_Hans_CN",
    )


def filters_from(args: Mapping[str, Any]) -> Filters:
    """Return the filters that an address or a job's arguments name."""
    return Filters(
        level=_word(args.get("level")),
        zone=_word(args.get("zone")),
        window=_window(args),
        bbox=_bbox(args.get("bbox")),
        on=_day(args["on"]) if args.get("on") else None,
        device=_word(args.get("device")),
        batch=_number(args.get("batch")),
    )


def _window(args: Mapping[str, Any]) -> Window | None:
    first, last = args.get("from"), args.get("to")
    if not (first or last):
        return None
    period = Period.named(str(args.get("period") or ""))
    return Window(_day(first or last), _day(last or first), period)


def _word(raw: Any) -> str | None:
    text = "" if raw is None else str(raw).strip()
    if "\x00" in text or len(text) > LONGEST_WORD:
        raise BadRequest("filter_invalid", value=text[:40].replace("\x00", "?"))
    return text or None


def _number(raw: Any) -> int | None:
    text = _word(raw)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise BadRequest("filter_invalid", value=text[:40])
    return int(text)


def _day(raw: Any) -> date:
    try:
        return date.fromisoformat(str(raw))
    except ValueError:
        raise BadRequest("bad_day", day=str(raw)[:40]) from None


def _bbox(raw: Any) -> tuple[float, float, float, float] | None:
    if raw in {None, ""}:
        return None
    try:
        west, south, east, north = (float(part) for part in str(raw).split(","))
    except ValueError:
        raise BadRequest("bbox_invalid", value=str(raw)[:60]) from None
    if not all(map(math.isfinite, (west, south, east, north))) or west > east or south > north:
        raise BadRequest("bbox_invalid", value=str(raw)[:60])
    return west, south, east, north
