"""The line of a usual day in a small chart: places in its box, from the rates by the hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT, TOP = 640.0, 120.0, 8.0


@dataclass(frozen=True)
class DayCurve:
    """Where things lie in a box of 640 × 120: `line` through the hours, and (x, y) of usual and actual now; `most` is its top."""

    line: str
    most: float
    usual: tuple[float, float] | None
    now: tuple[float, float] | None
    by_hour: tuple[float, ...]


def day_curve(
    by_hour: Sequence[float], usual: float | None, actual: float | None, hours: float
) -> DayCurve | None:
    """Return the chart of a usual day with the present in it; None where nothing is usual yet."""
    if not by_hour:
        return None
    # The top is the next full tenth, so that it does not change with every refresh.
    most = min(1.0, (int(max(*by_hour, actual or 0.0, 0.05) * 10) + 1) / 10)

    def place(hour: float, rate: float) -> tuple[float, float]:
        return round(WIDTH * hour / 24, 1), round(HEIGHT - (HEIGHT - TOP) * rate / most, 1)

    points = [place(hour, rate) for hour, rate in enumerate((0.0, *by_hour))]
    return DayCurve(
        "M" + "L".join(f"{x} {y}" for x, y in points),
        most,
        None if usual is None else place(hours, usual),
        None if actual is None else place(hours, actual),
        tuple(by_hour),
    )
