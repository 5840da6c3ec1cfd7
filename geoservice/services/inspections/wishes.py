"""What a dispatcher wants inspected, as forms and the command line say it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from geoservice.domain.sampling import LARGEST_SEED
from geoservice.errors import BadRequest
from geoservice.services import told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KINDS = ("open", "covert", "random", "directed", "fixed")
NAMED = frozenset({"directed", "fixed"})
MOST_DAYS = 92
MOST_POINTS = 5000


@dataclass(frozen=True)
class Wish:
    """An inspection to be made: when, where, of what, and by whom.

    `points`: codes, in place of categories and zones. `size` None: every point that fits. `minimum`: at least so many of each
    stratum (category and zone at `level`). `by_unseen`: what was never or long not inspected is likelier to be drawn.
    `every_days`: a fixed inspection comes back after so many inspection days.
    """

    name: str
    kind: str
    from_on: date
    to_on: date
    seed: int
    categories: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    level: str = ""
    points: tuple[str, ...] = ()
    size: int | None = None
    minimum: int = 0
    by_unseen: bool = False
    inspectors: tuple[str, ...] = ()
    rest_days: bool = False
    every_days: int = 1

    @property
    def chosen_by(self) -> str:
        """named, sample or all."""
        if self.points:
            return "named"
        return "sample" if self.size is not None else "all"

    def as_json(self) -> dict[str, Any]:
        """What is kept beside the tasks."""
        kept = {name: value for name, value in asdict(self).items() if name not in {"from_on", "to_on"}}
        return {**kept, "chosen_by": self.chosen_by}


def read_wish(words: Mapping[str, str], lists: Mapping[str, Sequence[str]], *, today: date) -> Wish:
    """Return what is wanted; BadRequest names what can't be read or does not go together."""
    kind = words.get("kind", "")
    if kind not in KINDS:
        raise BadRequest("inspection_kind_unknown", value=kind[:40], kinds=", ".join(KINDS))
    from_on, to_on = _days(words, today)
    points = told.read_codes(words.get("points", ""))
    size = _number(words, "size", 1, MOST_POINTS)
    if kind in NAMED and not points:
        raise BadRequest("inspection_points_needed")
    if kind == "random" and size is None:
        raise BadRequest("inspection_size_needed")
    return Wish(
        name=told.read_name(words.get("name", ""), "name"),
        kind=kind,
        from_on=from_on,
        to_on=to_on,
        seed=_number(words, "seed", 0, LARGEST_SEED) or 0,
        categories=tuple(lists.get("categories", ())),
        zones=tuple(lists.get("zones", ())),
        level=words.get("level", ""),
        points=() if kind == "random" else points,
        size=size,
        minimum=_number(words, "minimum", 0, MOST_POINTS) or 0,
        by_unseen=bool(words.get("by_unseen")),
        inspectors=tuple(dict.fromkeys(lists.get("inspectors", ()))),
        rest_days=bool(words.get("rest_days")),
        every_days=_number(words, "every_days", 1, MOST_DAYS) or 1,
    )


def _days(words: Mapping[str, str], today: date) -> tuple[date, date]:
    from_on = told.read_day(words.get("from_on", ""), "from_on") or today
    to_on = told.read_day(words.get("to_on", ""), "to_on") or from_on
    if to_on < from_on:
        raise BadRequest("inspection_days_reversed", from_on=from_on.isoformat(), to_on=to_on.isoformat())
    if from_on < today:
        raise BadRequest("inspection_days_past", from_on=from_on.isoformat(), today=today.isoformat())
    if to_on - from_on >= timedelta(days=MOST_DAYS):
        raise BadRequest("inspection_days_many", most=MOST_DAYS)
    return from_on, to_on


def _number(words: Mapping[str, str], field: str, least: int, most: int) -> int | None:
    text = words.get(field, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 12 and least <= int(text) <= most):
        raise BadRequest("inspection_number_invalid", field=field, value=text[:20], least=least, most=most)
    return int(text)
