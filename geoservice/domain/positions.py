"""One position as a device reports it."""

from __future__ import annotations

import math
from typing import NamedTuple


class Position(NamedTuple):
    """A position in WGS 84; NaN in accuracy, speed or heading: the device did not say. A tuple: 2 000 come in a second."""

    time_us: int  # the device's clock, µs since 1970 UTC
    lon: float
    lat: float
    accuracy_m: float = math.nan
    speed_mps: float = math.nan
    heading_deg: float = math.nan
